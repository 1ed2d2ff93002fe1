//! The API of the egg timer. Its functions hide the messages.

use crate::boundary::{Call, Cast, Event, OnRing, Server, UnknownAlarm};
use crate::core::{Alarm, AlarmName, Length, OutsideCalendar, Status, after};
use otp_core::prelude::*;
use otp_core::{StopError, TimeLimit, timer::WallClock};

/// A handle to a running egg timer. Clones are handles to the same timer.
///
/// # Examples
///
/// ```
/// use ch2_egg_timer::{api::EggTimer, boundary::OnRing};
/// use otp_core::{Node, Stop, timer::WallClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let session = async {
///     let listener = |event| println!("{event:?}");
///     let timer = EggTimer::start_link("egg_timer", WallClock::system(), listener).await?;
///     timer.schedule("eggs".parse()?, "5m".parse()?, OnRing::Tell(None))?;
///     assert_eq!(timer.status().await?.len(), 1);
///     timer.stop().await?;
///     Ok::<_, Stop>(())
/// };
/// assert_eq!(Node::new().run(session).await, Ok(Ok(())));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EggTimer(ServerRef<Server>, WallClock);

/// An alarm was not cancelled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// No such alarm is pending.
    #[error(transparent)]
    Unknown(#[from] UnknownAlarm),
    /// The timer did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl EggTimer {
    /// Starts an egg timer with a name, linked to the calling process. Its alarms ring by `clock`. The timer's process calls
    /// `listener` with each event, so `listener` must not block.
    ///
    /// # Errors
    ///
    /// [`StartError::AlreadyStarted`] when the name is registered.
    pub async fn start_link(
        name: impl Into<Name>,
        clock: WallClock,
        listener: impl FnMut(Event) + Send + 'static,
    ) -> Result<Self, StartError> {
        let (options, wall) = (Server::options().name(name), clock.clone());
        let server = options.start_link((Box::new(listener), wall)).await?;
        Ok(Self(server, clock))
    }

    // ANCHOR: api
    /// Sets an alarm and returns at once. An alarm with the same name is replaced.
    ///
    /// # Errors
    ///
    /// [`OutsideCalendar`] when the clock is before 1970, or would be after 9999 when the alarm rings.
    pub fn schedule(
        &self,
        name: AlarmName,
        length: Length,
        action: OnRing,
    ) -> Result<(), OutsideCalendar> {
        let due = after(self.1.now(), length.duration())?;
        let alarm = Alarm {
            name,
            length,
            due,
            action,
        };
        self.0.cast(Cast::Schedule(alarm));
        Ok(())
    }

    /// The status of the pending alarms, sorted by name.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer has stopped, or does not answer within five seconds.
    pub async fn status(&self) -> Result<Vec<Status>, CallError> {
        self.0.call(Call::Status).await
    }

    /// Cancels an alarm, so that it does not ring.
    ///
    /// # Errors
    ///
    /// [`CancelError::Unknown`] when no such alarm is pending, for example because it has rung.
    pub async fn cancel(&self, name: AlarmName) -> Result<(), CancelError> {
        Ok(self.0.call(|from| Call::Cancel(name, from)).await??)
    }

    /// Waits without a time limit until no alarm of this name is pending: it has rung or was cancelled.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer ends.
    pub async fn wait(&self, name: AlarmName) -> Result<(), CallError> {
        let wait = self.0.call(|from| Call::Wait(name, from));
        wait.timeout(TimeLimit::Infinity).await
    }

    /// Stops the timer with the reason `normal`, and returns after its last event. It passes an event for each pending alarm.
    ///
    /// # Errors
    ///
    /// [`StopError`] when the timer has stopped already.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.0.stop().await
    }
    // ANCHOR_END: api

    /// Stops the timer with this reason, and returns at once.
    pub fn stop_because(&self, reason: ExitReason) {
        self.0.cast(Cast::Stop(reason));
    }

    /// Waits until the timer has ended, and returns the reason.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn ended(&self) -> ExitReason {
        self.0.wait().await
    }

    /// The pid of the timer's process.
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }
}
