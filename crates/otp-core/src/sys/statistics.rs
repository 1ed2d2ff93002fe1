//! The counts of a server's work.

use std::time::{Duration, Instant as WallClock};

use tokio::time::Instant;

use super::event::SysEvent;

/// The counts of a server since its statistics were turned on.
///
/// # OTP
///
/// The result of `sys:statistics(Name, get)`.
///
/// # Differences from OTP
///
/// There are no reductions. The work done shows in the time that its callbacks took.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Switch};
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp = Lamp::start_link(()).await?;
/// sys::statistics(&lamp, Switch::On).await?;
/// lamp.cast(true);
/// lamp.call(|from| from).await?;
/// let counted = sys::get_statistics(&lamp).await?.expect("they are on");
/// assert_eq!((counted.messages_in, counted.messages_out), (2, 1));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// When they were turned on.
    pub start_time: Instant,
    /// When they were asked for.
    pub current_time: Instant,
    /// Messages taken to be handled: calls, casts, infos and timeouts.
    pub messages_in: u64,
    /// Calls answered by the callback that handled them.
    pub messages_out: u64,
    /// How long the callbacks took, by the system's clock. The time in which they waited is included.
    pub busy: Duration,
}

/// Statistics that are turned on.
#[derive(Debug)]
pub(crate) struct Gathered {
    start_time: Instant,
    messages_in: u64,
    messages_out: u64,
    busy: Duration,
    /// The begin of the callback that has not ended.
    begun: Option<WallClock>,
}

impl Gathered {
    pub(crate) fn since_now() -> Self {
        Self {
            start_time: Instant::now(),
            messages_in: 0,
            messages_out: 0,
            busy: Duration::ZERO,
            begun: None,
        }
    }

    pub(crate) fn count(&mut self, event: &SysEvent) {
        match event {
            SysEvent::In { .. } => self.messages_in += 1,
            SysEvent::Out { .. } => self.messages_out += 1,
            SysEvent::Continue
            | SysEvent::NoReply { .. }
            | SysEvent::Consumed { .. }
            | SysEvent::Postponed { .. }
            | SysEvent::TimerStarted { .. }
            | SysEvent::Terminated { .. } => {}
        }
        match event {
            SysEvent::In { .. } | SysEvent::Continue => self.begun = Some(WallClock::now()),
            SysEvent::TimerStarted { .. } | SysEvent::Terminated { .. } => {}
            SysEvent::Out { .. }
            | SysEvent::NoReply { .. }
            | SysEvent::Consumed { .. }
            | SysEvent::Postponed { .. } => {
                self.busy += self
                    .begun
                    .take()
                    .map_or(Duration::ZERO, |begun| begun.elapsed());
            }
        }
    }

    pub(crate) fn until_now(&self) -> Statistics {
        Statistics {
            start_time: self.start_time,
            current_time: Instant::now(),
            messages_in: self.messages_in,
            messages_out: self.messages_out,
            busy: self.busy,
        }
    }
}
