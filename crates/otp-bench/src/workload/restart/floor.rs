//! A supervisor by hand: a task that awaits the server's, and starts the next.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task;

use super::NAME;
use crate::cost::{Cost, Stopwatch};
use crate::floor;

enum Message {
    Total(u64, oneshot::Sender<u64>),
    Crash,
}

/// Why a server has ended.
struct Crashed;

type Names = RwLock<HashMap<String, mpsc::UnboundedSender<Message>>>;

pub(super) fn crashes(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let names = Arc::new(Names::default());
        let supervisor = floor::spawn(supervise(names.clone()));
        answer(&names).await;
        let watch = Stopwatch::start();
        for _ in 0..operations {
            if let Some(server) = find(&names) {
                floor::send(&server, Message::Crash);
            }
            answer(&names).await;
        }
        let cost = watch.stop();
        supervisor.abort();
        cost
    }))
}

/// Starts a server under the name, and another whenever it has crashed.
async fn supervise(names: Arc<Names>) {
    loop {
        let (sender, receiver) = mpsc::unbounded_channel();
        let server = floor::spawn(serve(receiver));
        names
            .write()
            .expect("nobody panics with the map in hand")
            .insert(NAME.to_owned(), sender);
        if let Ok(Ok(())) = server.await {
            return;
        }
    }
}

async fn serve(mut receiver: mpsc::UnboundedReceiver<Message>) -> Result<(), Crashed> {
    let mut total = 0_u64;
    while let Some(message) = receiver.recv().await {
        match message {
            Message::Total(n, reply) => {
                total = total.wrapping_add(n);
                // A caller that has gone does not want the answer.
                let _ = reply.send(total);
            }
            Message::Crash => return Err(Crashed),
        }
    }
    Ok(())
}

/// Calls by name until a new server answers: the one that has been told to crash does not.
async fn answer(names: &Names) {
    loop {
        if let Some(server) = find(names) {
            let (reply, answer) = oneshot::channel();
            let sent = server.send(Message::Total(1, reply)).is_ok();
            // A question that tokio's `send` takes while the receiver is being dropped stays in the channel until the last
            // sender goes. Were that this one, its own question would wait for it for ever.
            drop(server);
            if sent && let Ok(total) = answer.await {
                assert_eq!(total, 1, "a new server has nothing added up");
                return;
            }
        }
        task::yield_now().await;
    }
}

fn find(names: &Names) -> Option<mpsc::UnboundedSender<Message>> {
    let names = names.read().expect("nobody panics with the map in hand");
    names.get(NAME).cloned()
}
