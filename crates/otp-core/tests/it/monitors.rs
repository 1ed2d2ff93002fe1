//! Monitors.

use std::collections::HashMap;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
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

#[derive(Debug, PartialEq)]
enum Msg {
    Word(&'static str),
    Down(&'static str, ExitReason),
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_flush_finds_the_down_wherever_in_the_mailbox_it_stands() {
    /// What the watcher does between the DOWN's arrival and the flush.
    #[derive(Debug, Clone, Copy)]
    enum Meanwhile {
        Nothing,
        Receive,
        SelectiveReceive,
        SelectiveReceiveInVain,
    }

    as_process(|mut mailbox: Mailbox<Msg>| async move {
        for meanwhile in [
            Meanwhile::Nothing,
            Meanwhile::Receive,
            Meanwhile::SelectiveReceive,
            Meanwhile::SelectiveReceiveInVain,
        ] {
            let me = mailbox.me();
            let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
            let flushed = mailbox.monitor(&subject, |down| Msg::Down("flushed", down.reason));
            me.send(Msg::Word("first"));
            subject.wait().await;
            let kept = mailbox.monitor(&subject, |down| Msg::Down("kept", down.reason));
            me.send(Msg::Word("last"));
            let first = Msg::Word("first");
            match meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::Receive => assert_eq!(mailbox.receive().await, first),
                Meanwhile::SelectiveReceive => {
                    let last = mailbox.receive_match(|msg| *msg == Msg::Word("last")).await;
                    me.send(last);
                }
                Meanwhile::SelectiveReceiveInVain => {
                    let none = mailbox
                        .receive_match_timeout(Duration::ZERO, |_| false)
                        .await;
                    assert_eq!(none, None);
                }
            }
            assert!(!mailbox.demonitor_flush(flushed), "it has fired");
            if !matches!(meanwhile, Meanwhile::Receive) {
                assert_eq!(mailbox.receive().await, first);
            }
            assert_eq!(mailbox.len(), 2, "{meanwhile:?}");
            let expected = Msg::Down("kept", ExitReason::NoProcess);
            assert_eq!(mailbox.receive().await, expected, "{meanwhile:?}");
            assert_eq!(mailbox.receive().await, Msg::Word("last"), "{meanwhile:?}");
            assert!(!mailbox.demonitor_flush(kept), "it was received");
            assert!(mailbox.is_empty());
        }
    })
    .await;
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_selective_receive_finds_a_down_by_what_it_has_become() {
    as_process(|mut mailbox: Mailbox<Msg>| async move {
        let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
        for name in ["one", "two", "three"] {
            mailbox.monitor(&subject, move |down| Msg::Down(name, down.reason));
        }
        mailbox.me().send(Msg::Word("word"));
        let two = mailbox
            .receive_match(|msg| matches!(msg, Msg::Down("two", _)))
            .await;
        assert_eq!(two, Msg::Down("two", boom()));
        assert_eq!(
            mailbox.receive_match(|msg| *msg == Msg::Word("word")).await,
            Msg::Word("word")
        );
        let mut left = Vec::new();
        while let Some(Msg::Down(name, _)) = mailbox.receive_timeout(Duration::ZERO).await {
            left.push(name);
        }
        left.sort_unstable();
        assert_eq!(left, ["one", "three"]);
    })
    .await;
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_demonitor_tells_whether_the_monitor_was_active() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let (early, late) = (
        watcher.monitors(&subject).await,
        watcher.monitors(&subject).await,
    );
    assert!(
        watcher
            .does(move |mailbox| mailbox.demonitor_flush(early))
            .await
    );
    subject.ends(boom()).await;
    assert!(
        !watcher
            .does(move |mailbox| mailbox.demonitor_flush(late))
            .await
    );
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

impl GenServer for Oracle {
    type Args = ();
    type Call = Ask;
    type Cast = Do;
    type Info = Never;
    type Continue = Never;

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

// MON-010
#[tokio::test(start_paused = true)]
async fn a_down_becomes_the_message_that_the_monitor_was_made_with() {
    as_process(|mut mailbox: Mailbox<Msg>| async move {
        let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
        let moved = String::from("owned by the closure");
        mailbox.monitor(&subject, |down| Msg::Down("a tag", down.reason));
        mailbox.monitor(&subject, move |down| {
            assert_eq!(moved, "owned by the closure");
            Msg::Down("another", down.reason)
        });
        let mut seen = vec![mailbox.receive().await, mailbox.receive().await];
        seen.sort_by_key(|msg| match msg {
            Msg::Down(tag, _) | Msg::Word(tag) => *tag,
        });
        assert_eq!(
            seen,
            [Msg::Down("a tag", boom()), Msg::Down("another", boom())]
        );
    })
    .await;
}

// MON-011
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_watch_each_other_while_dying_lose_no_down_and_get_no_double() {
    const PROCESSES: usize = 1000;
    const WATCHED_BY_EACH: usize = 10;

    let node = Node::new();
    let everyone: Vec<Puppet> = (0..PROCESSES).map(|_| Puppet::new(&node)).collect();
    let subjects =
        |at: usize| (1..=WATCHED_BY_EACH).map(move |step| (at * 7 + step * 31) % PROCESSES);
    // Every second one is ended, by a process of its own, while others begin to watch it.
    let dies = |at: usize| at.is_multiple_of(2);
    for (at, watcher) in everyone.iter().enumerate() {
        for subject in subjects(at) {
            watcher.watches(&everyone[subject]);
        }
        if dies(at) {
            let doomed = watcher.pid();
            node.spawn(move |_: Mailbox<Never>| async move {
                for _ in 0..at % 5 {
                    tokio::task::yield_now().await;
                }
                process::exit(doomed, ExitReason::other(doomed));
            });
        }
    }
    for (at, puppet) in everyone.iter().enumerate() {
        if dies(at) {
            assert_eq!(puppet.ended().await, ExitReason::other(puppet.pid()));
        }
    }
    for (at, watcher) in everyone.iter().enumerate() {
        if dies(at) {
            continue;
        }
        let mut told = HashMap::new();
        for seen in watcher.seen().await {
            let Seen::Down(down) = seen else {
                panic!("a DOWN was expected: {seen:?}");
            };
            let Target::Pid(subject) = down.target else {
                panic!("a pid was watched: {:?}", down.target);
            };
            // `NoProcess` when the monitor came too late.
            let real = down.reason == ExitReason::other(subject);
            assert!(
                real || down.reason == ExitReason::NoProcess,
                "{}",
                down.reason
            );
            assert_eq!(told.insert(subject, down.monitor), None, "{subject} twice");
        }
        let (dead, mut alive): (Vec<usize>, Vec<usize>) = subjects(at).partition(|at| dies(*at));
        assert_eq!(told.len(), dead.len());
        assert!(
            dead.iter()
                .all(|at| told.contains_key(&everyone[*at].pid()))
        );
        alive.sort_unstable();
        let alive: Vec<Pid> = alive.iter().map(|at| everyone[*at].pid()).collect();
        assert_eq!(watcher.info().monitors, alive);
    }
}

// MON-011
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_demonitor_that_races_with_the_end_either_wins_or_finds_the_down() {
    let node = Node::new();
    for _ in 0..100 {
        let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
        let mut monitors = Vec::new();
        for _ in 0..50 {
            monitors.push(watcher.monitors(&subject).await);
        }
        let (ready, won) = (Probe::new(), Probe::new());
        let (report, result) = (ready.clone(), won.clone());
        let all = monitors.clone();
        watcher.will(move |mailbox| {
            report.report(());
            // The first DOWN is here, and the others are on their way.
            while mailbox.is_empty() {
                std::hint::spin_loop();
            }
            for monitor in all {
                result.report(mailbox.demonitor(monitor));
            }
        });
        ready.next().await;
        node.exit(&subject, boom());
        assert_eq!(subject.ended().await, boom());
        let seen = watcher.seen().await;
        let mut lost = Vec::new();
        for (monitor, won) in monitors.into_iter().zip(won.drain()) {
            if !won {
                lost.push(down(monitor, &subject, boom()));
            }
        }
        assert_eq!(seen.len(), lost.len(), "{seen:?}");
        assert!(lost.iter().all(|down| seen.contains(down)), "{seen:?}");
    }
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
