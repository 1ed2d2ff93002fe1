//! An observation of a node begins or ends while a process is born or counts.

use std::sync::Arc;

use loom::thread::{self, JoinHandle};

use crate::node::Node;
use crate::process::inspection::observed::Observed;
use crate::stage::Actor;
use crate::{model, model_of_three};

fn observed(node: &Node) -> &Observed {
    &node.telemetry().observed
}

fn on_a_thread(node: &Node, run: impl FnOnce(&Node) + Send + 'static) -> JoinHandle<()> {
    let node = node.clone();
    thread::spawn(move || run(&node))
}

#[test]
fn a_process_that_is_born_as_an_observation_begins_counts() {
    model(|| {
        let node = Node::new();
        let observer = on_a_thread(&node, |node| observed(node).begin(node, 1));
        let newborn = Actor::new(&node);
        observer.join().expect("it observes");
        assert!(newborn.head().is_counted());
        newborn.leave();
    });
}

#[test]
fn a_process_that_is_born_as_an_observation_ends_does_not_count() {
    model(|| {
        let node = Node::new();
        observed(&node).begin(&node, 1);
        let observer = on_a_thread(&node, |node| observed(node).end(node));
        let newborn = Actor::new(&node);
        observer.join().expect("it has ended");
        assert!(!newborn.head().is_counted());
        newborn.leave();
    });
}

#[test]
fn a_process_that_is_born_between_two_observations_counts() {
    model(|| {
        let node = Node::new();
        observed(&node).begin(&node, 1);
        let observer = on_a_thread(&node, |node| {
            observed(node).end(node);
            observed(node).begin(node, 2);
        });
        let newborn = Actor::new(&node);
        observer.join().expect("it observes");
        assert!(newborn.head().is_counted());
        newborn.leave();
    });
}

#[test]
fn a_second_observer_finds_that_all_processes_count() {
    model_of_three(|| {
        let node = Node::new();
        let actor = Arc::new(Actor::new(&node));
        let observers = [1, 2].map(|now| {
            let actor = actor.clone();
            on_a_thread(&node, move |node| {
                observed(node).begin(node, now);
                assert!(actor.head().is_counted());
                observed(node).end(node);
            })
        });
        for observer in observers {
            observer.join().expect("it has ended");
        }
        assert!(!actor.head().is_counted());
        Arc::into_inner(actor).expect("it is mine").leave();
    });
}

#[test]
fn a_process_that_counts_counts_for_the_observation_that_others_see() {
    model(|| {
        let node = Node::new();
        let newborn = Actor::new(&node);
        observed(&node).begin(&node, 1);
        observed(&node).end(&node);
        let (former, counter) = (observed(&node).era(), newborn.clone());
        let observer = on_a_thread(&node, |node| observed(node).begin(node, 2));
        let owner = on_a_thread(&node, move |node| {
            if counter.head().is_counted() {
                assert_ne!(observed(node).era(), former);
            }
        });
        if let Some(era) = observed(&node).present() {
            assert_ne!(era, former);
            assert_eq!(observed(&node).began(), 2);
        }
        observer.join().expect("it observes");
        owner.join().expect("it has looked");
        newborn.leave();
    });
}
