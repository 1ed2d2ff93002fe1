//! The egg timer as the rest of the world sees it: functions, no messages.
//!
//! The same functions over the naive timer, so that the two can be compared.

use crate::boundary::{
    Call, Cast, Clock, Event, Message, OnRing, Owner, Server, UnknownAlarm, naive,
};
use crate::core::{AlarmName, Length, Moment, Status};
use otp_core::TimeLimit;
use otp_core::prelude::*;

pub use crate::boundary::Waited;

/// A running egg timer.
///
/// Clones are handles to the same timer. Setting an alarm never waits; everything that has an
/// answer waits for it, five seconds at most.
///
/// # Examples
///
/// ```
/// use ch2_egg_timer::{api::EggTimer, boundary::OnRing};
/// use otp_core::{Node, Stop};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let session = async {
///     let timer = EggTimer::start_link(|event| println!("{event:?}")).await?;
///     timer.schedule("eggs".parse()?, "5m".parse()?, OnRing::Tell(None));
///     assert_eq!(timer.status().await?.len(), 1);
///     timer.stop().await?;
///     Ok::<_, Stop>(())
/// };
/// assert_eq!(Node::new().run(session).await, Ok(Ok(())));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EggTimer {
    server: Either,
    clock: Clock,
}

/// The server behind a timer.
#[derive(Clone, Debug)]
enum Either {
    Sane(ServerRef<Server>),
    Naive(ServerRef<naive::Server>),
}

/// How an egg timer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// As it should be.
    Sane,
    /// As one makes it at first. It crashes when an alarm is cancelled or replaced, or when an action
    /// panics.
    Naive,
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

/// Why an alarm could not be waited for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// No such alarm is pending.
    #[error(transparent)]
    Unknown(#[from] UnknownAlarm),
    /// The timer has ended.
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
        let clock = Clock::system();
        let server = Server::start((Owner::new(tell), clock.clone())).await?;
        Ok(Self {
            server: Either::Sane(server),
            clock,
        })
    }

    /// Starts an egg timer that is linked to the calling process: when one of the two crashes, so
    /// does the other.
    ///
    /// # Errors
    ///
    /// The same as for [`start`](Self::start).
    pub async fn start_link(tell: impl FnMut(Event) + Send + 'static) -> Result<Self, StartError> {
        Self::start_link_by(Clock::system(), tell).await
    }

    /// As [`start_link`](Self::start_link), by clocks of your own: a test can let them jump.
    ///
    /// # Errors
    ///
    /// The same as for [`start`](Self::start).
    pub async fn start_link_by(
        clock: Clock,
        tell: impl FnMut(Event) + Send + 'static,
    ) -> Result<Self, StartError> {
        let server = Server::start_link((Owner::new(tell), clock.clone())).await?;
        Ok(Self {
            server: Either::Sane(server),
            clock,
        })
    }

    /// Starts an egg timer of either design, with a name, linked to the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError::AlreadyStarted`] when the name is taken.
    pub async fn start_link_as(
        name: impl Into<Name>,
        design: Design,
        tell: impl FnMut(Event) + Send + 'static,
    ) -> Result<Self, StartError> {
        let (owner, clock) = (Owner::new(tell), Clock::system());
        let server = match design {
            Design::Sane => {
                let options = Server::options().name(name);
                Either::Sane(options.start_link((owner, clock.clone())).await?)
            }
            Design::Naive => {
                let options = naive::Server::options().name(name);
                Either::Naive(options.start_link(owner).await?)
            }
        };
        Ok(Self { server, clock })
    }

    /// Sets an alarm and returns at once.
    ///
    /// The length counts from now. An alarm with the same name is replaced. To a timer that has stopped this does
    /// nothing, as every cast to a dead process.
    pub fn schedule(&self, name: AlarmName, length: Length, on_ring: OnRing) {
        self.schedule_from(self.now(), name, length, on_ring);
    }

    /// Sets an alarm whose length counts from `start`: so a program that tells people when it rings tells them the same
    /// moment as the timer.
    pub fn schedule_from(&self, start: Moment, name: AlarmName, length: Length, on_ring: OnRing) {
        match &self.server {
            Either::Sane(it) => it.cast(Cast::Schedule(name, length, start, on_ring)),
            Either::Naive(it) => it.cast(naive::Cast::Schedule(name, length, start, on_ring)),
        }
    }

    /// The moment that the timer's clocks show.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Tells the timer that the wall clock was set or the machine has slept. It finds out by itself within a second.
    pub fn clock_jumped(&self) {
        match &self.server {
            Either::Sane(it) => it.send(Message::Jumped),
            // It trusts its timers.
            Either::Naive(_) => {}
        }
    }

    /// How the pending alarms stand, sorted by name.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer has stopped, or does not answer within five seconds.
    pub async fn status(&self) -> Result<Vec<Status>, CallError> {
        match &self.server {
            Either::Sane(it) => it.call(Call::Status).await,
            Either::Naive(it) => it.call(naive::Call::Status).await,
        }
    }

    /// Takes an alarm back: it will not ring.
    ///
    /// A naive timer only forgets the alarm, and does not say whether there was one.
    ///
    /// # Errors
    ///
    /// [`CancelError::Unknown`] when no such alarm is pending, for example because it has rung.
    pub async fn cancel(&self, name: AlarmName) -> Result<(), CancelError> {
        match &self.server {
            Either::Sane(it) => Ok(it.call(|from| Call::Cancel(name, from)).await??),
            Either::Naive(it) => {
                it.cast(naive::Cast::Cancel(name));
                Ok(())
            }
        }
    }

    /// Waits until an alarm has rung or was cancelled, however long that takes. One that is replaced
    /// meanwhile is waited for in its place.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`WaitError::Unknown`] when no such alarm is pending, [`WaitError::Call`] when the timer ends.
    pub async fn wait(&self, name: AlarmName) -> Result<Waited, WaitError> {
        let forever = TimeLimit::Infinity;
        let waited = match &self.server {
            Either::Sane(it) => {
                it.call(|from| Call::Wait(name, from))
                    .timeout(forever)
                    .await?
            }
            Either::Naive(it) => {
                it.call(|from| naive::Call::Wait(name, from))
                    .timeout(forever)
                    .await?
            }
        };
        Ok(waited?)
    }

    /// Stops the timer in good order, and returns when it has told its owner what was pending.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the timer has stopped already, or does not answer within five seconds.
    pub async fn stop(&self) -> Result<(), CallError> {
        match &self.server {
            Either::Sane(it) => it.call(Call::Stop).await,
            Either::Naive(it) => it.call(naive::Call::Stop).await,
        }
    }

    /// Stops the timer with a reason of your own, and returns at once.
    ///
    /// With a reason such as `ExitReason::other("we_broke_something")` this shows what a crash
    /// looks like: the report, and the end of whoever is linked to the timer.
    pub fn stop_because(&self, reason: ExitReason) {
        match &self.server {
            Either::Sane(it) => it.cast(Cast::Stop(reason)),
            Either::Naive(it) => it.cast(naive::Cast::Stop(reason)),
        }
    }

    /// Waits until the timer has ended, and returns why. It does nothing to bring that about.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn ended(&self) -> ExitReason {
        match &self.server {
            Either::Sane(it) => it.wait().await,
            Either::Naive(it) => it.wait().await,
        }
    }

    /// The pid of the timer's process.
    pub fn pid(&self) -> Pid {
        match &self.server {
            Either::Sane(it) => it.pid(),
            Either::Naive(it) => it.pid(),
        }
    }

    /// Whether the timer is still running.
    pub fn is_alive(&self) -> bool {
        match &self.server {
            Either::Sane(it) => it.is_alive(),
            Either::Naive(it) => it.is_alive(),
        }
    }
}
