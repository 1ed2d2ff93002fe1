//! The trait of handlers, and the results of its callbacks.

use std::fmt;
use std::future::Future;

use super::erased::{Handler, Swapping};
use super::id::{HandlerId, HandlerName};
use super::report;
use super::server::EventServer;
use crate::exit::ExitReason;
use crate::gen_server::{Context, Info};
use crate::pid::Pid;
use crate::process::panic::{Alone, Contained};
use crate::stop::Stop;

/// The context of a handler's callbacks, which is that of its manager: its pid and node, timers, links, monitors.
///
/// A message that a handler has sent to the manager with it, for example by a timer, reaches every handler's
/// [`handle_info`](EventHandler::handle_info).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext};
/// use otp_core::prelude::*;
///
/// struct Alarm;
///
/// impl EventHandler<&'static str> for Alarm {
///     type Args = ();
///
///     async fn init((): (), context: &mut ManagerContext<&'static str>) -> Result<Self, Stop> {
///         context.send_after(Duration::from_secs(60), "time is up");
///         Ok(Self)
///     }
///
///     async fn handle_info(&mut self, info: &Info<&'static str>, _: &mut ManagerContext<&'static str>) -> Handled<&'static str> {
///         assert_eq!(*info, Info::Message("time is up"));
///         Handled::Remove
///     }
///     // …
/// #     async fn handle_event(&mut self, _: &&'static str, _: &mut ManagerContext<&'static str>) -> Handled<&'static str> { Handled::Keep }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<&str>::start_link().await?;
/// manager.add_handler(HandlerId::<Alarm>::new(), ()).await?;
/// tokio::time::sleep(Duration::from_secs(61)).await;
/// assert!(manager.which_handlers().await?.is_empty());
/// # Ok(())
/// # }).await
/// # }
/// ```
pub type ManagerContext<E> = Context<EventServer<E>>;

/// A handler of events: its state is the implementing type, its behaviour these callbacks.
///
/// They run in the manager, one after the other: while one waits, the manager does nothing else. One that panics, or calls
/// [`exit_self`](crate::process::exit_self), is removed and reported; the manager and the other handlers go on.
///
/// # OTP
///
/// The behaviour `gen_event`.
///
/// # Differences from OTP
///
/// - Handlers get an event by reference, as `&E`. In OTP each handler gets a copy.
/// - A callback changes the state in place. So after a panic [`terminate`](Self::terminate) and the report see the state as the
///   callback left it.
/// - Calls are a trait of their own, [`HandleCall`], for handlers that have some.
///
/// # Cancel safety
///
/// The manager traps exits, so only a kill of it drops the future of a callback.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, Handled, ManagerContext};
/// use otp_core::prelude::*;
///
/// enum Kitchen {
///     Ordered(String),
///     Closed,
/// }
///
/// struct Printer {
///     printed: usize,
/// }
///
/// impl EventHandler<Kitchen> for Printer {
///     type Args = ();
///
///     async fn init((): (), _: &mut ManagerContext<Kitchen>) -> Result<Self, Stop> {
///         Ok(Self { printed: 0 })
///     }
///
///     async fn handle_event(&mut self, event: &Kitchen, _: &mut ManagerContext<Kitchen>) -> Handled<Kitchen> {
///         match event {
///             Kitchen::Ordered(dish) => println!("{}. {dish}", self.printed + 1),
///             Kitchen::Closed => return Handled::Remove,
///         }
///         self.printed += 1;
///         Handled::Keep
///     }
/// }
/// ```
pub trait EventHandler<E: Send + Sync + 'static>: Sized + Send + 'static {
    /// The argument of [`add_handler`](super::EventManager::add_handler) for [`init`](Self::init).
    type Args: Send + 'static;

    /// Makes the state, in the manager. If it fails, the handler is not added, and the caller that adds it gets the reason.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{AddError, EventHandler, EventManager, Handled, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    ///
    /// struct Threshold(u32);
    ///
    /// impl EventHandler<u32> for Threshold {
    ///     type Args = &'static str;
    ///
    ///     async fn init(text: &'static str, _: &mut ManagerContext<u32>) -> Result<Self, Stop> {
    ///         Ok(Self(text.parse()?))
    ///     }
    ///     // …
    /// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// let failed = manager.add_handler(HandlerId::<Threshold>::new(), "high").await;
    /// assert!(matches!(failed, Err(AddError::Init(_))));
    /// manager.add_handler(HandlerId::<Threshold>::new(), "90").await?;
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn init(
        args: Self::Args,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Result<Self, Stop>> + Send;

    /// Handles an event.
    ///
    /// # OTP
    ///
    /// `Module:handle_event/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    ///
    /// /// Counts three events, then goes.
    /// struct Three(u32);
    ///
    /// impl EventHandler<&'static str> for Three {
    ///     type Args = ();
    ///
    /// #     async fn init((): (), _: &mut ManagerContext<&'static str>) -> Result<Self, Stop> { Ok(Self(0)) }
    ///     // …
    ///     async fn handle_event(&mut self, _: &&'static str, _: &mut ManagerContext<&'static str>) -> Handled<&'static str> {
    ///         self.0 += 1;
    ///         if self.0 < 3 { Handled::Keep } else { Handled::Remove }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let manager = EventManager::<&str>::start_link().await?;
    /// manager.add_handler(HandlerId::<Three>::new(), ()).await?;
    /// for event in ["one", "two", "three"] {
    ///     assert_eq!(manager.which_handlers().await?.len(), 1);
    ///     manager.notify(event);
    /// }
    /// assert!(manager.which_handlers().await?.is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_event(
        &mut self,
        event: &E,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send;

    /// Handles an event without a future, in a handler of this library that is a function.
    #[doc(hidden)]
    fn handle_at_once(&mut self, event: &E) -> Option<Handled<E>> {
        let _ = event;
        None
    }

    /// Handles all other messages of the manager: exits of linked processes, DOWNs of monitored ones, and plain
    /// messages, for example of timers.
    ///
    /// Without this callback there is a warning, and the handler stays.
    ///
    /// # OTP
    ///
    /// `Module:handle_info/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// /// Stays for as long as a process lives.
    /// struct While;
    ///
    /// impl EventHandler<u32> for While {
    ///     type Args = Pid;
    ///
    ///     async fn init(process: Pid, context: &mut ManagerContext<u32>) -> Result<Self, Stop> {
    ///         context.monitor(process);
    ///         Ok(Self)
    ///     }
    ///
    ///     async fn handle_info(&mut self, info: &Info<u32>, _: &mut ManagerContext<u32>) -> Handled<u32> {
    ///         if matches!(info, Info::Down(_)) { Handled::Remove } else { Handled::Keep }
    ///     }
    ///     // …
    /// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// let watched = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    /// manager.add_handler(HandlerId::<While>::new(), watched.pid()).await?;
    /// process::exit(&watched, ExitReason::Kill);
    /// watched.wait().await;
    /// assert!(manager.which_handlers().await?.is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_info(
        &mut self,
        info: &Info<E>,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send {
        report::unexpected_info::<E, Self>(info, context);
        async { Handled::Keep }
    }

    /// Cleans up before the handler goes, for this reason. A panic in it changes nothing.
    ///
    /// # OTP
    ///
    /// `Module:terminate/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerEnd, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    ///
    /// struct Last(ProcessRef<HandlerEnd>);
    ///
    /// impl EventHandler<u32> for Last {
    ///     type Args = ProcessRef<HandlerEnd>;
    ///
    /// #     async fn init(to: Self::Args, _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self(to)) }
    /// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
    ///     // …
    ///     async fn terminate(&mut self, end: &HandlerEnd, _: &mut ManagerContext<u32>) {
    ///         self.0.send(end.clone());
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<HandlerEnd>| async move {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// manager.add_handler(HandlerId::<Last>::new(), mailbox.me()).await?;
    /// manager.stop().await?;
    /// assert_eq!(mailbox.receive().await, HandlerEnd::Stopped);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn terminate(
        &mut self,
        end: &HandlerEnd,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (end, context);
        async {}
    }

    /// The text of the state for reports and [`sys::get_status`](crate::sys::get_status); nothing by default.
    ///
    /// # OTP
    ///
    /// `Module:format_status/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    /// use otp_core::sys;
    ///
    /// struct Counter(u32);
    ///
    /// impl EventHandler<u32> for Counter {
    ///     type Args = ();
    ///
    /// #     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self(0)) }
    ///     // …
    ///     async fn handle_event(&mut self, n: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
    ///         self.0 += n;
    ///         Handled::Keep
    ///     }
    ///
    ///     fn format_status(&self) -> Option<String> {
    ///         Some(format!("a sum of {}", self.0))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// manager.add_handler(HandlerId::<Counter>::new(), ()).await?;
    /// manager.sync_notify(42).await?;
    /// let pid = manager.pid().expect("it lives");
    /// let state = sys::get_status(pid).await?.state.unwrap_or_default();
    /// assert!(state.contains("a sum of 42"), "{state}");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn format_status(&self) -> Option<String> {
        None
    }

    /// The text of an event for the report of a handler that fails over it; nothing by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, Handled, ManagerContext};
    /// use otp_core::prelude::*;
    ///
    /// struct Payment {
    ///     amount: u32,
    ///     card: String,
    /// }
    ///
    /// struct Ledger;
    ///
    /// impl EventHandler<Payment> for Ledger {
    ///     type Args = ();
    ///
    /// #     async fn init((): (), _: &mut ManagerContext<Payment>) -> Result<Self, Stop> { Ok(Self) }
    /// #     async fn handle_event(&mut self, _: &Payment, _: &mut ManagerContext<Payment>) -> Handled<Payment> { Handled::Keep }
    ///     // …
    ///     // The number of the card stays out of the report.
    ///     fn format_event(payment: &Payment) -> Option<String> {
    ///         Some(format!("{} from a card of {} digits", payment.amount, payment.card.len()))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let payment = Payment { amount: 5, card: "4711".to_owned() };
    /// assert_eq!(Ledger::format_event(&payment).as_deref(), Some("5 from a card of 4 digits"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    fn format_event(event: &E) -> Option<String> {
        let _ = event;
        None
    }
}

/// A handler that can be called.
///
/// # OTP
///
/// `Module:handle_call/2` of a `gen_event`.
///
/// # Cancel safety
///
/// As for [`EventHandler`].
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, HandleCall, Handled, HandlerId, ManagerContext};
/// use otp_core::prelude::*;
///
/// struct Counter(u64);
///
/// impl EventHandler<String> for Counter {
///     type Args = u64;
///
///     async fn init(first: u64, _: &mut ManagerContext<String>) -> Result<Self, Stop> {
///         Ok(Self(first))
///     }
///
///     async fn handle_event(&mut self, _: &String, _: &mut ManagerContext<String>) -> Handled<String> {
///         self.0 += 1;
///         Handled::Keep
///     }
/// }
///
/// impl HandleCall<String> for Counter {
///     type Call = ReplyTo<u64>;
///
///     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut ManagerContext<String>) -> Handled<String> {
///         from.send(self.0);
///         Handled::Keep
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let manager = EventManager::<String>::start_link().await?;
/// let counter = HandlerId::<Counter>::new();
/// manager.add_handler(&counter, 0).await?;
/// manager.notify("plate".to_owned());
/// assert_eq!(manager.call(&counter, |from| from).await?, 1);
/// # Ok(())
/// # }).await.expect("the manager lives");
/// # }
/// ```
pub trait HandleCall<E: Send + Sync + 'static>: EventHandler<E> {
    /// Requests with an answer; each variant carries a [`ReplyTo`](crate::ReplyTo).
    type Call: Send + 'static;

    /// Handles a call: it answers by [`ReplyTo::send`](crate::ReplyTo::send), now or later.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, HandleCall, Handled, HandlerId, ManagerContext};
    /// use otp_core::prelude::*;
    ///
    /// #[derive(Default)]
    /// struct Seen(Vec<u32>);
    ///
    /// #[derive(Debug)]
    /// enum Call {
    ///     Newest(ReplyTo<Option<u32>>),
    ///     Clear(ReplyTo<()>),
    /// }
    ///
    /// # impl EventHandler<u32> for Seen {
    /// #     type Args = ();
    /// #     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self::default()) }
    /// #     async fn handle_event(&mut self, n: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
    /// #         self.0.push(*n);
    /// #         Handled::Keep
    /// #     }
    /// # }
    /// #
    /// impl HandleCall<u32> for Seen {
    ///     type Call = Call;
    ///
    ///     async fn handle_call(&mut self, call: Call, _: &mut ManagerContext<u32>) -> Handled<u32> {
    ///         match call {
    ///             Call::Newest(from) => from.send(self.0.last().copied()),
    ///             Call::Clear(from) => from.send(self.0.clear()),
    ///         }
    ///         Handled::Keep
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// let seen = HandlerId::<Seen>::new();
    /// manager.add_handler(&seen, ()).await?;
    /// manager.notify(7);
    /// assert_eq!(manager.call(&seen, Call::Newest).await?, Some(7));
    /// manager.call(&seen, Call::Clear).await?;
    /// assert_eq!(manager.call(&seen, Call::Newest).await?, None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_call(
        &mut self,
        call: Self::Call,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send;
}

/// The result of a handler's callback.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventManager, Handled};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// manager.add_fn("until zero", |n| if *n == 0 { Handled::Remove } else { Handled::Keep }).await?;
/// manager.sync_notify(3).await?;
/// assert_eq!(manager.which_handlers().await?.len(), 1);
/// manager.sync_notify(0).await?;
/// assert_eq!(manager.which_handlers().await?.len(), 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub enum Handled<E: Send + Sync + 'static> {
    /// It stays; OTP's `{ok, State}`.
    Keep,
    /// It stays, and the manager gives memory back: a hint that the wait will be long. OTP's `{ok, State, hibernate}`.
    Hibernate,
    /// It goes, after [`terminate`](EventHandler::terminate), and is not reported; OTP's `remove_handler`.
    Remove,
    /// Another handler takes its place; OTP's `{swap_handler, …}`.
    Swap(Swap<E>),
}

/// The order of a handler to replace it by another one.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerId, ManagerContext, Swap};
/// use otp_core::prelude::*;
///
/// struct Quiet(u32);
/// struct Loud(u32);
///
/// impl EventHandler<u32> for Quiet {
///     type Args = ();
///
///     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> {
///         Ok(Self(0))
///     }
///
///     async fn handle_event(&mut self, n: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
///         self.0 += n;
///         match self.0 {
///             0..100 => Handled::Keep,
///             _ => Handled::Swap(Swap::new(HandlerId::<Loud>::new(), |old: Self| old.0)),
///         }
///     }
/// }
/// #
/// # impl EventHandler<u32> for Loud {
/// #     type Args = u32;
/// #     async fn init(sum: u32, _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self(sum)) }
/// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// manager.add_handler(HandlerId::<Quiet>::new(), ()).await?;
/// manager.sync_notify(100).await?;
/// assert_eq!(manager.which_handlers().await?, [HandlerId::<Loud>::new()]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Swap<E: Send + Sync + 'static> {
    pub(super) name: HandlerName,
    pub(super) make: Contained<Box<Swapping<E>>>,
}

impl<E: Send + Sync + 'static> Swap<E> {
    /// By a handler with this id, whose arguments are made of the one that goes. The new one does not see the event that this was
    /// decided over. If it cannot be added, the old handler is removed nevertheless, and the report names the new handler. An owner gets a
    /// message for each of them.
    ///
    /// # OTP
    ///
    /// `{swap_handler, Args1, State, Handler2, Args2}`.
    pub fn new<Old, New>(
        by: impl Into<HandlerId<New>>,
        args: impl FnOnce(Old) -> New::Args + Send + 'static,
    ) -> Self
    where
        Old: EventHandler<E>,
        New: EventHandler<E>,
    {
        let args = Contained::new(args);
        let by = by.into();
        let make: Box<Swapping<E>> = Box::new(move |old, context| {
            Box::pin(async move {
                let old = match old.into_inner().into_any().downcast::<Old>() {
                    Ok(old) => *old,
                    Err(other) => {
                        drop(Contained::new(other));
                        return Err(ExitReason::other("a handler can have itself swapped only"));
                    }
                };
                let new = Alone::new(New::init(args.into_inner()(old), context)).await;
                new.map(Handler::boxed).map_err(Stop::into_reason)
            })
        });
        Self {
            name: by.name(),
            make: Contained::new(make),
        }
    }
}

/// Why a handler goes.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerEnd, HandlerId, ManagerContext};
/// use otp_core::prelude::*;
///
/// /// Reports why it goes.
/// struct Last(ProcessRef<HandlerEnd>);
/// #
/// # impl EventHandler<u32> for Last {
/// #     type Args = ProcessRef<HandlerEnd>;
/// #     async fn init(to: Self::Args, _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self(to)) }
/// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Remove }
/// #     async fn terminate(&mut self, end: &HandlerEnd, _: &mut ManagerContext<u32>) { self.0.send(end.clone()); }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<HandlerEnd>| async move {
/// let manager = EventManager::<u32>::start_link().await?;
/// let last = HandlerId::<Last>::new();
/// manager.add_handler(&last, mailbox.me()).await?;
/// manager.delete_handler(&last).await?;
/// assert_eq!(mailbox.receive().await, HandlerEnd::Deleted);
/// // This one removes itself at its first event.
/// manager.add_handler(&last, mailbox.me()).await?;
/// manager.notify(1);
/// assert_eq!(mailbox.receive().await, HandlerEnd::Removed);
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum HandlerEnd {
    /// By its own result; OTP's `remove_handler`.
    Removed,
    /// By [`delete_handler`](super::EventManager::delete_handler), where OTP has that call's argument.
    Deleted,
    /// Another one takes its place, where OTP has the swap's argument.
    Swapped,
    /// The manager ends; OTP's `stop`.
    Stopped,
    /// The process that it was added for has ended; OTP's `{stop, Reason}`.
    OwnerEnded(ExitReason),
    /// It has failed; OTP's `{error, …}`.
    Failed(ExitReason),
}

/// The message to the owner of a supervised handler when the handler goes.
///
/// # OTP
///
/// `{gen_event_EXIT, Handler, Reason}`.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerExit, HandlerGone, HandlerId, ManagerContext};
/// use otp_core::Recipient;
/// use otp_core::prelude::*;
///
/// struct Fragile;
/// #
/// # impl EventHandler<u32> for Fragile {
/// #     type Args = ();
/// #     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self) }
/// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { panic!("it broke") }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<HandlerExit>| async move {
/// let manager = EventManager::<u32>::start_link().await?;
/// let fragile = HandlerId::<Fragile>::new();
/// manager.add_sup_handler(&fragile, Recipient::from(&mailbox.me()), ()).await?;
/// manager.notify(1);
/// let exit = mailbox.receive().await;
/// assert_eq!((exit.handler, Some(exit.manager)), (fragile.name(), manager.pid()));
/// assert!(matches!(exit.why, HandlerGone::Failed(ExitReason::Panic(_))));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HandlerExit {
    /// The manager.
    pub manager: Pid,
    /// The handler.
    pub handler: HandlerName,
    /// Why it has gone.
    pub why: HandlerGone,
}

/// Why a supervised handler has gone.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventHandler, EventManager, FnHandler, Handled, HandlerGone, HandlerId, ManagerContext};
/// use otp_core::Recipient;
/// use otp_core::prelude::*;
///
/// struct Clerk;
/// #
/// # impl EventHandler<u32> for Clerk {
/// #     type Args = ();
/// #     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> { Ok(Self) }
/// #     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> { Handled::Keep }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<HandlerGone>| async move {
/// let manager = EventManager::<u32>::start_link().await?;
/// let (first, second) = (HandlerId::<Clerk>::named("first"), HandlerId::<Clerk>::named("second"));
/// let me = Recipient::from(&mailbox.me()).map(|exit: otp_core::event_manager::HandlerExit| exit.why);
/// manager.add_sup_handler(&first, me, ()).await?;
/// manager.swap_handler(&first, &second, |_: Option<Clerk>| ()).await?;
/// let gone = mailbox.receive().await;
/// assert!(matches!(gone, HandlerGone::Swapped { by, .. } if by == second));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum HandlerGone {
    /// `Normal` if it was deleted or removed itself, `Shutdown` if the manager stops or has got an exit from the owner.
    Ended(ExitReason),
    /// The handler has failed; OTP's `{'EXIT', Reason}`, and `crash` for a handler that was to replace another one
    /// and was not added.
    Failed(ExitReason),
    /// Another handler has taken its place; OTP's `{swapped, NewHandler, Pid}`.
    Swapped {
        /// The new handler.
        by: HandlerName,
        /// The owner of the new handler: the same process, unless another process has swapped the handlers for
        /// itself.
        owner: Option<Pid>,
    },
}

impl<H> From<&HandlerId<H>> for HandlerId<H> {
    fn from(id: &HandlerId<H>) -> Self {
        id.clone()
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for Handled<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("Keep"),
            Self::Hibernate => f.write_str("Hibernate"),
            Self::Remove => f.write_str("Remove"),
            Self::Swap(swap) => f.debug_tuple("Swap").field(&swap.name).finish(),
        }
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for Swap<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Swap").field(&self.name).finish()
    }
}

/// A handler that is a function, as [`add_fn`](super::EventManager::add_fn) adds it.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventManager, FnHandler, Handled, HandlerId};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// let id: HandlerId<FnHandler<u32>> = manager.add_fn("log", |_| Handled::Keep).await?;
/// assert_eq!(id, HandlerId::named("log"));
/// let _: FnHandler<u32> = manager.delete_handler(&id).await?;
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct FnHandler<E: Send + Sync + 'static>(Function<E>);

/// The function that it calls for each event.
pub(super) type Function<E> = Box<dyn FnMut(&E) -> Handled<E> + Send>;

/// The function of a handler, as the argument of its `init`.
pub struct FnArgs<E: Send + Sync + 'static>(pub(super) Function<E>);

impl<E: Send + Sync + 'static> EventHandler<E> for FnHandler<E> {
    type Args = FnArgs<E>;

    async fn init(FnArgs(function): FnArgs<E>, _: &mut ManagerContext<E>) -> Result<Self, Stop> {
        Ok(Self(function))
    }

    async fn handle_event(&mut self, event: &E, _: &mut ManagerContext<E>) -> Handled<E> {
        (self.0)(event)
    }

    fn handle_at_once(&mut self, event: &E) -> Option<Handled<E>> {
        Some((self.0)(event))
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for FnHandler<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FnHandler")
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for FnArgs<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FnArgs")
    }
}
