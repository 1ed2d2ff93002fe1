//! The calculator as its users see it.
//!
//! The same functions over both boundaries. This is the only file that sends, casts or calls: who
//! uses a calculator need not know that there are messages at all.

mod client;

pub use self::client::Client;

use crate::boundary::handmade::{self, Request};
use crate::boundary::otp::{self, Call, Message};
use otp_core::prelude::*;
use otp_core::{MonitorRef, RegisterError, StopError, process};
use std::time::Duration;

pub use crate::boundary::handmade::Letter;
pub use crate::core::{Number, Op, Reducer};

/// How long to wait for the total, unless there is a reason for another time.
pub const STATE_TIMEOUT: Duration = Duration::from_secs(5);

/// Which of the two servers stands behind a calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// The receive loop made by hand.
    Handmade,
    /// The GenServer.
    Otp,
}

/// A running calculator.
#[derive(Debug, Clone)]
pub enum Calculator {
    /// Made by hand.
    Handmade(ProcessRef<Request>),
    /// A GenServer.
    Otp(ServerRef<otp::Calculator>),
}

/// Why the total is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// No answer came in time. The calculator made by hand may be slow or dead: nobody can tell.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The call to the GenServer failed, and says why.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The calculator has ended. Only who watches it is told, and gets its reason.
    #[error("the calculator has ended: {0}")]
    Ended(ExitReason),
    /// The [`Client`] that was to ask has ended.
    #[error("the client that asks has ended")]
    NoClient,
}

/// Why it is not known that an operation was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The calculator made by hand has no way to say so.
    #[error("a calculator made by hand answers no calls: take one with the boundary otp")]
    NoCalls,
    /// The call failed, and says why.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Calculator {
    /// Starts a calculator that is linked to nobody.
    ///
    /// # Errors
    ///
    /// The GenServer could not be started. The calculator made by hand always starts.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn start(boundary: Boundary, initial: Number) -> Result<Self, StartError> {
        Ok(match boundary {
            Boundary::Handmade => Self::Handmade(handmade::start(initial)),
            Boundary::Otp => Self::Otp(otp::Calculator::start(initial).await?),
        })
    }

    /// Starts a calculator that is linked to the calling process: a crash of the one ends the
    /// other.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn start_link(boundary: Boundary, initial: Number) -> Result<Self, StartError> {
        match boundary {
            Boundary::Handmade => {
                let calculator = handmade::start(initial);
                process::link(calculator.pid());
                Ok(Self::Handmade(calculator))
            }
            Boundary::Otp => Ok(Self::Otp(otp::Calculator::start_link(initial).await?)),
        }
    }

    /// Gives the calculator a name, under which others find it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] if the name is taken, or the calculator has ended.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub fn register(&self, name: impl Into<Name>) -> Result<(), RegisterError> {
        process::register(name, self.pid())
    }

    /// Stops the calculator in good order, after all that was asked of it before.
    ///
    /// # Errors
    ///
    /// [`StopError`] from the GenServer, if it has ended already or needs more than five seconds. The one made by hand is
    /// told, and nobody knows whether it has heard.
    pub async fn stop(&self) -> Result<(), StopError> {
        match self {
            Self::Handmade(calculator) => {
                calculator.send(Request::Stop);
                Ok(())
            }
            Self::Otp(server) => {
                server
                    .stop_with(ExitReason::Normal)
                    .timeout(STATE_TIMEOUT)
                    .await
            }
        }
    }

    /// Adds `n` to the total.
    pub fn add(&self, n: Number) {
        self.apply(Op::Add(n));
    }

    /// Subtracts `n` from the total.
    pub fn subtract(&self, n: Number) {
        self.apply(Op::Subtract(n));
    }

    /// Multiplies the total by `n`.
    pub fn multiply(&self, n: Number) {
        self.apply(Op::Multiply(n));
    }

    /// Divides the total by `n`.
    pub fn divide(&self, n: Number) {
        self.apply(Op::Divide(n));
    }

    /// Changes the sign of the total.
    pub fn negate(&self) {
        self.apply(Op::Negate);
    }

    /// Adds one to the total.
    pub fn inc(&self) {
        self.apply(Op::Inc);
    }

    /// Subtracts one from the total.
    pub fn dec(&self) {
        self.apply(Op::Dec);
    }

    /// Starts again from zero.
    pub fn clear(&self) {
        self.apply(Op::Clear);
    }

    /// Takes each number of a list through a reducer.
    pub fn fold(&self, reducer: Reducer, list: Vec<Number>) {
        self.apply(Op::Fold(reducer, list));
    }

    /// Asks for any operation.
    ///
    /// Nobody answers: the operation may be done later, fail, or be lost because the calculator
    /// has ended. Operations and questions of one process are taken in the order it sent them.
    pub fn apply(&self, op: Op) {
        match self {
            Self::Handmade(calculator) => calculator.send(Request::Apply(op)),
            // A plain message keeps its place among the casts: there is one queue for all.
            Self::Otp(server) if op == Op::Inc => server.send(Message::Inc),
            Self::Otp(server) => server.cast(op),
        }
    }

    /// Asks for any operation, and waits until it is done.
    ///
    /// # Errors
    ///
    /// [`ApplyError::NoCalls`] from the calculator made by hand; [`ApplyError::Call`] from the GenServer, if the operation
    /// crashes it above all.
    pub async fn apply_and_wait(&self, op: Op) -> Result<(), ApplyError> {
        match self {
            Self::Handmade(_) => Err(ApplyError::NoCalls),
            Self::Otp(server) => Ok(server.call(|from| Call::Apply(op, from)).await?),
        }
    }

    /// Keeps the calculator from its work for a while.
    pub fn busy(&self, time: Duration) {
        match self {
            Self::Handmade(calculator) => calculator.send(Request::Busy(time)),
            Self::Otp(server) => server.send(Message::Busy(time)),
        }
    }

    /// Asks for the total and waits for it, at most `timeout`.
    ///
    /// The calculator made by hand answers into `me`, the asker's own mailbox. Its answer is the
    /// first total found there, which after a timeout is the answer to an earlier question.
    ///
    /// # Errors
    ///
    /// [`StateError::Timeout`] from the calculator made by hand, [`StateError::Call`] from the
    /// GenServer, which also fails at once when it is dead or dies.
    pub async fn state(
        &self,
        me: &mut Mailbox<Letter>,
        timeout: Duration,
    ) -> Result<Number, StateError> {
        match self {
            Self::Handmade(calculator) => {
                calculator.send(Request::State(me.me()));
                answer(me, timeout, |_| false).await
            }
            Self::Otp(server) => Ok(server.call(Call::State).timeout(timeout).await?),
        }
    }

    /// Like [`state`](Self::state), for one who has no mailbox for the answer. A GenServer needs none; the calculator made by
    /// hand is asked by the client.
    ///
    /// # Errors
    ///
    /// As for [`state`](Self::state), and [`StateError::NoClient`].
    pub async fn state_through(
        &self,
        client: impl FnOnce() -> Client,
        timeout: Duration,
    ) -> Result<Number, StateError> {
        match self {
            Self::Handmade(_) => client().state(self, timeout).await,
            Self::Otp(server) => Ok(server.call(Call::State).timeout(timeout).await?),
        }
    }

    /// Begins to watch the calculator: `me` is told when it ends. See
    /// [`state_or_end`](Self::state_or_end).
    pub fn watch(&self, me: &mut Mailbox<Letter>) -> MonitorRef {
        me.monitor(self.pid(), Letter::Down)
    }

    /// Like [`state`](Self::state), for a calculator that is being watched: if it ends, or has
    /// ended, there is nothing to wait for, and its reason is known.
    ///
    /// # Errors
    ///
    /// [`StateError::Ended`] with the reason, and the others as for [`state`](Self::state).
    pub async fn state_or_end(
        &self,
        me: &mut Mailbox<Letter>,
        watch: MonitorRef,
        timeout: Duration,
    ) -> Result<Number, StateError> {
        match self {
            Self::Handmade(calculator) => {
                calculator.send(Request::State(me.me()));
                answer(me, timeout, |down| down.monitor == watch).await
            }
            Self::Otp(server) => match server.call(Call::State).timeout(timeout).await {
                Ok(total) => Ok(total),
                Err(error @ CallError::Timeout { .. }) => Err(error.into()),
                // Whatever the call has noticed, the monitor has the calculator's own reason.
                Err(error) => answer(me, timeout, |down| down.monitor == watch)
                    .await
                    .map_err(|end| match end {
                        StateError::Timeout(_) => error.into(),
                        end => end,
                    }),
            },
        }
    }

    /// Waits until the calculator has ended; returns why.
    pub async fn wait(&self) -> ExitReason {
        match self {
            Self::Handmade(calculator) => calculator.wait().await,
            Self::Otp(server) => server.wait().await,
        }
    }

    /// Whether the calculator lives.
    pub fn is_alive(&self) -> bool {
        match self {
            Self::Handmade(calculator) => calculator.is_alive(),
            Self::Otp(server) => server.is_alive(),
        }
    }

    /// The calculator's pid.
    pub fn pid(&self) -> Pid {
        match self {
            Self::Handmade(calculator) => calculator.pid(),
            Self::Otp(server) => server.pid(),
        }
    }
}

/// Waits for a total, or for a DOWN that counts; leaves every other letter where it is.
async fn answer(
    me: &mut Mailbox<Letter>,
    timeout: Duration,
    counts: impl Fn(&Down) -> bool,
) -> Result<Number, StateError> {
    let wanted = |letter: &Letter| match letter {
        Letter::State(_) => true,
        Letter::Down(down) => counts(down),
    };
    match me.receive_match(wanted).timeout(timeout).await {
        Some(Letter::State(total)) => Ok(total),
        Some(Letter::Down(down)) => Err(StateError::Ended(down.reason)),
        None => Err(StateError::Timeout(timeout)),
    }
}
