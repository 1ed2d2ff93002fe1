//! Which reports the supervisors make.

use std::sync::{Arc, OnceLock};

use otp_core::process;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, Interest, set_default};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use super::world::World;

/// A subscriber that hands the error reports of supervisors to the world that they belong to.
#[derive(Clone, Default)]
pub(super) struct Reports(Arc<OnceLock<World>>);

impl Reports {
    /// Listens to this thread for as long as the guard lives.
    pub(super) fn listen(&self) -> DefaultGuard {
        // With one that stays, no report is ever taken for one that nobody wants to hear.
        static KEPT: OnceLock<Dispatch> = OnceLock::new();
        KEPT.get_or_init(|| Dispatch::new(Self::default()));
        set_default(self.clone())
    }

    pub(super) fn tell(&self, world: &World) {
        // A history has one world.
        let _ = self.0.set(world.clone());
    }
}

impl Subscriber for Reports {
    // Each history has a subscriber of its own.
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("otp_core") && *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // Other kinds of reports have no context.
        let (Some(context), Some(world)) = (fields.context, self.0.get()) else {
            return;
        };
        if let Some(visor) = process::try_current() {
            let undefined = || "undefined".to_owned();
            let child = fields.child.unwrap_or_else(undefined);
            let pid = fields
                .pid
                .map_or_else(undefined, |pid| world.label_of_shown(&pid));
            let visor = world.label(visor);
            world.say(format!("report {visor} {context} {child} {pid}"));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    context: Option<String>,
    child: Option<String>,
    pid: Option<String>,
}

impl Fields {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "context" => self.context = Some(value),
            "child" => self.child = Some(value),
            "pid" => self.pid = Some(value),
            _ => {}
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.set(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.to_owned());
    }
}
