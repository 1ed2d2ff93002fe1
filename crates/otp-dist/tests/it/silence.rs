//! Idle and silent connections, over streams whose other end the test holds.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use otp_core::Node;
use otp_core::test::Probe;
use otp_dist::{Config, Connecting, Distribution, NodeEvent, Streams, Transport};
use otp_etf::Atom;
use tokio::io::{duplex, split};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

use crate::raw::{Got, Raw};
use crate::support::{B, atom};

const TIME: Duration = Duration::from_secs(60);

/// Nobody can be dialled; who is handed in has connected.
struct Plug(Arc<Mutex<Receiver<Streams>>>);

impl Transport for Plug {
    fn dial(&self, _: &Atom) -> Connecting {
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }

    fn accept(&self) -> Connecting {
        let plugged = self.0.clone();
        Box::pin(async move {
            let streams = plugged.lock().await.recv().await;
            streams.ok_or_else(|| io::ErrorKind::NotConnected.into())
        })
    }
}

async fn start(node: &Node) -> (Distribution, Sender<Streams>) {
    let (plug, plugged) = channel(1);
    let plugged = Plug(Arc::new(Mutex::new(plugged)));
    let config = Config::new(B).cookie("secret").tick_time(TIME);
    let dist = Distribution::start(node, config.transport(plugged)).await;
    (dist.expect("it starts"), plug)
}

async fn connect(dist: &Distribution, plug: &Sender<Streams>) -> Raw {
    let (here, there) = duplex(1 << 16);
    let (input, output) = split(there);
    let streams: Streams = (Box::new(input), Box::new(output));
    plug.send(streams).await.expect("it accepts");
    let (input, output) = split(here);
    let streams: Streams = (Box::new(input), Box::new(output));
    let raw = Raw::shake_hands(streams, dist, "raw@127.0.0.1", 7, "secret").await;
    raw.expect("it has the cookie")
}

// DST-011
#[tokio::test(start_paused = true)]
async fn a_tick_comes_after_a_quarter_of_the_tick_time_without_a_write() {
    let (dist, plug) = start(&Node::new()).await;
    let mut raw = connect(&dist, &plug).await;
    let begun = Instant::now();
    for n in 1..=3 {
        assert_eq!(raw.got().await, Got::Tick);
        assert_eq!(begun.elapsed(), n * TIME / 4);
    }
    raw.frame(&[]).await;
    // What is written counts as a tick.
    tokio::time::sleep(TIME / 8).await;
    let there = dist.process("any", "raw@127.0.0.1");
    there.send(&1).await.expect("it can be written");
    assert!(matches!(raw.got().await, Got::Signal(..)));
    let written = Instant::now();
    assert_eq!(raw.got().await, Got::Tick);
    assert_eq!(written.elapsed(), TIME / 4);
}

// DST-011, DST-003
#[tokio::test(start_paused = true)]
async fn a_peer_is_down_after_the_tick_time_without_a_sign_of_life() {
    let (dist, plug) = start(&Node::new()).await;
    let events = Probe::new();
    let told = events.clone();
    let _events = dist.monitor_nodes(move |event| told.report(event.clone()));
    let mut raw = connect(&dist, &plug).await;
    assert_eq!(events.next().await, NodeEvent::Up(atom("raw@127.0.0.1")));
    tokio::time::sleep(TIME - Duration::from_secs(1)).await;
    // What the node itself writes is no sign of the peer's life, and a tick of the peer's is one.
    raw.frame(&[]).await;
    let alive = Instant::now();
    assert_eq!(events.next().await, NodeEvent::Down(atom("raw@127.0.0.1")));
    assert_eq!(alive.elapsed(), TIME);
    assert!(raw.closed().await);
}
