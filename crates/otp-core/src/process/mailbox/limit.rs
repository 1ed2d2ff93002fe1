//! A limit to how many messages may wait in a mailbox.

/// How many messages may wait in a mailbox, and what happens to one more.
///
/// All waiting messages count: also those that a selective receive has passed over, and those that a suspended server
/// holds. Only the message that is being handled does not count. Exits, DOWNs, transfers of tables, system requests and
/// the order to stop count, but always enter, because the runtime sends them. A limit of 0 is taken for 1.
///
/// Messages of timers, events of process groups and events of registries are subject to the limit, because their number
/// depends on others. A server that starts its next tick when it handles the last one stops ticking when one is lost;
/// an interval, or [`Next::Timeout`](crate::Next::Timeout), continues.
///
/// The policies of a full mailbox for one more message:
///
/// | limit | cast, plain message | `try_cast`, `try_send` | call |
/// |---|---|---|---|
/// | [`refuse`](Self::refuse) | lost | gives it back | fails with [`MailboxFull`](crate::CallError::MailboxFull) |
/// | [`drop_newest`](Self::drop_newest) | lost | lost, and counts as sent | fails likewise |
/// | [`drop_oldest`](Self::drop_oldest) | taken, and the oldest is lost, if one may be dropped | the same | the same |
/// | [`end`](Self::end) | lost, and the process ends with `Shutdown` | gives it back | fails likewise |
/// | [`kill`](Self::kill) | lost, and the process ends with `Killed` | gives it back | fails likewise |
///
/// The first message that is lost since the mailbox was last empty is reported, and
/// [`ProcessInfo::messages_lost`](crate::ProcessInfo::messages_lost) counts them all.
///
/// Senders that wait for room lose nothing: they use [`ProcessRef::reserve`](crate::ProcessRef::reserve),
/// [`ProcessRef::send_wait`](crate::ProcessRef::send_wait), [`cast_wait`](crate::ServerRef::cast_wait) and the similar
/// methods of a server. They get room in the order in which they came. No other sender overtakes them: while a sender
/// waits, the mailbox is full for all others.
///
/// # Differences from OTP
///
/// OTP has no limit to a mailbox. The nearest thing is `process_flag(max_heap_size, …)`, which kills a process that has
/// become too big, its mailbox included.
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

/// The policies of a full mailbox for one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Refuse,
    DropNewest,
    DropOldest,
    End,
    Kill,
}

impl MailboxLimit {
    /// At most so many messages. One more is refused, and its sender gets an error, if the operation has one.
    #[must_use]
    pub const fn refuse(messages: usize) -> Self {
        Self::new(messages, Full::Refuse)
    }

    /// At most so many messages. One more is lost, as if it had been sent. A caller that waits for an answer gets an
    /// error.
    #[must_use]
    pub const fn drop_newest(messages: usize) -> Self {
        Self::new(messages, Full::DropNewest)
    }

    /// At most so many messages; for one more the oldest is lost. A call that is lost so fails with
    /// [`ReplyDropped`](crate::CallError::ReplyDropped).
    ///
    /// Messages that a selective receive has passed over, or that a suspended server holds, are not dropped, because
    /// the process owns them. Room that is [reserved](crate::ProcessRef::reserve) is not taken back, because its sender
    /// has a promise. If there is nothing else, the new message is refused, as with [`refuse`](Self::refuse).
    ///
    /// A process with this limit takes its messages one by one and not many at a time, which makes each a little dearer.
    #[must_use]
    pub const fn drop_oldest(messages: usize) -> Self {
        Self::new(messages, Full::DropOldest)
    }

    /// At most so many messages. One more is lost and ends the process with [`Shutdown`](crate::ExitReason::Shutdown),
    /// at once and also if it traps exits. For processes whose end is no failure, such as that of a client that does
    /// not keep up: the report has the level info.
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
