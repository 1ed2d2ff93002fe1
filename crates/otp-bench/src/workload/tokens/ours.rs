//! Rings of GenServers.

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::Shape;
use crate::cost::{Cost, Stopwatch};
use crate::server;

#[derive(Debug, Default)]
struct Member {
    next: Option<ServerRef<Member>>,
    waiting: Option<ReplyTo<()>>,
}

#[derive(Debug)]
enum Call {
    /// Sends the token off; answered when it has come to rest here.
    Run(u64, ReplyTo<()>),
}

#[derive(Debug)]
enum Cast {
    Next(ServerRef<Member>),
    /// So many hops are left.
    Token(u64),
}

#[gen_server]
impl GenServer for Member {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Run(hops, from) = call;
        self.waiting = Some(from);
        self.pass_on(hops - 1);
        Reply::later()
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Next(member) => self.next = Some(member),
            Cast::Token(0) => {
                let from = self
                    .waiting
                    .take()
                    .expect("the token rests where it set out");
                from.send(());
            }
            Cast::Token(left) => self.pass_on(left - 1),
        }
        Next::NoReply
    }
}

impl Member {
    fn pass_on(&self, left: u64) {
        let next = self
            .next
            .as_ref()
            .expect("the ring is closed before the token sets out");
        next.cast(Cast::Token(left));
    }
}

/// So many hops, shared out among the rings.
pub(in crate::workload) fn hops(runtime: &Runtime, operations: u64, shape: Shape) -> Cost {
    runtime.block_on(server::run(async move {
        let mut rings = Vec::new();
        for _ in 0..shape.rings {
            rings.push(ring(shape.members).await);
        }
        let hops = operations / shape.rings;
        let watch = Stopwatch::start();
        let requests: Vec<_> = rings
            .iter()
            .map(|members| members[0].send_request(|from| Call::Run(hops, from)))
            .collect();
        for at_rest in requests {
            at_rest
                .await
                .expect("the token comes back to the member it left from");
        }
        watch.stop()
    }))
}

async fn ring(members: u64) -> Vec<ServerRef<Member>> {
    let mut ring = Vec::new();
    for _ in 0..members {
        ring.push(
            Member::start(())
                .await
                .expect("init of a member cannot fail"),
        );
    }
    for (index, member) in ring.iter().enumerate() {
        let next = ring[(index + 1) % ring.len()].clone();
        member.cast(Cast::Next(next));
    }
    ring
}
