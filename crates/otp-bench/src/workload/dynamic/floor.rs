//! A dynamic supervisor by hand: a task with a map of those that it has started.

use std::collections::HashMap;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::Lives;
use crate::cost::Stopwatch;
use crate::floor;

/// What the supervisor is asked.
enum Request {
    /// Answered with the number of the child.
    Start(oneshot::Sender<u64>),
    /// Answered when the child has ended.
    Terminate(u64, oneshot::Sender<()>),
}

pub(super) fn lives(runtime: &Runtime, operations: u64, children: u64) -> Lives {
    runtime.block_on(floor::run(async move {
        let (supervisor, requests) = mpsc::unbounded_channel();
        floor::spawn(supervise(requests));
        let mut lives = Lives::default();
        let mut alive = Vec::with_capacity(children as usize);
        for _ in 0..operations / children {
            let watch = Stopwatch::start();
            for _ in 0..children {
                alive.push(ask(&supervisor, Request::Start).await);
            }
            lives.start += watch.stop();
            let watch = Stopwatch::start();
            for child in alive.drain(..) {
                ask(&supervisor, |reply| Request::Terminate(child, reply)).await;
            }
            lives.terminate += watch.stop();
        }
        lives
    }))
}

async fn ask<T>(
    supervisor: &mpsc::UnboundedSender<Request>,
    request: impl FnOnce(oneshot::Sender<T>) -> Request,
) -> T {
    let (reply, answer) = oneshot::channel();
    floor::send(supervisor, request(reply));
    answer
        .await
        .expect("a floor supervisor answers every request")
}

async fn supervise(mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut children = HashMap::new();
    let mut last = 0;
    while let Some(request) = requests.recv().await {
        // Whoever has asked waits for the answer.
        match request {
            Request::Start(reply) => {
                last += 1;
                children.insert(last, floor::Server::start().await);
                let _ = reply.send(last);
            }
            Request::Terminate(child, reply) => {
                if let Some(server) = children.remove(&child) {
                    server.stop().await;
                }
                let _ = reply.send(());
            }
        }
    }
}
