//! Links, monitors and exits between two nodes, over a carrier that is a call.

use std::sync::{Arc, Mutex, OnceLock};

use otp_core::prelude::*;
use otp_core::remote::{Carrier, RemoteNode};
use otp_core::test::Probe;
use otp_core::{MonitorRef, Target, process};

/// One direction of a connection: it takes what one node says and does it on the other.
#[derive(Default)]
struct Wire {
    /// The sender, as the other node knows it.
    there: OnceLock<RemoteNode>,
    /// Monitors: the sender's number, and the other node's.
    monitors: Mutex<Vec<(MonitorRef, MonitorRef)>>,
    /// The same wire in the other direction.
    back: OnceLock<Arc<Wire>>,
    /// Which node the pids of the receiving side are on, as it knows itself.
    home: OnceLock<Node>,
}

impl Wire {
    fn there(&self) -> &RemoteNode {
        self.there.get().expect("the wire is laid")
    }

    /// A pid of the sender's node, as the other one knows it.
    fn out(&self, pid: Pid) -> Pid {
        self.there().pid(pid.id()).expect("a pid has a number")
    }

    /// A pid of the other node, as it knows it itself.
    fn home(&self, pid: Pid) -> Pid {
        let home = self.home.get().expect("the wire is laid");
        home.pid(pid.id())
            .expect("it has been given out over there")
    }

    fn home_target(&self, target: &Target) -> Target {
        match target {
            Target::Pid(pid) => self.home(*pid).into(),
            Target::Name(Name::Remote(name)) => Name::Local(name.name.clone()).into(),
            Target::Name(name) => name.clone().into(),
        }
    }

    fn monitor_over_there(&self, monitor: MonitorRef) -> Option<MonitorRef> {
        let monitors = self.monitors.lock().expect("no test panics with it");
        let found = monitors.iter().find(|(mine, _)| *mine == monitor);
        found.map(|(_, theirs)| *theirs)
    }
}

impl Carrier for Wire {
    fn link(&self, from: Pid, to: Pid) {
        self.there().link(self.out(from), self.home(to));
    }

    fn unlink(&self, from: Pid, to: Pid) {
        self.there().unlink(self.out(from), self.home(to));
    }

    fn linked_exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        let from = self.out(from);
        self.there()
            .linked_exit(from, self.home(to), reason.clone());
    }

    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
        self.there()
            .exit(self.out(from), self.home(to), reason.clone());
    }

    fn monitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef) {
        let monitors = &self.monitors;
        self.there()
            .monitor(self.out(watcher), self.home_target(target), |theirs| {
                let mut monitors = monitors.lock().expect("no test panics with it");
                monitors.push((monitor, theirs));
            });
    }

    fn demonitor(&self, watcher: Pid, _: &Target, monitor: MonitorRef) {
        if let Some(theirs) = self.monitor_over_there(monitor) {
            self.there().demonitor(self.out(watcher), theirs);
        }
    }

    fn down(&self, target: &Target, _: Pid, monitor: MonitorRef, reason: &ExitReason) {
        // The monitor was made by the other side, over the wire back.
        let back = self.back.get().expect("the wire is laid");
        let monitors = back.monitors.lock().expect("no test panics with it");
        let theirs = monitors.iter().find(|(_, here)| *here == monitor);
        let theirs = theirs.expect("it was made over there").0;
        drop(monitors);
        let target = match target {
            Target::Pid(pid) => Target::Pid(self.out(*pid)),
            Target::Name(name) => self.there().name(name.to_string()).into(),
        };
        self.there().down(&target, theirs, reason.clone());
    }
}

/// Two nodes with a connection, and each as the other knows it.
struct World {
    a: Node,
    b: Node,
    /// Node b, as a knows it.
    b_on_a: RemoteNode,
    /// Node a, as b knows it.
    a_on_b: RemoteNode,
}

impl World {
    fn new() -> Self {
        let (a, b) = (Node::new(), Node::new());
        let (to_b, to_a) = (Arc::new(Wire::default()), Arc::new(Wire::default()));
        let b_on_a = a.connect(to_b.clone());
        let a_on_b = b.connect(to_a.clone());
        let _ = (
            to_b.there.set(a_on_b.clone()),
            to_a.there.set(b_on_a.clone()),
        );
        let _ = (to_b.back.set(to_a.clone()), to_a.back.set(to_b.clone()));
        let _ = (to_b.home.set(b.clone()), to_a.home.set(a.clone()));
        Self {
            a,
            b,
            b_on_a,
            a_on_b,
        }
    }

    /// A pid of node b, as node a knows it.
    fn on_a(&self, pid: Pid) -> Pid {
        self.b_on_a.pid(pid.id()).expect("a pid has a number")
    }

    fn on_b(&self, pid: Pid) -> Pid {
        self.a_on_b.pid(pid.id()).expect("a pid has a number")
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    Exit(Exit),
    Down(Down),
}

/// A process that traps exits and reports what it is told; it does first what it was given.
fn watcher(
    node: &Node,
    told: &Probe<Told>,
    first: impl FnOnce(&mut Mailbox<Told>) + Send + 'static,
) -> ProcessRef<Told> {
    let told = told.clone();
    node.spawn(async move |mut mailbox: Mailbox<Told>| {
        mailbox.trap_exit(Told::Exit);
        first(&mut mailbox);
        loop {
            let message = mailbox.receive().await;
            told.report(message);
        }
    })
}

fn idle(node: &Node) -> ProcessRef<Never> {
    node.spawn(|_: Mailbox<Never>| std::future::pending::<()>())
}

async fn settle() {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_exit_crosses_a_link_in_both_directions() {
    let world = World::new();
    let told = Probe::new();
    let other = idle(&world.b);
    let other_on_a = world.on_a(other.pid());
    let linked = watcher(&world.a, &told, move |_| process::link(other_on_a));
    settle().await;
    world.b.exit(&other, ExitReason::other("boom"));
    assert_eq!(
        told.next().await,
        Told::Exit(Exit {
            from: other_on_a,
            reason: ExitReason::other("boom")
        })
    );
    assert_eq!((world.b_on_a.proxies(), world.a_on_b.proxies()), (0, 0));

    // And from the side that has made the link.
    let other = idle(&world.b);
    let other_on_a = world.on_a(other.pid());
    let linker = world.a.spawn(async move |_: Mailbox<Never>| {
        process::link(other_on_a);
        ExitReason::other("gone")
    });
    assert_eq!(other.wait().await, ExitReason::other("gone"));
    assert!(linked.is_alive() && !linker.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_undone_tells_nothing() {
    let world = World::new();
    let told = Probe::new();
    let other = idle(&world.b);
    let other_on_a = world.on_a(other.pid());
    let _linked = watcher(&world.a, &told, move |_| {
        process::link(other_on_a);
        process::unlink(other_on_a);
    });
    settle().await;
    world.b.exit(&other, ExitReason::Kill);
    settle().await;
    assert_eq!(told.drain(), []);
    assert_eq!((world.b_on_a.proxies(), world.a_on_b.proxies()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_link_to_a_dead_process_over_there_is_answered() {
    let world = World::new();
    let told = Probe::new();
    let other = idle(&world.b);
    world.b.exit(&other, ExitReason::Kill);
    other.wait().await;
    let other_on_a = world.on_a(other.pid());
    let _linked = watcher(&world.a, &told, move |_| process::link(other_on_a));
    let expected = Exit {
        from: other_on_a,
        reason: ExitReason::NoProcess,
    };
    assert_eq!(told.next().await, Told::Exit(expected));
}

#[tokio::test(start_paused = true)]
async fn a_down_crosses_for_a_pid_and_for_a_name() {
    let world = World::new();
    let told = Probe::new();
    let other = idle(&world.b);
    world.b.register("other", &other).expect("the name is free");
    let other_on_a = world.on_a(other.pid());
    let by_name = world.b_on_a.name("other");
    let target = by_name.clone();
    let _watcher = watcher(&world.a, &told, move |mailbox| {
        mailbox.monitor(other_on_a, Told::Down);
        mailbox.monitor(target, Told::Down);
    });
    settle().await;
    world.b.exit(&other, ExitReason::other("boom"));
    let mut targets = Vec::new();
    for _ in 0..2 {
        let Told::Down(down) = told.next().await else {
            panic!("a DOWN comes");
        };
        assert_eq!(down.reason, ExitReason::other("boom"));
        targets.push(down.target);
    }
    targets.sort_by_key(|target| matches!(target, Target::Name(_)));
    assert_eq!(targets, [Target::Pid(other_on_a), Target::Name(by_name)]);
    settle().await;
    assert_eq!((world.b_on_a.proxies(), world.a_on_b.proxies()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_monitor_of_nobody_is_answered_and_one_taken_back_is_quiet() {
    let world = World::new();
    let told = Probe::new();
    let nobody = world.b_on_a.name("nobody");
    let other = idle(&world.b);
    let other_on_a = world.on_a(other.pid());
    let _watcher = watcher(&world.a, &told, move |mailbox| {
        mailbox.monitor(nobody, Told::Down);
        let taken_back = mailbox.monitor(other_on_a, Told::Down);
        process::demonitor(taken_back);
    });
    let Told::Down(down) = told.next().await else {
        panic!("a DOWN comes");
    };
    assert_eq!(down.reason, ExitReason::NoProcess);
    world.b.exit(&other, ExitReason::Kill);
    settle().await;
    assert_eq!(told.drain(), []);
    assert_eq!((world.b_on_a.proxies(), world.a_on_b.proxies()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn exit_signals_by_hand_cross_and_kill_is_killed() {
    let world = World::new();
    let told = Probe::new();
    let victim = idle(&world.b);
    let trapping = watcher(&world.b, &told, |_| {});
    let (victim_on_a, trapping_on_a) = (world.on_a(victim.pid()), world.on_a(trapping.pid()));
    let sender = world.a.spawn(async move |_: Mailbox<Never>| {
        process::exit(trapping_on_a, ExitReason::other("hello"));
        process::exit(victim_on_a, ExitReason::Kill);
    });
    assert_eq!(victim.wait().await, ExitReason::Killed);
    let expected = Exit {
        from: world.on_b(sender.pid()),
        reason: ExitReason::other("hello"),
    };
    assert_eq!(told.next().await, Told::Exit(expected));
}

#[tokio::test(start_paused = true)]
async fn the_loss_of_a_node_fires_everything_once_and_leaves_nothing() {
    let world = World::new();
    let told = Probe::new();
    let other = idle(&world.b);
    world.b.register("other", &other).expect("the name is free");
    let other_on_a = world.on_a(other.pid());
    let by_name = world.b_on_a.name("other");
    let target = by_name.clone();
    let watching = watcher(&world.a, &told, move |mailbox| {
        process::link(other_on_a);
        mailbox.monitor(other_on_a, Told::Down);
        mailbox.monitor(target, Told::Down);
    });
    settle().await;
    world.b_on_a.lost();
    world.a_on_b.lost();
    settle().await;
    let told_of = told.drain();
    assert_eq!(told_of.len(), 3, "{told_of:?}");
    for message in told_of {
        let reason = match message {
            Told::Exit(exit) => exit.reason,
            Told::Down(down) => down.reason,
        };
        assert_eq!(reason, ExitReason::NoConnection);
    }
    // The other side had a link, too, and does not trap exits.
    assert_eq!(other.wait().await, ExitReason::NoConnection);
    assert_eq!((world.b_on_a.proxies(), world.a_on_b.proxies()), (0, 0));

    // A pid of the lost node is dead.
    assert!(watching.is_alive());
    let late = Probe::new();
    let _late = watcher(&world.a, &late, move |mailbox| {
        process::link(other_on_a);
        mailbox.monitor(other_on_a, Told::Down);
    });
    settle().await;
    let late = late.drain();
    assert_eq!(late.len(), 2, "{late:?}");
}
