//! Signals and their order.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_core::{NoSuchName, SendError};

use crate::puppet::{Puppet, Seen, as_process, boom, down, exit};

// SIG-001
#[tokio::test(start_paused = true)]
async fn signals_of_every_kind_from_one_sender_arrive_as_sent() {
    let node = Node::new();
    let (sender, receiver) = (Puppet::new(&node), Puppet::trapping(&node).await);
    let monitor = receiver.monitors(&sender).await;
    let to = receiver.clone();
    sender
        .does(move |mailbox| {
            to.hears("one");
            process::exit(&to, boom());
            to.hears("two");
            mailbox.link(&to);
            process::exit(&to, ExitReason::Normal);
            to.hears("three");
        })
        .await;
    sender.ends(ExitReason::Shutdown).await;
    let seen = receiver.seen().await;
    let (first, last) = seen.split_at(5);
    let expected = [
        Seen::Word("one"),
        exit(&sender, boom()),
        Seen::Word("two"),
        exit(&sender, ExitReason::Normal),
        Seen::Word("three"),
    ];
    assert_eq!(first, expected);
    // A link and a monitor are two; their order is nowhere promised.
    assert_eq!(last.len(), 2, "{last:?}");
    assert!(
        last.contains(&exit(&sender, ExitReason::Shutdown)),
        "{last:?}"
    );
    assert!(
        last.contains(&down(monitor, &sender, ExitReason::Shutdown)),
        "{last:?}"
    );
}

// SIG-001
#[tokio::test(start_paused = true)]
async fn a_link_undone_by_the_one_that_made_it_has_no_effect_afterwards() {
    let node = Node::new();
    let (sender, receiver) = (Puppet::new(&node), Puppet::new(&node));
    let to = receiver.pid();
    sender
        .does(move |mailbox| {
            mailbox.link(to);
            mailbox.unlink(to);
        })
        .await;
    sender.ends(boom()).await;
    assert!(receiver.is_alive());
}

// SIG-001
#[tokio::test(start_paused = true)]
async fn whoever_has_sent_an_exit_signal_finds_the_process_dead_at_once() {
    let node = Node::new();
    let (sender, receiver) = (Puppet::new(&node), Puppet::new(&node));
    let to = receiver.pid();
    let alive = sender
        .does(move |_| {
            let before = process::node().is_alive(to);
            process::exit(to, boom());
            (before, process::node().is_alive(to))
        })
        .await;
    assert_eq!(alive, (true, false));
    assert_eq!(receiver.ended().await, boom());
}

// SIG-001
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_many_senders_keeps_its_order() {
    as_process(|mut mailbox: Mailbox<(usize, u32, bool)>| async move {
        const SENDERS: usize = 4;
        const EACH: u32 = 500;
        // Messages and exits by turns: they must not overtake each other.
        let mut numbers: [u32; SENDERS] = [0; SENDERS];
        mailbox.trap_exit(|exit| match exit.reason.downcast_term::<(usize, u32)>() {
            Some((sender, number)) => (*sender, *number, true),
            None => panic!("{}", exit.reason),
        });
        let me = mailbox.me();
        for sender in 0..SENDERS {
            let me = me.clone();
            process::spawn(move |_: Mailbox<Never>| async move {
                for number in 0..EACH {
                    if number % 2 == 0 {
                        me.send((sender, number, false));
                    } else {
                        process::exit(&me, ExitReason::other((sender, number)));
                    }
                    if number % 16 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            });
        }
        for _ in 0..SENDERS * EACH as usize {
            let (sender, number, trapped) = mailbox.receive().await;
            assert_eq!(number, numbers[sender], "from {sender}");
            assert_eq!(trapped, number % 2 == 1);
            numbers[sender] += 1;
        }
        assert_eq!(numbers, [EACH; SENDERS]);
    })
    .await;
}

// SIG-002
#[tokio::test(start_paused = true)]
async fn a_process_that_is_told_to_exit_handles_nothing_sent_after_that() {
    let node = Node::new();
    let (sender, receiver) = (Puppet::new(&node), Puppet::new(&node));
    let probe = Probe::new();
    let (report, to) = (probe.clone(), receiver.clone());
    sender
        .does(move |_| {
            process::exit(&to, boom());
            to.will(move |_| report.report("handled"));
        })
        .await;
    assert_eq!(receiver.ended().await, boom());
    assert_eq!(probe.drain(), Vec::<&str>::new());
}

// SIG-002
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_overtakes_the_exit_that_was_sent_before_it() {
    let node = Node::new();
    for _ in 0..300 {
        let probe = Probe::new();
        let report = probe.clone();
        let receiver = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
            loop {
                report.report(mailbox.receive().await);
            }
        });
        let to = receiver.clone();
        let sender = node.spawn(move |_: Mailbox<Never>| async move {
            for number in 0..20 {
                to.send(number);
            }
            process::exit(&to, boom());
            to.send(u32::MAX);
        });
        sender.wait().await;
        assert_eq!(receiver.wait().await, boom());
        let handled = probe.drain();
        let in_order: Vec<u32> = (0..20).take(handled.len()).collect();
        assert_eq!(handled, in_order);
    }
}

// SIG-003
#[tokio::test(start_paused = true)]
async fn a_process_that_never_receives_is_linked_monitored_looked_at_and_ended() {
    let node = Node::new();
    let deaf = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let other = Puppet::trapping(&node).await;
    other.links(&deaf).await;
    let monitor = other.monitors(&deaf).await;
    let info = node.process_info(deaf.pid()).expect("it lives");
    assert_eq!(info.links, [other.pid()]);
    assert_eq!(info.monitored_by, [other.pid()]);
    other.sends_exit(&deaf, ExitReason::Shutdown).await;
    assert_eq!(deaf.wait().await, ExitReason::Shutdown);
    let seen = other.seen().await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen.contains(&exit(&deaf, ExitReason::Shutdown)),
        "{seen:?}"
    );
    assert!(
        seen.contains(&down(monitor, &deaf, ExitReason::Shutdown)),
        "{seen:?}"
    );
}

// SIG-003
#[tokio::test(start_paused = true)]
async fn a_process_that_waits_for_something_else_is_ended() {
    let node = Node::new();
    let sleeper = node.spawn(|_: Mailbox<Never>| tokio::time::sleep(Duration::from_secs(1000)));
    let (other, started) = (Puppet::new(&node), tokio::time::Instant::now());
    other.sends_exit(&sleeper, boom()).await;
    assert_eq!(sleeper.wait().await, boom());
    assert_eq!(started.elapsed(), Duration::ZERO);
}

// SIG-003
#[tokio::test(start_paused = true)]
async fn a_process_that_never_finds_its_mailbox_empty_lets_others_run() {
    let node = Node::new();
    let endless = |selective: bool| {
        node.spawn(move |mut mailbox: Mailbox<u32>| async move {
            let me = mailbox.me();
            me.send(0);
            loop {
                let number = match selective {
                    true => mailbox.receive_match(|_| true).await,
                    false => mailbox.receive().await,
                };
                me.send(number.wrapping_add(1));
            }
        })
    };
    for selective in [false, true] {
        let busy = endless(selective);
        // Without preemption a busy process would keep this test, and its own end, waiting for ever.
        tokio::task::yield_now().await;
        node.exit(&busy, boom());
        assert_eq!(busy.wait().await, boom(), "selective: {selective}");
    }
}

// SIG-007
#[tokio::test(start_paused = true)]
async fn a_name_is_resolved_when_the_message_is_sent() {
    let node = Node::new();
    let listener = |probe: &Probe<u32>| {
        let report = probe.clone();
        node.spawn(move |mut mailbox: Mailbox<u32>| async move {
            loop {
                report.report(mailbox.receive().await);
            }
        })
    };
    let (old, new) = (Probe::new(), Probe::new());
    let (first, second) = (listener(&old), listener(&new));
    assert_eq!(node.register("listener", &first), Ok(()));
    assert_eq!(node.send("listener", 1_u32), Ok(()));
    assert_eq!(node.unregister("listener"), Ok(()));
    assert_eq!(node.register("listener", &second), Ok(()));
    assert_eq!(node.send("listener", 2_u32), Ok(()));
    assert_eq!((old.next().await, new.next().await), (1, 2));
    assert!(old.drain().is_empty() && new.drain().is_empty());
}

// SIG-008
#[tokio::test(start_paused = true)]
async fn a_send_to_an_unknown_name_fails_at_the_sender() {
    as_process(|mailbox: Mailbox<u32>| async move {
        let unknown = NoSuchName {
            name: Name::local("nobody"),
        };
        assert_eq!(
            process::send("nobody", 1_u32),
            Err(SendError::NoSuchName(unknown))
        );
        process::register("me", mailbox.pid()).expect("the name is free");
        assert_eq!(process::send("me", 1_u32), Ok(()));
        let wrong = process::send("me", "not a number").expect_err("it takes numbers");
        let text = "the process registered as me does not take messages of type &str";
        assert_eq!(wrong.to_string(), text);
        assert_eq!(mailbox.len(), 1);
        assert_eq!(process::node().process_ref::<u32>("me"), Some(mailbox.me()));
        assert_eq!(process::node().process_ref::<String>("me"), None);
    })
    .await;
}

// SIG-008
#[tokio::test(start_paused = true)]
async fn a_send_by_pid_never_fails() {
    let node = Node::new();
    let process = node.spawn(|_: Mailbox<u32>| async { boom() });
    process.send(1);
    process.wait().await;
    process.send(2);
}
