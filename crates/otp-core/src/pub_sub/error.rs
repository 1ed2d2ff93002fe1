//! What can go wrong with a subscription.

use std::borrow::Cow;

use thiserror::Error;

use crate::pid::Pid;
use crate::registry::NotRunning;
use crate::stop::reasons;

/// A process that was not subscribed.
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
