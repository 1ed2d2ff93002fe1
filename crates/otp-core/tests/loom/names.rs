//! A name is given, taken back or looked up while its process ends.

use loom::thread;

use crate::address::Target;
use crate::address::error::RegisterError;
use crate::exit::ExitReason;
use crate::model;
use crate::name::Name;
use crate::node::Node;
use crate::process::relations;
use crate::stage::{Actor, boom, down_of};

fn it() -> Name {
    Name::local("it")
}

/// Whose name it is, as the node says and as the process itself does; they must agree.
#[track_caller]
fn has_it(node: &Node, actor: &Actor) -> bool {
    let found = node.whereis(it()) == Some(actor.pid);
    let ties = &actor.head().ties;
    let noted = ties.with(|ties| ties.names().any(|held| *held == it()));
    assert_eq!(found, noted, "what the node says and what the process says");
    noted
}

// NAM-002, NAM-005
#[test]
fn a_name_for_a_process_that_ends_is_refused_or_released() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let life = b.ends(boom());
        let named = relations::name(&b.process, it());
        let refused = Err(RegisterError::NoProcess { pid: b.pid });
        assert!(named == Ok(()) || named == refused, "{named:?}");
        life.join().expect("it has died");
        assert_eq!(node.whereis(it()), None);
        b.assert_forgotten();
        a.leave();
    });
}

// NAM-004, NAM-005
#[test]
fn a_name_is_free_for_whoever_is_told_of_the_end() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&b.process, it()).expect("it is free");
        let monitor = relations::monitor(&a.process, Target::Pid(b.pid));
        let life = b.ends(boom());
        let is_ending = b.head().is_exiting();
        let found = node.whereis(it());
        assert!(
            found.is_none() || found == Some(b.pid) && !is_ending,
            "{found:?}"
        );
        let told = a.told();
        if !told.is_empty() {
            assert_eq!(down_of(told, monitor, b.pid), boom());
            assert_eq!(node.whereis(it()), None, "never a dead one");
            assert_eq!(relations::name(&a.process, it()), Ok(()));
            assert!(has_it(&node, &a));
        }
        life.join().expect("it has died");
        b.assert_forgotten();
        a.leave();
    });
}

// NAM-005
#[test]
fn a_name_that_a_successor_has_taken_is_not_released_by_the_end_of_its_predecessor() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&b.process, it()).expect("it is free");
        let life = b.ends(boom());
        let named = relations::name(&a.process, it());
        life.join().expect("it has died");
        match named {
            Ok(()) => assert!(has_it(&node, &a)),
            Err(RegisterError::NameTaken { pid, .. }) if pid == b.pid => {
                assert!(!has_it(&node, &a));
                assert_eq!(relations::name(&a.process, it()), Ok(()), "it is stuck");
            }
            Err(other) => panic!("{other}"),
        }
        b.assert_forgotten();
        a.leave();
    });
}

// NAM-002
#[test]
fn of_two_who_want_a_name_one_has_it() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let other = thread::spawn({
            let b = b.process.clone();
            move || relations::name(&b, it()).is_ok()
        });
        let mine = relations::name(&a.process, it()).is_ok();
        let theirs = other.join().expect("it was answered");
        assert!(mine != theirs);
        assert_eq!((has_it(&node, &a), has_it(&node, &b)), (mine, theirs));
        a.leave();
        b.leave();
    });
}

// NAM-002, NAM-003
#[test]
fn a_name_that_is_taken_back_and_given_again_is_whole_or_gone() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&a.process, it()).expect("it is free");
        let other = thread::spawn({
            let b = b.process.clone();
            move || relations::name(&b, it()).is_ok()
        });
        assert!(relations::unname(&node, &it()), "one of them has it");
        let again = relations::name(&a.process, it()).is_ok();
        let theirs = other.join().expect("it was answered");
        let has = [has_it(&node, &a), has_it(&node, &b)];
        assert_eq!(has, [again, theirs && !again]);
        a.leave();
        b.leave();
    });
}

// NAM-003
#[test]
fn a_name_that_is_taken_back_as_the_same_process_gets_it_is_whole_or_gone() {
    model(|| {
        let node = Node::new();
        let a = Actor::new(&node);
        relations::name(&a.process, it()).expect("it is free");
        let other = thread::spawn({
            let a = a.process.clone();
            move || relations::name(&a, it()).is_ok()
        });
        assert!(relations::unname(&node, &it()));
        let again = other.join().expect("it was answered");
        assert_eq!(has_it(&node, &a), again);
        a.leave();
    });
}

// NAM-003, NAM-005
#[test]
fn a_name_that_is_taken_back_as_its_process_ends_is_free() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&b.process, it()).expect("it is free");
        let life = b.ends(ExitReason::Normal);
        relations::unname(&node, &it());
        assert_eq!(relations::name(&a.process, it()), Ok(()));
        life.join().expect("it has died");
        assert!(has_it(&node, &a));
        b.assert_forgotten();
        a.leave();
    });
}

// NAM-003
#[test]
fn who_does_not_find_a_process_by_its_name_knows_that_it_has_lost_one() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&a.process, it()).expect("it is free");
        let other = thread::spawn({
            let (node, b) = (node.clone(), b.process.clone());
            move || {
                assert!(relations::unname(&node, &it()));
                relations::name(&b, it()).expect("it was taken back");
            }
        });
        if node.whereis(it()) != Some(a.pid) {
            assert!(!a.head().has_its_names());
        }
        other.join().expect("it was done");
        assert!(b.head().has_its_names());
        a.leave();
        b.leave();
    });
}
