//! Start functions, in a box.

use std::any::{Any, type_name};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use pin_project_lite::pin_project;
use thiserror::Error;

use super::Shutdown;
use super::child::{Child, StartOutcome};
use crate::exit::ExitReason;
use crate::process::lock::Lock;
use crate::process::panic::{self, Alone, Contained, Told};

/// The value that a supervisor passes to the start functions of all its children.
pub(crate) type Extra = Arc<dyn Any + Send + Sync>;

type StartClosure = dyn Fn(Option<&Extra>, Shutdown) -> ChildStart + Send + Sync;

type ChildStart = Pin<Box<dyn Future<Output = Result<Child, ExitReason>> + Send>>;

pin_project! {
    /// The future of a start function, and then the child of its result.
    ///
    /// No `async` block, which would have memory for the future twice.
    struct FutureChild<F> {
        // None before it is made, and once it is ready.
        #[pin]
        future: Option<Alone<F>>,
    }
}

impl<F> FutureChild<F>
where
    F: Future<Output: StartOutcome> + Send + 'static,
{
    /// The future is made in its place in the box: it is large, and a copy copies all of it.
    fn begin(make: impl FnOnce() -> F) -> ChildStart {
        let mut starting = Box::pin(Self { future: None });
        let mut place = starting.as_mut().project().future;
        place.set(Some(Alone::new(make())));
        starting
    }
}

impl<F: Future<Output: StartOutcome>> Future for FutureChild<F> {
    type Output = Result<Child, ExitReason>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut future = self.project().future;
        let starting = future.as_mut().as_pin_mut();
        let starting = starting.expect("a start that is over is not polled");
        let outcome = ready!(starting.poll(cx));
        future.set(None);
        Poll::Ready(outcome.into_child())
    }
}

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
            call: Arc::new(move |_, _| FutureChild::begin(|| start.get()())),
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
            call: Arc::new(move |_, shutdown| FutureChild::begin(|| start(shutdown))),
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
            call: Arc::new(move |extra, _| FutureChild::begin(|| start(extra.cloned()))),
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
                Some(start) => FutureChild::begin(start),
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
                FutureChild::begin(|| start.get()(extra.clone()))
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

    /// Calls it, and then `check` with a child that has started. A panic in the function, or an exit, is a failed start.
    ///
    /// One future, and not one around another: each layer moves the result once more.
    pub(super) fn call(
        &self,
        extra: Option<&Extra>,
        shutdown: Shutdown,
        check: impl FnOnce(Child) -> Result<Child, ExitReason> + Send,
    ) -> impl Future<Output = Result<Child, ExitReason>> + Send {
        let (mut starting, mut check) = (None, Some(check));
        poll_fn(move |cx| {
            let polled = Told::Supervisor.catch(|| {
                let starting = starting.get_or_insert_with(|| (self.call)(extra, shutdown));
                starting.as_mut().poll(cx)
            });
            match polled {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(Ok(child))) => Poll::Ready(match check.take() {
                    Some(check) => check(child),
                    None => Ok(child),
                }),
                Ok(Poll::Ready(Err(reason))) => Poll::Ready(Err(reason)),
                Err(payload) => Poll::Ready(Err(panic::reason(payload))),
            }
        })
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
