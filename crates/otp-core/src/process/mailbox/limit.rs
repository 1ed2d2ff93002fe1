//! A limit to how many messages may wait in a mailbox.

/// How many messages may wait in a mailbox, and what becomes of one more.
///
/// All that waits counts, wherever it waits: what a selective receive has passed over, and what a suspended server holds,
/// too. Only the message that is being handled does not. Exits, DOWNs, transfers of tables, system requests and the order to
/// stop count, but get in always, as they are no messages of anybody's. A limit of 0 is taken for 1.
///
/// Messages of timers, events of process groups and of registries are messages like others: how many there are others
/// decide, and a limit that they pass would be none. A server that starts its next tick when it handles the last one
/// stops ticking when one is lost; an interval, or [`Next::Timeout`](crate::Next::Timeout), goes on.
///
/// What a full mailbox does with one more message:
///
/// | limit | cast, plain message | `try_cast`, `try_send` | call |
/// |---|---|---|---|
/// | [`refuse`](Self::refuse) | lost | gives it back | fails with [`MailboxFull`](crate::CallError::MailboxFull) |
/// | [`drop_newest`](Self::drop_newest) | lost | lost, and counts as sent | fails likewise |
/// | [`drop_oldest`](Self::drop_oldest) | taken, and the oldest is lost | the same | the same |
/// | [`end`](Self::end) | lost, and the process ends with `Shutdown` | gives it back | fails likewise |
/// | [`kill`](Self::kill) | lost, and the process ends with `Killed` | gives it back | fails likewise |
///
/// The first message that is lost since the mailbox was last empty is reported, and
/// [`ProcessInfo::messages_lost`](crate::ProcessInfo::messages_lost) counts them all.
///
/// Nothing is lost by senders that wait for room: by [`ProcessRef::reserve`](crate::ProcessRef::reserve),
/// [`ProcessRef::send_wait`](crate::ProcessRef::send_wait), and [`cast_wait`](crate::ServerRef::cast_wait) and its kin of a
/// server. They get room in the order in which they came, and nobody overtakes them: while a sender waits the mailbox is
/// full for all others.
///
/// # Differences from OTP
///
/// OTP has no limit to a mailbox. What comes near is `process_flag(max_heap_size, …)`, which kills a
/// process that has become too big, its mailbox included.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{MailboxLimit, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let slow = process::spawn(|mailbox: Mailbox<u8>| async move {
///     mailbox.set_limit(Some(MailboxLimit::refuse(2)));
///     std::future::pending::<()>().await;
/// });
/// # tokio::task::yield_now().await;
/// assert_eq!((slow.try_send(1), slow.try_send(2)), (Ok(()), Ok(())));
/// assert_eq!(slow.try_send(3), Err(3), "the third one is given back");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimit {
    pub(crate) messages: usize,
    pub(crate) full: Full,
}

/// What a full mailbox does with one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Refuse,
    DropNewest,
    DropOldest,
    End,
    Kill,
}

impl MailboxLimit {
    /// At most so many messages; one more is refused, and its sender told, if there is a way.
    #[must_use]
    pub const fn refuse(messages: usize) -> Self {
        Self::new(messages, Full::Refuse)
    }

    /// At most so many messages; one more is lost, as if it had been sent. A caller that waits for an answer is told.
    #[must_use]
    pub const fn drop_newest(messages: usize) -> Self {
        Self::new(messages, Full::DropNewest)
    }

    /// At most so many messages; for one more the oldest is lost. A call that is lost so fails with
    /// [`ReplyDropped`](crate::CallError::ReplyDropped).
    ///
    /// Messages that a selective receive has passed over, or that a suspended server holds, are not dropped: the process
    /// has them in its hand. If there are no others, the new message is refused.
    ///
    /// A process with this limit takes its messages one by one and not many at a time, which makes each a little dearer.
    #[must_use]
    pub const fn drop_oldest(messages: usize) -> Self {
        Self::new(messages, Full::DropOldest)
    }

    /// At most so many messages; one more is lost and ends the process with [`Shutdown`](crate::ExitReason::Shutdown), at once and
    /// also if it traps exits. For processes whose end is no failure, such as that of a client that does not keep up: the report
    /// has the level info.
    #[must_use]
    pub const fn end(messages: usize) -> Self {
        Self::new(messages, Full::End)
    }

    /// At most so many messages; one more is lost and kills the process, which is reported as an error.
    ///
    /// # OTP
    ///
    /// `process_flag(max_heap_size, #{kill => true, error_logger => true})`.
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
