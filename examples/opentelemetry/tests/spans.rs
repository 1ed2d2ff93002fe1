//! The spans of a request as an exporter gets them.

use example_opentelemetry::api;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use otp_core::Node;

/// The value of an attribute as text.
fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let mut all = span.attributes.iter();
    let found = all.find(|it| it.key.as_str() == name)?;
    Some(found.value.as_str().into_owned())
}

#[tokio::test]
async fn a_request_is_a_tree_of_the_servers_that_have_worked_for_it() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let subscriber = api::subscriber(&provider);
    tracing::subscriber::set_global_default(subscriber).expect("it is the only one");
    let ran = Node::new().try_run(api::request());
    assert_eq!(ran.await.ok(), Some(3));
    provider.force_flush().expect("they are exported");
    let spans = exporter.get_finished_spans().expect("they are kept");
    let request = spans.iter().find(|span| span.name == "request");
    let mut above = request.expect("it is exported");
    assert_eq!(attribute(above, "request_id").as_deref(), Some("7"));
    for name in ["counter", "kitchen", "store"] {
        let below = spans.iter().find(|span| {
            span.name == "handle_call" && attribute(span, "name").as_deref() == Some(name)
        });
        let below = below.unwrap_or_else(|| panic!("{name} is not in {spans:#?}"));
        assert_eq!(below.parent_span_id, above.span_context.span_id(), "{name}");
        assert_eq!(below.span_context.trace_id(), above.span_context.trace_id());
        above = below;
    }
}
