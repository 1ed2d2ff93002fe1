//! Bags that many change at a time, with keys that change it as they are compared, and operations that others overtake.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::table::{self, Bag, DuplicateBag, Kind, Set, Table, TableOptions};

const KEYS: u32 = 64;

/// A public table of a process that outlives the test's body.
async fn public<K, V, S>(node: &Node, options: TableOptions<K, V, S>) -> Table<K, V, S>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    S: Kind<K, V> + Send + 'static,
{
    let (tell, told) = tokio::sync::oneshot::channel();
    node.spawn(async move |_: Mailbox<Never>| {
        let table = options.access(table::Access::Public).create();
        let _ = tell.send(table.expect("the node has no other table"));
        std::future::pending::<()>().await;
    });
    told.await.expect("the owner tells")
}

/// Runs `change` on a thread of its own, again and again, while `look` runs.
fn beside(mut change: impl FnMut() + Send, look: impl FnOnce()) {
    let (done, running) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                change();
                running.store(true, Ordering::SeqCst);
            }
        });
        while !running.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let looked = catch_unwind(AssertUnwindSafe(look));
        done.store(true, Ordering::SeqCst);
        if let Err(panic) = looked {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Each walk sees all or nothing of what goes in and out in one step.
fn walks<S: Kind<u32, u32>>(table: &Table<u32, u32, S>) {
    let whole = |seen: Vec<u32>| {
        let mut rows = std::collections::HashMap::new();
        for row in seen {
            *rows.entry(row).or_insert(0) += 1;
        }
        let half = rows.iter().find(|(_, count)| **count != KEYS);
        assert_eq!(half, None, "a row is seen half");
    };
    let row = |row| (0..KEYS).map(move |key| (key, row));
    let mut next = 0;
    let change = || {
        next += 1;
        table.insert_all(row(next)).expect("it is public");
        match next % 7 {
            0 => table.delete_all().expect("it is public"),
            3 => assert!(!table.insert_all_new(row(next)).expect("it is public")),
            _ => {
                let gone = next / 2;
                let removed = table.delete_matching(|_, row| *row == gone);
                removed.expect("it is public");
            }
        }
    };
    beside(change, || {
        for _ in 0..300 {
            let entries = table.entries().expect("it is public");
            whole(entries.into_iter().map(|(_, row)| row).collect());
            whole(table.select(|_, row| Some(*row)).expect("it is public"));
            let push = |mut seen: Vec<u32>, _: &u32, row: &u32| {
                seen.push(*row);
                seen
            };
            whole(table.fold(Vec::new(), push).expect("it is public"));
            assert_eq!(table.len().expect("it is public") % KEYS as usize, 0);
        }
    });
}

// ETS-005: a walk over a bag, too.
#[tokio::test]
async fn a_walk_over_a_bag_sees_all_or_nothing_of_a_change_of_many() {
    let node = Node::new();
    walks(&public(&node, table::bag("bag")).await);
    walks(&public(&node, table::duplicate_bag("duplicates")).await);
}

thread_local! {
    /// What comparing two keys does.
    static MEDDLE: Cell<Option<fn(&Meddlers)>> = const { Cell::new(None) };
}

/// A key that changes the table that it is compared in.
#[derive(Debug, Clone)]
struct Meddler(Arc<Meddlers>);

#[derive(Debug)]
struct Meddlers {
    set: Table<Meddler, u32, Set>,
    bag: Table<Meddler, u32, Bag>,
    duplicates: Table<Meddler, u32, DuplicateBag>,
    me: std::sync::Weak<Self>,
}

impl Hash for Meddler {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl PartialEq for Meddler {
    fn eq(&self, _: &Self) -> bool {
        // What it does itself compares keys in peace.
        if let Some(meddle) = MEDDLE.take() {
            meddle(&self.0);
            MEDDLE.set(Some(meddle));
        }
        true
    }
}

impl Eq for Meddler {}

impl Meddlers {
    fn key(&self) -> Meddler {
        Meddler(self.me.upgrade().expect("it is looked at"))
    }
}

/// Runs an operation while each comparison of keys meddles with the table.
fn meddled(meddle: fn(&Meddlers), operation: impl FnOnce()) -> String {
    thread_local! {
        static ROUNDS: Cell<u32> = const { Cell::new(0) };
        static REAL: Cell<Option<fn(&Meddlers)>> = const { Cell::new(None) };
    }

    ROUNDS.set(0);
    REAL.set(Some(meddle));
    MEDDLE.set(Some(|meddlers| {
        ROUNDS.set(ROUNDS.get() + 1);
        assert!(ROUNDS.get() < 20_000, "it goes on for ever");
        REAL.get().expect("it is set")(meddlers);
    }));
    let ended = catch_unwind(AssertUnwindSafe(operation));
    MEDDLE.set(None);
    let payload = ended.expect_err("it does not end otherwise");
    payload.downcast_ref::<&str>().unwrap_or(&"").to_string()
}

#[tokio::test]
async fn an_operation_that_changes_its_table_each_time_that_it_compares_keys_ends() {
    let node = Node::new();
    let (set, bag) = (
        public(&node, table::set("set")).await,
        public(&node, table::bag("bag")).await,
    );
    let duplicates = public(&node, table::duplicate_bag("duplicates")).await;
    let meddlers = Arc::new_cyclic(|me| Meddlers {
        set,
        bag,
        duplicates,
        me: me.clone(),
    });
    let objects = || [(meddlers.key(), 1), (meddlers.key(), 2)];
    meddlers
        .set
        .insert(meddlers.key(), 0)
        .expect("it is public");
    meddlers
        .bag
        .insert(meddlers.key(), 0)
        .expect("it is public");
    meddlers
        .duplicates
        .insert(meddlers.key(), 0)
        .expect("it is public");

    let anew: [fn(&Meddlers); 6] = [
        |it| {
            it.set.delete(&it.key()).expect("it is public");
            it.set.insert(it.key(), 0).expect("it is public");
        },
        |it| {
            it.set.delete_matching(|_, _| true).expect("it is public");
            it.set
                .update_counter_or(&it.key(), 1, 0)
                .expect("it is public");
        },
        |it| {
            it.set.delete_all().expect("it is public");
            it.set
                .update_counter_or(&it.key(), 1, 0)
                .expect("it is public");
        },
        |it| {
            it.bag.delete(&it.key()).expect("it is public");
            it.bag.insert(it.key(), 0).expect("it is public");
        },
        |it| {
            it.duplicates.take(&it.key()).expect("it is public");
            it.duplicates.insert(it.key(), 0).expect("it is public");
        },
        |it| {
            it.duplicates.delete_all().expect("it is public");
            it.duplicates.insert(it.key(), 0).expect("it is public");
        },
    ];
    for (nth, meddle) in anew.into_iter().enumerate() {
        let message = meddled(meddle, || {
            match nth {
                0..3 => meddlers.set.insert_all(objects()),
                3 => meddlers.bag.insert_all(objects()),
                _ => meddlers.duplicates.insert_all(objects()),
            }
            .expect("it is public");
        });
        let says = ["cannot end", "too many keys"];
        assert!(
            says.iter().any(|says| message.contains(says)),
            "{nth}: {message}"
        );
    }
}

/// Has another thread change the table, and hears when that is done; how often so far.
type Rival = (Sender<()>, Receiver<()>, u32);

thread_local! {
    static RIVAL: Cell<Option<Rival>> = const { Cell::new(None) };
}

/// How long an operation waits for the other thread, which does not wait for it in turn.
const PATIENCE: Duration = Duration::from_millis(20);

/// Another thread changes the table, unless it is too slow.
fn overtaken() {
    if let Some((ask, done, times)) = RIVAL.take() {
        assert!(times < 500, "it is overtaken for ever");
        while done.try_recv().is_ok() {}
        ask.send(()).expect("it listens");
        let _ = done.recv_timeout(PATIENCE);
        RIVAL.set(Some((ask, done, times + 1)));
    }
}

/// A value whose comparison or copy lets another thread change the table first.
#[derive(Debug)]
struct Contended(u32);

impl Clone for Contended {
    fn clone(&self) -> Self {
        overtaken();
        Self(self.0)
    }
}

impl PartialEq for Contended {
    fn eq(&self, other: &Self) -> bool {
        overtaken();
        self.0 == other.0
    }
}

impl Eq for Contended {}

impl PartialOrd for Contended {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Contended {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        overtaken();
        self.0.cmp(&other.0)
    }
}

/// Runs an operation in each of whose attempts another thread is faster with a change.
fn against<T>(change: impl Fn() + Send, operation: impl FnOnce() -> T) -> T {
    let (ask, asked) = channel();
    let (tell, done) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while asked.recv().is_ok() {
                change();
                let _ = tell.send(());
            }
        });
        RIVAL.set(Some((ask, done, 0)));
        let made = operation();
        drop(RIVAL.take());
        made
    })
}

#[tokio::test]
async fn an_operation_that_others_overtake_again_and_again_ends() {
    let node = Node::new();
    let bag = public(&node, table::bag("bag")).await;
    bag.insert(1, Contended(0)).expect("it is public");
    let change = || {
        bag.insert(1, Contended(1)).expect("it is public");
        bag.delete(&1).expect("it is public");
        bag.insert(1, Contended(2)).expect("it is public");
    };
    against(change, || bag.insert(1, Contended(3))).expect("it is public");

    let set = public(&node, table::set("set")).await;
    set.insert(1, Contended(0)).expect("it is public");
    let change = || {
        set.insert(1, Contended(1)).expect("it is public");
    };
    let updated = against(change, || set.update(&1, |value| value.0 = 3));
    assert_eq!(updated, Ok(Some(())));

    let ordered = public(&node, table::ordered_set("ordered")).await;
    ordered.insert(Contended(1), 0).expect("it is public");
    let change = || {
        ordered.insert(Contended(1), 1).expect("it is public");
    };
    against(change, || ordered.insert(Contended(2), 2)).expect("it is public");
    assert_eq!(ordered.len(), Ok(2));
}
