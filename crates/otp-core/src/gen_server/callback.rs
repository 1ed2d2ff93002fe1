//! How the receive loop calls the callbacks of a server.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;

use super::GenServer;
use crate::exit::ExitReason;
use crate::process::meter;
use crate::process::panic::{self, CallbackFuture, Told};
use crate::process::span::Doing;

/// The result of a callback, in its span. One that never waits is called, and has no future in that of the loop.
macro_rules! handled {
    ($server:ty, $is_plain:expr, $span:expr, $doing:expr, $callback:expr) => {
        match $is_plain {
            true => $span.around_call(|| called::<$server, _>($doing, || $callback))(),
            false => $span.around(timed::<$server, _>($doing, $callback)).await,
        }
    };
}
pub(crate) use handled;

/// Calls a callback that never waits, and measures its time, if that is wanted.
#[inline(always)]
pub(crate) fn called<S: GenServer, F: Future>(
    doing: Doing,
    callback: impl FnOnce() -> F,
) -> F::Output {
    meter::timed_call(S::behaviour().server_type, doing, || {
        let output = callback().now_or_never();
        output.expect("the attribute has seen no `.await`")
    })
}

/// A callback whose future may do anything, and whose time is measured, if that is wanted.
#[inline(always)]
pub(crate) fn timed<S: GenServer, F: Future>(
    doing: Doing,
    callback: F,
) -> impl Future<Output = F::Output> {
    meter::timed(
        S::behaviour().server_type,
        doing,
        CallbackFuture::new(callback),
    )
}

/// A future of the user's whose panic becomes an exit reason. `IS_INIT` says whether it is `init`, whose panics go into
/// a crash report.
pub(super) struct Caught<'a, F, const IS_INIT: bool>(pub(super) Pin<&'a mut F>);

impl<F: Future, const IS_INIT: bool> Future for Caught<'_, F, IS_INIT> {
    type Output = Result<F::Output, ExitReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let poll = || self.0.as_mut().poll(cx);
        let polled = match IS_INIT {
            true => Told::Crash.catch(poll),
            false => catch_unwind(AssertUnwindSafe(poll)),
        };
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        }
    }
}
