//! The result of a state machine's `init`.

use std::fmt;

use super::StateMachine;
use super::due::Due;
use super::event::Event;
use super::transition::Transition;
use crate::exit::ExitReason;
use crate::process::panic::OneOfMany;

/// The result of [`StateMachine::init`]: the first state, the data and the first steps of the machine.
///
/// The start has succeeded when `init` returns. Then the machine enters the first state and handles the events that
/// were inserted here, before any message.
///
/// # OTP
///
/// The result of `Module:init/1` of a `gen_statem`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Cache(ProcessRef<&'static str>);
///
/// #[state_machine]
/// impl StateMachine for Cache {
///     type Args = ProcessRef<&'static str>;
///     type State = &'static str;
///     type Cast = ();
///     type Internal = &'static str;
///
///     async fn init(to: Self::Args, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
///         // The starter does not wait for this, and it comes before any message.
///         Ok(Initial::state("empty", Self(to)).insert("load"))
///     }
///
///     async fn handle(&mut self, _: &&'static str, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
///         match event {
///             Event::Internal(what) => self.0.send(what),
///             Event::Cast(()) => self.0.send("cast"),
///             _ => {}
///         }
///         Transition::keep()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let cache = Cache::start_link(mailbox.me()).await?;
/// cache.cast(());
/// assert_eq!(mailbox.receive().await, "load");
/// assert_eq!(mailbox.receive().await, "cast");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[must_use = "a machine starts, or does not, by what its init returns"]
pub struct Initial<M: StateMachine>(pub(super) MachineOpening<M>);

pub(super) enum MachineOpening<M: StateMachine> {
    State(OneOfMany<M::State>, OneOfMany<M>, Transition<M>),
    Ignore,
    Error(ExitReason),
}

impl<M: StateMachine> Initial<M> {
    /// The machine starts in this state, with this data; OTP's `{ok, State, Data}`.
    pub fn state(state: M::State, data: M) -> Self {
        let (state, data) = (OneOfMany::new(state), OneOfMany::new(data));
        Self(MachineOpening::State(state, data, Transition::keep()))
    }

    /// The machine does not start, and that is no error; see [`Init::ignore`](crate::Init::ignore).
    pub fn ignore() -> Self {
        Self(MachineOpening::Ignore)
    }

    /// The machine cannot start. The starter gets the reason, and there is no report; see
    /// [`Init::error`](crate::Init::error).
    pub fn error(reason: impl Into<ExitReason>) -> Self {
        Self(MachineOpening::Error(reason.into()))
    }

    /// Inserts the first event; see [`Transition::insert`].
    pub fn insert(self, event: M::Internal) -> Self {
        self.and(|first| first.insert(event))
    }

    /// Inserts the first event, of any kind; see [`Transition::insert_event`].
    pub fn insert_event(self, event: Event<M>) -> Self {
        self.and(|first| first.insert_event(event))
    }

    /// Sets a time-out; see [`Transition::timeout`].
    pub fn timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.and(|first| first.timeout(timer, due))
    }

    /// Sets a time-out that a change of state ends; see [`Transition::state_timeout`].
    pub fn state_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.and(|first| first.state_timeout(timer, due))
    }

    /// Sets a time-out that the first event ends; see [`Transition::event_timeout`].
    pub fn event_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.and(|first| first.event_timeout(timer, due))
    }

    /// Gives memory back before the machine waits; see [`Transition::hibernate`].
    pub fn hibernate(self) -> Self {
        self.and(Transition::hibernate)
    }

    fn and(self, action: impl FnOnce(Transition<M>) -> Transition<M>) -> Self {
        match self.0 {
            MachineOpening::State(state, data, first) => {
                Self(MachineOpening::State(state, data, action(first)))
            }
            other => Self(other),
        }
    }
}

impl<M: StateMachine> fmt::Debug for Initial<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            MachineOpening::State(_, _, first) => write!(f, "Initial(state, {first:?})"),
            MachineOpening::Ignore => f.write_str("Initial(ignore)"),
            MachineOpening::Error(reason) => write!(f, "Initial(error: {reason})"),
        }
    }
}
