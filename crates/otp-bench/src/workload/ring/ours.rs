//! The ring of GenServers.

use std::time::Duration;

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::MEMBERS;
use crate::cost::{Cost, Stopwatch};
use crate::server;

/// The token is on its way for seconds on a slow machine: the call that waits for it has a limit of its own.
const LIMIT: Duration = Duration::from_secs(600);

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

impl GenServer for Member {
    type Args = ();
    type Call = Call;
    type Cast = Cast;
    type Info = Never;
    type Continue = Never;

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

pub(super) fn hops(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let mut members = Vec::new();
        for _ in 0..MEMBERS {
            members.push(
                Member::start(())
                    .await
                    .expect("init of a member cannot fail"),
            );
        }
        for (index, member) in members.iter().enumerate() {
            let next = members[(index + 1) % members.len()].clone();
            member.cast(Cast::Next(next));
        }
        let watch = Stopwatch::start();
        members[0]
            .call_timeout(LIMIT, |from| Call::Run(operations, from))
            .await
            .expect("the token comes back to the member it left from");
        watch.stop()
    }))
}
