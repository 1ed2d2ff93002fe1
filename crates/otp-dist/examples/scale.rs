//! What many nodes cost: a full mesh in one program, a broadcast to all, and the loss of a node that much is monitored on.
//!
//! `ulimit -n 20000; cargo run --release -p otp-dist --example scale -- --nodes 100 --monitors 1000000`

use std::error::Error;
use std::time::{Duration, Instant};

use clap::Parser;
use otp_core::prelude::*;
use otp_core::pub_sub::PubSub;
use otp_dist::{Config, Destination, Discovery, Distribution, Exposure, Found};

/// Measures what many nodes cost.
#[derive(Parser)]
struct Options {
    /// How many nodes connect with each other
    #[arg(long, default_value_t = 100)]
    nodes: usize,
    /// How many monitors one node has on another
    #[arg(long, default_value_t = 1_000_000)]
    monitors: usize,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    mesh(options.nodes).await?;
    lose(options.monitors).await
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

struct Target;

#[gen_server]
impl GenServer for Target {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

async fn lose(count: usize) -> Result<(), Box<dyn Error>> {
    let (here, there) = (Node::new(), Node::new());
    let other = Distribution::start(&there, config("b@127.0.0.1")).await?;
    let target = Target::options().on(&there).start(()).await?;
    let pid = other.export(&target, Exposure::typed());
    let config = config("a@127.0.0.1").peer("b@127.0.0.1", other.address());
    let dist = Distribution::start(&here, config).await?;
    let pid = dist.at(Destination::Pid(pid)).pid().await.ok_or("a pid")?;
    let before = memory();
    let (set, is_set) = tokio::sync::oneshot::channel();
    let told = here.run_with(move |mut mailbox: Mailbox<()>| async move {
        let begun = Instant::now();
        for number in 0..count {
            mailbox.monitor(pid, |_| ());
            if number % 1_000 == 0 {
                tokio::task::yield_now().await;
            }
        }
        let _nobody = set.send(begun.elapsed());
        mailbox.receive().await;
        let begun = Instant::now();
        for _ in 1..count {
            mailbox.receive().await;
        }
        begun.elapsed()
    });
    let told = tokio::join!(told, async {
        let elapsed = is_set.await.unwrap_or_default();
        tell(
            &format!("{count} monitors of another node are set"),
            &format!("{elapsed:?}"),
        );
        let each = memory().saturating_sub(before) / count.max(1);
        tell("memory for each, both sides", &format!("{each} bytes"));
        let begun = Instant::now();
        other.stop();
        begun
    });
    let (drained, begun) = (told.0?, told.1);
    tell(
        "they have all fired after the node was lost",
        &format!("{:?}", begun.elapsed()),
    );
    tell("of these, after the first one", &format!("{drained:?}"));
    Ok(())
}
