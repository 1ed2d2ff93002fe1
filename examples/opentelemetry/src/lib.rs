//! A request that goes through three servers, and the layer that exports its spans.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use otp_core::prelude::*;
use tracing::{Instrument, Subscriber, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// A subscriber that passes all spans to the exporter of this provider. A program adds a layer for its log lines.
pub fn subscriber(provider: &SdkTracerProvider) -> impl Subscriber + Send + Sync + use<> {
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("restaurant"));
    registry().with(layer)
}

/// A server that asks the next one, if there is one.
struct Desk(Option<ServerRef<Desk>>);

#[gen_server]
impl GenServer for Desk {
    type Args = Option<ServerRef<Desk>>;
    type Call = ReplyTo<u32>;

    async fn init(next: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(next)))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        let asked = match &self.0 {
            Some(next) => next.call(|from| from).await.unwrap_or_default(),
            None => 0,
        };
        from.reply(asked + 1)
    }
}

/// Runs one request through the counter, the kitchen and the store. Returns the number of servers that have handled it.
///
/// # Errors
///
/// Fails if a server does not start or ends.
pub async fn request() -> Result<u32, Stop> {
    let mut next = None;
    for name in ["store", "kitchen", "counter"] {
        next = Some(Desk::options().name(name).start_link(next).await?);
    }
    let counter = next.expect("the last one is the counter");
    let span = info_span!("request", request_id = 7);
    Ok(counter.call(|from| from).instrument(span).await?)
}
