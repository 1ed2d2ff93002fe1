//! Prints the spans of one request. A service takes the exporter of `opentelemetry-otlp` in place of the one for standard output.

use std::error::Error;

use example_opentelemetry::api;
use opentelemetry_sdk::trace::SdkTracerProvider;
use opentelemetry_stdout::SpanExporter;
use otp_core::Node;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(SpanExporter::default())
        .build();
    tracing::subscriber::set_global_default(api::subscriber(&provider))?;
    Node::new().try_run(api::request()).await?;
    // The last spans are exported.
    provider.shutdown()?;
    Ok(())
}
