//! Tables that many processes use at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use otp_core::ProcessRef;
use otp_core::prelude::*;
use otp_core::table::{self, Access, OrderedSet, Table, TableError, Transfer};

const WORKERS: u32 = 8;
const ROUNDS: u32 = 500;

/// Runs `work` in as many processes at a time, each with its number, and waits for their ends.
async fn all_at_once<F>(node: &Node, work: impl Fn(u32) -> F)
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
async fn with_owner<T: Send + 'static>(
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

fn public_set() -> Result<Table<u32, i64>, TableError> {
    table::set("set").access(Access::Public).create()
}

fn public_ordered_set() -> Result<Table<u32, i64, OrderedSet>, TableError> {
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

/// Rows of a table that all have the same value, but for a change that is seen half.
const KEYS: u32 = 64;

fn row(value: i64) -> impl Iterator<Item = (u32, i64)> {
    (0..KEYS).map(move |key| (key, value))
}

/// Has one process insert row after row with `insert` while others look at the table with `look`, each so often.
async fn while_rows_are_inserted(
    node: &Node,
    insert: impl Fn(i64) + Send + 'static,
    look: impl Fn() + Clone + Send + 'static,
) {
    const LOOKS: u32 = 300;

    insert(0);
    let (done, running) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (stop, started) = (done.clone(), running.clone());
    // A thread of its own: it writes from before the first look until after the last one, however many workers there are.
    let writer = std::thread::spawn(move || {
        let mut value = 0;
        while !stop.load(Ordering::SeqCst) {
            value += 1;
            insert(value);
            started.store(true, Ordering::SeqCst);
        }
    });
    while !running.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    all_at_once(node, |_| {
        let look = look.clone();
        async move {
            for _ in 0..LOOKS {
                look();
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    done.store(true, Ordering::SeqCst);
    writer.join().expect("the table is public");
}

#[track_caller]
fn assert_one_row(values: &[i64]) {
    assert_eq!(values.len(), KEYS as usize);
    let first = values[0];
    assert!(
        values.iter().all(|value| *value == first),
        "half of a change is seen: {values:?}"
    );
}

/// All ways to walk over a table see one row.
fn walk<S: table::Kind<u32, i64>>(table: &Table<u32, i64, S>) {
    let entries = table.entries().expect("it is public");
    assert_one_row(&entries.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    let selected = table.select(|_, value| Some(*value));
    assert_one_row(&selected.expect("it is public"));
    let folded = table.fold(Vec::new(), |mut values, _, value| {
        values.push(*value);
        values
    });
    assert_one_row(&folded.expect("it is public"));
}

// ETS-005: nobody sees a list half inserted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_sees_all_or_nothing_of_a_list() {
    let node = Node::new();
    let (_owner, set) = with_owner(&node, public_set).await;
    let (_other, ordered) = with_owner(&node, public_ordered_set).await;
    let there = set.clone();
    let insert = move |value| set.insert_all(row(value)).expect("it is public");
    while_rows_are_inserted(&node, insert, move || walk(&there)).await;
    let there = ordered.clone();
    let insert = move |value| ordered.insert_all(row(value)).expect("it is public");
    while_rows_are_inserted(&node, insert, move || walk(&there)).await;
}

// ETS-005: what is looked up later is not older.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_inserted_in_one_step() {
    fn look<S>(table: &Table<u32, i64, S>)
    where
        S: table::Kind<u32, i64, Found = Option<i64>>,
    {
        for reversed in [false, true] {
            let mut newest = 0;
            for n in 0..KEYS {
                let key = if reversed { KEYS - 1 - n } else { n };
                let seen = table.lookup(&key).expect("it is public");
                let seen = seen.expect("each row has all keys");
                assert!(seen >= newest, "{seen} after {newest}");
                newest = seen;
            }
        }
    }

    let node = Node::new();
    let (_owner, set) = with_owner(&node, public_set).await;
    let (_other, ordered) = with_owner(&node, public_ordered_set).await;
    let there = set.clone();
    let insert = move |value| set.insert_all(row(value)).expect("it is public");
    while_rows_are_inserted(&node, insert, move || look(&there)).await;
    let there = ordered.clone();
    let insert = move |value| ordered.insert_all(row(value)).expect("it is public");
    while_rows_are_inserted(&node, insert, move || look(&there)).await;
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
