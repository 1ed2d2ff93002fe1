//! What calls and casts between two nodes cost: a BEAM and a BEAM, a BEAM and ours, and so on, in interleaved rounds of one run.
//!
//! `just bench-dist` runs it; it needs `erl` and `erlc`. Without arguments it starts two servers and two clients, of each kind one, and
//! measures; with `server` or `client` it is one of ours.

#[path = "../../../otp-bench/src/machine.rs"]
mod machine;
mod measure;
#[expect(unreachable_pub, reason = "it is a library's")]
#[path = "../../../otp-bench/src/spread.rs"]
mod spread;

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_dist::{Config, Distribution, RemoteServer};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteBuf, Bytes};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, stdin};

/// What a call may take on a machine that is busy.
const LONG: Duration = Duration::from_secs(600);

struct Bench {
    total: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Total(ReplyTo<i64>),
    Same(i64, ReplyTo<i64>),
    Echo(ByteBuf, ReplyTo<ByteBuf>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cast {
    Add(i64),
}

#[gen_server]
impl GenServer for Bench {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: 0 }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
            Call::Same(n, from) => from.reply(n),
            Call::Echo(blob, from) => from.reply(blob),
        }
    }

    async fn handle_cast(&mut self, Cast::Add(n): Cast, _: &mut Context<Self>) -> Next<Self> {
        self.total += n;
        Next::NoReply
    }
}

type Failed = Box<dyn Error + Send + Sync>;

/// Measures a row: how long so many of its operations take.
async fn row(
    row: &str,
    server: &RemoteServer<Bench>,
    node: &Node,
    count: u32,
) -> Result<Duration, Failed> {
    // The connection is there before the clock starts.
    server.call(Call::Total).timeout(LONG).await?;
    let begun = Instant::now();
    match row {
        "calls" => calls(server, count).await?,
        "callers" => {
            let callers: Vec<_> = (0..64)
                .map(|_| {
                    let server = server.clone();
                    let calling = async move |_: Mailbox<Never>| {
                        calls(&server, count / 64).await.expect("it is answered");
                    };
                    node.spawn(calling)
                })
                .collect();
            for caller in callers {
                assert_eq!(caller.wait().await, ExitReason::Normal);
            }
        }
        "casts" => {
            for n in 1..=count {
                server.cast(&Cast::Add(n.into())).await?;
            }
            server.call(Call::Total).timeout(LONG).await?;
        }
        "kib" => echo(server, count, 1 << 10).await?,
        "mib" => echo(server, count, 1 << 20).await?,
        _ => return Err(format!("there is no row {row}").into()),
    }
    Ok(begun.elapsed())
}

async fn calls(server: &RemoteServer<Bench>, count: u32) -> Result<(), Failed> {
    for n in 1..=i64::from(count) {
        let same = server
            .call(|from| Call::Same(n, from))
            .timeout(LONG)
            .await?;
        assert_eq!(same, n);
    }
    Ok(())
}

async fn echo(server: &RemoteServer<Bench>, count: u32, size: usize) -> Result<(), Failed> {
    /// As the call, of bytes that are kept.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Request<'a> {
        Echo(&'a Bytes),
    }

    let blob = vec![7; size];
    let request = Request::Echo(Bytes::new(&blob));
    for _ in 0..count {
        let back: ByteBuf = server.process().call(&request).timeout(LONG).await?;
        assert_eq!(*back, blob);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "who measures reads it")]
async fn serve(role: &str, name: &str, epmd: SocketAddr) -> Result<(), Failed> {
    let node = Node::new();
    let dist = Distribution::start(&node, Config::new(name).cookie("secret").epmd(epmd)).await?;
    if role == "server" {
        Bench::options().on(&node).name("bench").start(()).await?;
        dist.expose::<Bench>("bench");
        println!("READY");
        let mut rest = String::new();
        stdin().read_to_string(&mut rest).await?;
        return Ok(());
    }
    println!("READY");
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let [what, count, target] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("{line:?}: expected a row, a count and a node").into());
        };
        let server = dist.server::<Bench>("bench", target);
        let took = row(what, &server, &node, count.parse()?).await?;
        println!("{}", took.as_micros());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [role, name, epmd] => {
            // In a process, as programs do it: the main task has a thread of its own, and each answer would have to cross to it.
            let (role, name, epmd) = (role.clone(), name.clone(), epmd.parse()?);
            let serving = Node::new().spawn(async move |_: Mailbox<Never>| {
                serve(&role, &name, epmd).await.expect("it can serve");
            });
            match serving.wait().await {
                ExitReason::Normal => Ok(()),
                other => Err(other.to_string().into()),
            }
        }
        options => {
            let (json, rounds): (Vec<_>, Vec<_>) =
                options.iter().partition(|option| *option == "--json");
            let rounds = match rounds[..] {
                [] => 7,
                [rounds] => rounds.parse()?,
                _ => return Err("usage: bench [ROUNDS] [--json]".into()),
            };
            measure::run(rounds, !json.is_empty()).await
        }
    }
}
