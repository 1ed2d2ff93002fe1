//! Information on a node's timers.

use std::time::Duration;

use crate::node::Node;
use crate::pid::Pid;

/// A timer that runs.
///
/// # OTP
///
/// OTP has no such list, except the table of the module `timer` for its own timers.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::{process, timer};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<()>| async move {
/// let minute = Duration::from_secs(60);
/// timer::send_interval(mailbox.me(), minute, ());
/// let [info] = process::node().timer_infos(10)[..] else { panic!("one timer") };
/// assert_eq!((info.left, info.period), (minute, Some(minute)));
/// assert_eq!(info.process, Some(mailbox.pid()));
/// # let _ = &mut mailbox;
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimerInfo {
    /// The time left until it fires.
    pub left: Duration,
    /// The process that it reaches, if that is known; the timer ends with it.
    pub process: Option<Pid>,
    /// The period of an interval; `None` for other timers, and for an interval that fires at this moment.
    pub period: Option<Duration>,
}

impl Node {
    /// The timers that fire next, at most `most` of them, the first one first.
    ///
    /// It takes as many steps as there are timers, and no timer of this runtime fires meanwhile: with a million timers,
    /// for some milliseconds.
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
    /// let me = process::current();
    /// timer::exit_after(me, Duration::from_secs(60), ExitReason::Shutdown);
    /// timer::kill_after(me, Duration::from_secs(30));
    /// let next = process::node().timer_infos(1);
    /// assert_eq!(next[0].left, Duration::from_secs(30));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn timer_infos(&self, most: usize) -> Vec<TimerInfo> {
        let timers = self.timers().look().into_iter();
        let infos = timers.map(|(when, owner, period)| TimerInfo {
            left: when.left(),
            process: owner.and_then(|id| Pid::of(self.id(), id)),
            period,
        });
        let mut infos: Vec<TimerInfo> = infos.collect();
        let by = |info: &TimerInfo| (info.left, info.process);
        if most < infos.len() {
            infos.select_nth_unstable_by_key(most, by);
            infos.truncate(most);
        }
        infos.sort_unstable_by_key(by);
        infos
    }
}
