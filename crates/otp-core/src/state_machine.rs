//! State machines: servers that take what they take by the state that they are in.
//!
//! A machine is a type that implements [`StateMachine`]. It has a *state*, a value of a type of its own, which decides what an
//! event means; what is only carried along are its *data*, which are `self`. It is a process, started, named, called, supervised
//! and looked into as a [`GenServer`] is; its handle is a [`ServerRef<Machine<M>>`](crate::ServerRef).
//!
//! The [guide](crate::guide::state_machines) says when to take one.
//!
//! # OTP
//!
//! The behaviour `gen_statem`, in the callback mode `handle_event_function` with `state_enter`.
//!
//! # Examples
//!
//! A turnstile lets one person through for each coin. Who pushes without having paid waits until somebody pays.
//!
//! ```
//! use otp_core::prelude::*;
//!
//! struct Turnstile {
//!     passed: u32,
//! }
//!
//! #[derive(PartialEq)]
//! enum State {
//!     Locked,
//!     Unlocked,
//! }
//!
//! enum Call {
//!     Push(ReplyTo<u32>),
//! }
//!
//! struct Coin;
//!
//! #[state_machine]
//! impl StateMachine for Turnstile {
//!     type State = State;
//!     type Call = Call;
//!     type Cast = Coin;
//!
//!     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
//!         Ok(Initial::state(State::Locked, Self { passed: 0 }))
//!     }
//!
//!     async fn handle(
//!         &mut self,
//!         state: &State,
//!         event: Event<Self>,
//!         _: &mut Context<Machine<Self>>,
//!     ) -> Transition<Self> {
//!         match (state, event) {
//!             (State::Locked, Event::Cast(Coin)) => Transition::next(State::Unlocked),
//!             (State::Locked, push @ Event::Call(Call::Push(_))) => Transition::keep().postpone(push),
//!             (State::Unlocked, Event::Call(Call::Push(from))) => {
//!                 self.passed += 1;
//!                 Transition::next(State::Locked).reply(from, self.passed)
//!             }
//!             (State::Unlocked, Event::Cast(Coin)) => Transition::keep(),
//!             (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), ExitReason> {
//! # Node::new().try_run(async {
//! let turnstile = Turnstile::start_link(()).await?;
//! let push = turnstile.send_request(Call::Push);
//! turnstile.cast(Coin);
//! assert_eq!(push.await, Ok(1));
//! # Ok(())
//! # }).await
//! # }
//! ```

#[doc(hidden)]
pub mod attribute;
mod core;
mod due;
mod event;
mod initial;
mod inner;
mod machine;
mod perform;
mod start;
mod transition;

use std::future::Future;
use std::hash::Hash;

pub use self::due::Due;
pub use self::event::Event;
pub use self::initial::Initial;
#[doc(hidden)]
pub use self::machine::Inside;
pub use self::machine::Machine;
pub use self::start::enter_loop;
pub use self::transition::{Entered, Transition};

use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, ServerRef, StartError, StartOptions, Status};
use crate::pid::MonitorRef;

/// A state machine: its data are the implementing type, its behaviour these callbacks.
///
/// Write the callbacks as plain `async fn`; while one waits, the machine handles nothing else. The attribute
/// [`state_machine`](macro@crate::state_machine) supplies the types that a machine does not use, and lets callbacks return a
/// `Result`.
///
/// Match on the pair of state and event. Without an arm for all that is left, `_`, the compiler lists the pairs that are not
/// handled.
///
/// # OTP
///
/// The behaviour `gen_statem`.
///
/// # Differences from OTP
///
/// - Data are changed in place. So after a panic [`terminate`](Self::terminate) and the report see them as the callback left them;
///   the state is the former one, as in OTP.
/// - A call is given up when its [`ReplyTo`](crate::ReplyTo) is dropped, and its caller gets
///   [`CallError::ReplyDropped`](crate::CallError::ReplyDropped). In OTP such a caller waits for ever.
/// - Calls wait for at most 5 s, as those of a GenServer, unless told otherwise.
/// - Time-outs of all three kinds have names, and a machine may have several of each. What OTP calls the content of a time-out
///   is part of its name.
/// - There is one callback for events in all states, as in the callback mode `handle_event_function`, and it does not change.
pub trait StateMachine: Sized + Send + 'static {
    /// What a start passes to [`init`](Self::init).
    type Args: Send + 'static;
    /// What decides which events mean what. A state changes if it is not equal to the one before.
    type State: PartialEq + Send + Sync + 'static;
    /// Requests with an answer; each variant carries a [`ReplyTo`](crate::ReplyTo).
    type Call: Send + 'static;
    /// Requests without an answer.
    type Cast: Send + 'static;
    /// Plain messages: from timers, or sent with [`ServerRef::send`].
    type Info: Send + 'static;
    /// Events that the machine [inserts](Transition::insert) for itself.
    type Internal: Send + 'static;
    /// The names of time-outs.
    type Timer: Eq + Hash + Clone + Send + 'static;

    /// Makes the first state and the data. The starter waits for it, and not for more.
    ///
    /// # Returns
    ///
    /// - [`Initial::state`]: the machine runs. Its other methods say what it does first.
    /// - [`Initial::ignore`]: it does not start, and nothing is wrong.
    /// - [`Initial::error`]: it cannot start; the starter is told, quietly.
    /// - `Err(reason)`: the process ends with this reason, which a linked starter gets, and which is reported if it is abnormal.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    fn init(
        args: Self::Args,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Result<Initial<Self>, ExitReason>> + Send;

    /// Handles an event in a state, and returns where the machine goes.
    ///
    /// # OTP
    ///
    /// `Module:handle_event/4`.
    fn handle(
        &mut self,
        state: &Self::State,
        event: Event<Self>,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Transition<Self>> + Send;

    /// Enters a state: the first one after the start, with itself as the one before; each new one after a change; the present one
    /// after [`Transition::repeat`]. It comes before any event is handled in it, inserted and postponed ones included.
    ///
    /// While it runs the machine has not changed yet: if it fails, [`terminate`](Self::terminate) and the report see the former
    /// state.
    ///
    /// # OTP
    ///
    /// The state enter call, `Module:handle_event(enter, OldState, State, Data)`.
    fn enter(
        &mut self,
        state: &Self::State,
        from: &Self::State,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Entered<Self>> + Send {
        let _ = (state, from, context);
        std::future::ready(Entered::done())
    }

    /// Cleans up before the machine ends; it runs when that of a server does, see
    /// [`GenServer::terminate`].
    ///
    /// # OTP
    ///
    /// `Module:terminate/3`.
    fn terminate(
        &mut self,
        state: &Self::State,
        reason: &ExitReason,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (state, reason, context);
        std::future::ready(())
    }

    /// Says what reports show, and the status that [`sys`](crate::sys) asks for. The lists of events and time-outs are made by
    /// [`format_event`](Self::format_event) before; the state is `None` at first. A common implementation is
    /// `status.state = Some(format!("{state:?}, {self:?}"))`.
    ///
    /// # OTP
    ///
    /// `Module:format_status/1`.
    ///
    /// # Differences from OTP
    ///
    /// If it panics, nothing is shown. OTP's report shows state and data unformatted then.
    fn format_status(&self, state: &Self::State, status: &mut Status) {
        let _ = (state, status);
    }

    /// The text of an event, for reports and for those who watch the machine. It runs before each event is handled. If it panics,
    /// that is shown in its place, and changes nothing else.
    #[must_use]
    fn format_event(event: &Event<Self>) -> Option<String> {
        let _ = event;
        None
    }

    /// Starts a machine without a link; see [`StartOptions::start`].
    ///
    /// # OTP
    ///
    /// `gen_statem:start/3`.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone.
    ///
    /// # Panics
    ///
    /// The future panics outside of a process; there, use [`options`](Self::options) with [`StartOptions::on`].
    fn start(
        args: Self::Args,
    ) -> impl Future<Output = Result<ServerRef<Machine<Self>>, StartError>> + Send {
        Self::options().start(args)
    }

    /// Starts a machine that is linked with the current process; see [`StartOptions::start_link`].
    ///
    /// # OTP
    ///
    /// `gen_statem:start_link/3`.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone.
    ///
    /// # Panics
    ///
    /// The future panics outside of a process.
    fn start_link(
        args: Self::Args,
    ) -> impl Future<Output = Result<ServerRef<Machine<Self>>, StartError>> + Send {
        Self::options().start_link(args)
    }

    /// Starts a machine that the current process monitors; see [`StartOptions::start_monitor`].
    ///
    /// # OTP
    ///
    /// `gen_statem:start_monitor/3`.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone, and no DOWN comes.
    ///
    /// # Panics
    ///
    /// The future panics outside of a process.
    fn start_monitor(
        args: Self::Args,
    ) -> impl Future<Output = Result<(ServerRef<Machine<Self>>, MonitorRef), StartError>> + Send
    {
        Self::options().start_monitor(args)
    }

    /// Options for a start: a name, a limit for `init`, a node.
    fn options() -> StartOptions<Machine<Self>> {
        <Machine<Self> as GenServer>::options()
    }
}
