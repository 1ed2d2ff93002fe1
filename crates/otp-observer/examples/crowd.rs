//! A busy world to look at, and what looking at it costs:
//!
//! ```text
//! cargo run --release -p otp-observer --example crowd -- 10000 100000
//! ```
//!
//! has so many servers handle so many messages a second and prints the link of the page. With a third argument, a number of
//! seconds, it opens the page itself for so long, several times, and compares the processors' time with and without it.

use std::env;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::{Mailbox, ServerRef, process};
use otp_observer::Observer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// What is looked at while it is measured.
const VIEWS: [&str; 3] = [
    "view=overview",
    "view=processes&order=queue&descending=true",
    "view=processes&order=handled&descending=true",
];

/// How often it is measured.
const ROUNDS: usize = 7;

struct Worker(u64);

#[gen_server]
impl GenServer for Worker {
    type Cast = u64;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(0)))
    }

    async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
        self.0 = self.0.wrapping_add(n);
        Next::NoReply
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let numbers = env::args()
        .skip(1)
        .map(|it| it.parse::<usize>().expect("a number"));
    let numbers: Vec<usize> = numbers.collect();
    let workers = numbers.first().copied().unwrap_or(10_000).max(1);
    let rate = numbers.get(1).copied().unwrap_or(100_000);
    let node = Node::new();
    let observer = otp_observer::serve(&node, ([127, 0, 0, 1], 0).into()).await;
    let observer = observer.expect("a loopback port is free");
    say(observer.link());
    let world = node.run(world(workers, rate));
    match numbers.get(2) {
        None => drop(world.await),
        Some(seconds) => {
            let time = Duration::from_secs(*seconds as u64);
            tokio::select! {
                _ = world => {}
                () = measure(&node, &observer, time) => {}
            }
        }
    }
}

async fn world(workers: usize, rate: usize) {
    let mut all: Vec<ServerRef<Worker>> = Vec::with_capacity(workers);
    for _ in 0..workers {
        all.push(Worker::start_link(()).await.expect("it starts"));
    }
    if rate == 0 {
        return std::future::pending().await;
    }
    process::spawn_link(async move |_: Mailbox<()>| {
        let mut ticks = interval(Duration::from_millis(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut next = 0;
        loop {
            ticks.tick().await;
            for _ in 0..rate.div_ceil(1_000) {
                next = (next + 7_919) % all.len();
                all[next].cast(1);
            }
        }
    })
    .wait()
    .await;
}

/// Compares the processors' time with and without somebody who looks, in turns, so that other programs disturb both alike.
async fn measure(node: &Node, observer: &Observer, time: Duration) {
    while node.totals().process_count < 2 {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(2)).await;
    let (mut without, mut counting, mut looking) =
        (Vec::new(), Vec::new(), [const { Vec::new() }; 3]);
    for _ in 0..ROUNDS {
        let before = share(time, sleep(time)).await;
        without.push(before);
        {
            let _counted = node.observe();
            counting.push(share(time, sleep(time)).await - before);
        }
        for (view, more) in VIEWS.iter().zip(&mut looking) {
            more.push(share(time, look(observer, view, time)).await - before);
        }
        // The processes count for a moment longer.
        sleep(Duration::from_secs(4)).await;
    }
    say(&format!(
        "without a page: {} of a core",
        spread(&mut without)
    ));
    say(&format!("counting, more: {}", spread(&mut counting)));
    for (view, more) in VIEWS.iter().zip(&mut looking) {
        say(&format!("{view}, more: {}", spread(more)));
    }
    for order in [process::ProcessOrder::QueueLen, process::ProcessOrder::Name] {
        let (begun, busy) = (Instant::now(), used());
        let query = process::ProcessQuery::new().order(order).descending();
        let page = node.process_page(&query.limit(50));
        let (took, busy) = (begun.elapsed(), used() - busy);
        let total = page.total;
        say(&format!(
            "a page of {total} by {order:?}: {took:?}, {busy:.2} s of it on a processor"
        ));
    }
}

/// The median, the least and the greatest.
fn spread(shares: &mut [f64]) -> String {
    shares.sort_by(f64::total_cmp);
    let (middle, last) = (shares[shares.len() / 2], shares[shares.len() - 1]);
    format!("{middle:.2} % ({:.2} to {last:.2})", shares[0])
}

/// What a page does: it reads what comes.
async fn look(observer: &Observer, view: &str, time: Duration) {
    let (address, token) = (observer.address(), observer.link());
    let token = token.split_once("token=").map_or("", |(_, token)| token);
    let request = format!(
        "GET /api/stream?{view} HTTP/1.1\r\nHost: {address}\r\nCookie: otp_observer_{}={token}\r\n\r\n",
        address.port()
    );
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut chunk = vec![0; 64 * 1024];
    let read = async { while let Ok(1..) = stream.read(&mut chunk).await {} };
    let _ = timeout(time, read).await;
}

/// What part of one core the program used meanwhile, in percent.
async fn share(time: Duration, meanwhile: impl Future<Output = ()>) -> f64 {
    let before = used();
    meanwhile.await;
    (used() - before) / time.as_secs_f64() * 100.0
}

/// The processors' time that the program has used, in seconds, as Linux tells it in hundredths.
fn used() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
