//! The ring on bare tokio.

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::MEMBERS;
use crate::cost::{Cost, Stopwatch};
use crate::floor;

enum Message {
    Next(mpsc::UnboundedSender<Message>),
    /// So many hops are left.
    Token(u64),
    /// Sends the token off; answered when it has come to rest here.
    Run(u64, oneshot::Sender<()>),
}

pub(super) fn hops(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let members: Vec<_> = (0..MEMBERS).map(|_| member()).collect();
        for (index, member) in members.iter().enumerate() {
            let next = members[(index + 1) % members.len()].clone();
            floor::send(member, Message::Next(next));
        }
        let (reply, at_rest) = oneshot::channel();
        let watch = Stopwatch::start();
        floor::send(&members[0], Message::Run(operations, reply));
        at_rest
            .await
            .expect("the token comes back to the member it left from");
        watch.stop()
    }))
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
