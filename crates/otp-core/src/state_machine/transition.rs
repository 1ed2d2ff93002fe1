//! The results of a state machine's callbacks.

use std::fmt;

use super::StateMachine;
use super::core::Ends;
use super::due::Due;
use super::event::Event;
use crate::exit::ExitReason;
use crate::gen_server::{Pending, ReplyTo};
use crate::process::panic::{Contained, OneOfMany};

/// The result of [`StateMachine::handle`]: the next state, and actions.
///
/// Replies go out first, in the order given. Then [`enter`](StateMachine::enter) is called, if the state changes. Then the
/// other actions take effect, in whatever order they were given: the postponing, time-outs, inserted events.
///
/// # OTP
///
/// The result of a state callback: a tuple with the state and a list of actions.
///
/// # Differences from OTP
///
/// Combinations that OTP rejects cannot be written. The actions `hibernate` and `postpone` have no `false`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// /// Answers a question when there is something to answer.
/// struct Shelf;
///
/// #[state_machine]
/// impl StateMachine for Shelf {
///     type State = Option<&'static str>;
///     type Call = ReplyTo<&'static str>;
///     type Cast = &'static str;
///
/// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state(None, Self)) }
///     // …
///     async fn handle(&mut self, state: &Self::State, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
///         match (state, event) {
///             (_, Event::Cast(thing)) => Transition::next(Some(thing)),
///             (Some(thing), Event::Call(from)) => Transition::next(None).reply(from, *thing),
///             // It comes again after the next change of the state.
///             (None, call @ Event::Call(_)) => Transition::keep().postpone(call),
///             _ => Transition::keep(),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let shelf = Shelf::start_link(()).await?;
/// let asked = shelf.send_request(|from| from);
/// shelf.cast("a cup");
/// assert_eq!(asked.await?, "a cup");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a machine moves by what its callback returns"]
pub struct Transition<M: StateMachine> {
    /// The first reply, as most have no second one.
    pub(super) reply: Pending,
    /// All else. Nearly all transitions keep the state and have none: then one word says so.
    pub(super) more: Option<Box<More<M>>>,
}

/// The next state of a machine.
pub(super) enum To<S> {
    Keep,
    Next(OneOfMany<S>),
    Repeat,
    Stop(ExitReason),
}

/// The origin of a transition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Init,
    Event,
}

/// The parts that few transitions have. Each of the user's values is contained: if it panics when it is dropped, only
/// the panic hook is called.
pub(super) struct More<M: StateMachine> {
    pub(super) to: To<M::State>,
    pub(super) after: After,
    /// The first reply, while the transition waits to be performed.
    pub(super) reply: Pending,
    pub(super) replies: Vec<Pending>,
    pub(super) postponed: Option<Aside<M>>,
    pub(super) inserted: Vec<Aside<M>>,
    pub(super) timeouts: Vec<(Contained<M::Timer>, Order)>,
    pub(super) hibernate: bool,
}

/// An event that is put aside. It is moved several times until it comes, and may be large: hence the box.
pub(super) type Aside<M> = Contained<Box<Event<M>>>;

/// An order for a time-out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Set(Ends, Due),
    Cancel,
}

impl Order {
    /// Whether a time-out starts. One that is updated runs already.
    pub(super) fn starts(self) -> bool {
        matches!(self, Self::Set(_, Due::After(_) | Due::At(_)))
    }
}

impl<M: StateMachine> Transition<M> {
    fn to(to: To<M::State>) -> Self {
        let mut transition = Self::keep();
        transition.more().to = to;
        transition
    }

    /// The state stays; OTP's `keep_state`.
    #[inline]
    pub fn keep() -> Self {
        Self {
            reply: Pending::none(),
            more: None,
        }
    }

    /// The machine goes into this state; OTP's `next_state`. If it equals the present one, this is [`keep`](Self::keep).
    pub fn next(state: M::State) -> Self {
        Self::to(To::Next(OneOfMany::new(state)))
    }

    /// The state stays, and is entered once more; OTP's `repeat_state`.
    pub fn repeat() -> Self {
        Self::to(To::Repeat)
    }

    /// The machine ends: replies go out, [`StateMachine::terminate`] runs, and the process ends with this reason; OTP's `stop`
    /// and `stop_and_reply`.
    pub fn stop(reason: impl Into<ExitReason>) -> Self {
        Self::to(To::Stop(reason.into()))
    }

    /// Answers a call; OTP's action `{reply, From, Reply}`. A caller that has given up is no error.
    #[inline]
    pub fn reply<T: Send + 'static>(mut self, from: ReplyTo<T>, answer: T) -> Self {
        let pending = from.pending(answer);
        match self.reply.is_none() {
            true => self.reply = pending,
            false => self.more().replies.push(pending),
        }
        self
    }

    /// The event comes again after the next change of state; OTP's `postpone`. If there are several, the oldest comes first.
    ///
    /// To keep the event, bind it in the pattern: `event @ Event::Cast(_)`. An event that was used, such as a call that
    /// was answered, can no longer be postponed. If this is called twice, the second event counts.
    ///
    /// The limit of a postponed call runs on. When its caller has given up, the event comes again nevertheless.
    pub fn postpone(mut self, event: Event<M>) -> Self {
        self.more().postponed = Some(Contained::new(Box::new(event)));
        self
    }

    /// The machine handles this next, as [`Event::Internal`], before any message and any postponed event; OTP's
    /// `{next_event, internal, Content}`. Several events are handled in the order given, and all of them before events
    /// that were inserted earlier.
    pub fn insert(self, event: M::Internal) -> Self {
        self.insert_event(Event::Internal(event))
    }

    /// As [`insert`](Self::insert), for an event of any kind; OTP's `next_event`.
    pub fn insert_event(mut self, event: Event<M>) -> Self {
        self.more().inserted.push(Contained::new(Box::new(event)));
        self
    }

    /// Sets a time-out that ends only by firing, by being set again or by being cancelled; OTP's `{{timeout, Name},
    /// …}`.
    ///
    /// A name has one time-out: setting it again in any way replaces it. It arrives as [`Event::Timeout`].
    pub fn timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.order(timer, Order::Set(Ends::Never, due.into()))
    }

    /// Sets a time-out that a change of state ends; OTP's `state_timeout`. Set along with a change it belongs to the new state.
    pub fn state_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.order(timer, Order::Set(Ends::WithState, due.into()))
    }

    /// Sets a time-out that the next event of any kind ends; OTP's `{timeout, Time, Content}`. A system request is no
    /// event.
    pub fn event_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        self.order(timer, Order::Set(Ends::WithEvent, due.into()))
    }

    /// Cancels a time-out; OTP's `cancel`. One that does not run may be cancelled.
    pub fn cancel_timeout(self, timer: M::Timer) -> Self {
        self.order(timer, Order::Cancel)
    }

    /// Gives memory back before the machine waits: a hint that the wait will be long; OTP's `hibernate`.
    pub fn hibernate(mut self) -> Self {
        self.more().hibernate = true;
        self
    }

    fn order(mut self, timer: M::Timer, order: Order) -> Self {
        self.more().timeouts.push((Contained::new(timer), order));
        self
    }

    fn more(&mut self) -> &mut More<M> {
        self.more.get_or_insert_default()
    }

    /// All parts, to be performed later.
    pub(super) fn into_more(self) -> Box<More<M>> {
        let mut more = self.more.unwrap_or_default();
        more.reply = self.reply;
        more
    }
}

/// The result of [`StateMachine::enter`]. It has the methods of a [`Transition`], without those that are not allowed
/// while a state is entered: to change the state, to postpone, to insert events.
///
/// # OTP
///
/// The result of a state enter call.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
///
/// struct Screen;
///
/// #[state_machine]
/// impl StateMachine for Screen {
///     type State = &'static str;
///     type Call = ReplyTo<&'static str>;
///     type Timer = ();
///
/// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state("bright", Self)) }
///     // …
///     async fn enter(&mut self, state: &&'static str, _: &&'static str, _: &mut Context<Machine<Self>>) -> Entered<Self> {
///         match *state {
///             "bright" => Entered::done().state_timeout((), Duration::from_secs(60)),
///             _ => Entered::done(),
///         }
///     }
///
///     async fn handle(&mut self, state: &&'static str, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
///         match event {
///             Event::Timeout(()) => Transition::next("dark"),
///             Event::Call(from) => Transition::keep().reply(from, *state),
///             _ => Transition::keep(),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let screen = Screen::start_link(()).await?;
/// assert_eq!(screen.call(|from| from).await?, "bright");
/// tokio::time::sleep(Duration::from_secs(61)).await;
/// assert_eq!(screen.call(|from| from).await?, "dark");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a state is entered by what its callback returns"]
pub struct Entered<M: StateMachine>(pub(super) Transition<M>);

impl<M: StateMachine> Entered<M> {
    /// The state is entered; OTP's `keep_state`.
    #[inline]
    pub fn done() -> Self {
        Self(Transition::keep())
    }

    /// The state is entered once more, at once and from the same former one; OTP's `repeat_state`.
    pub fn again() -> Self {
        Self(Transition::repeat())
    }

    /// The machine ends; see [`Transition::stop`].
    pub fn stop(reason: impl Into<ExitReason>) -> Self {
        Self(Transition::stop(reason))
    }

    /// Answers a call; see [`Transition::reply`].
    pub fn reply<T: Send + 'static>(self, from: ReplyTo<T>, answer: T) -> Self {
        Self(self.0.reply(from, answer))
    }

    /// Sets a time-out; see [`Transition::timeout`].
    pub fn timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        Self(self.0.timeout(timer, due))
    }

    /// Sets a time-out that a change of state ends; see [`Transition::state_timeout`].
    pub fn state_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        Self(self.0.state_timeout(timer, due))
    }

    /// Sets a time-out that the next event ends; see [`Transition::event_timeout`].
    pub fn event_timeout(self, timer: M::Timer, due: impl Into<Due>) -> Self {
        Self(self.0.event_timeout(timer, due))
    }

    /// Cancels a time-out; see [`Transition::cancel_timeout`].
    pub fn cancel_timeout(self, timer: M::Timer) -> Self {
        Self(self.0.cancel_timeout(timer))
    }

    /// Gives memory back before the machine waits; see [`Transition::hibernate`].
    pub fn hibernate(self) -> Self {
        Self(self.0.hibernate())
    }
}

impl<M: StateMachine> More<M> {
    /// Whether it concerns the events inside or the time-outs.
    pub(super) fn has_actions(&self) -> bool {
        self.postponed.is_some() || !self.inserted.is_empty() || !self.timeouts.is_empty()
    }
}

impl<M: StateMachine> Default for More<M> {
    fn default() -> Self {
        Self {
            to: To::Keep,
            after: After::Event,
            reply: Pending::none(),
            replies: Vec::new(),
            postponed: None,
            inserted: Vec::new(),
            timeouts: Vec::new(),
            hibernate: false,
        }
    }
}

impl<M: StateMachine> fmt::Debug for Transition<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = self.more.as_deref();
        let to = match more.map(|more| &more.to) {
            None | Some(To::Keep) => "keep".to_owned(),
            Some(To::Next(_)) => "next".to_owned(),
            Some(To::Repeat) => "repeat".to_owned(),
            Some(To::Stop(reason)) => format!("stop({reason:?})"),
        };
        let replies =
            usize::from(!self.reply.is_none()) + more.map_or(0, |more| more.replies.len());
        f.debug_struct("Transition")
            .field("to", &to)
            .field("replies", &replies)
            .field(
                "postpones",
                &more.is_some_and(|more| more.postponed.is_some()),
            )
            .field("inserts", &more.map_or(0, |more| more.inserted.len()))
            .field("timeouts", &more.map_or(0, |more| more.timeouts.len()))
            .finish()
    }
}

impl<M: StateMachine> fmt::Debug for Entered<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entered").field(&self.0).finish()
    }
}
