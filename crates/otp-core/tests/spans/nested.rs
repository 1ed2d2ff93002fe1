//! A chain of messages without end does not nest its spans without end.

use otp_core::prelude::*;
use otp_core::test::idle;
use tracing::info_span;

use super::support::{Hop, Step, keep_lines, line_of};

/// Sends itself a message in each message, so many times.
fn again(left: u32, within_span: bool) -> Step {
    Box::new(move |ctx| {
        let span = match within_span {
            true => info_span!("again"),
            false => tracing::Span::none(),
        };
        let _entered = span.entered();
        tracing::info!("left {left}");
        if left > 0 {
            ctx.me().cast(again(left - 1, within_span));
        }
        None
    })
}

#[otp_core::test]
async fn a_server_that_goes_on_by_casts_does_not_nest() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let server = Hop::start(()).await?;
    info_span!("request", id = 1).in_scope(|| server.cast(again(1000, false)));
    idle().await;
    assert_eq!(
        line_of("left 0"),
        "request{id=1}:handle_cast{type=Hop}: left 0"
    );
    Ok(())
}

#[otp_core::test]
async fn one_with_spans_of_its_own_nests_up_to_a_limit() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let server = Hop::start(()).await?;
    info_span!("request", id = 1).in_scope(|| server.cast(again(1000, true)));
    idle().await;
    let line = line_of("left 0");
    assert!(line.starts_with("request{id=1}:"), "{line}");
    assert!(line.matches('{').count() < 40, "{line}");
    Ok(())
}
