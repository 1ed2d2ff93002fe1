//! What one node of a full mesh carries, by the hub of a star: it has as many connections as each node of a mesh of that size.

use std::error::Error;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::pub_sub::PubSub;
use otp_dist::{Config, Distribution};

use crate::switch::Switch;
use crate::{memory, tell};

/// As a BEAM has it.
const TICK: Duration = Duration::from_secs(60);

/// On a clock that passes only when nothing else happens: what is measured is work, and no waiting.
pub(crate) fn run(count: usize) -> Result<(), Box<dyn Error>> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    runtime.block_on(star(count))
}

async fn start(switch: &Switch, number: usize) -> Result<(Node, Distribution), Box<dyn Error>> {
    let node = Node::new();
    let name = format!("n{number}@simulated");
    let port = switch.port(name.parse()?);
    let config = Config::new(name).cookie("secret").tick_time(TICK);
    let dist = Distribution::start(&node, config.transport(port)).await?;
    Ok((node, dist))
}

async fn star(count: usize) -> Result<(), Box<dyn Error>> {
    let switch = Switch::default();
    let (node, hub) = start(&switch, 0).await?;
    let mut leaves = Vec::with_capacity(count);
    for number in 1..count {
        leaves.push(start(&switch, number).await?);
    }
    let (before, begun) = (memory(), Instant::now());
    for (_, leaf) in &leaves {
        leaf.connect(hub.name()).await?;
    }
    let joined = begun.elapsed();
    let ends = u32::try_from(2 * leaves.len().max(1))?;
    let each = memory().saturating_sub(before) / usize::try_from(ends)?;
    tell(
        &format!("{count} nodes, simulated: a node connects with all"),
        &format!("{joined:?}"),
    );
    tell(
        "work for each end of a connection",
        &format!("{:?}", joined / ends),
    );
    tell(
        "memory for each end of a connection",
        &format!("{each} bytes"),
    );
    // A minute of silence: four ticks each way.
    let begun = Instant::now();
    tokio::time::sleep(TICK).await;
    let ticks = begun.elapsed();
    assert_eq!(hub.nodes().len(), leaves.len(), "nobody is silent");
    tell("work for a minute's ticks, all ends", &format!("{ticks:?}"));

    let begun = Instant::now();
    let mut topics = Vec::with_capacity(count);
    for (node, dist) in std::iter::once((&node, &hub)).chain(leaves.iter().map(|(n, d)| (n, d))) {
        let topic: PubSub<String> = dist.pub_sub(PubSub::options("Scale")).await?;
        let starting = topic.clone();
        node.run(async move { starting.start().await }).await??;
        topics.push(topic);
    }
    tokio::time::sleep(TICK).await;
    let group = begun.elapsed();
    tell("work for all to join a group", &format!("{group:?}"));
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    for ((node, _), topic) in leaves.iter().zip(&topics[1..]) {
        let heard = heard.clone();
        let process = node.spawn(async move |mut mailbox: Mailbox<String>| {
            mailbox.receive().await;
            let _nobody = heard.send(());
        });
        topic.subscribe("all", &process)?;
    }
    let begun = Instant::now();
    topics[0].broadcast("all", "hello".to_owned())?;
    for _ in &leaves {
        hears.recv().await;
    }
    let told = begun.elapsed();
    tell("a broadcast to all", &format!("{told:?}"));
    let begun = Instant::now();
    hub.stop();
    while leaves.iter().any(|(_, leaf)| !leaf.nodes().is_empty()) {
        tokio::task::yield_now().await;
    }
    let lost = begun.elapsed();
    tell("a node is lost, and all have noticed", &format!("{lost:?}"));
    // A mesh has as many ends as nodes have others.
    let all = count * (count - 1);
    let size = all * each / (1 << 20);
    tell("a full mesh, all nodes: memory", &format!("{size} MiB"));
    let work = joined / ends * u32::try_from(all)?;
    tell(
        "a full mesh, all nodes: work to connect",
        &format!("{work:?}"),
    );
    Ok(())
}
