//! How large messages may be, which are moved by value.

/// 32 KiB, and the fields beside it in an enum or a tuple.
const MOST: usize = 32 * 1024 + 64;

/// An event is moved more often: it may be put aside, and goes from handler to handler.
const MOST_OF_EVENTS: usize = 16 * 1024 + 64;

/// The result of a callback is moved more often.
const MOST_RETURNED: usize = 4 * 1024;

/// A message, to be asserted at compile time. Debug builds keep a copy on the stack for each move, and threads have 2 MiB.
pub(crate) const fn assert_message<M>() {
    assert!(
        size_of::<M>() <= MOST,
        "a message has more than 32 KiB, and is moved by value: put what is large in it into a `Box`"
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
