//! Two nodes with a connection, and a server on one of them.

use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{Config, Distribution, Exposure};
use otp_etf::Atom;
use serde::{Deserialize, Serialize};

/// Nothing in these tests takes as long.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) const A: &str = "a@127.0.0.1";
pub(crate) const B: &str = "b@127.0.0.1";

pub(crate) fn atom(text: &str) -> Atom {
    Atom::new(text).expect("a short text")
}

pub(crate) fn config(name: &str) -> Config {
    Config::new(name).cookie("secret").without_epmd()
}

/// Node a knows the address of node b.
pub(crate) struct Pair {
    pub(crate) a: Node,
    pub(crate) b: Node,
    pub(crate) on_a: Distribution,
    pub(crate) on_b: Distribution,
    pub(crate) server: ServerRef<Server>,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        Self::with(|config| config).await
    }

    pub(crate) async fn with(change: impl Fn(Config) -> Config) -> Self {
        let (a, b) = (Node::new(), Node::new());
        let on_b = Distribution::start(&b, change(config(B))).await;
        let on_b = on_b.expect("b starts");
        let config = config(A).peer(B, on_b.address());
        let on_a = Distribution::start(&a, change(config)).await;
        let server = Server::options().on(&b).name("server").start(()).await;
        let server = server.expect("the server starts");
        on_b.expose_with("server", Exposure::<Server>::typed().sys(|state| state.0));
        Self {
            a,
            b,
            on_a: on_a.expect("a starts"),
            on_b,
            server,
        }
    }
}

/// Counts, waits, and ends as it is told.
pub(crate) struct Server(pub(crate) i64);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Get(ReplyTo<i64>),
    Double(i64, ReplyTo<Result<i64, Overflow>>),
    Never(ReplyTo<()>),
    Panic(String, ReplyTo<()>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Overflow {
    Overflow,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cast {
    Add(i64),
}

#[gen_server]
impl GenServer for Server {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Get(from) => from.reply(self.0),
            Call::Double(n, from) => from.reply(n.checked_mul(2).ok_or(Overflow::Overflow)),
            Call::Never(from) => {
                std::mem::forget(from);
                Reply::later()
            }
            Call::Panic(message, _) => panic!("{message}"),
        }
    }

    async fn handle_cast(&mut self, Cast::Add(n): Cast, _: &mut Context<Self>) -> Next<Self> {
        self.0 += n;
        Next::NoReply
    }
}
