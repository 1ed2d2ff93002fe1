//! Entries whose owners die, in any order and while others look them up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{ProcessRef, Registry, process};

use crate::puppet::{Puppet, boom};
use crate::support::{in_process, settle};

// REG-006
#[tokio::test(start_paused = true)]
async fn whatever_way_an_owner_ends_its_entries_end_with_it() {
    in_process(async {
        let node = process::node();
        let keys = Registry::<u32, ()>::unique("keys");
        let topics = Registry::<u32, ()>::duplicate("topics");
        keys.start_link().await.unwrap();
        topics.start_link().await.unwrap();
        let reasons = [
            ExitReason::Normal,
            ExitReason::Shutdown,
            boom(),
            ExitReason::Killed,
        ];
        for (reason, n) in reasons.into_iter().zip(0..) {
            let puppet = Puppet::new(&node);
            let (k, t) = (keys.clone(), topics.clone());
            puppet
                .does(move |_| {
                    k.register(n, ()).unwrap();
                    k.register(n + 100, ()).unwrap();
                    t.register(7_u32, ()).unwrap();
                    t.register(7_u32, ()).unwrap();
                })
                .await;
            assert_eq!((keys.count(), topics.count()), (2, 2));
            puppet.ends(reason).await;
            assert_eq!(
                (keys.count(), topics.count()),
                (0, 0),
                "by the time it is known"
            );
            assert_eq!((keys.lookup(&n), topics.lookup(&7)), (vec![], vec![]));
            settle().await;
            assert!(keys.is_empty() && topics.is_empty(), "nothing is kept");
        }
    })
    .await;
}

// REG-006
#[tokio::test(start_paused = true)]
async fn an_exit_signal_sent_by_hand_to_the_registry_costs_nobody_its_entries() {
    in_process(async {
        let keys = Registry::<u32, u32>::unique("keys");
        let registry = keys.start_link().await.unwrap();
        let (puppet, there) = (Puppet::new(&process::node()), keys.clone());
        puppet
            .does(move |_| there.register(1_u32, 1))
            .await
            .unwrap();
        puppet.sends_exit(registry, boom()).await;
        settle().await;
        assert_eq!(keys.lookup(&1), [(puppet.pid(), 1)]);
        puppet.ends(boom()).await;
        settle().await;
        assert!(keys.is_empty());
    })
    .await;
}

// REG-006, REG-001: at the moment at which a process is ended its key is free, and what is cleared away after it
// is not its successor's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_can_be_taken_as_soon_as_its_owner_is_ended() {
    let node = Node::new();
    let keys = Registry::<&str, u32>::unique("keys");
    let there = keys.clone();
    node.run(async move { there.start().await })
        .await
        .unwrap()
        .unwrap();
    let name = keys.via("key");
    for round in 0..500 {
        let (former, successor) = (Puppet::new(&node), Puppet::new(&node));
        assert_eq!(node.register(name.clone(), former.pid()), Ok(()), "{round}");
        node.exit(former.pid(), ExitReason::Kill);
        assert_eq!(keys.whereis("key"), None);
        assert_eq!(node.register(name.clone(), successor.pid()), Ok(()));
        former.ended().await;
        tokio::task::yield_now().await;
        assert_eq!(keys.whereis("key"), Some(successor.pid()));
        successor.ends(ExitReason::Normal).await;
    }
    assert!(soon(|| keys.is_empty()).await);
}

// REG-006: a process that is named while it is being killed leaves nothing behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_registration_that_races_with_the_end_of_its_process_leaves_nothing() {
    let node = Node::new();
    let keys = Registry::<u32>::unique("keys");
    let there = keys.clone();
    node.run(async move { there.start().await })
        .await
        .unwrap()
        .unwrap();
    for round in 0..2000 {
        let process = node.spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
        let (there, pid) = (node.clone(), process.pid());
        let killer = node.spawn(move |_: Mailbox<Never>| async move {
            there.exit(pid, ExitReason::Kill);
        });
        // Either may come first.
        let _ = node.register(keys.via(round), pid);
        killer.wait().await;
        assert_eq!(keys.whereis(&round), None);
    }
    assert!(soon(|| keys.is_empty()).await);
}

type Values = Registry<u32, Option<Arc<Nosy>>>;

/// Uses its registry when it is dropped, and says so.
struct Nosy(Values, Probe<usize>);

impl Drop for Nosy {
    fn drop(&mut self) {
        // Everything that takes a lock.
        let mut found = self.0.lookup(&1).len() + self.0.count();
        if let Some(me) = process::try_current() {
            let _ = self.0.register(3_u32, None);
            self.0.unregister(3_u32);
            found += self.0.keys(me).len();
        }
        self.1.report(found);
    }
}

// REG-006: destructors of values run when nothing is locked.
#[test]
fn values_may_use_the_registry_when_they_are_dropped() {
    let (done, is_done) = std::sync::mpsc::channel();
    // In a thread of its own, so that a deadlock fails the test.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .start_paused(true)
            .enable_time()
            .build();
        runtime
            .expect("there is one")
            .block_on(in_process(async move {
                let keys = Values::unique("keys");
                let probe = Probe::new();
                keys.start_link().await.unwrap();
                let value = || Some(Arc::new(Nosy(keys.clone(), probe.clone())));
                // By its owner, with its owner, by a successor, by its name, with the registry.
                keys.register(1_u32, value()).unwrap();
                keys.unregister(1_u32);
                let puppet = Puppet::new(&process::node());
                let name = |key: u32| keys.via_with(key, value());
                process::register(name(1), puppet.pid()).unwrap();
                process::register(name(2), puppet.pid()).unwrap();
                process::exit(puppet.pid(), ExitReason::Kill);
                process::register(name(1), process::current()).unwrap();
                puppet.ended().await;
                process::unregister(name(1)).unwrap();
                process::register(name(1), process::current()).unwrap();
                keys.unregister(1_u32);
                process::register(name(4), process::current()).unwrap();
                let registry = keys.pid().unwrap();
                process::unlink(registry);
                process::exit(registry, ExitReason::Kill);
                settle().await;
                let _ = done.send((keys.is_empty(), probe.drain().len()));
            }));
    });
    let done = is_done.recv_timeout(Duration::from_secs(20));
    // All but the one in the name that the process still has.
    assert_eq!(done, Ok((true, 6)), "it waits for a lock for ever");
}

const OWNERS: usize = 2_500;
const NAMES_EACH: usize = 40;
const KILLERS: usize = 8;

/// An owner of names, and whether a thread has ended it.
struct Owner {
    process: ProcessRef<()>,
    ended: AtomicBool,
}

// REG-006: a hundred thousand names, of owners that are killed in random order by many at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_thousand_names_none_is_found_stale_and_none_is_left() {
    let node = Node::new();
    let names = Registry::<usize, usize>::options("names")
        .partitions(4)
        .unique();
    let there = names.clone();
    node.run(async move { there.start().await })
        .await
        .unwrap()
        .unwrap();

    let ready = Arc::new(AtomicUsize::new(0));
    let owners: Arc<Vec<Owner>> = Arc::new(
        (0..OWNERS)
            .map(|owner| {
                let (names, ready) = (names.clone(), ready.clone());
                let process = node.spawn(move |mut mailbox: Mailbox<()>| async move {
                    for name in 0..NAMES_EACH {
                        let name = owner + name * OWNERS;
                        names.register(name, owner).expect("it is nobody else's");
                    }
                    ready.fetch_add(1, Ordering::SeqCst);
                    mailbox.receive().await;
                });
                Owner {
                    process,
                    ended: AtomicBool::new(false),
                }
            })
            .collect(),
    );
    assert!(soon(|| ready.load(Ordering::SeqCst) == OWNERS).await);
    assert_eq!(names.count(), OWNERS * NAMES_EACH);

    let order = Arc::new(shuffled(OWNERS));
    let workers: Vec<_> = (0..KILLERS)
        .map(|worker| {
            let (node, names) = (node.clone(), names.clone());
            let (owners, order) = (owners.clone(), order.clone());
            node.clone().spawn(move |_: Mailbox<Never>| async move {
                for (turn, victim) in order.iter().enumerate().skip(worker).step_by(KILLERS) {
                    let owner = &owners[*victim];
                    node.exit(&owner.process, ExitReason::Kill);
                    owner.ended.store(true, Ordering::SeqCst);
                    // Its names, and those of an owner that another thread may be killing at this moment.
                    for victim in [*victim, order[(turn + 1) % OWNERS]] {
                        look_up(&names, &owners, victim + (turn % NAMES_EACH) * OWNERS);
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for worker in workers {
        assert_eq!(
            worker.wait().await,
            ExitReason::Normal,
            "it has found a stale name"
        );
    }
    assert_eq!(names.count(), 0);
    assert!(soon(|| names.is_empty()).await, "something is left behind");
}

/// Looks a name up and checks that its owner had not been ended before.
fn look_up(names: &Registry<usize, usize>, owners: &[Owner], name: usize) {
    let owner = &owners[name % OWNERS];
    let ended = owner.ended.load(Ordering::SeqCst);
    let found = names.lookup(&name);
    if !found.is_empty() {
        assert!(
            !ended,
            "{name} is found, but {} is dead",
            owner.process.pid()
        );
        assert_eq!(found, [(owner.process.pid(), name % OWNERS)]);
    }
}

/// The numbers below `n` in an order without a pattern.
fn shuffled(n: usize) -> Vec<usize> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut keyed: Vec<(u64, usize)> = (0..n).map(|n| (random(), n)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, n)| n).collect()
}

/// Whether this becomes true within a minute; others run in between.
async fn soon(mut done: impl FnMut() -> bool) -> bool {
    let waiting = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    waited.is_ok()
}
