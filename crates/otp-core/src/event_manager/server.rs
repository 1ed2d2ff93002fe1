//! The server that a manager is.

use std::any::Any;
use std::fmt;

use otp_macros::gen_server;

use super::erased::{Erased, reported, reported_event};
use super::error::AddError;
use super::handler::{EventHandler, Handled, HandlerEnd, HandlerExit, HandlerGone, ManagerContext};
use super::id::{HandlerId, HandlerName};
use super::list::{HandlerEntry, HandlerOwner, Last};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::process::panic::{self, Alone, Contained};
use crate::recipient::Recipient;
use crate::util::{Boxed, large};

/// The server of an [`EventManager`](super::EventManager), for code that needs its type: to inspect its handlers with
/// [`sys`](crate::sys), or to monitor it.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::{EventManager, EventServer, Handled};
/// use otp_core::prelude::*;
/// use otp_core::sys;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let manager = EventManager::<u32>::start_link().await?;
/// let log = manager.add_fn("log", |_| Handled::Keep).await?;
/// let handlers = sys::get_state(&manager, |server: &EventServer<u32>| server.handlers()).await?;
/// assert_eq!(handlers, [log]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct EventServer<E: Send + Sync + 'static> {
    /// In the order in which they see events.
    pub(super) handlers: Vec<HandlerEntry<E>>,
}

impl<E: Send + Sync + 'static> EventServer<E> {
    /// The ids of the handlers, in the order in which they see events.
    #[must_use]
    pub fn handlers(&self) -> Vec<HandlerName> {
        let names = self.handlers.iter().map(|entry| entry.name.clone());
        names.collect()
    }

    /// The state of a handler.
    #[must_use]
    pub fn handler<H: EventHandler<E>>(&self, id: &HandlerId<H>) -> Option<&H> {
        let entry = &self.handlers[self.position(&id.name())?];
        entry.handler.get().any().downcast_ref()
    }

    /// The state of a handler, to be changed.
    pub fn handler_mut<H: EventHandler<E>>(&mut self, id: &HandlerId<H>) -> Option<&mut H> {
        let index = self.position(&id.name())?;
        let handler = self.handlers[index].handler.get_mut();
        handler.any_mut().downcast_mut()
    }

    pub(super) fn position(&self, name: &HandlerName) -> Option<usize> {
        self.handlers.iter().position(|entry| entry.name == *name)
    }

    /// Shows an event to every handler.
    async fn show(&mut self, event: &E, context: &mut ManagerContext<E>) -> Next<Self> {
        let (mut index, mut next) = (0, Next::NoReply);
        while let Some(entry) = self.handlers.get_mut(index) {
            let handler = entry.handler.get_mut();
            let handled = reported_event(|| handler.event(event, context)).await;
            match handled {
                Ok(Handled::Keep) => index += 1,
                handled => {
                    let last = Last::Event(event);
                    index += self.follow(index, handled, last, &mut next, context).await;
                }
            }
        }
        next
    }

    /// Adds a handler, in front of all others.
    pub(super) async fn add<H: EventHandler<E>>(
        &mut self,
        id: &HandlerId<H>,
        owner: Option<Recipient<HandlerExit>>,
        args: H::Args,
        context: &mut ManagerContext<E>,
    ) -> Result<(), AddError> {
        let args = Contained::new(args);
        let name = id.name();
        if self.position(&name).is_some() {
            return Err(AddError::AlreadyAdded(name));
        }
        let init = |context| Self::init_of::<H>(|| args.into_inner(), context);
        self.install(name, owner.map(HandlerOwner::new), init, context)
            .await
    }

    /// Replaces a handler by another one, which is put at the front, as each new one.
    pub(super) async fn swap<Old: EventHandler<E>, New: EventHandler<E>>(
        &mut self,
        (old, new): (HandlerId<Old>, HandlerId<New>),
        owner: Option<Recipient<HandlerExit>>,
        args: impl FnOnce(Option<Old>) -> New::Args + Send,
        context: &mut ManagerContext<E>,
    ) -> Result<(), AddError> {
        let args = Contained::new(args);
        let (at, name) = (self.position(&old.name()), new.name());
        if let Some(taken) = self.position(&name)
            && Some(taken) != at
        {
            return Err(AddError::AlreadyAdded(name));
        }
        let mut owner = owner.map(HandlerOwner::new);
        let mut former = None;
        if let Some(at) = at {
            let mut entry = self.handlers.remove(at);
            let gone = HandlerGone::Swapped {
                by: name.clone(),
                owner: owner
                    .as_ref()
                    .or(entry.owner.as_ref())
                    .map(HandlerOwner::pid),
            };
            entry.finish(&HandlerEnd::Swapped, gone, context).await;
            owner = owner.or(entry.owner.take());
            former = Some(Contained::new(entry.into_handler()));
        }
        let init = |context| {
            let args = || {
                let former: Option<Box<dyn Any + Send>> =
                    former.map(|former| former.into_inner().into_any());
                let former = former.and_then(|former| former.downcast::<Old>().ok());
                args.into_inner()(former.map(|former| *former))
            };
            Self::init_of::<New>(args, context)
        };
        self.install(name, owner, init, context).await
    }

    /// The `init` of a handler, with the function that makes its arguments.
    fn init_of<'a, H: EventHandler<E>>(
        args: impl FnOnce() -> H::Args + Send + 'a,
        context: &'a mut ManagerContext<E>,
    ) -> Boxed<'a, Result<Box<dyn Erased<E>>, ExitReason>> {
        const {
            large::assert_value::<H::Args>();
            large::assert_value::<H>();
        }
        Box::pin(async move {
            let handler = Alone::new(H::init(args(), context)).await;
            match handler {
                Ok(handler) => Ok(Box::new(handler) as Box<dyn Erased<E>>),
                Err(stop) => Err(stop.into_reason()),
            }
        })
    }
}

/// A request to a manager.
pub struct ManagerRequest<E: Send + Sync + 'static>(pub(super) Asked<E>);

pub(super) enum Asked<E: Send + Sync + 'static> {
    Notify(E, ReplyTo<()>),
    Which(ReplyTo<Vec<HandlerName>>),
    /// A request that concerns the handlers.
    Do(Box<Work<E>>),
}

/// A function that works on the handlers and answers the request.
pub(super) type Work<E> = dyn for<'a> FnOnce(
        &'a mut EventServer<E>,
        &'a mut ManagerContext<E>,
    ) -> Boxed<'a, Reply<EventServer<E>>>
    + Send;

#[gen_server]
impl<E: Send + Sync + 'static> GenServer for EventServer<E> {
    type Call = ManagerRequest<E>;
    type Cast = E;
    type Info = E;

    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        let handlers = Vec::new();
        Ok(Init::state(Self { handlers }))
    }

    async fn handle_call(
        &mut self,
        ManagerRequest(asked): ManagerRequest<E>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        match asked {
            Asked::Notify(event, from) => {
                let event = Contained::new(event);
                let next = self.show(event.get(), context).await;
                from.reply(()).then(next)
            }
            Asked::Which(from) => from.reply(self.handlers()),
            Asked::Do(work) => work(self, context).await,
        }
    }

    async fn handle_cast(&mut self, event: E, context: &mut Context<Self>) -> Next<Self> {
        let event = Contained::new(event);
        self.show(event.get(), context).await
    }

    async fn handle_info(&mut self, info: Info<E>, context: &mut Context<Self>) -> Next<Self> {
        let info = Contained::new(info);
        if let Info::Exit(exit) = info.get() {
            self.bereave(exit, context).await;
        }
        let (mut index, mut next) = (0, Next::NoReply);
        while let Some(entry) = self.handlers.get_mut(index) {
            let handled = reported(entry.handler.get_mut().info(info.get(), context)).await;
            let last = Last::Info(info.get());
            index += self.follow(index, handled, last, &mut next, context).await;
        }
        next
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        let parent = context.parent().other();
        for mut entry in std::mem::take(&mut self.handlers) {
            let gone = HandlerGone::Ended(ExitReason::Shutdown);
            entry.finish(&HandlerEnd::Stopped, gone, context).await;
            // Its owner gets a message, and is not ended by it.
            let owner = entry.owner.as_ref().map(HandlerOwner::pid);
            if let Some(owner) = owner.filter(|owner| Some(*owner) != parent) {
                context.unlink(owner);
            }
        }
    }

    fn format_status(&self, status: &mut Status) {
        let shown = self.handlers.iter().map(HandlerEntry::shown);
        status.state = Some(shown.collect::<Vec<_>>().join("\n"));
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for EventServer<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = panic::quietly(|| format!("{:?}", self.handlers()));
        write!(f, "EventServer({names})")
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for ManagerRequest<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}
