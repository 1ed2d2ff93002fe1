//! Hears the error reports of otp-core: they are counted, and none may tell of a panic that nobody has asked for.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};

use crate::ledger::Ledger;

/// What every panic says that is part of the soak.
pub(crate) const BLOW: &str = "a blow";

thread_local! {
    static LISTENING: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// Listens to all that this thread reports, until [`leave`].
pub(crate) fn enter(listener: &Dispatch) {
    let guard = dispatcher::set_default(listener);
    LISTENING.with(|listening| *listening.borrow_mut() = Some(guard));
}

/// Listens no more.
pub(crate) fn leave() {
    LISTENING.with(|listening| listening.borrow_mut().take());
}

/// A listener that writes into this ledger.
pub(crate) fn new(ledger: Arc<Ledger>) -> Dispatch {
    Dispatch::new(Listener(ledger))
}

struct Listener(Arc<Ledger>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("otp_core")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.0.report();
        let mut reason = Reason(String::new());
        event.record(&mut reason);
        let Reason(reason) = reason;
        if reason.starts_with("panicked") && !reason.contains(BLOW) {
            self.0.complain(format!("a process {reason}"));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The field that says why.
struct Reason(String);

impl Visit for Reason {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "reason" {
            self.0 = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "reason" {
            value.clone_into(&mut self.0);
        }
    }
}
