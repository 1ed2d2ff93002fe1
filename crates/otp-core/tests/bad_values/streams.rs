//! Streams, futures and mapping functions that are bad, in the hands of processes that send what comes of them.

use std::future::Future;
use std::mem::forget;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use futures_util::stream::Stream;
use otp_core::prelude::*;
use otp_core::task::{self, StreamEvent};
use otp_core::{ProcessRef, Recipient, process};

use crate::bad::{Bad, apart, arm, disarm, play, settle};

/// As a stream it has so many items; as a future it is one.
struct Source(Bad, u32);

impl Stream for Source {
    type Item = Bad;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Bad>> {
        self.1 += 1;
        match self.1 {
            4 => panic!("no more"),
            n if n <= self.0.0 => Poll::Ready(Some(Bad(n))),
            _ => Poll::Ready(None),
        }
    }
}

impl Future for Source {
    type Output = Bad;

    fn poll(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Bad> {
        match self.0.0 {
            4 => panic!("none"),
            3 => Poll::Pending,
            n => Poll::Ready(Bad(n)),
        }
    }
}

/// Not to be addressed.
struct Nowhere;

impl From<Nowhere> for Recipient<Bad> {
    fn from(_: Nowhere) -> Self {
        panic!("nowhere")
    }
}

fn ear() -> ProcessRef<Bad> {
    process::spawn(|mut mailbox: Mailbox<Bad>| async move {
        loop {
            forget(mailbox.receive().await);
        }
    })
}

/// What makes a message of an event, with a value of its own; it fails over the events of this number.
fn maps<T>(fails: u32) -> impl FnMut(T) -> Bad + Send + 'static {
    let (held, mut n) = (Bad(fails), 0);
    move |event| {
        forget(event);
        n += 1;
        assert!(n != held.number(), "not understood");
        Bad(n)
    }
}

/// The same, for a function that is called once at most: what it then drops itself is its own affair.
fn maps_once<T>(fails: bool) -> impl FnOnce(T) -> Bad + Send + 'static {
    let held = Bad(0);
    move |event| {
        forget((held, event));
        assert!(!fails, "not understood");
        Bad(1)
    }
}

#[test]
fn streams_are_attached() {
    play(|| async {
        let ear = ear();
        arm();
        for (items, fails) in [(0, 9), (2, 9), (3, 2), (9, 9), (3, 4)] {
            task::attach_stream(
                &ear,
                Source(Bad(items), 0),
                2,
                maps::<StreamEvent<Bad>>(fails),
            );
            settle().await;
        }
        let detached = task::attach_stream(&ear, Source(Bad(2), 0), 1, maps::<StreamEvent<Bad>>(9));
        process::exit(detached, ExitReason::Kill);
        task::attach_stream(&ear, Source(Bad(2), 0), 1, maps::<StreamEvent<Bad>>(9));
        assert!(ear.is_alive());
        process::exit(&ear, ExitReason::Kill);
        settle().await;
        disarm();
    });
}

#[test]
fn what_a_future_comes_to_is_piped() {
    play(|| async {
        let ear = ear();
        arm();
        for value in 0..5 {
            for fails in [false, true] {
                task::pipe(&ear, Source(Bad(value), 0), maps_once(fails));
            }
        }
        settle().await;
        assert!(ear.is_alive());
        process::exit(&ear, ExitReason::Kill);
        settle().await;
        task::pipe(&ear, Source(Bad(1), 0), maps_once(false));
        settle().await;
        disarm();
    });
}

#[test]
fn nobody_is_addressed() {
    play(|| async {
        arm();
        apart(|| _ = task::pipe(Nowhere, Source(Bad(1), 0), maps_once(false))).await;
    });
    play(|| async {
        arm();
        let maps = maps::<StreamEvent<Bad>>(1);
        apart(|| _ = task::attach_stream(Nowhere, Source(Bad(1), 0), 1, maps)).await;
    });
}
