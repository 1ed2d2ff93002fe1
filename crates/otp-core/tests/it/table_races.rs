//! Tables that many processes use at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use otp_core::ProcessRef;
use otp_core::prelude::*;
use otp_core::table::{self, Access, OrderedSet, Table, TableError, Transfer};

const WORKERS: u32 = 8;
const ROUNDS: u32 = 500;

/// Runs `work` in as many processes at a time, each with its number, and waits for their ends.
pub(crate) async fn all_at_once<F>(node: &Node, work: impl Fn(u32) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let workers: Vec<ProcessRef<Never>> = (0..WORKERS)
        .map(|worker| {
            let work = work(worker);
            node.spawn(move |_: Mailbox<Never>| work)
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.wait().await, ExitReason::Normal);
    }
}

/// A process that makes a table and keeps it until it gets a message.
pub(crate) async fn with_owner<T: Send + 'static>(
    node: &Node,
    make: impl FnOnce() -> Result<T, TableError> + Send + 'static,
) -> (ProcessRef<()>, T) {
    let (send, made) = tokio::sync::oneshot::channel();
    let owner = node.spawn(move |mut mailbox: Mailbox<()>| async move {
        let _ = send.send(make());
        mailbox.receive().await;
    });
    let made = made.await.expect("the owner lives");
    (owner, made.expect("the name is not used"))
}

pub(crate) fn public_set() -> Result<Table<u32, i64>, TableError> {
    table::set("set").access(Access::Public).create()
}

pub(crate) fn public_ordered_set() -> Result<Table<u32, i64, OrderedSet>, TableError> {
    table::ordered_set("ordered")
        .access(Access::Public)
        .create()
}

// ETS-007
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_of_many_at_once_is_lost() {
    let node = Node::new();
    let (_owner, set) = with_owner(&node, public_set).await;
    let (_other, ordered) = with_owner(&node, public_ordered_set).await;
    all_at_once(&node, |_| {
        let (set, ordered) = (set.clone(), ordered.clone());
        async move {
            for round in 0..ROUNDS {
                let key = round % 3;
                set.update_counter_or(&key, 1, 0).expect("it is public");
                let counted = ordered.update_or_insert(&key, 0, |value| *value += 1);
                counted.expect("it is public");
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let all = i64::from(WORKERS * ROUNDS);
    assert_eq!(set.fold(0, |sum, _, value| sum + value), Ok(all));
    assert_eq!(ordered.fold(0, |sum, _, value| sum + value), Ok(all));
}

// ETS-005, ETS-007
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_insert_a_new_key_one_succeeds() {
    let node = Node::new();
    let (_owner, set) = with_owner(&node, public_set).await;
    let (_other, won) = with_owner(&node, public_set).await;
    all_at_once(&node, |worker| {
        let (set, won) = (set.clone(), won.clone());
        async move {
            for round in 0..ROUNDS {
                // Some alone, some with another key that is new to all of them.
                let new = match worker % 2 {
                    0 => set.insert_new(round, worker.into()),
                    _ => set.insert_all_new([(round, worker.into()), (round + 10_000, 0)]),
                };
                if new.expect("it is public") {
                    won.update_counter_or(&round, 1, 0).expect("it is public");
                }
            }
        }
    })
    .await;
    assert_eq!(won.len(), Ok(ROUNDS as usize));
    assert!(won.entries().unwrap().iter().all(|(_, won)| *won == 1));
}

/// Enough objects for a list to be half inserted for as long as many looks take.
const KEYS: u32 = 2_000;

/// How often a list is inserted.
const LISTS: i64 = 100;

// ETS-005: no reader sees a list half inserted. Lists are inserted all the time, with the same keys and a higher value each.
// A reader of the first key and then of the last one, or the other way round, must find a value there that is not
// older, as it looks later.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_is_inserted_in_one_step() {
    let node = Node::new();
    let (_owner, set) = with_owner(&node, public_set).await;
    let (_other, ordered) = with_owner(&node, public_ordered_set).await;
    let row = |value: i64| (0..KEYS).map(move |key| (key, value));
    set.insert_all(row(0)).unwrap();
    ordered.insert_all(row(0)).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let (there, other, stop) = (set.clone(), ordered.clone(), done.clone());
    let writer = node.spawn(move |_: Mailbox<Never>| async move {
        for value in 1..=LISTS {
            there.insert_all(row(value)).expect("it is public");
            other.insert_all(row(value)).expect("it is public");
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::SeqCst);
    });
    let between = Arc::new(AtomicU64::new(0));
    all_at_once(&node, |_| {
        let (set, ordered, done) = (set.clone(), ordered.clone(), done.clone());
        let between = between.clone();
        async move {
            let look = |key| {
                let seen = (set.lookup(&key), ordered.lookup(&key));
                let (set, ordered) = (seen.0.unwrap(), seen.1.unwrap());
                (set.unwrap(), ordered.unwrap())
            };
            while !done.load(Ordering::SeqCst) {
                for _ in 0..100 {
                    for [sooner, later] in [[0, KEYS - 1], [KEYS - 1, 0]] {
                        let (first, second) = (look(sooner), look(later));
                        assert!(second.0 >= first.0, "set: {second:?} after {first:?}");
                        assert!(second.1 >= first.1, "ordered: {second:?} after {first:?}");
                        if first.1 > 0 && first.1 < LISTS {
                            between.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    assert_eq!(writer.wait().await, ExitReason::Normal);
    let looks = between.load(Ordering::Relaxed);
    assert!(looks > 0, "nobody has looked while lists were inserted");
}

// ETS-002, ETS-009: a table that goes from hand to hand while its owners are killed ends or has a living owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_table_whose_owner_and_heir_are_killed_at_once_is_not_left_behind() {
    type Counted = Table<u32, Arc<()>>;

    let node = Node::new();
    let value = Arc::new(());
    for _ in 0..500 {
        let heir = node.spawn(|mut mailbox: Mailbox<Transfer<Counted>>| async move {
            loop {
                mailbox.receive().await;
            }
        });
        let (to, held) = (heir.clone(), value.clone());
        let (owner, table) = with_owner(&node, move || {
            let table: Counted = table::set("t").named().heir(&to, |it| it).create()?;
            table.insert(1, held)?;
            Ok(table)
        })
        .await;
        let there = node.clone();
        let heirs = heir.pid();
        let killer = node.spawn(move |_: Mailbox<Never>| async move {
            there.exit(heirs, ExitReason::Kill);
        });
        node.exit(&owner, ExitReason::Kill);
        killer.wait().await;
        owner.wait().await;
        heir.wait().await;
        assert_eq!(table.owner(), None);
        assert!(matches!(table.lookup(&1), Err(TableError::NoTable { .. })));
        assert_eq!(Arc::strong_count(&value), 1, "its objects are gone");
    }
}
