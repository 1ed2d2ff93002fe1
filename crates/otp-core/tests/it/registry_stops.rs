//! A registry stops while a key is being entered.

use std::hash::{Hash, Hasher};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::registry::{NotRunning, RegistrationError};
use otp_core::{Never, Registry};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A key whose first hash, if it has a gate, waits in the middle of its registration.
#[derive(Clone)]
struct Key(Option<Arc<Mutex<Gate>>>);

struct Gate {
    /// It is waiting.
    reached: Option<Sender<()>>,
    /// It may go on.
    opened: Receiver<()>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl PartialEq for Key {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, _: &mut H) {
        if let Some(gate) = &self.0 {
            let mut gate = gate.lock().expect("nobody panics");
            if let Some(reached) = gate.reached.take() {
                reached.send(()).expect("the test waits");
                gate.opened
                    .recv_timeout(PATIENCE)
                    .expect("the registry stops");
            }
        }
    }
}

/// Something that the registry knows of itself. It is dropped as the registry stops, while its process still lives.
struct Meta {
    dropped: Sender<()>,
    go_on: Receiver<()>,
}

impl Drop for Meta {
    fn drop(&mut self) {
        self.dropped.send(()).expect("the test waits");
        self.go_on
            .recv_timeout(PATIENCE)
            .expect("the registration ends");
    }
}

// REG-006: an entry has a registry that runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_is_entered_while_the_registry_stops_does_not_outlive_it() {
    let node = Node::new();
    let keys = Registry::<Key>::unique("keys");
    let there = keys.clone();
    node.run(async move { there.start().await })
        .await
        .unwrap()
        .unwrap();
    let (dropped, stops) = channel();
    let (registered, go_on) = channel();
    let meta = Mutex::new(Meta { dropped, go_on });
    keys.put_meta("meta", meta).unwrap();
    let (reached, in_the_middle) = channel();
    let (open, opened) = channel();
    let gate = Gate {
        reached: Some(reached),
        opened,
    };

    let there = keys.clone();
    let (tell, told) = channel();
    let owner = node.spawn(move |mut mailbox: Mailbox<()>| async move {
        let refused = there.register(Key(Some(Arc::new(Mutex::new(gate)))), ());
        tell.send(refused).expect("the test waits");
        mailbox.receive().await;
    });
    in_the_middle
        .recv_timeout(PATIENCE)
        .expect("the key is hashed");
    let there = keys.clone();
    let stopper = node.spawn(move |_: Mailbox<Never>| async move {
        there.stop().await.expect("it runs");
    });
    stops
        .recv_timeout(PATIENCE)
        .expect("what it knows is dropped");
    // Its process lives, but it has emptied its tables already.
    open.send(()).expect("the key waits");
    let refused = told.recv_timeout(PATIENCE).expect("the registration ends");
    let registry = "keys".into();
    assert_eq!(
        refused,
        Err(RegistrationError::NotRunning(NotRunning { registry }))
    );
    assert!(keys.is_empty(), "it has outlived the registry");
    registered.send(()).expect("what it knows waits");
    assert_eq!(stopper.wait().await, ExitReason::Normal);
    assert!(keys.is_empty() && owner.is_alive());
    owner.send(());
    owner.wait().await;
}
