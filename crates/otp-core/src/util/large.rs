//! How large messages may be, which are moved by value.

/// 32 KiB, and what stands beside it in an enum or a tuple.
const MOST: usize = 32 * 1024 + 64;

/// What a callback returns is moved more often.
const MOST_RETURNED: usize = 4 * 1024;

/// A message, to be asserted at compile time. Debug builds keep a copy on the stack for each move, and threads have 2 MiB.
pub(crate) const fn assert_message<M>() {
    assert!(
        size_of::<M>() <= MOST,
        "a message has more than 32 KiB, and is moved by value: put what is large in it into a `Box`"
    );
}

/// The same for what a callback leaves its server to do.
pub(crate) const fn assert_returned<C>() {
    assert!(
        size_of::<C>() <= MOST_RETURNED,
        "`type Continue` has more than 4 KiB, and is moved by value: put what is large in it into a `Box`"
    );
}
