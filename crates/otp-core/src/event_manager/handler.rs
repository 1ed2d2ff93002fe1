//! What a handler is, and what its callbacks return.

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

/// What the callbacks of handlers get of the manager that they run in: its pid and node, timers, links, monitors.
///
/// A message that a handler has sent to the manager by it, such as by a timer, reaches every handler's
/// [`handle_info`](EventHandler::handle_info).
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
/// - An event is lent to the handlers, as `&E`, where in OTP each has it.
/// - A callback changes the state in place. So after a panic [`terminate`](Self::terminate) and the report see the state as the
///   callback left it.
/// - Calls are a trait of their own, [`HandleCall`], for handlers that have some.
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
    /// What [`add_handler`](super::EventManager::add_handler) passes to [`init`](Self::init).
    type Args: Send + 'static;

    /// Makes the state, in the manager. If it fails, the handler is not added, and the caller that adds it gets the reason.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    fn init(
        args: Self::Args,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Result<Self, Stop>> + Send;

    /// Handles an event.
    ///
    /// # OTP
    ///
    /// `Module:handle_event/2`.
    fn handle_event(
        &mut self,
        event: &E,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send;

    /// Handles everything else that the manager gets: exits of linked processes, DOWNs of monitored ones, and messages that were
    /// sent as such, by timers perhaps.
    ///
    /// Without this callback there is a warning, and the handler stays.
    ///
    /// # OTP
    ///
    /// `Module:handle_info/2`.
    fn handle_info(
        &mut self,
        info: &Info<E>,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send {
        report::unexpected_info::<E, Self>(info, context);
        async { Handled::Keep }
    }

    /// Cleans up: the handler goes, for this reason. A panic in it has no consequences.
    ///
    /// # OTP
    ///
    /// `Module:terminate/2`.
    fn terminate(
        &mut self,
        end: &HandlerEnd,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (end, context);
        async {}
    }

    /// What reports, and [`sys::get_status`](crate::sys::get_status), show of the state; nothing by default.
    ///
    /// # OTP
    ///
    /// `Module:format_status/1`.
    fn format_status(&self) -> Option<String> {
        None
    }

    /// What the report of a handler that fails over an event shows of it; nothing by default.
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
    fn handle_call(
        &mut self,
        call: Self::Call,
        context: &mut ManagerContext<E>,
    ) -> impl Future<Output = Handled<E>> + Send;
}

/// What becomes of a handler after a callback.
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

/// A handler's order to put another one in its place.
pub struct Swap<E: Send + Sync + 'static> {
    pub(super) name: HandlerName,
    pub(super) make: Contained<Box<Swapping<E>>>,
}

impl<E: Send + Sync + 'static> Swap<E> {
    /// By a handler with this id, whose arguments are made of the one that goes. The new one does not see the event that this was
    /// decided over. If it cannot be added, the old one is gone all the same, and the new one is reported; an owner is told of both.
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

/// What the owner of a supervised handler is told when the handler goes.
///
/// # OTP
///
/// `{gen_event_EXIT, Handler, Reason}`.
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
#[derive(Debug, Clone, PartialEq)]
pub enum HandlerGone {
    /// `Normal` if it was deleted or removed itself, `Shutdown` if the manager stops or has got an exit from the owner.
    Ended(ExitReason),
    /// It has failed; OTP's `{'EXIT', Reason}`, and `crash` for one that could not take the place of another.
    Failed(ExitReason),
    /// Another handler has taken its place; OTP's `{swapped, NewHandler, Pid}`.
    Swapped {
        /// That handler.
        by: HandlerName,
        /// The owner of that one: the same, unless another process had them swapped for itself.
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
pub struct FnHandler<E: Send + Sync + 'static>(Function<E>);

/// What it calls for each event.
pub(super) type Function<E> = Box<dyn FnMut(&E) -> Handled<E> + Send>;

/// The function of a handler in the making.
pub struct FnArgs<E: Send + Sync + 'static>(pub(super) Function<E>);

impl<E: Send + Sync + 'static> EventHandler<E> for FnHandler<E> {
    type Args = FnArgs<E>;

    async fn init(FnArgs(function): FnArgs<E>, _: &mut ManagerContext<E>) -> Result<Self, Stop> {
        Ok(Self(function))
    }

    async fn handle_event(&mut self, event: &E, _: &mut ManagerContext<E>) -> Handled<E> {
        (self.0)(event)
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
