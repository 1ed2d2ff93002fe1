//! Rings on bare tokio.

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::Shape;
use crate::cost::{Cost, Stopwatch};
use crate::floor;

enum Message {
    Next(mpsc::UnboundedSender<Message>),
    /// So many hops are left.
    Token(u64),
    /// Sends the token off; answered when it has come to rest here.
    Run(u64, oneshot::Sender<()>),
}

/// So many hops, shared out among the rings.
pub(in crate::workload) fn hops(runtime: &Runtime, operations: u64, shape: Shape) -> Cost {
    runtime.block_on(floor::run(async move {
        let rings: Vec<_> = (0..shape.rings).map(|_| ring(shape.members)).collect();
        let hops = operations / shape.rings;
        let watch = Stopwatch::start();
        let at_rest: Vec<_> = rings
            .iter()
            .map(|members| {
                let (reply, at_rest) = oneshot::channel();
                floor::send(&members[0], Message::Run(hops, reply));
                at_rest
            })
            .collect();
        for at_rest in at_rest {
            at_rest
                .await
                .expect("the token comes back to the member it left from");
        }
        watch.stop()
    }))
}

fn ring(members: u64) -> Vec<mpsc::UnboundedSender<Message>> {
    let ring: Vec<_> = (0..members).map(|_| member()).collect();
    for (index, member) in ring.iter().enumerate() {
        let next = ring[(index + 1) % ring.len()].clone();
        floor::send(member, Message::Next(next));
    }
    ring
}

fn member() -> mpsc::UnboundedSender<Message> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    floor::spawn(async move {
        let mut next = None;
        let mut waiting: Option<oneshot::Sender<()>> = None;
        while let Some(message) = receiver.recv().await {
            let token = match message {
                Message::Next(member) => {
                    next = Some(member);
                    continue;
                }
                Message::Token(0) => {
                    let reply = waiting.take().expect("the token rests where it set out");
                    // Whoever sent the token off waits for it.
                    let _ = reply.send(());
                    continue;
                }
                Message::Token(left) => left - 1,
                Message::Run(hops, reply) => {
                    waiting = Some(reply);
                    hops - 1
                }
            };
            let next = next
                .as_ref()
                .expect("the ring is closed before the token sets out");
            floor::send(next, Message::Token(token));
        }
    });
    sender
}
