//! Trapping exits.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

use crate::puppet::{Puppet, Seen, as_process, boom, exit};

// TRP-001
#[tokio::test(start_paused = true)]
async fn trap_exit_is_off_at_first_and_setting_it_tells_the_former_value() {
    let node = Node::new();
    let puppet = Puppet::new(&node);
    assert!(!puppet.info().trap_exit);
    assert!(!puppet.traps_exits().await);
    assert!(puppet.traps_exits().await);
    assert!(puppet.info().trap_exit);
    assert!(puppet.does(Mailbox::untrap_exit).await);
    assert!(!puppet.does(Mailbox::untrap_exit).await);
    assert!(!puppet.info().trap_exit);
}

// TRP-001
#[tokio::test(start_paused = true)]
async fn trap_exit_is_not_inherited() {
    as_process(|mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        let node = process::node();
        let spawned = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        let linked = process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>());
        for child in [&spawned, &linked] {
            let info = node.process_info(child.pid()).expect("it lives");
            assert!(!info.trap_exit);
            process::exit(child, ExitReason::Shutdown);
            assert_eq!(child.wait().await, ExitReason::Shutdown);
        }
        assert_eq!(mailbox.receive().await.from, linked.pid());
    })
    .await;
}

// TRP-001
#[tokio::test(start_paused = true)]
async fn a_process_that_stops_trapping_keeps_what_it_has_and_ends_with_the_next() {
    as_process(|_: Mailbox<Never>| async {
        let process = process::spawn(|mut mailbox: Mailbox<Exit>| async move {
            mailbox.trap_exit(|exit| exit);
            process::exit(mailbox.pid(), boom());
            mailbox.untrap_exit();
            let kept = mailbox.receive().timeout(Duration::ZERO).await;
            assert_eq!(kept.map(|exit| exit.reason), Some(boom()));
            process::exit(mailbox.pid(), ExitReason::Shutdown);
            mailbox.receive().await;
        });
        assert_eq!(process.wait().await, ExitReason::Shutdown);
    })
    .await;
}

// TRP-002
#[tokio::test(start_paused = true)]
async fn trapped_exits_stand_among_the_messages_in_the_order_of_arrival() {
    let node = Node::new();
    let (trapping, other, linked) = (
        Puppet::trapping(&node).await,
        Puppet::new(&node),
        Puppet::new(&node),
    );
    trapping.links(&linked).await;
    trapping.hears("one");
    other.sends_exit(&trapping, boom()).await;
    trapping.hears("two");
    linked.ends(ExitReason::Shutdown).await;
    trapping.hears("three");
    other.sends_exit(&trapping, ExitReason::Normal).await;
    other.sends_exit(&trapping, ExitReason::Killed).await;
    let expected = [
        Seen::Word("one"),
        exit(&other, boom()),
        Seen::Word("two"),
        exit(&linked, ExitReason::Shutdown),
        Seen::Word("three"),
        exit(&other, ExitReason::Normal),
        exit(&other, ExitReason::Killed),
    ];
    assert_eq!(trapping.seen().await, expected);
}

// TRP-002
#[tokio::test(start_paused = true)]
async fn a_trapped_exit_can_be_received_selectively() {
    as_process(|mut mailbox: Mailbox<Result<u32, Exit>>| async move {
        mailbox.trap_exit(Err);
        mailbox.me().send(Ok(1));
        let child = process::spawn_link(|_: Mailbox<Never>| async { boom() });
        child.wait().await;
        mailbox.me().send(Ok(2));
        let exit = mailbox.receive_match(Result::is_err).await;
        let expected = Exit {
            from: child.pid(),
            reason: boom(),
        };
        assert_eq!(exit, Err(expected));
        assert_eq!(
            (mailbox.receive().await, mailbox.receive().await),
            (Ok(1), Ok(2))
        );
    })
    .await;
}

// TRP-003
#[tokio::test(start_paused = true)]
async fn an_exit_by_a_stranger_acts_as_one_by_link() {
    let node = Node::new();
    let stranger = Puppet::new(&node);
    for reason in [
        ExitReason::Shutdown,
        boom(),
        ExitReason::Killed,
        ExitReason::other(1),
    ] {
        let plain = Puppet::new(&node);
        stranger.sends_exit(&plain, reason.clone()).await;
        assert_eq!(plain.ended().await, reason);
        let trapping = Puppet::trapping(&node).await;
        stranger.sends_exit(&trapping, reason.clone()).await;
        assert_eq!(trapping.seen().await, [exit(&stranger, reason)]);
        assert!(trapping.is_alive());
    }
    assert!(stranger.is_alive());
}

// TRP-003
#[tokio::test(start_paused = true)]
async fn the_first_exit_signal_decides_the_reason() {
    let node = Node::new();
    let (stranger, subject) = (Puppet::new(&node), Puppet::new(&node));
    let to = subject.pid();
    stranger
        .does(move |_| {
            process::exit(to, boom());
            process::exit(to, ExitReason::Shutdown);
            process::exit(to, ExitReason::Kill);
        })
        .await;
    assert_eq!(subject.ended().await, boom());
}

// TRP-004
#[tokio::test(start_paused = true)]
async fn a_normal_exit_by_another_never_ends_a_process() {
    let node = Node::new();
    let (stranger, subject) = (Puppet::new(&node), Puppet::new(&node));
    stranger.sends_exit(&subject, ExitReason::Normal).await;
    subject.links(&stranger).await;
    stranger.sends_exit(&subject, ExitReason::Normal).await;
    // Nor does one from outside of all processes.
    node.exit(&subject, ExitReason::Normal);
    assert_eq!(subject.seen().await, []);
    assert!(subject.is_alive());
}

// TRP-004
#[tokio::test(start_paused = true)]
async fn an_exit_to_a_dead_process_does_nothing() {
    let node = Node::new();
    let (stranger, gone) = (Puppet::new(&node), Puppet::new(&node));
    gone.ends(boom()).await;
    stranger.sends_exit(&gone, ExitReason::Shutdown).await;
    stranger.sends_exit(&gone, ExitReason::Kill).await;
    node.exit(&gone, ExitReason::Kill);
    assert_eq!(stranger.seen().await, []);
    assert_eq!(gone.ended().await, boom());
}

// TRP-005
#[tokio::test(start_paused = true)]
async fn an_exit_does_not_tell_a_link_from_a_signal_by_hand() {
    let node = Node::new();
    let trapping = Puppet::trapping(&node).await;
    let (linked, stranger) = (Puppet::new(&node), Puppet::new(&node));
    trapping.links(&linked).await;
    linked.ends(boom()).await;
    stranger.sends_exit(&trapping, boom()).await;
    // All that an `Exit` has is matched here, without `..`.
    for (seen, sender) in trapping.seen().await.into_iter().zip([&linked, &stranger]) {
        let Seen::Exit(Exit { from, reason }) = seen else {
            panic!("an EXIT was expected: {seen:?}");
        };
        assert_eq!((from, reason), (sender.pid(), boom()));
    }
}
