//! The owners of a registry's keys end while others look them up and take over.

use otp_core::prelude::*;
use otp_core::{Registry, process};

use crate::cast::{Heard, assert_alone, boom, rest, settle};

type Keys = Registry<u32>;

const KEYS: std::ops::Range<u32> = 0..3;

/// Has a key for a while.
async fn owner(keys: Keys, key: u32, root: ProcessRef<Heard>) -> ExitReason {
    keys.register(key, ()).expect("nobody has it");
    root.send(Heard::Note(key));
    rest(2 + key).await;
    if key == 0 {
        keys.unregister(key);
        rest(1).await;
    }
    boom()
}

/// Takes the key when its owner has ended, until the registry does.
async fn successor(
    mut mailbox: Mailbox<Heard>,
    keys: Keys,
    key: u32,
    owner: Pid,
    root: ProcessRef<Heard>,
) {
    mailbox.monitor(owner, Heard::Down);
    mailbox.receive().await;
    let registered = keys.register(key, ());
    assert_eq!(registered, Ok(()), "the key of a dead owner is free");
    root.send(Heard::Note(key));
    mailbox.receive().await;
}

pub(super) async fn system(mut mailbox: Mailbox<Heard>) {
    let keys = Keys::unique("keys");
    keys.start_link().await.expect("it starts");
    let mut successors = Vec::new();
    for key in KEYS {
        let (owned, taken) = (keys.clone(), keys.clone());
        let (first, second) = (mailbox.me(), mailbox.me());
        let owner = process::spawn(move |_: Mailbox<Never>| owner(owned, key, first)).pid();
        let heir = move |mailbox| successor(mailbox, taken, key, owner, second);
        successors.push(process::spawn(heir));
    }
    for _ in 0..20 {
        for key in KEYS {
            if let Some(found) = keys.whereis(&key) {
                assert!(process::node().is_alive(found), "never a dead one");
            }
        }
        rest(1).await;
    }
    // Twice for each key: it was there, and is there again.
    for _ in KEYS.chain(KEYS) {
        mailbox.receive().await;
    }
    settle().await;
    assert_eq!(keys.count(), successors.len());
    for (key, successor) in KEYS.zip(&successors) {
        assert_eq!(keys.whereis(&key), Some(successor.pid()));
        let info = process::node()
            .process_info(successor.pid())
            .expect("it lives");
        assert_eq!(info.links, Vec::from_iter(keys.pid()));
    }
    keys.stop().await.expect("it runs");
    for successor in successors {
        assert_eq!(successor.wait().await, ExitReason::Shutdown);
    }
    assert_alone();
}
