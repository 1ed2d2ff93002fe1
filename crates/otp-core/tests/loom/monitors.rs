//! A monitor is set or taken back while its target ends.

use crate::address::Target;
use crate::exit::ExitReason;
use crate::model;
use crate::node::Node;
use crate::process::relations;
use crate::process::signal::Signal;
use crate::stage::{Actor, boom, down_of};

// MON-001, MON-002, EXR-006
#[test]
fn a_monitor_on_a_process_that_ends_is_told_of_its_end_once() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let life = b.ends(boom());
        let monitor = relations::monitor(&a.process, Target::Pid(b.pid));
        life.join().expect("it has died");
        let reason = down_of(a.told(), monitor, b.pid);
        assert!([boom(), ExitReason::NoProcess].contains(&reason));
        assert_eq!(a.monitors(), (0, 0));
        b.assert_forgotten();
        a.leave();
    });
}

// MON-001, MON-007
#[test]
fn a_monitor_on_a_name_whose_process_ends_is_told_of_its_end_once() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::name(&b.process, "b".into()).expect("it is free");
        let life = b.ends(boom());
        relations::monitor(&a.process, "b".into());
        life.join().expect("it has died");
        match <[Signal; 1]>::try_from(a.told()) {
            Ok([Signal::Down(down)]) => {
                assert_eq!(down.target, "b".into());
                assert!([boom(), ExitReason::NoProcess].contains(&down.reason));
            }
            Ok(_) => panic!("told of something else"),
            Err(signals) => panic!("told {} times", signals.len()),
        }
        b.assert_forgotten();
        a.leave();
    });
}

// MON-004, MON-006
#[test]
fn a_demonitor_comes_before_the_down_or_finds_it() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let monitor = relations::monitor(&a.process, Target::Pid(b.pid));
        let life = b.ends(boom());
        let active = relations::demonitor(&a.process, monitor);
        let told = a.told();
        match active {
            true => assert!(told.is_empty(), "both"),
            false => assert_eq!(down_of(told, monitor, b.pid), boom()),
        }
        life.join().expect("it has died");
        assert!(a.told().is_empty(), "it came later");
        assert_eq!(a.monitors(), (0, 0));
        b.assert_forgotten();
        a.leave();
    });
}

// MON-006
#[test]
fn nothing_is_left_of_a_monitor_that_is_flushed() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let life = b.ends(boom());
        let monitor = relations::monitor(&a.process, Target::Pid(b.pid));
        let active = relations::demonitor(&a.process, monitor);
        assert_ne!(active, a.process.flush_down(monitor));
        life.join().expect("it has died");
        assert!(a.told().is_empty());
        b.assert_forgotten();
        a.leave();
    });
}

// MON-003, MON-008
#[test]
fn two_that_monitor_each_other_may_end_at_the_same_time() {
    model(|| {
        let node = Node::new();
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        relations::monitor(&a.process, Target::Pid(b.pid));
        relations::monitor(&b.process, Target::Pid(a.pid));
        let lives = [a.ends(boom()), b.ends(boom())];
        for life in lives {
            life.join().expect("it has died");
        }
        a.assert_forgotten();
        b.assert_forgotten();
    });
}

// MON-003, MON-008
#[test]
fn a_watcher_that_ends_as_it_sets_a_monitor_leaves_none() {
    model(|| {
        let node = Node::new();
        let [a, b, c] = [(); 3].map(|()| Actor::new(&node));
        let life = {
            let (me, target) = (a.process.clone(), Target::Pid(b.pid));
            a.lives(async move {
                relations::monitor(&me, target);
            })
        };
        c.exit(&a, ExitReason::Kill);
        life.join().expect("it has died");
        assert_eq!(b.monitors(), (0, 0));
        a.assert_forgotten();
        b.leave();
        c.leave();
    });
}
