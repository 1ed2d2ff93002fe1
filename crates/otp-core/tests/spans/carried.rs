//! The span of a request is in the line of whatever is done for it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use otp_core::prelude::*;
use otp_core::task::Task;
use otp_core::test::idle;
use otp_core::tower::NodeLayer;
use otp_core::{process, report, timer};
use tower_service::Service;
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

/// A handler of axum, which gives the request its id and has two servers work for it: of these the second one starts a task, and the
/// task a timer.
async fn order(headers: HeaderMap, [first, second]: [ServerRef<Hop>; 2]) {
    let id = headers["x-request-id"].to_str().expect("it is a text");
    let step: Step = Box::new(move |_| {
        tracing::info!("first");
        let timed = second.clone();
        second.cast(Box::new(move |_| {
            tracing::info!("second");
            let _task = Task::spawn(async move {
                tracing::info!("in the task");
                let rings: Step = Box::new(|_| {
                    tracing::info!("of the timer");
                    None
                });
                timer::send_after(&timed, Duration::from_secs(60), rings);
            });
            None
        }));
        None
    });
    info_span!("request", request_id = id).in_scope(|| first.cast(step));
}

#[otp_core::test]
async fn a_request_id_goes_from_a_handler_of_axum_over_servers_and_a_task_to_a_timer()
-> Result<(), ExitReason> {
    keep_lines(report::SPAN_TARGET);
    let hops = [Hop::start(()).await?, Hop::start(()).await?];
    let handler = post(move |headers| order(headers, hops.clone()));
    let router: Router = Router::new().route("/", handler);
    let mut router = router.layer(NodeLayer::new(&process::node()));
    let request = Request::post("/")
        .header("x-request-id", "r7")
        .body(Body::empty());
    let answer = router.call(request.expect("it is a request")).await;
    assert_eq!(answer.map(|it| it.status()), Ok(StatusCode::OK));
    tokio::time::sleep(Duration::from_secs(61)).await;
    idle().await;
    for text in ["first", "second", "in the task", "of the timer"] {
        let line = line_of(text);
        assert_eq!(line, format!("request{{request_id=\"r7\"}}: {text}"));
    }
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
