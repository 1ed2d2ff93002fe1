//! The functions that the attribute `gen_server` calls in a callback that returns a `Result`. Only the attribute uses
//! them.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{GenServer, Init, Next, Reply};
use crate::exit::ExitReason;
use crate::stop::Stop;

/// The future of a callback that never waits: its result.
///
/// That of the standard library would be dropped by a function of its own after each message, because results have large
/// destructors. This one sees at its place that nothing is left.
#[derive(Debug)]
pub struct Now<T>(Option<ManuallyDrop<T>>);

/// The future that is ready with this result.
#[inline(always)]
pub fn now<T>(result: T) -> Now<T> {
    Now(Some(ManuallyDrop::new(result)))
}

impl<T> Unpin for Now<T> {}

impl<T> Future for Now<T> {
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        let result = self.0.take().expect("it is polled once");
        Poll::Ready(ManuallyDrop::into_inner(result))
    }
}

impl<T> Drop for Now<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(unused) = self.0.take() {
            discard(unused);
        }
    }
}

/// Not inlined, so that the destructor of [`Now`] is.
#[cold]
#[inline(never)]
fn discard<T>(unused: ManuallyDrop<T>) {
    drop(ManuallyDrop::into_inner(unused));
}

/// Fixes the type of a callback's body for the compiler, so that `?` in it has an error type.
pub fn body<T, F: Future<Output = T>>(body: F) -> F {
    body
}

/// The value; for an error, the value that stops the server.
pub fn value<T: Stopping, E: Into<Stop>>(returned: Result<T, E>) -> T {
    returned.unwrap_or_else(|error| T::stopping(error.into().into_reason()))
}

/// The result of `init`, with the error type that the trait names.
pub fn init<S: GenServer, E: Into<Stop>>(
    returned: Result<Init<S>, E>,
) -> Result<Init<S>, ExitReason> {
    returned.map_err(|error| error.into().into_reason())
}

/// Checks the end of a `handle_call` that looks like `from.send(answer)`.
pub fn reply<S: GenServer>(value: impl Replies<S>) -> Reply<S> {
    value.into_reply()
}

/// The result of a `handle_call`.
#[diagnostic::on_unimplemented(
    message = "`send` returns no `Reply`: end with `from.reply(answer)`, or with `Reply::later()` after `from.send(answer)`",
    label = "expected a `Reply`"
)]
pub trait Replies<S: GenServer> {
    /// Returns itself.
    fn into_reply(self) -> Reply<S>;
}

#[diagnostic::do_not_recommend]
impl<S: GenServer> Replies<S> for Reply<S> {
    fn into_reply(self) -> Self {
        self
    }
}

/// A decision that can stop the server.
pub trait Stopping {
    /// The decision that stops it with this reason.
    fn stopping(reason: ExitReason) -> Self;
}

impl<S: GenServer> Stopping for Next<S> {
    fn stopping(reason: ExitReason) -> Self {
        Self::Stop(reason)
    }
}

impl<S: GenServer> Stopping for Reply<S> {
    fn stopping(reason: ExitReason) -> Self {
        Self::later().then(Next::Stop(reason))
    }
}
