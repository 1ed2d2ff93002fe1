//! Links, monitors, exits and the loss of a node, between two nodes of ours.

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{MonitorRef, Target, process};
use otp_dist::{Destination, NodeEvent};
use otp_etf::term;

use crate::support::{A, B, Pair, Server, atom};

#[derive(Debug, PartialEq)]
enum Told {
    Exit(ExitReason),
    Down(ExitReason),
}

/// A process of a node that does what it is given, and reports exits and DOWNs.
fn watcher(
    node: &Node,
    told: &Probe<Told>,
    first: impl FnOnce(&mut Mailbox<Told>) + Send + 'static,
) -> ProcessRef<Told> {
    let told = told.clone();
    node.spawn(async move |mut mailbox: Mailbox<Told>| {
        mailbox.trap_exit(|exit| Told::Exit(exit.reason));
        first(&mut mailbox);
        loop {
            told.report(mailbox.receive().await);
        }
    })
}

impl Pair {
    /// The server's pid, as node a knows it, and its name.
    async fn server_on_a(&self) -> (Pid, Target) {
        let pid = self.on_b.pid(self.server.pid()).expect("a process of b");
        let there = self.on_a.at(Destination::Pid(pid));
        let pid = there.pid().await.expect("b is connected");
        (pid, self.on_a.process("server", B).target().await)
    }
}

// DST-005, DST-006
#[tokio::test]
async fn an_end_over_there_is_told_by_link_by_pid_and_by_name() {
    let pair = Pair::start().await;
    let (pid, name) = pair.server_on_a().await;
    let told = Probe::new();
    let _watcher = watcher(&pair.a, &told, move |mailbox| {
        process::link(pid);
        mailbox.monitor(pid, |down| Told::Down(down.reason));
        mailbox.monitor(name, |down| Told::Down(down.reason));
        process::exit(pid, ExitReason::other(term!({why, 1})));
    });
    let reason = ExitReason::other(term!({why, 1}));
    let mut seen = [told.next().await, told.next().await, told.next().await];
    seen.sort_by_key(|told| matches!(told, Told::Down(_)));
    assert_eq!(
        seen,
        [
            Told::Exit(reason.clone()),
            Told::Down(reason.clone()),
            Told::Down(reason)
        ]
    );
}

// DST-003, DST-004
#[tokio::test]
async fn the_loss_of_a_node_fires_everything() {
    let pair = Pair::start().await;
    let (pid, name) = pair.server_on_a().await;
    let events = Probe::new();
    let told_events = events.clone();
    let _events = pair
        .on_a
        .monitor_nodes(move |event| told_events.report(event.clone()));
    let told = Probe::new();
    let _watcher = watcher(&pair.a, &told, move |mailbox| {
        process::link(pid);
        mailbox.monitor(pid, |down| Told::Down(down.reason));
        mailbox.monitor(name, |down| Told::Down(down.reason));
    });
    assert_eq!(pair.on_a.nodes(), [atom(B)]);
    // Both sides know of it before it ends.
    let server = pair.on_a.process("server", B);
    assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    pair.on_b.stop();
    for _ in 0..3 {
        let (Told::Exit(reason) | Told::Down(reason)) = told.next().await;
        assert_eq!(reason, ExitReason::NoConnection);
    }
    assert_eq!(events.next().await, NodeEvent::Down(atom(B)));
    assert!(pair.on_a.nodes().is_empty());
    // The server was linked and does not trap exits.
    assert_eq!(pair.server.wait().await, ExitReason::NoConnection);
}

#[tokio::test]
async fn a_process_that_is_not_exposed_cannot_be_reached() {
    let pair = Pair::start().await;
    let hidden = pair
        .b
        .spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let there = pair.on_b.pid(hidden.pid()).expect("a process of b");
    let there = pair.on_a.at(Destination::Pid(there)).pid().await;
    let there = there.expect("b is connected");
    let told = Probe::new();
    let _watcher = watcher(&pair.a, &told, move |mailbox| {
        process::exit(there, ExitReason::Kill);
        process::link(there);
        mailbox.monitor(there, |down| Told::Down(down.reason));
    });
    let mut seen = [told.next().await, told.next().await];
    seen.sort_by_key(|told| matches!(told, Told::Down(_)));
    assert_eq!(
        seen,
        [
            Told::Exit(ExitReason::NoProcess),
            Told::Down(ExitReason::NoProcess)
        ]
    );
    assert!(hidden.is_alive());
}

// DST-007
#[tokio::test]
async fn a_link_that_was_undone_says_nothing_and_a_new_one_counts() {
    let pair = Pair::start().await;
    let (pid, _) = pair.server_on_a().await;
    let told = Probe::new();
    let _quiet = watcher(&pair.a, &told, move |_| {
        process::link(pid);
        process::unlink(pid);
    });
    let relinked = Probe::new();
    let _again = watcher(&pair.a, &relinked, move |_| {
        process::link(pid);
        process::unlink(pid);
        process::link(pid);
        process::exit(pid, ExitReason::Kill);
    });
    assert_eq!(relinked.next().await, Told::Exit(ExitReason::Killed));
    assert_eq!(told.drain(), []);
}

#[tokio::test]
async fn both_sides_know_each_other() {
    let pair = Pair::start().await;
    pair.on_a.connect(&atom(B)).await.expect("b is there");
    assert_eq!(pair.on_b.nodes(), [atom(A)]);
    assert!(pair.on_a.disconnect(&atom(B)));
    assert!(!pair.on_a.disconnect(&atom(B)));
}

/// The small form of `just scale`: servers that are exposed by name are addressed by their pids, too.
// DST-003
#[tokio::test]
async fn a_lost_node_fires_every_one_of_many_monitors_once() {
    const SERVERS: usize = 500;
    const EACH: usize = 40;
    let pair = Pair::start().await;
    let mut targets = Vec::new();
    for number in 0..SERVERS {
        let name = format!("server{number}");
        let server = Server::options().on(&pair.b).name(name.clone()).start(());
        let pid = server.await.expect("the name is free").pid();
        pair.on_b.expose::<Server>(name.clone());
        let to = Destination::Pid(pair.on_b.pid(pid).expect("a process of b"));
        targets.push(pair.on_a.at(to).target().await);
        targets.push(pair.on_a.process(&name, B).target().await);
    }
    let fired = Probe::new();
    let told = fired.clone();
    let (set, is_set) = tokio::sync::oneshot::channel();
    let _watcher = pair.a.spawn(
        async move |mut mailbox: Mailbox<(MonitorRef, ExitReason)>| {
            let mut set_here = Vec::new();
            for _ in 0..EACH {
                for target in &targets {
                    let monitor =
                        mailbox.monitor(target.clone(), |down| (down.monitor, down.reason));
                    set_here.push(monitor);
                }
            }
            let _nobody = set.send(set_here);
            loop {
                told.report(mailbox.receive().await);
            }
        },
    );
    let mut set = is_set.await.expect("it runs");
    // All of them have arrived when this is answered.
    let server = pair.on_a.process("server", B);
    assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    assert_eq!(fired.drain().len(), 0);
    pair.on_b.stop();
    let mut seen = Vec::new();
    for _ in 0..set.len() {
        let (monitor, reason) = fired.next().await;
        assert_eq!(reason, ExitReason::NoConnection);
        seen.push(monitor);
    }
    set.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, set);
    // What the other node remembered of them is gone, too.
    let watched = pair.b.whereis("server7").expect("it lives");
    let info = pair.b.process_info(watched).expect("it lives");
    assert_eq!(info.monitored_by, []);
    assert_eq!(fired.drain().len(), 0);
}
