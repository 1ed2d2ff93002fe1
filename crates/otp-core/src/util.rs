//! The parts on which the rest of the crate is built: locks, maps, and containers for user code whose panic must do no
//! harm.

pub(crate) mod backtrace;
pub(crate) mod caused;
pub(crate) mod entries;
pub(crate) mod few;
pub(crate) mod handle;
pub(crate) mod keyed;
pub(crate) mod lock;
pub(crate) mod map;
pub(crate) mod never;
pub(crate) mod numbered;
pub(crate) mod panic;
pub(crate) mod plain;
pub(crate) mod sync;

use std::future::Future;
use std::pin::Pin;

pub(crate) use crate::large;

/// A future of a type that is not named.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
