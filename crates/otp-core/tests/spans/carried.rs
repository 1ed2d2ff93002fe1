//! The span of a request is in the line of whatever is done for it.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::task::Task;
use otp_core::test::idle;
use otp_core::{process, report};
use tracing::{Instrument, info_span};

use super::support::{Call, Hop, Step, keep_lines, line_of};

/// A request as it comes from outside of all processes, in a task of a web framework.
async fn request(id: u32, node: Node, first: ServerRef<Hop>, others: Vec<ServerRef<Hop>>) {
    let call = async move {
        let through = first.call(|from| Call::Through(others, from));
        through.await.expect("it answers");
    };
    #[allow(
        clippy::disallowed_methods,
        reason = "a task of a web framework is no process"
    )]
    let outside = tokio::spawn(node.scope(call.instrument(info_span!("request", id))));
    outside.await.expect("the request is answered");
}

#[otp_core::test]
async fn a_requests_span_is_seen_three_servers_down_the_chain() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let [first, second, third] = [
        Hop::start(()).await?,
        Hop::start(()).await?,
        Hop::start(()).await?,
    ];
    request(7, process::node(), first, vec![third, second]).await;
    let line = line_of("through 0");
    let call = "handle_call{type=Hop}:";
    assert_eq!(
        line,
        format!("request{{id=7}}:{call}{call}{call} through 0")
    );
    Ok(())
}

#[otp_core::test]
async fn a_filter_that_hides_the_runtimes_spans_hides_no_request() -> Result<(), ExitReason> {
    keep_lines(report::SPAN_TARGET);
    let [first, second] = [Hop::start(()).await?, Hop::start(()).await?];
    request(7, process::node(), first, vec![second]).await;
    assert_eq!(line_of("through 0"), "request{id=7}: through 0");
    Ok(())
}

#[otp_core::test]
async fn it_goes_on_through_casts_messages_timers_tasks_and_processes() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let [first, second] = [Hop::start(()).await?, Hop::start(()).await?];
    let cast = move |_: &mut Context<Hop>| {
        tracing::info!("cast");
        second.send(Box::new(|ctx| {
            tracing::info!("message");
            let timer: Step = Box::new(|_| {
                tracing::info!("timer");
                process::spawn(|_: Mailbox<Never>| async { tracing::info!("process") });
                let _task = Task::spawn(async { tracing::info!("task") });
                None
            });
            ctx.send_after(Duration::from_secs(60), timer);
            None
        }));
        None
    };
    info_span!("request", id = 8).in_scope(|| first.cast(Box::new(cast)));
    tokio::time::sleep(Duration::from_secs(61)).await;
    idle().await;
    for text in ["cast", "message", "timer", "process"] {
        let line = line_of(text);
        assert!(line.starts_with("request{id=8}:"), "{line}");
        assert_eq!(
            line.matches("type=").count(),
            1,
            "one is beside the other: {line}"
        );
    }
    let line = line_of("timer");
    assert_eq!(line, "request{id=8}:handle_info{type=Hop}: timer");
    Ok(())
}

#[otp_core::test]
async fn two_requests_at_a_time_keep_their_spans() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let server = Hop::start(()).await?;
    let one = server
        .call(|from| Call::Do("one", from))
        .instrument(info_span!("request", id = 1));
    let two = server
        .call(|from| Call::Do("two", from))
        .instrument(info_span!("request", id = 2));
    let none = server.call(|from| Call::Do("none", from));
    let (one, two, none) = tokio::join!(one, two, none);
    assert_eq!((one, two, none), (Ok(()), Ok(()), Ok(())));
    assert_eq!(line_of("one"), "request{id=1}:handle_call{type=Hop}: one");
    assert_eq!(line_of("two"), "request{id=2}:handle_call{type=Hop}: two");
    assert_eq!(line_of("none"), "handle_call{type=Hop}: none");
    Ok(())
}

#[otp_core::test]
async fn a_span_names_its_process() -> Result<(), ExitReason> {
    keep_lines("nothing");
    let server = Hop::options().name("shop").start(()).await?;
    server.call(|from| Call::Do("asked", from)).await?;
    assert_eq!(
        line_of("asked"),
        "handle_call{name=\"shop\" type=Hop}: asked"
    );
    assert_eq!(line_of("init"), "init{name=\"shop\" type=Hop}: init");
    Ok(())
}
