//! A request that goes through three servers, and the layer that exports its spans.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use otp_core::prelude::*;
use tracing::{Instrument, Subscriber, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use crate::boundary::Desk;

/// A subscriber that passes all spans to the exporter of this provider. A program adds a layer for its log lines.
pub fn subscriber(provider: &SdkTracerProvider) -> impl Subscriber + Send + Sync + use<> {
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("restaurant"));
    registry().with(layer)
}

/// Runs one request through the counter, the kitchen and the store. Returns the number of servers that have handled it.
///
/// # Errors
///
/// Fails if a server does not start or ends.
pub async fn request() -> Result<u32, Stop> {
    let store = Desk::options().name("store").start_link(None).await?;
    let kitchen = Desk::options().name("kitchen");
    let kitchen = kitchen.start_link(Some(store)).await?;
    let counter = Desk::options().name("counter");
    let counter = counter.start_link(Some(kitchen)).await?;
    let span = info_span!("request", request_id = 7);
    Ok(counter.call(|from| from).instrument(span).await?)
}
