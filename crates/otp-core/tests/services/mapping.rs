//! Functions that make messages: they run in the sender, and their faults reach no other process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::stream;
use otp_core::event_manager::{EventManager, HandlerExit, HandlerId};
use otp_core::prelude::*;
use otp_core::pub_sub::SubscribeError;
use otp_core::task::{self, StreamEvent};
use otp_core::test::{Probe, reports};
use otp_core::{ProcessRef, PubSub, Recipient, process, timer};

use crate::puppet::{Puppet, Role};

const SOON: Duration = Duration::from_millis(1);

/// Reports that it was dropped.
struct Told(u32, Probe<u32>);

impl Drop for Told {
    fn drop(&mut self) {
        self.1.report(self.0);
    }
}

/// A process that reports the numbers that it gets.
fn ear(probe: &Probe<u32>) -> ProcessRef<u32> {
    let told = probe.clone();
    process::spawn(|mut mailbox: Mailbox<u32>| async move {
        loop {
            told.report(mailbox.receive().await);
        }
    })
}

/// Makes no message of odd numbers.
fn even(number: u32) -> u32 {
    assert!(number.is_multiple_of(2), "{number} is odd");
    number
}

/// Settles, and takes what was reported.
async fn heard(probe: &Probe<u32>) -> Vec<u32> {
    tokio::time::sleep(SOON * 5).await;
    probe.drain()
}

#[otp_core::test]
async fn a_panic_is_its_callers_and_the_process_hears_nothing() {
    let probe = Probe::new();
    let ear = ear(&probe);
    let to = Recipient::from(&ear).map(even);
    assert!(catch_unwind(AssertUnwindSafe(|| to.send(1))).is_err());
    to.send(2);
    assert_eq!(heard(&probe).await, [2]);
}

#[otp_core::test]
async fn a_timer_and_a_broadcast_go_on_with_the_next_one() {
    let probe = Probe::new();
    let ear = ear(&probe);
    let to = Recipient::from(&ear).map(even);
    timer::send_after(&to, SOON, 1);
    timer::send_after(&to, SOON, 2);
    assert_eq!(heard(&probe).await, [2]);
    let topics = PubSub::<u32>::new("topics");
    topics.start().await.expect("the name is free");
    let plain = Recipient::from(&ear);
    for to in [to.clone(), plain.clone(), to, plain] {
        assert_eq!(topics.subscribe("news", to), Ok(()));
    }
    assert_eq!(topics.broadcast("news", 3), Ok(()));
    assert_eq!(topics.broadcast("news", 4), Ok(()));
    assert_eq!(heard(&probe).await, [3, 3, 4, 4, 4, 4]);
}

#[otp_core::test(reports)]
async fn a_manager_goes_on_without_telling_the_owner() {
    let manager = EventManager::<crate::puppet::Order>::start().await;
    let (manager, probe) = (manager.expect("it starts"), Probe::new());
    let owner = ear(&probe);
    let to = Recipient::from(&owner).map(|_: HandlerExit| even(1));
    let id = HandlerId::<Puppet>::new();
    let texts = Probe::new();
    let added = manager.add_sup_handler(&id, to, Role::new("a", &texts));
    assert!(added.await.is_ok());
    assert!(manager.delete_handler(&id).await.is_ok());
    assert!(manager.is_alive() && owner.is_alive());
    assert_eq!(heard(&probe).await, [0; 0]);
    assert_eq!(reports().take_kinds(), [""; 0]);
}

#[otp_core::test(reports)]
async fn the_process_of_a_pipe_or_of_a_stream_ends_and_is_reported() {
    let probe = Probe::new();
    let ear = ear(&probe);
    task::pipe(&ear, async { 1 }, |number| even(number.unwrap_or_default()));
    assert_eq!(heard(&probe).await, [0; 0]);
    assert_eq!(reports().take_kinds().len(), 1, "of the pipe's process");
    let attached = task::attach_stream(&ear, stream::iter([2, 4, 5, 6]), 9, |event| match event {
        StreamEvent::Item(number) => even(*number),
        _ => 0,
    });
    assert_eq!(heard(&probe).await, [2, 4]);
    assert!(!process::node().is_alive(attached));
    assert_eq!(reports().take_kinds().len(), 1, "of the stream's process");
    assert!(ear.is_alive());
}

#[otp_core::test]
async fn what_is_refused_is_dropped_with_its_function() {
    let (probe, dropped) = (Probe::new(), Probe::new());
    let ear = ear(&probe);
    process::exit(&ear, ExitReason::Kill);
    ear.wait().await;
    let topics = PubSub::<u32>::new("topics");
    topics.start().await.expect("the name is free");
    let to = |number| {
        let held = Told(number, dropped.clone());
        let recipient = Recipient::from(&ear);
        recipient.map(move |message: u32| message + held.number())
    };
    let pid = ear.pid();
    let refused = topics.subscribe("news", to(1));
    let no_process = matches!(refused, Err(SubscribeError::NoProcess { pid: it, .. }) if it == pid);
    assert!(no_process);
    to(2).send(1);
    timer::send_after(to(3), SOON, 1);
    let held = Told(4, dropped.clone());
    task::pipe(&ear, async { 1 }, move |_| held.number());
    let held = Told(5, dropped.clone());
    task::attach_stream(&ear, stream::iter([1]), 1, move |_| held.number());
    let mut all = heard(&dropped).await;
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4, 5]);
    assert_eq!(probe.drain(), [0; 0]);
}

impl Told {
    fn number(&self) -> u32 {
        self.0
    }
}
