//! Two nodes with a connection, and a server on one of them.

use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{Config, Distribution, Exposure};
use otp_etf::Atom;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{Cookie, Event, Framing, Handshake, Identity};

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
pub(crate) struct Server(i64);

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

/// A peer by hand, with the right cookie.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    pub(crate) node: Atom,
}

impl Raw {
    pub(crate) const CREATION: u32 = 77;

    pub(crate) async fn connect(to: &Distribution, name: &str) -> Self {
        let us = Identity {
            name: atom(name),
            flags: Flags::HIDDEN,
            creation: Self::CREATION,
        };
        let mut stream = TcpStream::connect(to.address()).await.expect("it listens");
        let cookie = Cookie::new("secret");
        let (mut handshake, hello) =
            Handshake::dial(us, to.name().clone(), cookie, 5, Framing::Two);
        stream.write_all(&hello).await.expect("it reads");
        let mut buffer = [0; 1024];
        loop {
            let read = stream.read(&mut buffer).await.expect("it answers");
            assert!(read > 0, "the handshake is refused");
            let progress = handshake.receive(&buffer[..read]).expect("it is a node");
            stream.write_all(&progress.send).await.expect("it reads");
            if let Event::Connected(_) = progress.event {
                let node = atom(name);
                return Self { stream, node };
            }
        }
    }

    /// A process of this peer's.
    pub(crate) fn pid(&self, id: u32) -> otp_etf::Pid {
        otp_etf::Pid {
            serial: 0,
            id,
            node: self.node.clone(),
            creation: Self::CREATION,
        }
    }

    /// Sends bytes as a frame.
    pub(crate) async fn frame(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u32).to_be_bytes();
        // A peer that has closed does not read.
        let _written = self.stream.write_all(&[&length, bytes].concat()).await;
    }

    /// Waits until the other side closes.
    pub(crate) async fn closed(mut self) -> bool {
        let mut buffer = [0; 4096];
        let reading = async { while matches!(self.stream.read(&mut buffer).await, Ok(1..)) {} };
        tokio::time::timeout(LONG, reading).await.is_ok()
    }
}
