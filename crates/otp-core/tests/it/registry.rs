//! A registry from the inside: keys, values, metadata, listeners, locks.

use otp_core::prelude::*;
use otp_core::registry::{NotRunning, RegistrationError};
use otp_core::test::Probe;
use otp_core::{Registry, process};
use tokio::sync::oneshot;

use crate::puppet::{Puppet, boom};
use crate::support::{in_process, settle, with_mailbox};

/// A running registry with unique keys.
async fn unique() -> Registry<String, u32> {
    let registry = Registry::<String, u32>::unique("keys");
    registry.start_link().await.expect("its name is free");
    registry
}

/// A puppet that has registered itself.
async fn registered<K, V, M>(registry: &Registry<K, V, M>, key: K, value: V) -> Puppet
where
    K: Eq + std::hash::Hash + Clone + std::fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    M: 'static,
{
    let puppet = Puppet::new(&process::node());
    let there = registry.clone();
    let done = puppet.does(move |_| there.register(key, value)).await;
    assert_eq!(done, Ok(()));
    puppet
}

// REG-001, REG-002, S83
#[tokio::test(start_paused = true)]
async fn a_unique_key_has_one_owner() {
    with_mailbox(|mailbox| async move {
        let keys = unique().await;
        assert_eq!(keys.register("me", 1), Ok(()));
        let taken = |key: &str, pid| RegistrationError::AlreadyRegistered {
            registry: "keys".into(),
            key: format!("{key:?}"),
            pid,
        };
        let again = keys.register("me", 2);
        assert_eq!(again, Err(taken("me", mailbox.pid())));
        let other = registered(&keys, "other".to_owned(), 3).await;
        let refused = keys.register("other", 4).unwrap_err();
        assert_eq!(refused, taken("other", other.pid()));
        assert_eq!(
            refused.to_string(),
            format!(
                r#"key "other" of registry keys is taken by {}"#,
                other.pid()
            )
        );
        assert_eq!(
            keys.lookup("me"),
            [(mailbox.pid(), 1)],
            "nothing has changed"
        );
        assert_eq!(keys.lookup("other"), [(other.pid(), 3)]);
        assert_eq!(keys.count(), 2);
    })
    .await;
}

// REG-001, REG-002, S84
#[tokio::test(start_paused = true)]
async fn a_duplicate_key_has_any_number_of_entries_of_any_process() {
    with_mailbox(|mailbox| async move {
        let topics = Registry::<&str, &str>::duplicate("topics");
        topics.start_link().await.unwrap();
        let a = registered(&topics, "news", "a").await;
        let b = registered(&topics, "news", "b").await;
        assert_eq!(topics.lookup("news"), [(a.pid(), "a"), (b.pid(), "b")]);
        assert_eq!(topics.register("mine", "same"), Ok(()));
        assert_eq!(topics.register("mine", "same"), Ok(()));
        let me = mailbox.pid();
        assert_eq!(topics.lookup("mine"), [(me, "same"), (me, "same")]);
        assert_eq!(topics.count(), 4);
        a.ends(ExitReason::Normal).await;
        assert_eq!(topics.lookup("news"), [(b.pid(), "b")]);
    })
    .await;
}

// REG-003
#[tokio::test(start_paused = true)]
async fn a_key_that_nobody_has_finds_nothing() {
    in_process(async {
        let keys = unique().await;
        assert_eq!(keys.lookup("nobody"), []);
        assert_eq!(keys.whereis("nobody"), None);
        let topics = Registry::<String>::duplicate("topics");
        topics.start_link().await.unwrap();
        assert_eq!(topics.lookup("nothing"), []);
    })
    .await;
}

// REG-004
#[tokio::test(start_paused = true)]
async fn a_process_has_keys_and_under_each_its_values() {
    with_mailbox(|mailbox| async move {
        let me = mailbox.pid();
        let topics = Registry::<&str, u32>::duplicate("topics");
        topics.start_link().await.unwrap();
        assert_eq!(topics.keys(me), [""; 0]);
        for (key, value) in [("m", 1), ("m", 2), ("z", 7), ("m", 3), ("m", 1)] {
            assert_eq!(topics.register(key, value), Ok(()));
        }
        let other = registered(&topics, "m", 9).await;
        let mut keys = topics.keys(me);
        keys.sort_unstable();
        assert_eq!(keys, ["m", "m", "m", "m", "z"]);
        assert_eq!(topics.values("m", me), [1, 2, 3, 1]);
        assert_eq!(topics.values("z", me), [7]);
        assert_eq!(topics.values("other", me), []);
        assert_eq!(topics.values("m", other.pid()), [9]);
        assert_eq!(topics.keys(other.pid()), ["m"]);
        other.ends(boom()).await;
        assert_eq!(topics.keys(other.pid()), [""; 0]);
        assert_eq!(topics.values("m", other.pid()), []);
    })
    .await;
}

// REG-005, S83
#[tokio::test(start_paused = true)]
async fn unregistering_removes_all_of_ones_own_entries_and_no_others() {
    with_mailbox(|mailbox| async move {
        let topics = Registry::<&str, u32>::duplicate("topics");
        topics.start_link().await.unwrap();
        topics.unregister("news");
        let other = registered(&topics, "news", 5).await;
        topics.unregister("news");
        assert_eq!(topics.lookup("news"), [(other.pid(), 5)]);
        for value in [1, 2] {
            topics.register("news", value).unwrap();
        }
        topics.register("sport", 3).unwrap();
        topics.unregister("news");
        assert_eq!(topics.lookup("news"), [(other.pid(), 5)]);
        assert_eq!(topics.keys(mailbox.pid()), ["sport"]);

        let keys = unique().await;
        keys.unregister("key");
        keys.register("key", 1).unwrap();
        keys.unregister("key");
        assert_eq!(keys.lookup("key"), []);
        assert_eq!(keys.register("key", 2), Ok(()));
    })
    .await;
}

// REG-005: as in OTP, a link goes with the last entry, but not one that was there before.
#[tokio::test(start_paused = true)]
async fn the_link_with_the_registry_lasts_as_long_as_the_entries() {
    with_mailbox(|mailbox| async move {
        let keys = unique().await;
        let registry = keys.pid().unwrap();
        let puppet = registered(&keys, "a".to_owned(), 1).await;
        let there = keys.clone();
        assert_eq!(puppet.info().links, [registry]);
        puppet.does(move |_| there.register("b", 2)).await.unwrap();
        let there = keys.clone();
        puppet.does(move |_| there.unregister("a")).await;
        assert_eq!(puppet.info().links, [registry]);
        let there = keys.clone();
        puppet.does(move |_| there.unregister("b")).await;
        assert_eq!(puppet.info().links, []);
        // The parent's link is its own.
        keys.register("parent", 3).unwrap();
        keys.unregister("parent");
        let me = process::node().process_info(mailbox.pid()).unwrap();
        assert_eq!(me.links, [registry]);
        assert!(keys.is_empty(), "nothing is left behind");
    })
    .await;
}

// REG-008, S83
#[tokio::test(start_paused = true)]
async fn only_the_owner_changes_its_value() {
    with_mailbox(|mailbox| async move {
        let keys = unique().await;
        keys.register("me", 1).unwrap();
        let other = registered(&keys, "other".to_owned(), 5).await;
        assert_eq!(keys.update_value("me", |value| value + 10), Some((11, 1)));
        assert_eq!(keys.lookup("me"), [(mailbox.pid(), 11)]);
        assert_eq!(keys.update_value("other", |value| value + 10), None);
        assert_eq!(keys.update_value("nobody", |value| value + 10), None);
        assert_eq!(keys.lookup("other"), [(other.pid(), 5)]);
        // What changes the value may use the registry.
        let there = keys.clone();
        let changed = keys.update_value("me", move |value| value + there.lookup("me")[0].1);
        assert_eq!(changed, Some((22, 11)));
    })
    .await;
}

// REG-012
#[tokio::test(start_paused = true)]
async fn a_registry_knows_things_of_itself() {
    in_process(async {
        let keys = Registry::<String>::options("keys")
            .meta("colour", "red")
            .unique();
        assert_eq!(keys.meta::<&str>("colour"), None, "it does not run yet");
        assert_eq!(
            keys.put_meta("size", 1),
            Err(NotRunning {
                registry: "keys".into()
            })
        );
        keys.start_link().await.unwrap();
        assert_eq!(keys.meta("colour"), Some("red"));
        assert_eq!(keys.meta::<u32>("colour"), None, "it is of another type");
        assert_eq!(keys.meta::<u32>("size"), None);
        assert_eq!(keys.put_meta("size", 4_u32), Ok(()));
        assert_eq!(keys.put_meta("colour", "blue"), Ok(()));
        assert_eq!(keys.meta("size"), Some(4_u32));
        keys.delete_meta("size");
        keys.delete_meta("nothing");
        assert_eq!(keys.meta::<u32>("size"), None);
        // It starts again as it started before.
        keys.stop().await.unwrap();
        keys.start_link().await.unwrap();
        assert_eq!(keys.meta("colour"), Some("red"));
    })
    .await;
}

// REG-012, S83
#[tokio::test(start_paused = true)]
async fn a_registry_that_does_not_run_takes_nothing_and_finds_nothing() {
    with_mailbox(|mailbox| async move {
        let keys = Registry::<String, u32>::unique("keys");
        let error = keys.register("key", 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "registry keys is not running on this node: start it first"
        );
        assert_eq!(keys.lookup("key"), []);
        assert_eq!((keys.pid(), keys.count()), (None, 0));
        assert!(keys.lock("key", async || ()).await.is_err());
        let name = keys.via("key");
        let refused = process::register(name.clone(), mailbox.pid()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            r#"cannot register via:{keys, "key"}: its registry is not running on this node"#
        );
        assert_eq!(process::whereis(name), None);
    })
    .await;
}

// REG-012
#[tokio::test(start_paused = true)]
async fn a_registry_runs_once_and_on_one_node() {
    with_mailbox(|mailbox| async move {
        let keys = unique().await;
        let pid = keys.pid().unwrap();
        assert_eq!(process::whereis("keys"), Some(pid));
        assert_eq!(
            keys.start_link().await,
            Err(StartError::AlreadyStarted(pid))
        );
        let there = keys.clone();
        let elsewhere = Node::new().run(async move {
            let refused = there.start().await;
            assert!(matches!(refused, Err(StartError::Init(_))), "{refused:?}");
            (there.register("key", 1), there.lookup("here"))
        });
        keys.register("here", 2).unwrap();
        let (refused, found) = elsewhere.await.unwrap();
        assert!(matches!(refused, Err(RegistrationError::NotRunning(_))));
        assert_eq!(found, [(mailbox.pid(), 2)]);
    })
    .await;
}

// REG-013
#[tokio::test(start_paused = true)]
async fn one_process_at_a_time_is_in_a_locked_section() {
    in_process(async {
        let keys = unique().await;
        let told = Probe::new();
        let mut gates = Vec::new();
        for n in 0..4 {
            let (open, gate) = oneshot::channel::<()>();
            let (keys, told) = (keys.clone(), told.clone());
            let worker = process::spawn(move |_: Mailbox<Never>| async move {
                let done = keys.lock("key", || async {
                    told.report((n, "in"));
                    let _ = gate.await;
                    if n == 1 {
                        panic!("out");
                    }
                    told.report((n, "out"));
                    n
                });
                assert_eq!(done.await, Ok(n));
            });
            gates.push((open, worker));
            settle().await;
        }
        assert_eq!(told.drain(), [(0, "in")]);
        // Another key is another section.
        assert_eq!(keys.lock("other", async || 7).await, Ok(7));
        // One that waits and ends is skipped.
        process::exit(&gates[2].1, ExitReason::Kill);
        settle().await;
        assert_eq!(told.drain(), []);
        // It ends with what it does, by a panic, or with its process.
        let mut gates = gates.into_iter();
        let (open, _) = gates.next().unwrap();
        open.send(()).unwrap();
        settle().await;
        assert_eq!(told.drain(), [(0, "out"), (1, "in")]);
        let (open, _) = gates.next().unwrap();
        open.send(()).unwrap();
        settle().await;
        assert_eq!(told.drain(), [(3, "in")]);
        process::exit(&gates.last().unwrap().1, ExitReason::Kill);
        assert_eq!(keys.lock("key", async || 8).await, Ok(8));
    })
    .await;
}
