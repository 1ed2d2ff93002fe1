//! An exit signal comes to a process that is about to wait, to trap exits, or to end.

use std::future::pending;

use loom::thread;

use crate::address::Target;
use crate::exit::ExitReason;
use crate::model;
use crate::node::Node;
use crate::process::relations;
use crate::stage::{Actor, boom, down_of, exit_of};

// SIG-003, KIL-001
#[test]
fn an_exit_ends_a_process_that_is_about_to_receive() {
    for (sent, seen) in [(boom(), boom()), (ExitReason::Kill, ExitReason::Killed)] {
        model(move || {
            let node = Node::new();
            let [a, b] = [Actor::new(&node), Actor::new(&node)];
            let life = b.lives(b.receives());
            a.exit(&b, sent.clone());
            life.join().expect("it has died");
            assert_eq!(b.wait(), seen);
            b.assert_forgotten();
            a.leave();
        });
    }
}

// KIL-001
#[test]
fn an_exit_ends_a_process_that_waits_for_something_else() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let life = b.lives(pending::<()>());
        a.exit(&b, ExitReason::Kill);
        life.join().expect("it has died");
        b.assert_forgotten();
        a.leave();
    });
}

// TRP-001
#[test]
fn an_exit_is_trapped_or_ends_the_process_that_is_about_to_trap_exits() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let sender = thread::spawn({
            let (a, b) = (a.clone(), b.clone());
            move || a.exit(&b, boom())
        });
        b.head().set_trap_exit(true);
        let exiting = b.head().is_exiting();
        sender.join().expect("it has sent it");
        assert_eq!(b.head().is_exiting(), exiting, "after it was trapping");
        let told = b.told();
        match exiting {
            true => assert!(told.is_empty(), "both"),
            false => assert_eq!(exit_of(told, a.pid), boom()),
        }
        b.leave();
        a.leave();
    });
}

// EXR-001, KIL-002
#[test]
fn of_two_exits_at_a_time_one_is_the_reason_that_everyone_is_told() {
    model(|| {
        let node = Node::new();
        let a = Actor::trapping(&node);
        let b = Actor::new(&node);
        relations::link(&a.process, b.pid);
        let c = Actor::new(&node);
        let monitor = relations::monitor(&c.process, Target::Pid(b.pid));
        let life = b.ends(boom());
        c.exit(&b, ExitReason::Kill);
        let reason = b.wait();
        assert!([boom(), ExitReason::Killed].contains(&reason));
        // A task that waits for the end finds that all signals have been sent.
        assert_eq!(exit_of(a.told(), b.pid), reason);
        assert_eq!(down_of(c.told(), monitor, b.pid), reason);
        life.join().expect("it has died");
        b.assert_forgotten();
        a.leave();
        c.leave();
    });
}

// PRC-004, SIG-005
#[test]
fn a_message_to_a_process_that_ends_is_refused_or_dropped() {
    model(|| {
        let node = Node::new();
        let b = Actor::new(&node);
        let life = b.ends(boom());
        let taken = b.send(1);
        let taken_later = b.send(2);
        assert!(taken || !taken_later);
        life.join().expect("it has died");
        assert!(!b.send(3));
        b.assert_forgotten();
    });
}

// SIG-005
#[test]
fn one_that_waits_for_an_end_is_woken_when_all_others_are_told() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let monitor = relations::monitor(&a.process, Target::Pid(b.pid));
        let life = b.ends(boom());
        assert_eq!(b.wait(), boom());
        assert_eq!(down_of(a.told(), monitor, b.pid), boom());
        assert!(node.find(b.pid).is_none());
        life.join().expect("it has died");
        b.assert_forgotten();
        a.leave();
    });
}
