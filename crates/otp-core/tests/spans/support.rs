//! A subscriber that keeps events with the spans that they stand in, and a server to send through.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write};
use std::sync::Once;

use otp_core::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::{Context as Layered, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::{Layer, registry};

thread_local! {
    /// What this thread has logged; each test has a thread of its own. Each event's text stands behind the spans that it is in,
    /// such as `request{id=7}:handle_call: sold`.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// Spans of targets that begin so are not wanted.
    static HIDDEN: Cell<&'static str> = const { Cell::new("nothing") };
}

/// Keeps what is logged from now on. The subscriber is that of the program: `tracing` caches what its subscribers want, and one
/// for each test would come and go while others look.
pub(crate) fn keep_lines(hidden: &'static str) {
    static ONCE: Once = Once::new();
    HIDDEN.set(hidden);
    ONCE.call_once(|| {
        let wanted =
            dynamic_filter_fn(|it, _| !it.is_span() || !it.target().starts_with(HIDDEN.get()));
        let layer = Lines.with_filter(LevelFilter::INFO).with_filter(wanted);
        let subscriber = registry().with(layer);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    });
}

/// The line that ends with this text.
pub(crate) fn line_of(text: &str) -> String {
    let lines = LINES.with_borrow(Vec::clone);
    let end = format!(": {text}");
    let line = lines.iter().find(|line| line.ends_with(&end));
    let line = line.unwrap_or_else(|| panic!("`{text}` is not in {lines:#?}"));
    // The test is a process, too.
    line.strip_prefix("process{type={{closure}}}:")
        .unwrap_or(line)
        .to_owned()
}

struct Lines;

/// A span's name with those fields that a test looks at.
struct Shown(String);

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => write!(self.0, "{value:?}").expect("a string takes all"),
            "pid" => {}
            "type" => {
                let value = format!("{value:?}");
                let value = value
                    .trim_matches('"')
                    .rsplit("::")
                    .next()
                    .unwrap_or_default();
                write!(self.0, "type={value} ").expect("a string takes all");
            }
            name => write!(self.0, "{name}={value:?} ").expect("a string takes all"),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Layered<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let span = ctx.span(id).expect("it is new");
        let shown = format!("{}{{{}}}", span.name(), fields.0.trim_end());
        span.extensions_mut().insert(Shown(shown));
    }

    fn on_event(&self, event: &Event<'_>, ctx: Layered<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = String::new();
        for span in ctx
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root)
        {
            if let Some(Shown(shown)) = span.extensions().get() {
                write!(line, "{shown}:").expect("a string takes all");
            }
        }
        write!(line, " {}", fields.0).expect("a string takes all");
        LINES.with_borrow_mut(|lines| lines.push(line));
    }
}

/// Does what it is told, and logs it.
pub(crate) struct Hop;

pub(crate) type Step = Box<dyn FnOnce(&mut Context<Hop>) -> Option<ServerRef<Hop>> + Send>;

pub(crate) enum Call {
    Do(&'static str, ReplyTo<()>),
    /// Logs, and calls the others, one through the next.
    Through(Vec<ServerRef<Hop>>, ReplyTo<()>),
}

#[gen_server]
impl GenServer for Hop {
    type Call = Call;
    type Cast = Step;
    type Info = Step;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        tracing::info!("init");
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Do(text, from) => {
                tracing::info!("{text}");
                from.reply(())
            }
            Call::Through(mut others, from) => {
                tracing::info!("through {}", others.len());
                if let Some(next) = others.pop() {
                    let through = next.call(|from| Call::Through(others, from));
                    through.await.expect("it answers");
                }
                from.reply(())
            }
        }
    }

    async fn handle_cast(&mut self, step: Step, ctx: &mut Context<Self>) -> Next<Self> {
        step(ctx);
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Step>, ctx: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(step) = info {
            step(ctx);
        }
        Next::NoReply
    }
}
