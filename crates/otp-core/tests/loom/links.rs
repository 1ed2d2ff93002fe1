//! A link is made or undone while one of the two ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::thread;

use crate::exit::ExitReason;
use crate::model;
use crate::node::Node;
use crate::process::relations;
use crate::stage::{Actor, boom, exit_of};

// LNK-001, LNK-002, EXR-006
#[test]
fn a_link_to_a_process_that_ends_is_told_of_its_end_once() {
    model(|| {
        let node = Node::new();
        let a = Actor::trapping(&node);
        let b = Actor::new(&node);
        let life = b.ends(boom());
        relations::link(&a.process, b.pid);
        life.join().expect("it has died");
        let reason = exit_of(a.told(), b.pid);
        assert!([boom(), ExitReason::NoProcess].contains(&reason));
        assert_eq!(a.links(), []);
        b.assert_forgotten();
        a.leave();
    });
}

// LNK-001, LNK-004
#[test]
fn linking_twice_from_both_sides_to_a_process_that_ends_is_told_once() {
    model(|| {
        let node = Node::new();
        let a = Actor::trapping(&node);
        let b = Actor::new(&node);
        let life = {
            let (a, me) = (a.pid, b.process.clone());
            b.lives(async move {
                relations::link(&me, a);
                boom()
            })
        };
        relations::link(&a.process, b.pid);
        life.join().expect("it has died");
        // Twice if its link came when all was over.
        let mut told = a.told();
        let last = exit_of(told.split_off(told.len() - 1), b.pid);
        if !told.is_empty() {
            assert_eq!(exit_of(told, b.pid), boom());
            assert_eq!(last, ExitReason::NoProcess);
        }
        assert_eq!(a.links(), []);
        b.assert_forgotten();
        a.leave();
    });
}

// LNK-005, LNK-007
#[test]
fn no_exit_comes_after_an_unlink_from_a_process_that_ends() {
    model(|| {
        let node = Node::new();
        let a = Actor::trapping(&node);
        let b = Actor::new(&node);
        relations::link(&a.process, b.pid);
        let life = b.ends(boom());
        relations::unlink(&a.process, b.pid);
        let told = a.told();
        if !told.is_empty() {
            assert_eq!(exit_of(told, b.pid), boom());
        }
        life.join().expect("it has died");
        assert!(a.told().is_empty(), "it came later");
        assert_eq!(a.links(), []);
        b.assert_forgotten();
        a.leave();
    });
}

// LNK-001
#[test]
fn two_that_are_linked_may_end_at_the_same_time() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::link(&a.process, b.pid);
        let lives = [a.ends(boom()), b.ends(ExitReason::Shutdown)];
        for life in lives {
            life.join().expect("it has died");
        }
        let reasons = [a.wait(), b.wait()];
        // Either its own, or that of the other, which was first.
        assert!(
            [[boom(), ExitReason::Shutdown], [boom(), boom()]].contains(&reasons)
                || reasons == [ExitReason::Shutdown, ExitReason::Shutdown]
        );
        a.assert_forgotten();
        b.assert_forgotten();
    });
}

// LNK-001, LNK-003
#[test]
fn an_end_reaches_a_linked_process_that_is_about_to_wait() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::link(&a.process, b.pid);
        let waits = a.lives(a.receives());
        let ends = b.ends(boom());
        waits.join().expect("it has died");
        ends.join().expect("it has died");
        assert_eq!(a.wait(), boom());
        a.assert_forgotten();
        b.assert_forgotten();
    });
}

// LNK-008, LNK-009
#[test]
fn a_link_and_an_unlink_at_the_same_time_leave_no_half_link() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let other = thread::spawn({
            let (b, a) = (b.process.clone(), a.pid);
            move || {
                relations::link(&b, a);
                relations::unlink(&b, a);
            }
        });
        relations::link(&a.process, b.pid);
        other.join().expect("it has unlinked");
        assert_eq!(a.links().contains(&b.pid), b.links().contains(&a.pid));
        relations::unlink(&a.process, b.pid);
        a.leave();
        b.leave();
    });
}

// LNK-001: its EXIT sets the flag before the end is published, and who sees the end sees the flag.
#[test]
fn one_that_waits_for_an_end_and_is_ended_by_it_does_not_go_on() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::link(&a.process, b.pid);
        let went_on = Arc::new(AtomicBool::new(false));
        let waits = a.lives(a.waits_for(&b, went_on.clone()));
        let ends = b.ends(boom());
        waits.join().expect("it has died");
        ends.join().expect("it has died");
        assert!(!went_on.load(Ordering::Relaxed), "with the end in its hand");
        assert_eq!(a.wait(), boom());
        a.assert_forgotten();
        b.assert_forgotten();
    });
}
