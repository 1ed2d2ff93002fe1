//! Registries of the user's own that ask the node back, or panic.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use otp_core::NameRegistry;
use otp_core::prelude::*;
use otp_core::test::Probe;

use crate::puppet::Puppet;
use crate::support::{Keys, Lab, quiet, via};

type Check = Box<dyn Fn(Pid) + Send + Sync>;

/// Keeps names, and does something more whenever one is entered or released.
struct Registry {
    keys: Keys,
    entered: Check,
    released: Check,
}

impl Registry {
    /// A name in a registry that does this when it enters one.
    fn on_enter(key: &'static str, check: impl Fn(Pid) + Send + Sync + 'static) -> Name {
        Self::name(key, Box::new(check), Box::new(|_| ()))
    }

    /// A name in a registry that does this when it releases one.
    fn on_release(key: &'static str, check: impl Fn(Pid) + Send + Sync + 'static) -> Name {
        Self::name(key, Box::new(|_| ()), Box::new(check))
    }

    fn name(key: &'static str, entered: Check, released: Check) -> Name {
        let registry = Self {
            keys: Keys::default(),
            entered,
            released,
        };
        Name::via(Arc::new(registry), key)
    }
}

impl NameRegistry for Registry {
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        (self.entered)(pid);
        self.keys.register_name(key, pid)
    }

    fn unregister_name(&self, key: &str, pid: Pid) {
        (self.released)(pid);
        self.keys.unregister_name(key, pid);
    }

    fn whereis_name(&self, key: &str) -> Option<Pid> {
        self.keys.whereis_name(key)
    }
}

// NAM-006
#[test]
fn a_registry_may_ask_for_the_process_whose_name_it_releases() {
    let (done, is_done) = mpsc::channel();
    // In a thread of its own, so that a deadlock fails the test.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("there is one").block_on(async {
            let node = Node::new();
            let asked = Probe::new();
            let (there, asking) = (node.clone(), asked.clone());
            let name = Registry::on_release("key", move |pid| {
                asking.report(there.process_info(pid).is_some());
            });
            let process = node.spawn(|mut mailbox: Mailbox<u32>| async move {
                mailbox.receive().await;
            });
            node.register(name.clone(), &process).unwrap();
            assert_eq!(node.unregister(name), Ok(()));
            let _ = done.send(asked.drain());
        });
    });
    let asked = is_done.recv_timeout(Duration::from_secs(10));
    assert_eq!(asked, Ok(vec![true]), "it waits for a lock for ever");
}

// NAM-006, NAM-005
#[tokio::test(start_paused = true)]
async fn a_registry_that_panics_keeps_no_other_from_releasing_a_name() {
    let node = Node::new();
    let released = Probe::new();
    let report = released.clone();
    let holder = Puppet::new(&node);
    let bad = Registry::on_release("bad", |_| panic!("lost the book"));
    let good = Registry::on_release("good", move |pid| report.report(pid));
    node.register(bad, &holder).unwrap();
    node.register(good.clone(), &holder).unwrap();
    holder.ends(ExitReason::Normal).await;
    assert_eq!(released.drain(), [holder.pid()]);
    assert_eq!(node.whereis(good), None);
}

// NAM-006, NAM-001
#[tokio::test(start_paused = true)]
async fn a_server_lives_by_the_time_that_a_registry_enters_it() {
    let node = Node::new();
    let seen = Probe::new();
    let (there, report) = (node.clone(), seen.clone());
    let name = Registry::on_enter("key", move |pid| {
        report.report((there.is_alive(pid), there.process_info(pid).is_some()));
    });
    let server = Lab::options().name(name.clone()).on(&node);
    let server = server.start(quiet()).await.unwrap();
    assert_eq!(seen.drain(), [(true, true)]);
    assert_eq!(node.whereis(name), Some(server.pid()));
}

// NAM-006, NAM-002
#[tokio::test(start_paused = true)]
async fn a_start_that_is_refused_its_name_leaves_no_process() {
    let node = Node::new();
    let name = via("key");
    let holder = Puppet::new(&node);
    node.register(name.clone(), &holder).unwrap();
    let options = Lab::options().name(name).on(&node);
    let refused = options.start(quiet()).await;
    assert_eq!(
        refused.err(),
        Some(StartError::AlreadyStarted(holder.pid()))
    );
    assert_eq!(node.processes(), [holder.pid()]);
}
