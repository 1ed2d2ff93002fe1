//! The server that a state machine is.

use std::any::type_name;
use std::fmt;
use std::future::Future;

use super::StateMachine;
use super::event::Event;
use super::initial::{Initial, MachineOpening};
use super::inner::MachineInner;
use super::serve;
use super::transition::{After, More, To, Transition};
use crate::exit::ExitReason;
use crate::gen_server::{Behaviour, Context, End, GenServer, Init, Next, Serving, Status};
use crate::process::panic::{Alone, OneOfMany};
use crate::util::large;

/// The server of a [`StateMachine`]: the type parameter of its handle, its names and its [`Context`].
///
/// A [`ServerRef<Machine<M>>`](crate::ServerRef) takes the calls, casts and messages of `M`. In [`sys`](crate::sys) this is the
/// state of the server: it gives the machine's own state and its data.
///
/// # OTP
///
/// The result of `sys:get_state/1` for a `gen_statem`: `{State, Data}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
///
/// struct Lamp;
///
/// #[derive(Debug, Clone, PartialEq)]
/// enum State {
///     Off,
///     On,
/// }
///
/// #[state_machine]
/// impl StateMachine for Lamp {
///     type State = State;
///     type Cast = ();
///
///     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
///         Ok(Initial::state(State::Off, Self))
///     }
///
///     async fn handle(
///         &mut self,
///         state: &State,
///         event: Event<Self>,
///         _: &mut Context<Machine<Self>>,
///     ) -> Transition<Self> {
///         match (state, event) {
///             (State::Off, Event::Cast(())) => Transition::next(State::On),
///             (State::On, Event::Cast(())) => Transition::next(State::Off),
///             (_, Event::Down(_) | Event::Exit(_)) => Transition::keep(),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let lamp: ServerRef<Machine<Lamp>> = Lamp::start_link(()).await?;
/// lamp.cast(());
/// assert_eq!(sys::get_state(&lamp, |lamp| lamp.state().clone()).await?, State::On);
/// sys::replace_state(&lamp, |_| Machine::new(State::Off, Lamp)).await?;
/// assert_eq!(sys::get_state(&lamp, |lamp| lamp.state().clone()).await?, State::Off);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Machine<M: StateMachine> {
    pub(super) data: M,
    /// The data may panic as they are dropped.
    pub(super) state: OneOfMany<M::State>,
    /// Made when it is first needed.
    pub(super) inner: Option<Box<MachineInner<M>>>,
}

/// The work of a machine before its next message.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Inside<M: StateMachine>(
    /// A transition that has still to be performed; `None` if there are only events inside.
    pub(super) Option<Box<More<M>>>,
);

impl<M: StateMachine> Inside<M> {
    /// The first steps of a machine: it enters its first state.
    pub(super) fn first(first: Transition<M>) -> Self {
        let mut more = first.into_more();
        more.to = To::Repeat;
        more.after = After::Init;
        Self(Some(more))
    }
}

impl<M: StateMachine> Machine<M> {
    /// A state and data, for [`sys::replace_state`](crate::sys::replace_state) and
    /// [`sys::change_code`](crate::sys::change_code). Events that are inside of the machine, and its time-outs, stay.
    pub fn new(state: M::State, data: M) -> Self {
        const { large::assert_event::<Event<M>>() };
        Self {
            data,
            state: OneOfMany::new(state),
            inner: None,
        }
    }

    /// The state.
    pub fn state(&self) -> &M::State {
        &self.state
    }

    /// The data.
    pub fn data(&self) -> &M {
        &self.data
    }

    /// The data, for [`sys::update_state`](crate::sys::update_state).
    pub fn data_mut(&mut self) -> &mut M {
        &mut self.data
    }

    /// Replaces the state, for [`sys::update_state`](crate::sys::update_state), and nothing else: it is not entered, no postponed
    /// event comes again, and time-outs run on. Returns the former one.
    pub fn set_state(&mut self, state: M::State) -> M::State {
        std::mem::replace(&mut self.state, OneOfMany::new(state)).into_inner()
    }
}

impl<M: StateMachine> GenServer for Machine<M> {
    type Args = M::Args;
    type Call = M::Call;
    type Cast = M::Cast;
    type Info = M::Info;
    type Continue = Inside<M>;

    async fn init(args: M::Args, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let Initial(opening) = Alone::new(M::init(args, context)).await?;
        Ok(match opening {
            MachineOpening::State(state, data, first) => {
                let machine = Self::new(state.into_inner(), data.into_inner());
                Init::state(machine).then(Next::Continue(Inside::first(first)))
            }
            MachineOpening::Ignore => Init::ignore(),
            MachineOpening::Error(reason) => Init::error(reason),
        })
    }

    fn receive_loop(serving: Serving<'_, Self>) -> impl Future<Output = End> + Send {
        serve::handle_events(serving)
    }

    async fn terminate(&mut self, reason: &ExitReason, context: &mut Context<Self>) {
        let Self { data, state, .. } = self;
        Alone::new(data.terminate(state, reason, context)).await;
        if context.is_watched() && !reason.is_abnormal() {
            context.tell_terminated(self, reason);
        }
    }

    fn format_status(&self, status: &mut Status) {
        if let Some(inner) = &self.inner {
            inner.show(status);
        }
        self.data.format_status(&self.state, status);
    }

    fn behaviour() -> Behaviour {
        Behaviour {
            title: "State machine",
            kind: "gen_statem",
            server_type: type_name::<M>(),
            tells_itself: true,
        }
    }

    fn take_over(&mut self, former: &mut Self) {
        self.inner = former.inner.take();
    }
}

impl<M: StateMachine> fmt::Debug for Machine<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machine<{}>", type_name::<M>())
    }
}
