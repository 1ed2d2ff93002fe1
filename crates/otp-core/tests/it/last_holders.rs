//! A process that reads a registry or a table may be the last holder of a value, whose destructor is no matter of the reader's.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use otp_core::Registry;
use otp_core::prelude::*;
use otp_core::table::{self, DuplicateBag, OrderedSet, Set, Table};

/// Panics as it is dropped, except a copy. Who reads it says so, and goes on when it may.
struct Fragile {
    is_copy: bool,
    gate: Arc<Gate>,
}

struct Gate {
    is_open: AtomicBool,
    reads: Mutex<Sender<()>>,
    goes_on: Mutex<Receiver<()>>,
}

impl Fragile {
    fn is_read(&self) {
        let is_first = !self.gate.is_open.swap(true, Ordering::SeqCst);
        assert!(is_first, "a removal copies nothing");
        let reads = self.gate.reads.lock();
        let reads = reads.unwrap_or_else(PoisonError::into_inner);
        reads.send(()).expect("the test waits");
        let goes_on = self.gate.goes_on.lock();
        let goes_on = goes_on.unwrap_or_else(PoisonError::into_inner);
        goes_on.recv().expect("the test goes on");
    }
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        self.is_read();
        Self {
            is_copy: true,
            gate: self.gate.clone(),
        }
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if !self.is_copy {
            resume_unwind(Box::new("fragile"));
        }
    }
}

/// A value, and the ends of its gate: the test learns that it is read, and lets its reader go on.
fn fragile() -> (Fragile, Receiver<()>, Sender<()>) {
    let (reads, is_read) = channel();
    let (go_on, goes_on) = channel();
    let gate = Arc::new(Gate {
        is_open: AtomicBool::new(false),
        reads: Mutex::new(reads),
        goes_on: Mutex::new(goes_on),
    });
    let value = Fragile {
        is_copy: false,
        gate,
    };
    (value, is_read, go_on)
}

/// Another thread reads the value, which is removed meanwhile.
fn assert_goes_on(
    (is_read, go_on): (&Receiver<()>, &Sender<()>),
    read: impl FnOnce() -> usize + Send + 'static,
    remove: impl FnOnce(),
) {
    let reader = thread::spawn(read);
    is_read.recv().expect("the reader reads");
    remove();
    go_on.send(()).expect("the reader waits");
    assert_eq!(reader.join().ok(), Some(1), "the reader goes on");
}

type Seats = Registry<&'static str, Fragile>;

async fn assert_reads(read: impl FnOnce(&Seats, Pid) -> usize + Send + 'static) {
    let ended = Node::new().run(async move {
        let seats = Seats::unique("seats");
        seats.start_link().await.expect("the name is free");
        let (value, is_read, go_on) = fragile();
        seats.register("window", value).expect("the key is free");
        let (own, me) = (seats.clone(), otp_core::process::current());
        let read = move || read(&own, me);
        assert_goes_on((&is_read, &go_on), read, || seats.unregister("window"));
    });
    assert_eq!(ended.await, Ok(()));
}

/// The same for the ways to read a table of each kind.
macro_rules! assert_reads_tables {
    ($($make:path => $kind:ty, $found:path;)*) => { $(
        let looks: [fn(&Table<&'static str, Fragile, $kind>) -> usize; 3] = [
            |table| table.lookup(&"window").map_or(0, |found| $found(&found)),
            |table| table.entries().map_or(0, |entries| entries.len()),
            |table| {
                let seen = table.fold(0, |seen, _, value| {
                    value.is_read();
                    seen + 1
                });
                seen.unwrap_or(0)
            },
        ];
        for look in looks {
            let seats = $make("seats").create().expect("a node is there");
            let (value, is_read, go_on) = fragile();
            seats.insert("window", value).expect("the table is there");
            let own = seats.clone();
            assert_goes_on((&is_read, &go_on), move || look(&own), || {
                seats.delete(&"window").expect("the table is there");
            });
        }
    )* };
}

fn one<T>(found: &Option<T>) -> usize {
    usize::from(found.is_some())
}

#[tokio::test]
async fn a_reader_of_a_table_goes_on() {
    let ended = Node::new().run(async {
        assert_reads_tables! {
            table::set => Set, one;
            table::ordered_set => OrderedSet, one;
            table::duplicate_bag => DuplicateBag, Vec::len;
        }
    });
    assert_eq!(ended.await, Ok(()));
}

#[tokio::test]
async fn a_look_up_goes_on() {
    assert_reads(|seats, _| seats.lookup("window").len()).await;
}

#[tokio::test]
async fn a_reader_of_an_owners_values_goes_on() {
    assert_reads(|seats, owner| seats.values("window", owner).len()).await;
}

#[tokio::test]
async fn a_reader_of_all_entries_goes_on() {
    assert_reads(|seats, _| {
        let seen = seats.select(|_, _, value| {
            value.is_read();
            Some(())
        });
        seen.len()
    })
    .await;
}

#[tokio::test]
async fn a_dispatch_goes_on() {
    assert_reads(|seats, _| {
        let mut seen = 0;
        seats.dispatch("window", |entries| {
            for (_, value) in entries {
                value.is_read();
                seen += 1;
            }
        });
        seen
    })
    .await;
}
