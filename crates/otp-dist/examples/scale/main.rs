//! What many nodes cost: a full mesh in one program, a broadcast to all, and the loss of a node that much is monitored on.
//!
//! `ulimit -n 20000; cargo run --release -p otp-dist --example scale -- --nodes 100 --simulated 1000 --monitors 1000000`

mod simulated;
mod switch;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use otp_core::prelude::*;
use otp_core::pub_sub::PubSub;
use otp_core::{Target, TimeLimit};
use otp_dist::{Config, Destination, Discovery, Distribution, Found};

/// Measures what many nodes cost.
#[derive(Parser)]
struct Options {
    /// How many nodes connect with each other
    #[arg(long, default_value_t = 100)]
    nodes: usize,
    /// How many nodes are simulated, without sockets and on a clock of their own
    #[arg(long, default_value_t = 1_000)]
    simulated: usize,
    /// How many monitors one node has on another
    #[arg(long, default_value_t = 1_000_000)]
    monitors: usize,
    /// On how many servers it has them
    #[arg(long, default_value_t = 10_000)]
    servers: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    if options.nodes > 0 {
        runtime.block_on(mesh(options.nodes))?;
    }
    if options.simulated > 0 {
        simulated::run(options.simulated)?;
    }
    if options.monitors > 0 {
        runtime.block_on(lose(options.servers.max(1), options.monitors))?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the figures are what it is for")]
fn tell(what: &str, figure: &str) {
    println!("{what:<42}{figure:>14}");
}

fn config(name: &str) -> Config {
    Config::new(name).cookie("secret").without_epmd()
}

/// Bytes of memory that the program has.
fn memory() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_usize) * 4096
}

async fn mesh(count: usize) -> Result<(), Box<dyn Error>> {
    let mut nodes = Vec::with_capacity(count);
    for number in 0..count {
        let node = Node::new();
        let name = format!("n{number}@127.0.0.1");
        let dist = Distribution::start(&node, config(&name)).await?;
        nodes.push((node, dist));
    }
    let found =
        |dist: &Distribution| Found::new(dist.name().as_str()).map(|it| it.at(dist.address()));
    let all: Vec<Found> = nodes.iter().filter_map(|(_, dist)| found(dist)).collect();
    let (before, begun) = (memory(), Instant::now());
    let searches: Vec<Discovery> = nodes
        .iter()
        .map(|(_, dist)| dist.discover(all.clone()))
        .collect();
    while nodes.iter().any(|(_, dist)| dist.nodes().len() + 1 < count) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let connections = count * count.saturating_sub(1) / 2;
    tell(
        &format!("{connections} connections of {count} nodes"),
        &format!("{:?}", begun.elapsed()),
    );
    let ends = (2 * connections).max(1);
    let each = memory().saturating_sub(before) / ends;
    tell(
        "memory for each end of a connection",
        &format!("{each} bytes"),
    );
    drop(searches);

    let mut topics = Vec::with_capacity(count);
    for (node, dist) in &nodes {
        let topic: PubSub<String> = dist.pub_sub(PubSub::options("Scale")).await?;
        let starting = topic.clone();
        node.run(async move { starting.start().await }).await??;
        topics.push(topic);
    }
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    for ((node, _), topic) in nodes.iter().zip(&topics) {
        let heard = heard.clone();
        let process = node.spawn(async move |mut mailbox: Mailbox<String>| {
            loop {
                mailbox.receive().await;
                let _nobody = heard.send(());
            }
        });
        topic.subscribe("all", &process)?;
    }
    let Some(topic) = topics.first() else {
        return Ok(());
    };
    // Until everybody knows of everybody, not all hear it.
    let mut last = Duration::MAX;
    for _ in 0..20 {
        let begun = Instant::now();
        topic.broadcast("all", "hello".to_owned())?;
        let mut told = 0;
        while let Ok(Some(())) =
            tokio::time::timeout(Duration::from_millis(500), hears.recv()).await
        {
            told += 1;
            if told == count {
                last = last.min(begun.elapsed());
                break;
            }
        }
    }
    tell("a broadcast to all, at best", &format!("{last:?}"));
    for (_, dist) in &nodes {
        dist.stop();
    }
    Ok(())
}

struct Idle;

#[gen_server]
impl GenServer for Idle {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

/// Servers on one node, which processes of another monitor, half of them by name. Each of these has a hundredth of the monitors.
async fn lose(servers: usize, monitors: usize) -> Result<(), Box<dyn Error>> {
    const WATCHERS: usize = 100;
    let (here, there) = (Node::new(), Node::new());
    let other = Distribution::start(&there, config("b@127.0.0.1")).await?;
    let config = config("a@127.0.0.1").peer("b@127.0.0.1", other.address());
    let dist = Distribution::start(&here, config).await?;
    let mut targets: Vec<Target> = Vec::with_capacity(servers);
    for number in 0..servers {
        let name = format!("server{number}");
        let server = Idle::options().on(&there).name(name.clone()).start(());
        let pid = other.pid(server.await?.pid()).ok_or("it is of the node")?;
        other.expose::<Idle>(name.clone());
        let target = match number % 2 {
            0 => dist.at(Destination::Pid(pid)).target().await,
            _ => dist.process(&name, "b@127.0.0.1").target().await,
        };
        targets.push(target);
    }
    let targets = Arc::new(targets);
    let before = memory();
    let begun = Instant::now();
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    for watcher in 0..WATCHERS {
        let (targets, told) = (targets.clone(), told.clone());
        here.spawn(async move |mut mailbox: Mailbox<()>| {
            let own = (watcher..monitors).step_by(WATCHERS);
            let count = own.len();
            for (set, number) in own.enumerate() {
                mailbox.monitor(targets[number % targets.len()].clone(), |_| ());
                if set % 1_000 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            let _nobody = told.send(());
            for _ in 0..count {
                mailbox.receive().await;
            }
            let _nobody = told.send(());
        });
    }
    for _ in 0..WATCHERS {
        hears.recv().await;
    }
    // What was sent before is handled when this is.
    let last = dist.process("server0", "b@127.0.0.1");
    let _unanswered = last
        .call::<()>(&"it is no call")
        .timeout(TimeLimit::Infinity)
        .await;
    let set = begun.elapsed();
    tell(
        &format!("{monitors} monitors of {servers} servers are set"),
        &format!("{set:?}"),
    );
    let each = memory().saturating_sub(before) / monitors;
    tell("memory for each, both sides", &format!("{each} bytes"));
    let begun = Instant::now();
    other.stop();
    tell(
        "the other node is stopped",
        &format!("{:?}", begun.elapsed()),
    );
    for _ in 0..WATCHERS {
        hears.recv().await;
    }
    tell("they have all fired", &format!("{:?}", begun.elapsed()));
    Ok(())
}
