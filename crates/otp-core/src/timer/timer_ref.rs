//! A timer that was started.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::node::timers::Service;
use crate::node::timers::queue::TimerKey;

/// A timer that was started. It identifies the timer and stops it.
///
/// It keeps neither the timer's node nor its destination.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::{process, timer};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let cook = process::spawn(|mut mailbox: Mailbox<&str>| async move {
///     let timer = timer::send_after(mailbox.me(), Duration::from_secs(300), "the eggs are done");
///     assert!(timer.read() <= Some(Duration::from_secs(300)));
///     assert_eq!(mailbox.receive().await, "the eggs are done");
///     assert_eq!(timer.cancel(), None, "too late");
/// });
/// assert_eq!(cook.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct TimerRef {
    service: Weak<Service>,
    key: TimerKey,
}

impl TimerRef {
    pub(super) fn new(service: &Arc<Service>, key: TimerKey) -> Self {
        Self {
            service: Arc::downgrade(service),
            key,
        }
    }

    /// Stops the timer. Returns the time that was left, or `None` if it has fired, was cancelled
    /// before, or its destination has ended.
    ///
    /// After that it does not fire any more; a message that it has sent, or is sending in this moment on
    /// another thread, stays sent.
    ///
    /// # OTP
    ///
    /// `erlang:cancel_timer/1`, `timer:cancel/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::timer;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
    /// let timer = timer::send_after(mailbox.me(), Duration::from_secs(60), "too late");
    /// assert_eq!(timer.cancel(), Some(Duration::from_secs(60)), "the time that was left");
    /// assert_eq!(timer.cancel(), None);
    /// assert_eq!(mailbox.receive().timeout(Duration::from_secs(100)).await, None);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate, reason = "stopping the timer is the point")]
    pub fn cancel(&self) -> Option<Duration> {
        self.service.upgrade()?.cancel(self.key)
    }

    /// The time left until it fires, or `None` as for [`cancel`](Self::cancel).
    ///
    /// # OTP
    ///
    /// `erlang:read_timer/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::timer;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<()>| async move {
    /// let timer = timer::send_after(mailbox.me(), Duration::from_secs(60), ());
    /// tokio::time::sleep(Duration::from_secs(20)).await;
    /// assert_eq!(timer.read(), Some(Duration::from_secs(40)));
    /// mailbox.receive().await;
    /// assert_eq!(timer.read(), None);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    #[must_use]
    pub fn read(&self) -> Option<Duration> {
        self.service.upgrade()?.read(self.key)
    }
}

impl PartialEq for TimerRef {
    fn eq(&self, other: &Self) -> bool {
        // No two timers of a program have the same number.
        self.key.id == other.key.id
    }
}

impl Eq for TimerRef {}

impl Hash for TimerRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.id.hash(state);
    }
}

/// As `#Ref<42>`, with a number that no other timer of the program has.
impl fmt::Display for TimerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}>", self.key.id)
    }
}

impl fmt::Debug for TimerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimerRef({})", self.key.id)
    }
}

/// A panic leaves a handle unchanged: the value behind it is shared behind locks, and no user code runs under these
/// locks.
impl UnwindSafe for TimerRef {}
impl RefUnwindSafe for TimerRef {}
