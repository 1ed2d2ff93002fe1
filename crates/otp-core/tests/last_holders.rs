//! A process that reads a registry may be the last holder of a value, whose destructor is no matter of the reader's.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use otp_core::Registry;
use otp_core::prelude::*;

/// Panics as it is dropped, except a copy. Who reads it says so, and goes on when it may.
struct Fragile {
    is_copy: bool,
    gate: Arc<Gate>,
}

struct Gate {
    reads: Mutex<Sender<()>>,
    goes_on: Mutex<Receiver<()>>,
}

impl Fragile {
    fn is_read(&self) {
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

type Seats = Registry<&'static str, Fragile>;

/// Another thread reads the value, by which it is removed meanwhile.
async fn assert_reads(read: impl FnOnce(&Seats, Pid) -> usize + Send + 'static) {
    let ended = Node::new().run(async move {
        let seats = Seats::unique("seats");
        seats.start_link().await.expect("the name is free");
        let (reads, is_read) = channel();
        let (go_on, goes_on) = channel();
        let gate = Arc::new(Gate {
            reads: Mutex::new(reads),
            goes_on: Mutex::new(goes_on),
        });
        let value = Fragile {
            is_copy: false,
            gate,
        };
        seats.register("window", value).expect("the key is free");
        let (own, me) = (seats.clone(), otp_core::process::current());
        let reader = thread::spawn(move || read(&own, me));
        is_read.recv().expect("the reader reads");
        seats.unregister("window");
        go_on.send(()).expect("the reader waits");
        let seen = reader.join();
        assert_eq!(seen.ok(), Some(1), "the reader goes on");
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
