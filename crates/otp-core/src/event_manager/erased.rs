//! Handlers with erased types, and the containment of their failures.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use super::handler::{EventHandler, Handled, HandlerEnd, ManagerContext};
use crate::exit::ExitReason;
use crate::gen_server::Info;
use crate::process::panic::{self, Alone, Contained, Told};
use crate::util::Boxed;

/// Makes the handler that takes the place of another one.
pub(super) type Swapping<E> = dyn for<'a> FnOnce(
        Contained<Box<dyn Erased<E>>>,
        &'a mut ManagerContext<E>,
    ) -> Boxed<'a, Result<Box<dyn Erased<E>>, ExitReason>>
    + Send;

/// An [`EventHandler`] of any type.
pub(super) trait Erased<E: Send + Sync + 'static>: Send {
    fn event<'a>(&'a mut self, event: &'a E, context: &'a mut ManagerContext<E>)
    -> Handling<'a, E>;

    fn info<'a>(
        &'a mut self,
        info: &'a Info<E>,
        context: &'a mut ManagerContext<E>,
    ) -> Boxed<'a, Handled<E>>;

    fn terminate<'a>(
        &'a mut self,
        end: &'a HandlerEnd,
        context: &'a mut ManagerContext<E>,
    ) -> Boxed<'a, ()>;

    fn show(&self) -> Option<String>;

    fn show_event(&self, event: &E) -> Option<String>;

    fn any(&self) -> &dyn Any;

    fn any_mut(&mut self) -> &mut dyn Any;

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// What a handler does with an event.
pub(super) enum Handling<'a, E: Send + Sync + 'static> {
    Done(Handled<E>),
    Waits(Boxed<'a, Handled<E>>),
}

/// How a handler of a known type becomes one of any.
pub(super) struct Handler;

impl Handler {
    pub(super) fn boxed<E: Send + Sync + 'static, H: EventHandler<E>>(
        handler: H,
    ) -> Box<dyn Erased<E>> {
        Box::new(handler)
    }
}

impl<E: Send + Sync + 'static, H: EventHandler<E>> Erased<E> for H {
    fn event<'a>(
        &'a mut self,
        event: &'a E,
        context: &'a mut ManagerContext<E>,
    ) -> Handling<'a, E> {
        match self.handle_at_once(event) {
            Some(handled) => Handling::Done(handled),
            None => Handling::Waits(Box::pin(Alone::new(self.handle_event(event, context)))),
        }
    }

    fn info<'a>(
        &'a mut self,
        info: &'a Info<E>,
        context: &'a mut ManagerContext<E>,
    ) -> Boxed<'a, Handled<E>> {
        Box::pin(async move { Alone::new(self.handle_info(info, context)).await })
    }

    fn terminate<'a>(
        &'a mut self,
        end: &'a HandlerEnd,
        context: &'a mut ManagerContext<E>,
    ) -> Boxed<'a, ()> {
        Box::pin(async move { Alone::new(EventHandler::terminate(self, end, context)).await })
    }

    fn show(&self) -> Option<String> {
        self.format_status()
    }

    fn show_event(&self, event: &E) -> Option<String> {
        H::format_event(event)
    }

    fn any(&self) -> &dyn Any {
        self
    }

    fn any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// Runs a callback whose failure is the handler's alone, and is reported as the handler's.
pub(super) async fn reported<T>(mut callback: Boxed<'_, T>) -> Result<T, ExitReason> {
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| callback.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        },
    )
    .await
}

/// The same for an event.
pub(super) fn reported_event<'a, E: Send + Sync + 'static>(
    handle: impl FnOnce() -> Handling<'a, E>,
) -> impl Future<Output = Result<Handled<E>, ExitReason>> {
    let mut handle = Some(handle);
    let mut waits = None;
    poll_fn(move |cx| {
        let mut poll = || {
            let handling = match handle.take() {
                Some(handle) => handle(),
                None => Handling::Waits(waits.take().expect("it is polled until it is ready")),
            };
            match handling {
                Handling::Done(handled) => Poll::Ready(handled),
                // Here it is dropped as well, if it is ready or panics.
                Handling::Waits(mut future) => {
                    let polled = future.as_mut().poll(cx);
                    if polled.is_pending() {
                        waits = Some(future);
                    }
                    polled
                }
            }
        };
        match catch_unwind(AssertUnwindSafe(&mut poll)) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        }
    })
}

/// Runs a callback whose failure is in no report.
pub(super) async fn quiet<T>(mut callback: Boxed<'_, T>) -> Result<T, ExitReason> {
    poll_fn(
        |cx| match Told::Nowhere.catch(|| callback.as_mut().poll(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        },
    )
    .await
}
