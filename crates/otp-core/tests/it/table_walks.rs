//! Walks over tables that others change meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use otp_core::prelude::*;
use otp_core::table::{self, Table};

use crate::table_races::{all_at_once, public_ordered_set, public_set, with_owner};

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

// ETS-005: no reader sees a list half inserted.
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
