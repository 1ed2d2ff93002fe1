//! The floor: a server on bare tokio, with nothing that could be left out.
//!
//! An unbounded channel of an enum, and a oneshot for each call. No time limit, links, names, reports or
//! guard against panics: what remains is the least that a message to another task costs.

use std::future::Future;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// What a floor server understands.
#[derive(Debug)]
pub(crate) enum Message {
    Add(u64),
    Total(u64, oneshot::Sender<u64>),
    Stop,
}

/// A running floor server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) sender: mpsc::UnboundedSender<Message>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server and waits until it says that it runs.
    pub(crate) async fn start() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (acknowledge, acknowledged) = oneshot::channel();
        let task = spawn(async move {
            // Whoever starts a server waits for it.
            let _ = acknowledge.send(());
            serve(receiver).await;
        });
        acknowledged
            .await
            .expect("the task acknowledges before it does anything else");
        Self { sender, task }
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) async fn stop(self) {
        self.quit().await.expect("a floor server does not panic");
    }

    /// Asks the server to stop; its task tells when it has.
    pub(crate) fn quit(self) -> JoinHandle<()> {
        send(&self.sender, Message::Stop);
        self.task
    }

    /// Ends the server where it stands; its task tells when it is gone.
    pub(crate) fn abort(self) -> JoinHandle<()> {
        self.task.abort();
        self.task
    }
}

/// Sends a message to a server that is known to run.
pub(crate) fn send<M>(to: &mpsc::UnboundedSender<M>, message: M) {
    assert!(
        to.send(message).is_ok(),
        "a floor server runs until it is told to stop"
    );
}

/// A call: a oneshot goes along, and the answer comes back through it.
pub(crate) async fn call(to: &mpsc::UnboundedSender<Message>, n: u64) -> u64 {
    let (reply, answer) = oneshot::channel();
    send(to, Message::Total(n, reply));
    answer.await.expect("a floor server answers every call")
}

/// Runs a client as a task, as the clients of our servers are processes.
pub(crate) async fn run<F>(client: F) -> F::Output
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    spawn(client).await.expect("a floor client does not panic")
}

/// Spawns a task that is no process.
#[allow(
    clippy::disallowed_methods,
    reason = "the floor is what tokio costs by itself"
)]
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future)
}

async fn serve(mut receiver: mpsc::UnboundedReceiver<Message>) {
    let mut total = 0_u64;
    while let Some(message) = receiver.recv().await {
        match message {
            Message::Add(n) => total = total.wrapping_add(n),
            Message::Total(n, reply) => {
                total = total.wrapping_add(n);
                // A caller that has gone does not want the answer.
                let _ = reply.send(total);
            }
            Message::Stop => break,
        }
    }
}
