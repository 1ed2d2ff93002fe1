//! The errors of reading and replacing a state.

use crate::exit::ExitReason;
use crate::gen_server::CallError;
use crate::stop::reasons;
use crate::util::caused::caused;

/// A state that was not read or not replaced; the server has the one that it had before.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, StateError};
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
/// let failed = sys::get_state(&lamp, |lamp: &Lamp| { assert!(lamp.0, "it is dark") }).await;
/// assert!(matches!(failed, Err(StateError::Function(_))));
/// assert!(lamp.is_alive(), "the server goes on");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StateError {
    /// The server has not answered.
    Call(CallError),
    /// The function failed, in the server, which lives; OTP's `callback_failed`.
    Function(ExitReason),
}

caused!(StateError {
    Self::Call(it) => ("{it}") by it,
    Self::Function(it) => ("the function that was given the state failed: {it}") by it,
});

impl From<CallError> for StateError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// A state that was not changed by [`change_code`](super::change_code); the server has the one that it had before.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, ChangeCodeError};
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let counter = Counter::start_link(7).await?;
/// let reset = |_: &Counter| Ok::<_, &str>(Counter(0));
/// let busy = sys::change_code(&counter, reset).await;
/// assert_eq!(busy, Err(ChangeCodeError::NotSuspended));
/// sys::suspend(&counter).await?;
/// let refused = sys::change_code(&counter, |_: &Counter| Err("not on a Friday")).await;
/// assert_eq!(refused, Err(ChangeCodeError::Refused("not on a Friday")));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChangeCodeError<E> {
    /// The server has not answered.
    Call(CallError),
    /// The server handles messages: it must be suspended first.
    NotSuspended,
    /// The function has returned an error.
    Refused(E),
    /// The function failed, in the server, which lives.
    Function(ExitReason),
}

caused!(ChangeCodeError<E> {
    Self::Call(it) => ("{it}") by it,
    Self::NotSuspended => ("the server is running: suspend it before its state is changed"),
    Self::Refused(it) => ("the state was not changed: {it}"),
    Self::Function(it) => ("the function that was to change the state failed: {it}") by it,
});

impl<E> From<CallError> for ChangeCodeError<E> {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

reasons!(StateError);
