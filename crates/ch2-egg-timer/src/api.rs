//! The egg timer as the rest of the world sees it: functions, no messages.

use crate::boundary::{Call, Cast, Event, OnRing, Owner, Server, UnknownAlarm};
use crate::core::{AlarmName, Length, Status};
use otp_core::prelude::*;

/// A running egg timer.
///
/// Clones are handles to the same timer. Setting an alarm never waits; everything that has an
/// answer waits for it, five seconds at most.
///
/// # Examples
///
/// ```
/// use ch2_egg_timer::{api::EggTimer, boundary::OnRing};
/// use otp_core::{ExitReason, Node};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let session = async {
///     let timer = EggTimer::start_link(|event| println!("{event:?}")).await?;
///     timer.schedule("eggs".parse()?, "5m".parse()?, OnRing::Tell(None));
///     assert_eq!(timer.status().await?.len(), 1);
///     timer.stop().await?;
///     Ok::<_, ExitReason>(())
/// };
/// assert_eq!(Node::new().run(session).await, Ok(Ok(())));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EggTimer {
    server: ServerRef<Server>,
}

/// Why an alarm could not be cancelled.
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
    /// Starts an egg timer which calls `tell` with all that happens.
    ///
    /// `tell` runs inside the timer's process. It should pass the event on and return.
    ///
    /// # Errors
    ///
    /// Fails as every start of a server does; the timer's own `init` never fails.
    pub async fn start(tell: impl FnMut(Event) + Send + 'static) -> Result<Self, StartError> {
        Ok(Self {
            server: Server::start(Owner::new(tell)).await?,
        })
    }

    /// Starts an egg timer that is linked to the calling process: when one of the two crashes, so
    /// does the other.
    ///
    /// # Errors
    ///
    /// The same as for [`start`](Self::start).
    pub async fn start_link(tell: impl FnMut(Event) + Send + 'static) -> Result<Self, StartError> {
        Ok(Self {
            server: Server::start_link(Owner::new(tell)).await?,
        })
    }

    /// Sets an alarm and returns at once.
    ///
    /// The length is counted from the moment in which the timer reads the message. An alarm with
    /// the same name is replaced. To a timer that has stopped this does nothing, as every cast to a
    /// dead process.
    pub fn schedule(&self, name: AlarmName, length: Length, on_ring: OnRing) {
        self.server.cast(Cast::Schedule(name, length, on_ring));
    }

    /// How the pending alarms stand, sorted by name.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer has stopped, or does not answer within five seconds.
    pub async fn status(&self) -> Result<Vec<Status>, CallError> {
        self.server.call(Call::Status).await
    }

    /// Takes an alarm back: it will not ring.
    ///
    /// # Errors
    ///
    /// [`CancelError::Unknown`] when no such alarm is pending, for example because it has rung.
    pub async fn cancel(&self, name: AlarmName) -> Result<(), CancelError> {
        Ok(self.server.call(|from| Call::Cancel(name, from)).await??)
    }

    /// Stops the timer in good order, and returns when it has told its owner what was pending.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer has stopped already, or does not answer within five seconds.
    pub async fn stop(&self) -> Result<(), CallError> {
        self.server.call(Call::Stop).await
    }

    /// Stops the timer with a reason of your own, and returns at once.
    ///
    /// With a reason such as `ExitReason::other("we_broke_something")` this shows what a crash
    /// looks like: the report, and the end of whoever is linked to the timer.
    pub fn stop_with(&self, reason: ExitReason) {
        self.server.cast(Cast::Stop(reason));
    }

    /// The pid of the timer's process.
    pub fn pid(&self) -> Pid {
        self.server.pid()
    }

    /// Whether the timer is still running.
    pub fn is_alive(&self) -> bool {
        self.server.is_alive()
    }
}
