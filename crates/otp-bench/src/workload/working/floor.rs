//! Such a server on bare tokio.

use tokio::sync::{mpsc, oneshot};

use super::work;
use crate::floor;

pub(in crate::workload) enum Message {
    Work,
    Ask(oneshot::Sender<()>),
}

pub(in crate::workload) type Server = mpsc::UnboundedSender<Message>;

/// Starts a server that works for so long at each message.
pub(in crate::workload) fn start(micros: u64) -> Server {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    floor::spawn(async move {
        while let Some(message) = receiver.recv().await {
            work(micros);
            if let Message::Ask(reply) = message {
                // A caller that has gone does not want the answer.
                let _ = reply.send(());
            }
        }
    });
    sender
}

pub(in crate::workload) async fn ask(server: &Server) {
    let (reply, answer) = oneshot::channel();
    floor::send(server, Message::Ask(reply));
    answer.await.expect("a floor server answers every call");
}
