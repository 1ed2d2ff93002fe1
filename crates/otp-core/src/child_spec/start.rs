//! Start functions, in a box.

use std::any::{Any, type_name};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::FutureExt;
use thiserror::Error;

use super::Shutdown;
use super::child::{Child, StartOutcome};
use crate::exit::ExitReason;
use crate::process::lock::Lock;
use crate::process::panic::{self, Alone, Contained, Told};

/// The value that a supervisor passes to the start functions of all its children.
pub(crate) type Extra = Arc<dyn Any + Send + Sync>;

type StartClosure = dyn Fn(Option<&Extra>, Shutdown) -> ChildStart + Send + Sync;

/// A combinator and no `async` block makes the child of the result: a block would have memory for the future twice.
type ChildStart = Pin<Box<dyn Future<Output = Result<Child, ExitReason>> + Send>>;

#[derive(Clone)]
pub(super) struct StartFunction {
    call: Arc<StartClosure>,
    name: &'static str,
}

/// A start function wants extra arguments that its supervisor does not have.
#[derive(Debug, Error)]
#[error("the supervisor has no extra arguments of type {0}")]
struct NoExtra(&'static str);

/// A child that can be started only once was to start again.
#[derive(Debug, PartialEq, Error)]
#[error("the child can be started once, and has been: what it was started with is used up")]
struct UsedUp;

impl StartFunction {
    pub(super) fn new<F, O>(start: F) -> Self
    where
        F: Fn() -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        let start = Contained::new(start);
        Self {
            call: Arc::new(move |_, _| {
                let starting = Alone::new(start.get()());
                Box::pin(starting.map(StartOutcome::into_child))
            }),
            name: type_name::<F>(),
        }
    }

    /// A function that gets its child's shutdown value.
    pub(super) fn told<F, O>(start: F) -> Self
    where
        F: Fn(Shutdown) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self {
            call: Arc::new(move |_, shutdown| {
                let starting = Alone::new(start(shutdown));
                Box::pin(starting.map(StartOutcome::into_child))
            }),
            name: type_name::<F>(),
        }
    }

    /// A function that passes the extra arguments on, whatever they are.
    pub(super) fn around<F, O>(start: F) -> Self
    where
        F: Fn(Option<Extra>) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        Self {
            call: Arc::new(move |extra, _| {
                let starting = Alone::new(start(extra.cloned()));
                Box::pin(starting.map(StartOutcome::into_child))
            }),
            name: type_name::<F>(),
        }
    }

    pub(super) fn once<F, O>(start: F) -> Self
    where
        F: FnOnce() -> O + Send + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        let start = Contained::new(Lock::new(Some(start)));
        Self {
            call: Arc::new(move |_, _| match start.get().with(Option::take) {
                Some(start) => {
                    let starting = Alone::new(start());
                    Box::pin(starting.map(StartOutcome::into_child))
                }
                None => Box::pin(async { Err(ExitReason::error(UsedUp)) }),
            }),
            name: type_name::<F>(),
        }
    }

    pub(super) fn with<E, F, O>(start: F) -> Self
    where
        E: Clone + Send + Sync + 'static,
        F: Fn(E) -> O + Send + Sync + 'static,
        O: Future<Output: StartOutcome> + Send + 'static,
    {
        let start = Contained::new(start);
        Self {
            call: Arc::new(move |extra, _| {
                let Some(extra) = extra.and_then(|extra| extra.downcast_ref::<E>()) else {
                    let missing = NoExtra(type_name::<E>());
                    return Box::pin(async { Err(ExitReason::error(missing)) });
                };
                let starting = Alone::new(start.get()(extra.clone()));
                Box::pin(starting.map(StartOutcome::into_child))
            }),
            name: type_name::<F>(),
        }
    }

    /// The same function with another outcome.
    pub(super) fn map(
        self,
        outcome: impl Fn(Result<Child, ExitReason>) -> Result<Child, ExitReason> + Send + Sync + 'static,
    ) -> Self {
        let Self { call, name } = self;
        let outcome = Arc::new(outcome);
        let call = move |extra: Option<&Extra>, shutdown| -> ChildStart {
            let (starting, outcome) = (call(extra, shutdown), outcome.clone());
            Box::pin(starting.map(move |started| outcome(started)))
        };
        let call = Arc::new(call);
        Self { call, name }
    }

    /// Calls it. A panic in it, or an exit, is a failed start.
    pub(super) async fn call(
        &self,
        extra: Option<&Extra>,
        shutdown: Shutdown,
    ) -> Result<Child, ExitReason> {
        let mut starting = None;
        let started = poll_fn(|cx| {
            let polled = Told::Supervisor.catch(|| {
                let starting = starting.get_or_insert_with(|| (self.call)(extra, shutdown));
                starting.as_mut().poll(cx)
            });
            match polled {
                Ok(polled) => polled.map(Ok),
                Err(payload) => Poll::Ready(Err(payload)),
            }
        });
        let started = started.await;
        started.unwrap_or_else(|payload| Err(panic::reason(payload)))
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for StartFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
