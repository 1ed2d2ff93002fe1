//! The errors of a subscription.

use std::borrow::Cow;

use thiserror::Error;

use crate::pid::Pid;
use crate::registry::NotRunning;
use crate::stop::reasons;

/// A process that was not subscribed.
///
/// # Examples
///
/// ```
/// use otp_core::PubSub;
/// use otp_core::prelude::*;
/// use otp_core::pub_sub::SubscribeError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
/// let prices = PubSub::<u32>::new("prices");
/// let early = prices.subscribe("eggs", &mailbox.me());
/// assert!(matches!(early, Err(SubscribeError::NotRunning(_))));
/// prices.start_link().await?;
/// assert_eq!(prices.subscribe("eggs", &mailbox.me()), Ok(()));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The `PubSub` is not running.
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    /// The process has ended, or is about to.
    #[error("cannot subscribe {pid} to {topic:?}: its end is decided")]
    NoProcess {
        /// The process.
        pid: Pid,
        /// The topic.
        topic: Cow<'static, str>,
    },
}

reasons!(SubscribeError);
