//! Kill.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{process, timer};

use crate::puppet::{Puppet, as_process, boom, down, exit};

// KIL-001
#[tokio::test(start_paused = true)]
async fn kill_ends_a_process_whatever_its_flags_and_others_see_killed() {
    let node = Node::new();
    let killer = Puppet::new(&node);
    for traps in [false, true] {
        let subject = Puppet::new(&node);
        if traps {
            subject.traps_exits().await;
        }
        let monitor = killer.monitors(&subject).await;
        killer.sends_exit(&subject, ExitReason::Kill).await;
        assert!(!subject.is_alive());
        assert_eq!(subject.ended().await, ExitReason::Killed);
        assert_eq!(
            killer.seen().await,
            [down(monitor, &subject, ExitReason::Killed)]
        );
    }
}

// KIL-001
#[tokio::test(start_paused = true)]
async fn kill_acts_at_once_in_the_middle_of_a_long_wait() {
    let node = Node::new();
    let started = tokio::time::Instant::now();
    let sleeper = node.spawn(|mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    });
    tokio::task::yield_now().await;
    node.exit(&sleeper, ExitReason::Kill);
    assert_eq!(sleeper.wait().await, ExitReason::Killed);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

// KIL-001
#[tokio::test(start_paused = true)]
async fn kill_does_not_wait_behind_a_backlog() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
        loop {
            report.report(mailbox.receive().await);
        }
    });
    for number in 0..1000 {
        process.send(number);
    }
    node.exit(&process, ExitReason::Kill);
    assert_eq!(process.wait().await, ExitReason::Killed);
    assert_eq!(probe.drain(), Vec::<u32>::new());
}

// KIL-001
#[tokio::test(start_paused = true)]
async fn a_process_that_ends_with_kill_by_itself_is_no_killed_one() {
    let node = Node::new();
    let (plain, trapping) = (Puppet::new(&node), Puppet::trapping(&node).await);
    let subject = Puppet::new(&node);
    subject.links(&plain).await;
    subject.links(&trapping).await;
    subject.ends(ExitReason::Kill).await;
    assert_eq!(trapping.seen().await, [exit(&subject, ExitReason::Kill)]);
    assert_eq!(plain.ended().await, ExitReason::Kill);
}

// KIL-002
#[tokio::test(start_paused = true)]
async fn the_links_of_a_killed_process_get_an_ordinary_exit_with_killed() {
    let node = Node::new();
    let (plain, trapping) = (Puppet::new(&node), Puppet::trapping(&node).await);
    let subject = Puppet::new(&node);
    subject.links(&plain).await;
    subject.links(&trapping).await;
    node.exit(&subject, ExitReason::Kill);
    assert_eq!(subject.ended().await, ExitReason::Killed);
    assert_eq!(plain.ended().await, ExitReason::Killed);
    assert_eq!(trapping.seen().await, [exit(&subject, ExitReason::Killed)]);
    assert!(trapping.is_alive());
}

/// Reports whatever of its code runs.
struct Reporter(Probe<&'static str>);

#[gen_server]
impl GenServer for Reporter {
    type Args = Probe<&'static str>;
    type Cast = bool;

    async fn init(
        probe: Probe<&'static str>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self(probe)))
    }

    async fn handle_cast(&mut self, wait: bool, _: &mut Context<Self>) -> Next<Self> {
        self.0.report("cast");
        if wait {
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.0.report("waited");
        }
        Next::NoReply
    }

    async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) {
        self.0.report("terminate");
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.0.report("drop");
    }
}

// KIL-003
#[tokio::test(start_paused = true)]
async fn after_a_kill_only_destructors_run() {
    let node = Node::new();
    let probe = Probe::new();
    let args = probe.clone();
    let server = Reporter::options()
        .on(&node)
        .start(args)
        .await
        .expect("it starts");
    server.cast(true);
    assert_eq!(probe.next().await, "cast");
    server.cast(false);
    node.exit(&server, ExitReason::Kill);
    server.cast(false);
    assert_eq!(server.wait().await, ExitReason::Killed);
    assert_eq!(probe.drain(), ["drop"]);
}

// KIL-003
#[tokio::test(start_paused = true)]
async fn a_killed_process_gets_no_further_turn() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |_: Mailbox<Never>| async move {
        loop {
            report.report("a turn");
            tokio::task::yield_now().await;
        }
    });
    probe.next().await;
    drop(probe.drain());
    node.exit(&process, ExitReason::Kill);
    assert_eq!(process.wait().await, ExitReason::Killed);
    assert_eq!(probe.drain(), Vec::<&str>::new());
}

// KIL-003
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_does_not_come_back_from_an_await() {
    let node = Node::new();
    for _ in 0..200 {
        let probe = Probe::new();
        let report = probe.clone();
        let process = node.spawn(move |_: Mailbox<Never>| async move {
            loop {
                report.report(process::node().is_alive(process::current()));
                tokio::task::yield_now().await;
            }
        });
        probe.next().await;
        node.exit(&process, ExitReason::Kill);
        assert_eq!(process.wait().await, ExitReason::Killed);
        // One turn may have been under way when the kill came.
        let dead_turns = probe.drain().into_iter().filter(|alive| !alive).count();
        assert!(dead_turns <= 1, "{dead_turns}");
    }
}

// KIL-004
#[tokio::test(start_paused = true)]
async fn a_killed_process_leaves_nothing_behind() {
    as_process(|_: Mailbox<Never>| async {
        let node = process::node();
        let (subject, linked) = (Puppet::new(&node), Puppet::trapping(&node).await);
        let watched = Puppet::new(&node);
        node.register("local", &subject).expect("the name is free");
        node.register(Name::global("global"), &subject)
            .expect("the name is free");
        linked.links(&subject).await;
        subject.monitors(&watched).await;
        let exits = timer::exit_after(&subject, Duration::from_secs(60), boom());
        let sends = subject
            .does(|mailbox| timer::kill_after(mailbox.pid(), Duration::from_secs(60)))
            .await;
        assert!(exits.read().is_some() && sends.read().is_some());

        process::exit(&subject, ExitReason::Kill);
        // Before it has come to its end, it is dead for others.
        assert_eq!(node.whereis("local"), None);
        assert_eq!(subject.ended().await, ExitReason::Killed);
        assert_eq!(node.whereis(Name::global("global")), None);
        assert!(node.registered().is_empty());
        assert_eq!(node.register("local", &watched), Ok(()));
        assert_eq!((exits.read(), sends.read()), (None, None));
        assert!(linked.info().links.is_empty());
        assert!(watched.info().monitored_by.is_empty());
        assert!(node.process_info(subject.pid()).is_none());
    })
    .await;
}
