//! Large messages through a channel of tokio's.

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::{Bytes, FLOOD, bytes};
use crate::cost::{Cost, Stopwatch};
use crate::floor;

#[allow(
    clippy::large_enum_variant,
    reason = "it is what a large message costs"
)]
enum Message {
    Add(Bytes),
    Total(oneshot::Sender<u64>),
}

pub(super) fn casts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let server = start();
        let watch = Stopwatch::start();
        for _ in 0..operations / FLOOD {
            for n in 0..FLOOD {
                floor::send(&server, Message::Add(bytes(n)));
            }
            let (reply, answer) = oneshot::channel();
            floor::send(&server, Message::Total(reply));
            answer.await.expect("a floor server answers every call");
        }
        watch.stop()
    }))
}

fn start() -> mpsc::UnboundedSender<Message> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    floor::spawn(async move {
        let mut total = 0_u64;
        while let Some(message) = receiver.recv().await {
            match message {
                Message::Add(bytes) => total = total.wrapping_add(bytes[0].into()),
                Message::Total(reply) => {
                    // A caller that has gone does not want the answer.
                    let _ = reply.send(total);
                }
            }
        }
    });
    sender
}
