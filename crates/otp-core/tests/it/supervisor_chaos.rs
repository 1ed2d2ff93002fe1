//! A tree of two hundred processes under ten thousand blows.

use std::collections::BTreeSet;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::{SupervisorRef, process};

use crate::collector::{Reports, collect};
use crate::seed::{Random, Seed};
use crate::support::in_process;
use crate::troupe::rest;

const BLOWS: usize = 10_000;

/// Supervisors below the root. With it and the 180 workers below them they make 200 processes.
const BRANCHES: usize = 19;

fn workers(branch: usize) -> usize {
    if branch < 9 { 10 } else { 9 }
}

struct Worker;

enum Order {
    Panic,
    Exit,
    Stop,
}

#[gen_server]
impl GenServer for Worker {
    type Cast = Order;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, order: Order, _: &mut Context<Self>) -> Next<Self> {
        match order {
            Order::Panic => panic!("a blow"),
            Order::Exit => process::exit_self(ExitReason::other("a blow")),
            Order::Stop => Next::Stop(ExitReason::Normal),
        }
    }
}

fn branch_name(branch: usize) -> String {
    format!("branch {branch}")
}

fn worker_name(branch: usize, worker: usize) -> String {
    format!("worker {branch}.{worker}")
}

fn patient(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy).max_restarts(BLOWS, Duration::from_secs(1))
}

fn branch(branch: usize) -> ChildSpec {
    ChildSpec::supervisor(branch, move || {
        let strategies = [
            Strategy::OneForOne,
            Strategy::OneForOne,
            Strategy::OneForAll,
            Strategy::RestForOne,
        ];
        let worker = |worker| {
            ChildSpec::worker(worker, move || {
                let name = worker_name(branch, worker);
                Worker::options().name(name).start_link(())
            })
        };
        patient(strategies[branch % strategies.len()])
            .children((0..workers(branch)).map(worker))
            .name(branch_name(branch))
            .start_link()
    })
}

/// Hits one process of a branch: now and then the supervisor, mostly a worker.
fn hit(random: &mut Random, branch: usize) -> Pid {
    let mut below = |n| random.below(n);
    if below(20) == 0 {
        let pid = process::whereis(branch_name(branch)).expect("the branch is up");
        process::exit(pid, ExitReason::Kill);
        return pid;
    }
    let name = worker_name(branch, below(workers(branch)));
    let worker = ServerName::<Worker>::new(name).whereis();
    let worker = worker.expect("the worker is up");
    match below(20) {
        0 => worker.cast(Order::Panic),
        1..=6 => worker.cast(Order::Exit),
        7..=9 => worker.cast(Order::Stop),
        10..=13 => process::exit(&worker, ExitReason::other("a blow")),
        _ => process::exit(&worker, ExitReason::Kill),
    }
    worker.pid()
}

/// The processes whose ends have been reported; each must be reported once, and nothing else.
fn reported(reports: &Reports) -> BTreeSet<String> {
    let mut pids = BTreeSet::new();
    let reports = reports.take().into_iter();
    for report in reports.filter(|report| report.kind() == "supervisor") {
        assert_eq!(report.field("context"), Some("child_terminated"));
        let pid = report.field("pid").expect("it had run").to_owned();
        assert!(pids.insert(pid), "reported twice: {}", report.text());
    }
    pids
}

// SUP-017, SUP-020, SUP-021, SUP-022, SUP-029, SUP-030, SUP-040
#[tokio::test(start_paused = true)]
async fn after_ten_thousand_blows_everybody_is_there_and_nobody_else() {
    let (reports, _guard) = collect();
    in_process(async move {
        let seed = Seed::new();
        let mut random = seed.random();
        let root = patient(Strategy::OneForOne).children((0..BRANCHES).map(branch));
        let root = root.start_link().await.unwrap();
        let node = process::node();
        assert_eq!(node.processes().len(), 1 + 200);
        let mut blows = 0;
        while blows < BLOWS {
            // Several branches at once, but one process of each: so it is known whose end will be told.
            let branches: BTreeSet<usize> = (0..=random.below(8))
                .map(|_| random.below(BRANCHES))
                .collect();
            let hit = |branch: &usize| hit(&mut random, *branch).to_string();
            let victims: BTreeSet<String> = branches.iter().map(hit).collect();
            blows += victims.len();
            rest().await;
            assert_eq!(reported(&reports), victims);
        }

        assert_eq!(node.processes().len(), 1 + 200);
        assert_eq!(node.registered().len(), 199);
        let children = root.which_children().await.unwrap();
        assert!(children.iter().all(|child| child.pid().is_some()));
        for branch in 0..BRANCHES {
            let supervisor = SupervisorRef::find(&node, branch_name(branch)).unwrap();
            let children = supervisor.which_children().await.unwrap();
            assert_eq!(children.len(), workers(branch));
            for (worker, child) in children.iter().rev().enumerate() {
                assert_eq!(child.pid(), process::whereis(worker_name(branch, worker)));
            }
        }
        root.stop().await.unwrap();
        assert_eq!(node.processes(), [process::current()]);
        assert!(node.registered().is_empty());
        assert!(reported(&reports).is_empty());
    })
    .await;
}
