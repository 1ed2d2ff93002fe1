//! A stage: the receiver of the processes' events.

use crate::printer::Printer;
use std::fmt::{self, Display};
use std::sync::Arc;

/// A function that processes call with their events: the program prints them, a test collects them. Clones are the same
/// stage.
pub struct Stage<E>(Arc<dyn Fn(E) + Send + Sync>);

impl<E> Stage<E> {
    /// A stage that passes each event to `tell`, which must not block, because a process waits for it.
    pub fn new(tell: impl Fn(E) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// A stage that prints each event on a line of its own.
    #[must_use]
    pub fn printing(printer: Printer) -> Self
    where
        E: Display,
    {
        Self::new(move |event| printer.line(event))
    }

    /// Passes an event on.
    pub fn tell(&self, event: E) {
        (self.0)(event);
    }
}

impl<E> Clone for Stage<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> fmt::Debug for Stage<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stage")
    }
}
