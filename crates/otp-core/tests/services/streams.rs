//! Streams whose items are messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{self, StreamExt};
use otp_core::prelude::*;
use otp_core::task::{StreamEvent, attach_stream};
use otp_core::{Recipient, process};

/// Numbers, and how many have been polled out.
fn counted(polled: &Arc<AtomicUsize>) -> impl futures_util::Stream<Item = u32> + Send + 'static {
    let polled = polled.clone();
    stream::iter(0..100).inspect(move |_| {
        polled.fetch_add(1, Ordering::SeqCst);
    })
}

async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[otp_core::test]
async fn items_come_in_their_order_and_then_the_end() {
    let receiver = process::spawn(|mut mailbox: Mailbox<StreamEvent<u32>>| async move {
        attach_stream(mailbox.me(), stream::iter(0..50), 4, |event| event);
        for expected in 0..50 {
            match mailbox.receive().await {
                StreamEvent::Item(item) => assert_eq!(item.into_inner(), expected),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(mailbox.receive().await, StreamEvent::End));
    });
    assert_eq!(receiver.wait().await, ExitReason::Normal);
}

#[otp_core::test]
async fn a_slow_recipient_slows_the_stream_down() {
    let polled = Arc::new(AtomicUsize::new(0));
    let seen = polled.clone();
    let receiver = process::spawn(move |mut mailbox: Mailbox<StreamEvent<u32>>| async move {
        attach_stream(mailbox.me(), counted(&seen), 3, |event| event);
        settle().await;
        assert_eq!((seen.load(Ordering::SeqCst), mailbox.len()), (3, 3));
        let StreamEvent::Item(first) = mailbox.receive().await else {
            panic!("an item");
        };
        settle().await;
        assert_eq!(seen.load(Ordering::SeqCst), 3, "it is not handled yet");
        drop(first);
        settle().await;
        assert_eq!(seen.load(Ordering::SeqCst), 4);
    });
    assert_eq!(receiver.wait().await, ExitReason::Normal);
    settle().await;
    assert_eq!(
        polled.load(Ordering::SeqCst),
        4,
        "it ends with its recipient"
    );
}

#[otp_core::test]
async fn a_stream_that_panics_is_told_and_one_may_be_detached() {
    let receiver = process::spawn(|mut mailbox: Mailbox<StreamEvent<u32>>| async move {
        let me = Recipient::from(&mailbox.me());
        let breaks = stream::iter(0..3).map(|n| if n == 1 { panic!("boom") } else { n });
        attach_stream(me.clone(), breaks, 0, |event| event);
        assert!(matches!(mailbox.receive().await, StreamEvent::Item(item) if *item == 0));
        match mailbox.receive().await {
            StreamEvent::Failed(ExitReason::Panic(info)) => assert_eq!(info.message, "boom"),
            other => panic!("{other:?}"),
        }
        let polled = Arc::new(AtomicUsize::new(0));
        let attached = attach_stream(me, counted(&polled), 1, |event| event);
        settle().await;
        process::exit(attached, ExitReason::Shutdown);
        settle().await;
        assert!(matches!(mailbox.receive().await, StreamEvent::Item(item) if *item == 0));
        settle().await;
        assert_eq!((mailbox.len(), polled.load(Ordering::SeqCst)), (0, 1));
    });
    assert_eq!(receiver.wait().await, ExitReason::Normal);
}
