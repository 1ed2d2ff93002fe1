//! Monitors.

use otp_core::prelude::*;
use otp_core::{Target, process};

use crate::puppet::{Puppet, Seen, as_process, boom, down};

// MON-001
#[tokio::test(start_paused = true)]
async fn a_monitor_brings_one_down_for_any_reason() {
    let node = Node::new();
    let watcher = Puppet::new(&node);
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::Killed,
        boom(),
    ] {
        let subject = Puppet::new(&node);
        let monitor = watcher.monitors(&subject).await;
        assert_eq!(watcher.seen().await, []);
        subject.ends(reason.clone()).await;
        assert_eq!(watcher.seen().await, [down(monitor, &subject, reason)]);
    }
    assert_eq!(watcher.seen().await, []);
}

// MON-002
#[tokio::test(start_paused = true)]
async fn a_monitor_on_a_dead_process_brings_a_down_with_no_process() {
    let node = Node::new();
    let (watcher, gone) = (Puppet::new(&node), Puppet::new(&node));
    gone.ends(boom()).await;
    let monitor = watcher.monitors(&gone).await;
    assert_eq!(
        watcher.seen().await,
        [down(monitor, &gone, ExitReason::NoProcess)]
    );
    assert!(watcher.info().monitors.is_empty());
}

// MON-003
#[tokio::test(start_paused = true)]
async fn each_monitor_is_one_of_its_own() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let mut monitors = Vec::new();
    for _ in 0..5 {
        monitors.push(watcher.monitors(&subject).await);
    }
    let gone = monitors.remove(2);
    assert!(watcher.demonitors(gone).await);
    subject.ends(boom()).await;
    let seen = watcher.seen().await;
    assert_eq!(seen.len(), 4, "{seen:?}");
    for monitor in monitors {
        assert!(
            seen.contains(&down(monitor, &subject, boom())),
            "{monitor}: {seen:?}"
        );
    }
}

// MON-003
#[tokio::test(start_paused = true)]
async fn a_monitor_is_one_way() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::trapping(&node).await);
    watcher.monitors(&subject).await;
    watcher.ends(boom()).await;
    assert_eq!(subject.seen().await, []);
    assert!(subject.is_alive());
    assert!(subject.info().monitored_by.is_empty());
}

// MON-003
#[tokio::test(start_paused = true)]
async fn a_process_may_monitor_itself_to_no_effect() {
    let node = Node::new();
    let puppet = Puppet::new(&node);
    puppet.monitors(&puppet).await;
    assert_eq!(puppet.seen().await, []);
    puppet.ends(boom()).await;
    assert_eq!(puppet.ended().await, boom());
}

// MON-004
#[tokio::test(start_paused = true)]
async fn a_demonitor_before_the_end_means_no_down() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let monitor = watcher.monitors(&subject).await;
    assert!(watcher.demonitors(monitor).await);
    subject.ends(boom()).await;
    assert_eq!(watcher.seen().await, []);
}

// MON-005
#[tokio::test(start_paused = true)]
async fn a_demonitor_of_a_used_monitor_does_nothing() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let (used, removed) = (
        watcher.monitors(&subject).await,
        watcher.monitors(&subject).await,
    );
    assert!(watcher.demonitors(removed).await);
    assert!(!watcher.demonitors(removed).await);
    subject.ends(boom()).await;
    assert!(!watcher.demonitors(used).await);
    assert_eq!(watcher.seen().await, [down(used, &subject, boom())]);
    assert!(!watcher.demonitors(used).await);
}

// MON-005
#[tokio::test(start_paused = true)]
async fn nobody_removes_the_monitor_of_another_process() {
    let node = Node::new();
    let (watcher, subject, other) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    let monitor = watcher.monitors(&subject).await;
    assert!(!other.demonitors(monitor).await);
    assert!(!subject.demonitors(monitor).await);
    assert!(!other.does(move |_| process::demonitor(monitor)).await);
    assert!(
        !other
            .does(move |mailbox| mailbox.demonitor_flush(monitor))
            .await
    );
    subject.ends(boom()).await;
    assert_eq!(watcher.seen().await, [down(monitor, &subject, boom())]);
}

// MON-007
#[tokio::test(start_paused = true)]
async fn a_monitor_by_name_watches_whoever_has_the_name_then() {
    let node = Node::new();
    let (watcher, first, second) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    node.register("jeeves", &first).expect("the name is free");
    let monitor = watcher.monitors("jeeves").await;
    node.unregister("jeeves").expect("the name is taken");
    node.register("jeeves", &second).expect("the name is free");
    second.ends(boom()).await;
    assert_eq!(watcher.seen().await, []);
    first.ends(ExitReason::Shutdown).await;
    assert_eq!(
        watcher.seen().await,
        [down(monitor, "jeeves", ExitReason::Shutdown)]
    );
}

// MON-007
#[tokio::test(start_paused = true)]
async fn a_monitor_on_an_unknown_name_brings_a_down_with_no_process() {
    let node = Node::new();
    let watcher = Puppet::new(&node);
    let monitor = watcher.monitors("jeeves").await;
    assert_eq!(
        watcher.seen().await,
        [down(monitor, "jeeves", ExitReason::NoProcess)]
    );
    let global = watcher.monitors(Name::global("jeeves")).await;
    let expected = down(global, Name::global("jeeves"), ExitReason::NoProcess);
    assert_eq!(watcher.seen().await, [expected]);
}

// MON-008
#[tokio::test(start_paused = true)]
async fn monitors_show_at_both_ends_and_are_cleared() {
    let node = Node::new();
    let watcher = Puppet::new(&node);
    let (removed, ended, subject) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    let monitor = watcher.monitors(&removed).await;
    watcher.monitors(&ended).await;
    watcher.monitors(&subject).await;
    assert_eq!(
        watcher.info().monitors,
        [removed.pid(), ended.pid(), subject.pid()]
    );
    for puppet in [&removed, &ended, &subject] {
        assert_eq!(puppet.info().monitored_by, [watcher.pid()]);
        assert!(puppet.info().monitors.is_empty());
    }
    watcher.demonitors(monitor).await;
    assert!(removed.info().monitored_by.is_empty());
    ended.ends(ExitReason::Normal).await;
    assert_eq!(watcher.info().monitors, [subject.pid()]);
    watcher.ends(ExitReason::Normal).await;
    assert!(subject.info().monitored_by.is_empty());
}

/// Answers when told to, and ends when told to.
struct Oracle(Vec<ReplyTo<u32>>);

enum Ask {
    Later(ReplyTo<u32>),
}

enum Do {
    Answer(u32),
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for Oracle {
    type Call = Ask;
    type Cast = Do;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Vec::new())))
    }

    async fn handle_call(&mut self, call: Ask, _: &mut Context<Self>) -> Reply<Self> {
        let Ask::Later(from) = call;
        self.0.push(from);
        Reply::later()
    }

    async fn handle_cast(&mut self, order: Do, _: &mut Context<Self>) -> Next<Self> {
        match order {
            Do::Answer(answer) => {
                self.0.remove(0).send(answer);
                Next::NoReply
            }
            Do::Stop(reason) => Next::Stop(reason),
        }
    }
}

// MON-009: a request is OTP's monitor with an alias: one address for the answer or for the end.
#[tokio::test(start_paused = true)]
async fn a_request_gets_the_answer_or_the_end_whichever_is_first() {
    as_process(|mailbox: Mailbox<u32>| async move {
        let oracle = Oracle::start(()).await.expect("it starts");
        let answered = oracle.send_request(Ask::Later);
        let unanswered = oracle.send_request(Ask::Later);
        let dropped = oracle.send_request(Ask::Later);
        oracle.cast(Do::Answer(1));
        assert_eq!(answered.await, Ok(1));
        drop(dropped);
        oracle.cast(Do::Stop(boom()));
        let end = unanswered.await.expect_err("it has ended");
        assert!(
            matches!(&end, CallError::Exited { reason, .. } if *reason == boom()),
            "{end:?}"
        );
        assert!(mailbox.is_empty(), "neither answers nor DOWNs are left");
    })
    .await;
}

// MON-002
#[tokio::test(start_paused = true)]
async fn a_monitor_on_a_process_whose_end_is_decided_brings_no_process() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let (to, itself) = (subject.pid(), watcher.clone());
    watcher
        .does(move |_| {
            process::exit(to, boom());
            itself.watches(to);
        })
        .await;
    let seen = watcher.seen().await;
    let seen = if seen.is_empty() {
        watcher.seen().await
    } else {
        seen
    };
    assert!(
        matches!(&seen[..], [Seen::Down(down)] if down.reason == ExitReason::NoProcess),
        "{seen:?}",
    );
}

// As the BEAM does it: there is a reference, and nothing behind it.
#[tokio::test(start_paused = true)]
async fn a_process_that_monitors_itself_has_no_monitor() {
    let node = Node::new();
    let narcissus = Puppet::new(&node);
    node.register("narcissus", narcissus.pid()).unwrap();
    for target in [Target::from(narcissus.pid()), Target::from("narcissus")] {
        let monitor = narcissus.monitors(target).await;
        assert_eq!(narcissus.info().monitors, []);
        assert_eq!(narcissus.info().monitored_by, []);
        assert!(!narcissus.demonitors(monitor).await);
    }
}
