//! The requests to a manager that concern its handlers.

use std::sync::Arc;

use super::erased::reported;
use super::error::{AddError, DeleteError, HandlerCallError};
use super::handler::{
    EventHandler, HandleCall, HandlerEnd, HandlerExit, HandlerGone, ManagerContext,
};
use super::id::HandlerId;
use super::list::Last;
use super::server::{Asked, EventServer, Work};
use crate::exit::ExitReason;
use crate::gen_server::{Next, Reply, ReplyTo};
use crate::process::lock::Lock;
use crate::process::panic::{Alone, Contained};
use crate::recipient::Recipient;
use crate::util::Boxed;

/// Why a call of a handler got no answer, for a caller that finds it dropped.
#[derive(Clone, Default)]
pub(super) struct Fault(Arc<Lock<Option<HandlerCallError>>>);

impl Fault {
    fn set(&self, error: HandlerCallError) {
        let former = self.0.with(|fault| fault.replace(error));
        drop(former);
    }

    pub(super) fn take(&self) -> Option<HandlerCallError> {
        self.0.with(Option::take)
    }
}

pub(super) fn add<E: Send + Sync + 'static, H: EventHandler<E>>(
    id: HandlerId<H>,
    owner: Option<Recipient<HandlerExit>>,
    args: H::Args,
) -> impl FnOnce(ReplyTo<Result<(), AddError>>) -> Asked<E> + Send {
    move |from| {
        done(
            move |server: &mut EventServer<E>, context: &mut ManagerContext<E>| {
                Box::pin(async move { from.reply(server.add(&id, owner, args, context).await) })
            },
        )
    }
}

pub(super) fn swap<E, Old, New>(
    ids: (HandlerId<Old>, HandlerId<New>),
    owner: Option<Recipient<HandlerExit>>,
    args: impl FnOnce(Option<Old>) -> New::Args + Send + 'static,
) -> impl FnOnce(ReplyTo<Result<(), AddError>>) -> Asked<E> + Send
where
    E: Send + Sync + 'static,
    Old: EventHandler<E>,
    New: EventHandler<E>,
{
    move |from| {
        done(
            move |server: &mut EventServer<E>, context: &mut ManagerContext<E>| {
                Box::pin(async move { from.reply(server.swap(ids, owner, args, context).await) })
            },
        )
    }
}

pub(super) fn delete<E: Send + Sync + 'static, H: EventHandler<E>>(
    id: HandlerId<H>,
) -> impl FnOnce(ReplyTo<Result<H, DeleteError>>) -> Asked<E> + Send {
    move |from| {
        done(
            move |server: &mut EventServer<E>, context: &mut ManagerContext<E>| {
                Box::pin(async move {
                    let Some(index) = server.position(&id.name()) else {
                        return from.reply(Err(DeleteError::NoHandler(id.name())));
                    };
                    let mut entry = server.handlers.remove(index);
                    let gone = HandlerGone::Ended(ExitReason::Normal);
                    entry.finish(&HandlerEnd::Deleted, gone, context).await;
                    let handler = entry.into_handler().into_any().downcast::<H>();
                    from.reply(match handler {
                        Ok(handler) => Ok(*handler),
                        Err(_) => Err(DeleteError::NoHandler(id.name())),
                    })
                })
            },
        )
    }
}

pub(super) fn call<E: Send + Sync + 'static, H: HandleCall<E>>(
    id: HandlerId<H>,
    call: H::Call,
    fault: Fault,
) -> Box<Work<E>> {
    Box::new(
        move |server: &mut EventServer<E>, context: &mut ManagerContext<E>| {
            Box::pin(async move {
                let call = Contained::new(call);
                let name = id.name();
                let index = server.position(&name);
                let (Some(index), Some(handler)) = (index, server.handler_mut(&id)) else {
                    fault.set(HandlerCallError::NoHandler(name));
                    return Reply::later();
                };
                let call = call.into_inner();
                let handling =
                    Box::pin(async { Alone::new(handler.handle_call(call, context)).await });
                let handled = reported(handling).await;
                let mut next = Next::NoReply;
                if let Err(reason) = &handled {
                    let reason = reason.clone();
                    fault.set(HandlerCallError::Failed {
                        handler: name,
                        reason,
                    });
                }
                server
                    .follow(index, handled, Last::Call, &mut next, context)
                    .await;
                Reply::later().then(next)
            })
        },
    )
}

/// Gives the closure the lifetimes that the compiler does not infer.
fn done<E, F>(work: F) -> Asked<E>
where
    E: Send + Sync + 'static,
    F: for<'a> FnOnce(
            &'a mut EventServer<E>,
            &'a mut ManagerContext<E>,
        ) -> Boxed<'a, Reply<EventServer<E>>>
        + Send
        + 'static,
{
    Asked::Do(Box::new(work))
}
