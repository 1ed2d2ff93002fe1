//! How large values may be, which are moved. Debug builds keep a copy on the stack for each move, and threads have 2 MiB.
//!
//! The matrix of hostile values has values of 8 KiB, of which each operation keeps its copies within 2 MiB. Messages of 32 KiB
//! have tests of their own.

/// 32 KiB, and the fields beside it in an enum or a tuple, also with the feature `spans`.
const MOST: usize = 32 * 1024 + 128;

/// An event is moved more often: it may be put aside, and goes from handler to handler.
const MOST_OF_EVENTS: usize = 16 * 1024 + 128;

/// The result of a callback is moved more often, too.
const MOST_RETURNED: usize = 4 * 1024;

/// A message, to be asserted at compile time.
pub(crate) const fn assert_message<M>() {
    assert!(
        size_of::<M>() <= MOST,
        "a message has more than 32 KiB, and is moved by value: put what is large in it into a `Box`"
    );
}

/// The same for a state, an argument, an answer, a key or another value that goes through the runtime.
pub(crate) const fn assert_value<T>() {
    assert!(
        size_of::<T>() <= MOST,
        "a value has more than 32 KiB, and is moved: put what is large in it into a `Box`"
    );
}

/// The same for an event of a state machine or a manager, and for a broadcast message.
pub(crate) const fn assert_event<E>() {
    assert!(
        size_of::<E>() <= MOST_OF_EVENTS,
        "an event has more than 16 KiB, and is moved by value: put what is large in it into a `Box`"
    );
}

/// The same for the value of a callback's `Continue`.
pub(crate) const fn assert_returned<C>() {
    assert!(
        size_of::<C>() <= MOST_RETURNED,
        "`type Continue` has more than 4 KiB, and is moved by value: put what is large in it into a `Box`"
    );
}
