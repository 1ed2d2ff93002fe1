//! Requests that cross nodes: `cargo test -p otp-dist --features spans --test spans`.

#[path = "../it/erlang.rs"]
mod erlang;
mod lines;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use otp_core::prelude::*;
use otp_core::task::Task;
use otp_core::test::Probe;
use otp_dist::{Config, Distribution, RemoteServer};
use otp_etf::{Atom, Term, term};
use serde::{Deserialize, Serialize};
use tower_service::Service;
use tracing::{Instrument, info, info_span};

use self::erlang::Beam;
use self::lines::{keep_lines, line_of};

mod support {
    use std::time::Duration;

    use otp_etf::Atom;

    pub(crate) const LONG: Duration = Duration::from_secs(20);

    pub(crate) fn atom(text: &str) -> Atom {
        Atom::new(text).expect("a short text")
    }
}

const A: &str = "a@127.0.0.1";
const B: &str = "b@127.0.0.1";

/// Calls another one, or else starts a task and a timer; all of them write a line.
struct Hop {
    next: Option<RemoteServer<Hop>>,
    done: Probe<()>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Go(String, ReplyTo<()>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Log(String),
}

#[gen_server]
impl GenServer for Hop {
    type Args = (Option<RemoteServer<Self>>, Probe<()>);
    type Call = Call;
    type Info = Message;

    async fn init((next, done): Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self { next, done }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        let Call::Go(what, from) = call;
        if let Some(next) = &self.next {
            let there = next.call(|from| Call::Go(what, from)).await;
            there.expect("it answers");
            return from.reply(());
        }
        info!("{what}: call");
        let line = format!("{what}: task");
        let task = Task::spawn(async move { info!("{line}") });
        task.await.expect("it does not crash");
        let line = Message::Log(format!("{what}: timer"));
        context.send_after(Duration::from_millis(1), line);
        from.reply(())
    }

    async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Message(Message::Log(line)) = info {
            info!("{line}");
            self.done.report(());
        }
        Next::NoReply
    }
}

/// A server on the first of two nodes calls one on the second.
struct Chain {
    a: Node,
    first: ServerRef<Hop>,
    /// The server on the second node has done all.
    done: Probe<()>,
    second: RemoteServer<Hop>,
    _nodes: [Distribution; 2],
}

impl Chain {
    async fn start() -> Self {
        let config = |name| Config::new(name).cookie("secret").without_epmd();
        let (a, b, done) = (Node::new(), Node::new(), Probe::new());
        let on_b = Distribution::start(&b, config(B)).await.expect("b starts");
        let config = config(A).peer(B, on_b.address());
        let on_a = Distribution::start(&a, config).await.expect("a starts");
        let there = Hop::options()
            .on(&b)
            .name("hop")
            .start((None, done.clone()));
        there.await.expect("it starts");
        on_b.expose::<Hop>("hop");
        let second = on_a.server::<Hop>("hop", B);
        let here = Hop::options()
            .on(&a)
            .start((Some(second.clone()), done.clone()));
        let first = here.await.expect("it starts");
        Self {
            a,
            first,
            done,
            second,
            _nodes: [on_a, on_b],
        }
    }
}

#[tokio::test]
async fn a_request_id_goes_from_a_web_handler_over_servers_to_a_task_and_a_timer_of_another_node() {
    keep_lines();
    let chain = Chain::start().await;
    let (node, first) = (chain.a.clone(), chain.first.clone());
    let handler = async move || {
        let request = info_span!("request", request_id = 17);
        let calling = async move { first.call(|from| Call::Go("web".to_owned(), from)).await };
        let called = node.scope(calling.instrument(request)).await;
        called.expect("it answers");
        "done"
    };
    let mut web: Router = Router::new().route("/", get(handler));
    let request = Request::get("/").body(Body::empty()).expect("a request");
    let response = web.call(request).await.expect("a router answers");
    assert!(response.status().is_success());
    chain.done.next().await;
    let remote = format!("remote{{node={A:?} request_id=17}}");
    for line in ["web: call", "web: task", "web: timer"] {
        let line = line_of(line);
        assert!(line.starts_with(&remote), "{line}");
    }
}

/// The connection is made for a request, and outlives it.
#[tokio::test]
async fn what_belongs_to_no_request_is_in_the_span_of_none() {
    keep_lines();
    let chain = Chain::start().await;
    let go = |what: &str| {
        let (second, what) = (chain.second.clone(), what.to_owned());
        let calling = async move { second.call(|from| Call::Go(what, from)).await };
        chain.a.scope(calling)
    };
    let request = info_span!("request", traceparent = "00-0af7-b7ad-01");
    go("within").instrument(request).await.expect("it answers");
    chain.done.next().await;
    go("outside").await.expect("it answers");
    chain.done.next().await;
    assert!(line_of("within: timer").contains("traceparent=00-0af7-b7ad-01"));
    for line in ["outside: call", "outside: task", "outside: timer"] {
        let line = line_of(line);
        assert!(
            !line.contains("remote") && !line.contains("request"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_beam_has_the_request_as_the_label_of_its_trace_and_passes_it_on() {
    keep_lines();
    let Some(beam) = Beam::start("ok", |config| config).await else {
        return;
    };
    let done = Probe::new();
    let hop = Hop::options().on(&beam.node).name("hop");
    hop.start((None, done.clone())).await.expect("it starts");
    beam.dist.expose::<Hop>("hop");
    let request = info_span!("request", request_id = "r-17");
    let label = beam.call("seq_trace", "get_token", (Atom::constant("label"),));
    let label: Term = label.instrument(request.clone()).await;
    assert_eq!(label, term!({label, #{request_id => "r-17"}}));
    // A process of the BEAM's sends on what it was told.
    let to = (Atom::constant("hop"), beam.dist.name().clone());
    let sent = beam.call("erlang", "send", (to, term!({log, "by a BEAM"})));
    let _sent: Term = sent.instrument(request).await;
    done.next().await;
    let line = line_of("by a BEAM");
    assert!(line.contains("request_id=r-17"), "{line}");
    // And without a request it has no token.
    let none: Term = beam.call("seq_trace", "get_token", ()).await;
    assert_eq!(none, term!([]));
    beam.kill().await;
}
