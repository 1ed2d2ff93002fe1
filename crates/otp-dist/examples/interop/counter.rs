//! `counter`: a server under a supervisor, which others may crash, look into and stop.

use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{Distribution, reason_from_term};
use otp_etf::{Atom, Term};
use serde::{Deserialize, Serialize};

pub(crate) struct Counter {
    dist: Distribution,
    count: i64,
}

/// What others see of the state.
#[derive(Serialize)]
pub(crate) struct View {
    count: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Get(ReplyTo<i64>),
    Pid(ReplyTo<Option<otp_etf::Pid>>),
    Crash(String, ReplyTo<()>),
    Stop(Term, ReplyTo<Atom>),
    Halt(Term, ReplyTo<()>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cast {
    Add(i64),
    Crash(String),
    Stop(Term),
}

impl Counter {
    pub(crate) fn view(&self) -> View {
        let count = self.count;
        View { count }
    }
}

/// Starts the supervisor, and the counter.
pub(crate) async fn supervise(node: &Node, dist: &Distribution) -> Result<(), StartError> {
    let dist = dist.clone();
    let counter = ChildSpec::worker("counter", move || {
        let dist = dist.clone();
        async move { Counter::options().name("counter").start_link(dist).await }
    });
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .max_restarts(100, Duration::from_secs(1))
        .child(counter)
        .on(node);
    supervisor.start().await.map(drop)
}

#[gen_server]
impl GenServer for Counter {
    type Args = Distribution;
    type Call = Call;
    type Cast = Cast;

    async fn init(dist: Distribution, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { dist, count: 0 }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Get(from) => from.reply(self.count),
            Call::Pid(from) => from.reply(self.dist.pid(context.pid())),
            Call::Crash(message, _) => panic!("{message}"),
            Call::Stop(reason, from) => {
                let stop = Next::Stop(reason_from_term(reason));
                from.reply(Atom::constant("ok")).then(stop)
            }
            Call::Halt(reason, _) => Reply::later().then(Next::Stop(reason_from_term(reason))),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Add(n) => self.count = self.count.wrapping_add(n),
            Cast::Crash(message) => panic!("{message}"),
            Cast::Stop(reason) => return Next::Stop(reason_from_term(reason)),
        }
        Next::NoReply
    }
}
