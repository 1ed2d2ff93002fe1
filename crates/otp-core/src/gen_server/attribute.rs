//! What the attribute `gen_server` writes into a callback that returns a `Result`. Nothing here is for use by hand.

use std::future::Future;

use super::{GenServer, Init, Next, Reply};
use crate::exit::ExitReason;
use crate::stop::Stop;

/// Tells the compiler what a callback's body returns, so that `?` in it knows its error.
pub fn body<T, F: Future<Output = T>>(body: F) -> F {
    body
}

/// The value, or what stops the server in its place.
pub fn value<T: Stopping, E: Into<Stop>>(returned: Result<T, E>) -> T {
    returned.unwrap_or_else(|error| T::stopping(error.into().into_reason()))
}

/// What `init` returned, with the error that the trait names.
pub fn init<S: GenServer, E: Into<Stop>>(
    returned: Result<Init<S>, E>,
) -> Result<Init<S>, ExitReason> {
    returned.map_err(|error| error.into().into_reason())
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
