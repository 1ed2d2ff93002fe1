//! Links.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::{Puppet, Seen, boom, exit};

/// Two linked processes that do not trap exits; which one asks for the link is the caller's choice.
async fn linked(node: &Node, other_asks: bool) -> (Puppet, Puppet) {
    let (one, other) = (Puppet::new(node), Puppet::new(node));
    match other_asks {
        true => other.links(&one).await,
        false => one.links(&other).await,
    }
    (one, other)
}

// LNK-001
#[tokio::test(start_paused = true)]
async fn whoever_ends_abnormally_takes_the_partner_down_with_the_same_reason() {
    let node = Node::new();
    for other_asks in [false, true] {
        for reason in [
            boom(),
            ExitReason::Shutdown,
            ExitReason::shutdown_with(1),
            ExitReason::Kill,
        ] {
            let (one, other) = linked(&node, other_asks).await;
            one.ends(reason.clone()).await;
            assert!(!other.is_alive(), "decided before anybody hears of the end");
            assert_eq!(other.ended().await, reason);
        }
    }
}

// LNK-001
#[tokio::test(start_paused = true)]
async fn a_panic_takes_the_partner_down() {
    let node = Node::new();
    let (one, other) = linked(&node, false).await;
    one.will(|_| panic!("out of eggs"));
    let reason = other.ended().await;
    assert!(
        matches!(&reason, ExitReason::Panic(info) if info.message == "out of eggs"),
        "{reason}"
    );
    assert_eq!(one.ended().await, reason);
}

// LNK-001
#[tokio::test(start_paused = true)]
async fn a_normal_end_leaves_the_partner_untouched() {
    let node = Node::new();
    for other_asks in [false, true] {
        let (one, other) = linked(&node, other_asks).await;
        one.ends(ExitReason::Normal).await;
        assert_eq!(other.seen().await, []);
        assert!(other.is_alive());
        assert!(other.info().links.is_empty());
    }
}

// LNK-002
#[tokio::test(start_paused = true)]
async fn a_trapping_partner_gets_one_message_for_any_reason_and_goes_on() {
    let node = Node::new();
    let trapping = Puppet::trapping(&node).await;
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::Killed,
        boom(),
    ] {
        let other = Puppet::new(&node);
        trapping.links(&other).await;
        other.ends(reason.clone()).await;
        assert_eq!(trapping.seen().await, [exit(&other, reason)]);
    }
    assert!(trapping.is_alive());
    assert_eq!(trapping.seen().await, []);
}

// LNK-003
#[tokio::test(start_paused = true)]
async fn a_reason_travels_unchanged_along_a_chain() {
    let node = Node::new();
    let chain: Vec<Puppet> = (0..50).map(|_| Puppet::new(&node)).collect();
    for pair in chain.windows(2) {
        pair[0].links(&pair[1]).await;
    }
    chain[20].ends(boom()).await;
    for puppet in &chain {
        assert_eq!(puppet.ended().await, boom());
    }
}

// LNK-003
#[tokio::test(start_paused = true)]
async fn a_trapping_process_stops_the_spread() {
    let node = Node::new();
    let (first, last) = (Puppet::new(&node), Puppet::new(&node));
    let (before, after) = (Puppet::new(&node), Puppet::new(&node));
    let guard = Puppet::trapping(&node).await;
    first.links(&before).await;
    before.links(&guard).await;
    guard.links(&after).await;
    after.links(&last).await;
    first.ends(boom()).await;
    assert_eq!(before.ended().await, boom());
    assert_eq!(guard.seen().await, [exit(&before, boom())]);
    assert!(after.is_alive() && last.is_alive());
}

// LNK-003
#[tokio::test(start_paused = true)]
async fn a_ring_of_links_ends_once_each() {
    let node = Node::new();
    let watcher = Puppet::new(&node);
    let ring: Vec<Puppet> = (0..10).map(|_| Puppet::new(&node)).collect();
    for (at, puppet) in ring.iter().enumerate() {
        puppet.links(&ring[(at + 1) % ring.len()]).await;
        watcher.monitors(puppet).await;
    }
    ring[0].ends(boom()).await;
    for puppet in &ring {
        assert_eq!(puppet.ended().await, boom());
    }
    assert_eq!(watcher.seen().await.len(), ring.len());
}

// LNK-004
#[tokio::test(start_paused = true)]
async fn two_processes_have_one_link_however_often_they_ask() {
    let node = Node::new();
    let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
    for _ in 0..3 {
        one.links(&other).await;
        other.links(&one).await;
    }
    assert_eq!(one.info().links, [other.pid()]);
    assert_eq!(other.info().links, [one.pid()]);
    other.ends(boom()).await;
    assert_eq!(one.seen().await, [exit(&other, boom())]);
}

// LNK-004
#[tokio::test(start_paused = true)]
async fn one_unlink_undoes_a_link_that_was_asked_for_twice() {
    let node = Node::new();
    let (one, other) = (Puppet::new(&node), Puppet::new(&node));
    one.links(&other).await;
    other.links(&one).await;
    one.unlinks(&other).await;
    other.ends(boom()).await;
    assert!(one.is_alive());
}

// LNK-004
#[tokio::test(start_paused = true)]
async fn a_link_to_oneself_succeeds_and_makes_nothing() {
    let node = Node::new();
    let (puppet, trapping) = (Puppet::new(&node), Puppet::trapping(&node).await);
    puppet.links(&puppet).await;
    trapping.links(&trapping).await;
    assert!(puppet.info().links.is_empty() && trapping.info().links.is_empty());
    assert_eq!(puppet.seen().await, []);
    assert_eq!(trapping.seen().await, []);
    puppet.ends(boom()).await;
}

// LNK-005
#[tokio::test(start_paused = true)]
async fn either_side_may_unlink_and_then_neither_hears_of_the_other() {
    let node = Node::new();
    for one_undoes in [false, true] {
        for one_ends in [false, true] {
            let one = Puppet::trapping(&node).await;
            let other = Puppet::trapping(&node).await;
            one.links(&other).await;
            match one_undoes {
                true => one.unlinks(&other).await,
                false => other.unlinks(&one).await,
            }
            let (ends, stays) = if one_ends {
                (&one, &other)
            } else {
                (&other, &one)
            };
            ends.ends(boom()).await;
            assert_eq!(stays.seen().await, []);
            assert!(stays.is_alive());
        }
    }
}

// LNK-006
#[tokio::test(start_paused = true)]
async fn unlinking_what_is_not_linked_succeeds() {
    let node = Node::new();
    let (one, other, gone) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    gone.ends(ExitReason::Normal).await;
    one.unlinks(&other).await;
    one.unlinks(&gone).await;
    one.unlinks(&one).await;
    // Nothing was taken in advance: a later link is a whole one.
    one.links(&other).await;
    assert_eq!(one.info().links, [other.pid()]);
    one.ends(boom()).await;
    assert_eq!(other.ended().await, boom());
}

// LNK-006
#[tokio::test(start_paused = true)]
async fn links_are_the_same_made_by_mailbox_or_by_function() {
    let node = Node::new();
    let (one, other) = (Puppet::new(&node), Puppet::new(&node));
    let to = other.pid();
    one.does(move |_| process::link(to)).await;
    assert_eq!(other.info().links, [one.pid()]);
    one.does(move |_| process::unlink(to)).await;
    assert!(one.info().links.is_empty() && other.info().links.is_empty());
}

// LNK-007
#[tokio::test(start_paused = true)]
async fn an_exit_that_came_before_the_unlink_stays() {
    let node = Node::new();
    let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
    one.links(&other).await;
    other.ends(boom()).await;
    one.unlinks(&other).await;
    one.hears("unlinked");
    assert_eq!(
        one.seen().await,
        [exit(&other, boom()), Seen::Word("unlinked")]
    );
}

// LNK-007
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_exit_comes_once_unlink_has_returned() {
    let node = Node::new();
    for _ in 0..200 {
        let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
        one.links(&other).await;
        // Some more to tell of the end, so that it takes a while.
        let more: Vec<Puppet> = (0..20).map(|_| Puppet::new(&node)).collect();
        for puppet in &more {
            puppet.links(&other).await;
        }
        let (to, ready) = (other.pid(), Probe::new());
        let report = ready.clone();
        let itself = one.clone();
        one.will(move |mailbox| {
            report.report(());
            // Unlinks in the very moment in which the other one comes to its end.
            while process::node().is_alive(to) {
                std::hint::spin_loop();
            }
            while mailbox.is_empty() && more.iter().all(Puppet::is_alive) {
                std::hint::spin_loop();
            }
            mailbox.unlink(to);
            itself.hears("unlinked");
        });
        ready.next().await;
        node.exit(&other, boom());
        assert_eq!(other.ended().await, boom());
        assert!(one.has_caught_up().await);
        let seen = one.seen().await;
        assert_eq!(seen.last(), Some(&Seen::Word("unlinked")), "{seen:?}");
        assert!(
            seen.len() == 1 || seen[0] == exit(&other, boom()),
            "{seen:?}"
        );
    }
}

// LNK-008
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn links_and_unlinks_from_both_sides_at_once_leave_no_half_link() {
    let node = Node::new();
    let (one, other) = (Puppet::trapping(&node).await, Puppet::trapping(&node).await);
    let (a, b) = (one.pid(), other.pid());
    for round in 0..500 {
        // Each does a burst of its own, in the same moment.
        let burst = |partner: Pid, first: bool| {
            move |mailbox: &mut Mailbox<_>| {
                for step in 0..20 {
                    match (step % 2 == 0) == first {
                        true => mailbox.link(partner),
                        false => mailbox.unlink(partner),
                    }
                }
            }
        };
        one.will(burst(b, round % 2 == 0));
        other.will(burst(a, round % 4 < 2));
        assert_eq!((one.seen().await, other.seen().await), (vec![], vec![]));
        let (mine, theirs) = (one.info().links, other.info().links);
        assert_eq!(mine == [b], theirs == [a], "{mine:?} and {theirs:?}");
        assert!(mine.len() <= 1 && theirs.len() <= 1);
    }
    // What is shown is what acts.
    let linked = !one.info().links.is_empty();
    one.ends(boom()).await;
    let expected = if linked {
        vec![exit(a, boom())]
    } else {
        vec![]
    };
    assert_eq!(other.seen().await, expected);
}

// LNK-008
#[tokio::test(start_paused = true)]
async fn a_link_to_a_process_whose_end_is_decided_brings_no_process() {
    let node = Node::new();
    let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
    let to = other.pid();
    one.does(move |mailbox| {
        process::exit(to, boom());
        mailbox.link(to);
    })
    .await;
    assert_eq!(one.seen().await, [exit(to, ExitReason::NoProcess)]);
    assert_eq!(other.ended().await, boom());
    assert_eq!(one.seen().await, []);
    assert!(one.info().links.is_empty());
}

// LNK-008
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_made_while_the_other_one_dies_is_told_of_the_end() {
    let node = Node::new();
    for _ in 0..300 {
        let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
        let to = other.pid();
        one.will(move |mailbox| mailbox.link(to));
        other.ends(boom()).await;
        assert!(one.has_caught_up().await, "it has made the link");
        let seen = one.seen().await;
        let late = exit(to, ExitReason::NoProcess);
        assert!(seen == [exit(to, boom())] || seen == [late], "{seen:?}");
        assert!(one.info().links.is_empty());
    }
}

// LNK-009
#[tokio::test(start_paused = true)]
async fn links_show_at_both_ends_and_go_from_both() {
    let node = Node::new();
    let (one, two, three) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    one.links(&two).await;
    one.links(&three).await;
    assert_eq!(one.info().links, [two.pid(), three.pid()]);
    assert_eq!(two.info().links, [one.pid()]);
    assert_eq!(three.info().links, [one.pid()]);
    two.unlinks(&one).await;
    assert_eq!(one.info().links, [three.pid()]);
    assert!(two.info().links.is_empty());
    three.ends(ExitReason::Normal).await;
    assert!(one.info().links.is_empty());
}

// LNK-004
#[tokio::test(start_paused = true)]
async fn a_second_link_to_a_process_that_is_ending_brings_no_second_exit() {
    let node = Node::new();
    let (one, other) = (Puppet::trapping(&node).await, Puppet::new(&node));
    one.links(&other).await;
    let to = other.pid();
    // Both before the other process has run again, so that its exit signal is still to come.
    one.does(move |mailbox| {
        process::exit(to, boom());
        mailbox.link(to);
    })
    .await;
    other.ended().await;
    assert_eq!(one.seen().await, [exit(to, boom())]);
}
