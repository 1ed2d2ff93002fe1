//! The layer that makes a node the current one in a service.

#![allow(
    clippy::disallowed_methods,
    reason = "a web server's tasks are no processes"
)]

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::Request;
use axum::routing::get;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::tower::NodeLayer;
use tower_layer::Layer;
use tower_service::Service;

struct Echo;

#[gen_server]
impl GenServer for Echo {
    type Call = (u32, ReplyTo<u32>);

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, call: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
        let (n, from) = call;
        from.reply(n)
    }
}

/// Calls the server "echo" of the current node. It needs that node when it says that it is ready, when it is called, and after
/// its future has waited.
#[derive(Clone)]
struct Caller;

impl Service<u32> for Caller {
    type Response = u32;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<u32, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        assert!(process::whereis("echo").is_some());
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, n: u32) -> Self::Future {
        let node = process::node();
        Box::pin(async move {
            tokio::task::yield_now().await;
            assert_eq!(process::node(), node);
            let echo = ServerName::<Echo>::new("echo");
            Ok(echo.call(|from| (n, from)).await.expect("it lives"))
        })
    }
}

async fn echo(Path(n): Path<u32>) -> String {
    let echo = ServerName::<Echo>::new("echo");
    let answer = echo.call(|from| (n, from)).await.expect("it lives");
    format!("{answer} by {}", process::node().id())
}

#[tokio::test]
async fn a_handler_of_axum_finds_servers_by_name() {
    let node = Node::new();
    let options = Echo::options().on(&node).name("echo");
    let server = options.start(()).await.expect("the name is free");
    let mut app = Router::new()
        .route("/echo/{n}", get(echo))
        .layer(NodeLayer::new(&node));
    let request = Request::get("/echo/7").body(Body::empty());
    let response = app.call(request.expect("it is a request")).await;
    let body = response.expect("a router never fails").into_body();
    let body = to_bytes(body, 100).await.expect("it is short");
    assert_eq!(body, format!("7 by {}", server.pid().node()));
}

async fn serve(node: Node, n: u32) -> u32 {
    let mut service = NodeLayer::new(&node).layer(Caller);
    assert_eq!(process::try_node(), None);
    poll_fn(|cx| service.poll_ready(cx))
        .await
        .expect("it never fails");
    let answer = service.call(n);
    assert_eq!(process::try_node(), None);
    answer.await.expect("it never fails")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_has_the_node_of_its_layer_and_its_task_has_none() {
    let mut tasks = Vec::new();
    for n in 0..100 {
        let node = Node::new();
        Echo::options()
            .on(&node)
            .name("echo")
            .start(())
            .await
            .expect("it starts");
        tasks.push(tokio::spawn(serve(node, n)));
    }
    for (n, task) in (0..).zip(tasks) {
        assert_eq!(task.await.expect("no panic"), n);
    }
}

/// Tells which node is the current one when it is dropped.
struct LastLook(std::sync::mpsc::Sender<Option<Node>>);

impl Drop for LastLook {
    fn drop(&mut self) {
        let _ = self.0.send(process::try_node());
    }
}

#[tokio::test]
async fn a_handler_that_is_given_up_ends_on_its_node() {
    let node = Node::new();
    let (tell, told) = std::sync::mpsc::channel();
    let look = LastLook(tell);
    let mut handler = Box::pin(node.scope(async move {
        let _look = look;
        std::future::pending::<()>().await;
    }));
    poll_fn(|cx| {
        assert!(handler.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    // The client has gone away.
    drop(handler);
    assert_eq!(told.recv(), Ok(Some(node)));
    assert_eq!(process::try_node(), None);
}
