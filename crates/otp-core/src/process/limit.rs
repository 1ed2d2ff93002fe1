//! A limit to how many messages may wait in a mailbox.

/// How many messages may wait in a mailbox, and what becomes of one more.
///
/// What counts is what waits: not the message that is being handled. Exits, DOWNs, system requests and the
/// order to stop are no messages of anybody's and get in always. A limit of 0 is taken for 1.
///
/// A process with a limit takes its messages one by one and not many at a time, which makes each a
/// little dearer.
///
/// # Differences from OTP
///
/// OTP has no limit to a mailbox. What comes near is `process_flag(max_heap_size, …)`, which kills a
/// process that has become too big, its mailbox included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimit {
    pub(crate) messages: usize,
    pub(crate) full: Full,
}

/// What a full mailbox does with one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Refuse,
    Kill,
}

impl MailboxLimit {
    /// At most so many messages; one more is refused. A refused call fails at once with
    /// [`CallError::MailboxFull`](crate::CallError::MailboxFull); a refused cast or plain message is
    /// lost, and the first one since the mailbox was last empty is reported.
    #[must_use]
    pub const fn refuse(messages: usize) -> Self {
        Self::new(messages, Full::Refuse)
    }

    /// At most so many messages; one more is lost and kills the process, which is reported.
    ///
    /// OTP: `process_flag(max_heap_size, #{kill => true, error_logger => true})`.
    #[must_use]
    pub const fn kill(messages: usize) -> Self {
        Self::new(messages, Full::Kill)
    }

    const fn new(messages: usize, full: Full) -> Self {
        Self {
            messages: if messages == 0 { 1 } else { messages },
            full,
        }
    }
}
