//! A busy world to look at, and what looking at it costs:
//!
//! ```text
//! cargo run --release -p otp-observer --example crowd -- 10000 100000
//! ```
//!
//! has so many servers handle so many messages a second and prints the link of the page. With a third argument, a number of
//! rounds, it opens the page itself in each of them, and compares the processors' time with and without it.

use std::env;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::{Mailbox, ServerRef, process};
use otp_observer::Observer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// What is looked at while it is measured.
const VIEWS: [&str; 3] = [
    "view=overview",
    "view=processes&order=queue&descending=true",
    "view=processes&order=handled&descending=true",
];

/// For how long each is measured at a time: short, so that what else runs on the system disturbs all of them alike.
const TURN: Duration = Duration::from_secs(2);

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

fn main() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        // Linux tells the time of threads that live.
        .thread_keep_alive(Duration::from_secs(3_600))
        .build();
    runtime.expect("it starts").block_on(run());
}

async fn run() {
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
        Some(rounds) => {
            tokio::select! {
                _ = world => {}
                () = measure(&node, &observer, *rounds) => {}
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
async fn measure(node: &Node, observer: &Observer, rounds: usize) {
    while node.totals().process_count < 2 {
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(2)).await;
    let (mut without, mut counting, mut looking) =
        (Vec::new(), Vec::new(), [const { Vec::new() }; 3]);
    for _ in 0..rounds {
        let before = share(sleep(TURN)).await;
        let counted = {
            let _counted = node.observe();
            share(sleep(TURN)).await
        };
        let mut looked = [0.0; 3];
        for (view, used) in VIEWS.iter().zip(&mut looked) {
            *used = share(look(observer, view)).await;
        }
        // The processes count for a moment longer.
        sleep(Duration::from_secs(4)).await;
        // What else runs on the system may have changed meanwhile.
        let nobody = before.midpoint(share(sleep(TURN)).await);
        without.push(nobody);
        counting.push(counted - nobody);
        for (used, more) in looked.into_iter().zip(&mut looking) {
            more.push(used - nobody);
        }
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

/// The median, and the bounds of the middle half.
fn spread(shares: &mut [f64]) -> String {
    shares.sort_by(f64::total_cmp);
    let [first, middle, last] = [1, 2, 3].map(|part| shares[shares.len() * part / 4]);
    format!("{middle:.2} % ({first:.2} to {last:.2})")
}

/// What a page does: it reads what comes.
async fn look(observer: &Observer, view: &str) {
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
    let _ = timeout(TURN, read).await;
}

/// What part of one core the program used meanwhile, in percent.
async fn share(meanwhile: impl Future<Output = ()>) -> f64 {
    let (begun, before) = (Instant::now(), used());
    meanwhile.await;
    (used() - before) / begun.elapsed().as_secs_f64() * 100.0
}

/// The processors' time that the threads of the program have used, in seconds, as Linux tells it.
fn used() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let times = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    times.sum::<f64>() / 1e9
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
