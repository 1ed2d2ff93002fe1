//! State machines: servers whose handling of an event depends on their state.
//!
//! A machine is a type that implements [`StateMachine`]. Its *state* is a value of an associated type, and decides the
//! meaning of an event. Its *data* are the fields of `self`. A machine is a process: it is started, named, called,
//! supervised and inspected as a [`GenServer`] is. Its handle is a [`ServerRef<Machine<M>>`](crate::ServerRef).
//!
//! The [guide](crate::guide::state_machines) says when to take one.
//!
//! # OTP
//!
//! The behaviour `gen_statem`, in the callback mode `handle_event_function` with `state_enter`.
//!
//! # Examples
//!
//! A turnstile lets one person through for each coin. A person who pushes without a coin waits until a coin is paid.
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
mod serve;
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
use crate::gen_server::{Context, GenServer, Plain, ServerRef, StartError, StartOptions, Status};
use crate::pid::MonitorRef;

/// A state machine: its data are the implementing type, its behaviour these callbacks.
///
/// Write the callbacks as plain `async fn`. While one of them waits, the machine handles no other event. The attribute
/// [`state_machine`](macro@crate::state_machine) supplies the types that a machine does not use, and lets callbacks
/// return a `Result`.
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
/// - A call ends without an answer when its [`ReplyTo`](crate::ReplyTo) is dropped, and its caller gets
///   [`CallError::ReplyDropped`](crate::CallError::ReplyDropped). In OTP the caller waits for ever.
/// - Calls wait for at most 5 s by default, as those of a GenServer.
/// - Time-outs of all three kinds have names, and a machine may have several of each. The content of a time-out in OTP
///   is part of its name here.
/// - There is one callback for events in all states, as in the callback mode `handle_event_function`, and it does not change.
///
/// # Cancel safety
///
/// As for [`GenServer`]: only an end that comes from outside drops the future of a callback.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
///
/// /// A door that locks itself three seconds after it was unlocked.
/// struct Door;
///
/// #[derive(Debug, Clone, PartialEq)]
/// enum State {
///     Locked,
///     Unlocked,
/// }
///
/// #[state_machine]
/// impl StateMachine for Door {
///     type State = State;
///     type Call = ReplyTo<State>;
///     type Cast = &'static str;
///     type Timer = &'static str;
///
///     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
///         Ok(Initial::state(State::Locked, Self))
///     }
///
///     async fn handle(&mut self, state: &State, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
///         match (state, event) {
///             (State::Locked, Event::Cast("1234")) => {
///                 Transition::next(State::Unlocked).state_timeout("lock", Duration::from_secs(3))
///             }
///             (State::Unlocked, Event::Timeout("lock")) => Transition::next(State::Locked),
///             (_, Event::Call(from)) => Transition::keep().reply(from, state.clone()),
///             _ => Transition::keep(),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let door = Door::start_link(()).await?;
/// door.cast("1234");
/// assert_eq!(door.call(|from| from).await?, State::Unlocked);
/// tokio::time::sleep(Duration::from_secs(4)).await;
/// assert_eq!(door.call(|from| from).await?, State::Locked);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait StateMachine: Sized + Send + 'static {
    /// The argument of a start, for [`init`](Self::init).
    type Args: Send + 'static;
    /// The state, which decides the meaning of events. A state changes if the new one is not equal to the old one.
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
    /// - [`Initial::state`]: the machine runs. Other methods of `Initial` add its first steps.
    /// - [`Initial::ignore`]: it does not start, and nothing is wrong.
    /// - [`Initial::error`]: it cannot start. The starter gets the reason, and there is no report.
    /// - `Err(reason)`: the process ends with this reason, which a linked starter gets, and which is reported if it is abnormal.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    ///
    /// struct Egg;
    ///
    /// #[state_machine]
    /// impl StateMachine for Egg {
    ///     type Args = Duration;
    ///     type State = &'static str;
    ///     type Timer = ();
    ///
    ///     async fn init(time: Duration, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
    ///         if time.is_zero() {
    ///             return Ok(Initial::error(ExitReason::other("an egg takes some time")));
    ///         }
    ///         Ok(Initial::state("soft", Self).timeout((), time))
    ///     }
    ///
    ///     async fn handle(&mut self, _: &&'static str, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    ///         match event {
    ///             Event::Timeout(()) => Transition::stop(ExitReason::Normal),
    ///             _ => Transition::keep(),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let refused = Egg::start(Duration::ZERO).await;
    /// assert!(matches!(refused, Err(StartError::Init(_))));
    /// let egg = Egg::start(Duration::from_secs(300)).await?;
    /// assert_eq!(egg.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn init(
        args: Self::Args,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Result<Initial<Self>, ExitReason>> + Send;

    /// Whether `handle` never waits, as the attribute has seen.
    #[doc(hidden)]
    const PLAIN: Plain = Plain::NONE;

    /// Handles an event in a state, and returns where the machine goes.
    ///
    /// # OTP
    ///
    /// `Module:handle_event/4`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// /// Sells for two coins.
    /// struct Vending;
    ///
    /// #[state_machine]
    /// impl StateMachine for Vending {
    ///     /// The coins in it.
    ///     type State = u32;
    ///     type Call = ReplyTo<&'static str>;
    ///     type Cast = ();
    ///
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state(0, Self)) }
    ///     // …
    ///     async fn handle(&mut self, coins: &u32, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    ///         match (coins, event) {
    ///             (coins, Event::Cast(())) => Transition::next(coins + 1),
    ///             (2.., Event::Call(from)) => Transition::next(coins - 2).reply(from, "tea"),
    ///             (_, Event::Call(from)) => Transition::keep().reply(from, "two coins, please"),
    ///             _ => Transition::keep(),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let vending = Vending::start_link(()).await?;
    /// vending.cast(());
    /// assert_eq!(vending.call(|from| from).await?, "two coins, please");
    /// vending.cast(());
    /// assert_eq!(vending.call(|from| from).await?, "tea");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Light(ProcessRef<String>);
    ///
    /// #[state_machine]
    /// impl StateMachine for Light {
    ///     type Args = ProcessRef<String>;
    ///     type State = &'static str;
    ///     type Cast = ();
    ///
    /// #     async fn init(to: Self::Args, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state("red", Self(to))) }
    ///     // …
    ///     async fn enter(&mut self, state: &&'static str, from: &&'static str, _: &mut Context<Machine<Self>>) -> Entered<Self> {
    ///         self.0.send(format!("{from} -> {state}"));
    ///         Entered::done()
    ///     }
    /// #     async fn handle(&mut self, _: &&'static str, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    /// #         match event { Event::Cast(()) => Transition::next("green"), _ => Transition::keep() }
    /// #     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<String>| async move {
    /// let light = Light::start_link(mailbox.me()).await?;
    /// assert_eq!(mailbox.receive().await, "red -> red");
    /// light.cast(());
    /// assert_eq!(mailbox.receive().await, "red -> green");
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Lamp(ProcessRef<(bool, ExitReason)>);
    ///
    /// #[state_machine]
    /// impl StateMachine for Lamp {
    ///     type Args = ProcessRef<(bool, ExitReason)>;
    ///     /// Whether it is on.
    ///     type State = bool;
    ///
    /// #     async fn init(to: Self::Args, _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state(true, Self(to))) }
    /// #     async fn handle(&mut self, _: &bool, _: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> { Transition::keep() }
    ///     // …
    ///     async fn terminate(&mut self, on: &bool, reason: &ExitReason, _: &mut Context<Machine<Self>>) {
    ///         self.0.send((*on, reason.clone()));
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<(bool, ExitReason)>| async move {
    /// let lamp = Lamp::start(mailbox.me()).await?;
    /// lamp.stop_with(ExitReason::Shutdown).await?;
    /// assert_eq!(mailbox.receive().await, (true, ExitReason::Shutdown));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn terminate(
        &mut self,
        state: &Self::State,
        reason: &ExitReason,
        context: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (state, reason, context);
        std::future::ready(())
    }

    /// Sets the texts that reports and the status of [`sys`](crate::sys) show. The lists of events and time-outs have
    /// been made by [`format_event`](Self::format_event); the state is `None` at first. A common implementation is
    /// `status.state = Some(format!("{state:?}, {self:?}"))`.
    ///
    /// # OTP
    ///
    /// `Module:format_status/1`.
    ///
    /// # Differences from OTP
    ///
    /// If it panics, nothing is shown. OTP's report shows state and data unformatted then.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::Status;
    /// use otp_core::prelude::*;
    /// use otp_core::sys;
    ///
    /// struct Safe {
    ///     code: &'static str,
    /// }
    ///
    /// #[state_machine]
    /// impl StateMachine for Safe {
    ///     type State = bool;
    ///
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state(false, Self { code: "4711" })) }
    /// #     async fn handle(&mut self, _: &bool, _: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> { Transition::keep() }
    ///     // …
    ///     fn format_status(&self, open: &bool, status: &mut Status) {
    ///         status.state = Some(format!("open: {open}, a code of {} digits", self.code.len()));
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let safe = Safe::start_link(()).await?;
    /// let status = sys::get_status(&safe).await?;
    /// assert_eq!(status.state.as_deref(), Some("open: false, a code of 4 digits"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn format_status(&self, state: &Self::State, status: &mut Status) {
        let _ = (state, status);
    }

    /// The text of an event, for reports and for the tools of [`sys`](crate::sys). It runs before each event is
    /// handled. If it panics, the panic is shown in place of the text, and nothing else changes.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Door;
    ///
    /// #[state_machine]
    /// impl StateMachine for Door {
    ///     type State = ();
    ///     type Cast = String;
    ///
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> { Ok(Initial::state((), Self)) }
    /// #     async fn handle(&mut self, (): &(), _: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> { Transition::keep() }
    ///     // …
    ///     fn format_event(event: &Event<Self>) -> Option<String> {
    ///         match event {
    ///             Event::Cast(code) => Some(format!("a code of {} digits", code.len())),
    ///             _ => None,
    ///         }
    ///     }
    /// }
    ///
    /// let text = Door::format_event(&Event::Cast("1234".to_owned()));
    /// assert_eq!(text.as_deref(), Some("a code of 4 digits"));
    /// ```
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
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the machine starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone. Without a current node it is [`StartError::Outside`]: use
    /// [`options`](Self::options) with [`StartOptions::on`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Lamp;
    /// #
    /// # #[state_machine]
    /// # impl StateMachine for Lamp {
    /// #     type State = bool;
    /// #     type Call = ReplyTo<bool>;
    /// #     type Cast = ();
    /// #
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
    /// #         Ok(Initial::state(false, Self))
    /// #     }
    /// #
    /// #     async fn handle(&mut self, on: &bool, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    /// #         match event {
    /// #             Event::Cast(()) => Transition::next(!on),
    /// #             Event::Call(from) => Transition::keep().reply(from, *on),
    /// #             _ => Transition::keep(),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let lamp = Lamp::start(()).await?;
    /// lamp.cast(());
    /// assert!(lamp.call(|from| from).await?, "it is on");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
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
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the machine starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone. Outside of a process it is [`StartError::Outside`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Lamp;
    /// #
    /// # #[state_machine]
    /// # impl StateMachine for Lamp {
    /// #     type State = bool;
    /// #     type Call = ReplyTo<bool>;
    /// #     type Cast = ();
    /// #
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
    /// #         Ok(Initial::state(false, Self))
    /// #     }
    /// #
    /// #     async fn handle(&mut self, on: &bool, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    /// #         match event {
    /// #             Event::Cast(()) => Transition::next(!on),
    /// #             Event::Call(from) => Transition::keep().reply(from, *on),
    /// #             _ => Transition::keep(),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let lamps = ChildSpec::worker("lamp", || Lamp::start_link(()));
    /// let tree = Supervisor::new(Strategy::OneForOne).child(lamps).start_link().await?;
    /// assert_eq!(tree.count_children().await?.active, 1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
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
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the machine starts nevertheless, monitored.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone, and no DOWN comes. Outside of a process it is [`StartError::Outside`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Lamp;
    /// #
    /// # #[state_machine]
    /// # impl StateMachine for Lamp {
    /// #     type State = bool;
    /// #     type Call = ReplyTo<bool>;
    /// #     type Cast = ();
    /// #
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
    /// #         Ok(Initial::state(false, Self))
    /// #     }
    /// #
    /// #     async fn handle(&mut self, on: &bool, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    /// #         match event {
    /// #             Event::Cast(()) => Transition::next(!on),
    /// #             Event::Call(from) => Transition::keep().reply(from, *on),
    /// #             _ => Transition::keep(),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<Down>| async move {
    /// let (lamp, monitor) = Lamp::start_monitor(()).await?;
    /// mailbox.on_down(monitor, |down| down);
    /// lamp.stop().await?;
    /// assert_eq!(mailbox.receive().await.target, lamp.pid().into());
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn start_monitor(
        args: Self::Args,
    ) -> impl Future<Output = Result<(ServerRef<Machine<Self>>, MonitorRef), StartError>> + Send
    {
        Self::options().start_monitor(args)
    }

    /// Options for a start: a name, a limit for `init`, a node.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Lamp;
    /// #
    /// # #[state_machine]
    /// # impl StateMachine for Lamp {
    /// #     type State = bool;
    /// #     type Call = ReplyTo<bool>;
    /// #     type Cast = ();
    /// #
    /// #     async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
    /// #         Ok(Initial::state(false, Self))
    /// #     }
    /// #
    /// #     async fn handle(&mut self, on: &bool, event: Event<Self>, _: &mut Context<Machine<Self>>) -> Transition<Self> {
    /// #         match event {
    /// #             Event::Cast(()) => Transition::next(!on),
    /// #             Event::Call(from) => Transition::keep().reply(from, *on),
    /// #             _ => Transition::keep(),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let lamp = Lamp::options().name("lamp").start_link(()).await?;
    /// let named = ServerName::<Machine<Lamp>>::new("lamp");
    /// assert_eq!(named.whereis(), Some(lamp));
    /// assert!(!named.call(|from| from).await?, "it is off");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn options() -> StartOptions<Machine<Self>> {
        <Machine<Self> as GenServer>::options()
    }
}
