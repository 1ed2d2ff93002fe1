//! Selective receives with little patience, in mailboxes that are filled all the time and in such that drop messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::{MailboxLimit, Node};

/// How long looking at a message takes.
const LOOK: Duration = Duration::from_micros(20);

fn spin(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

// SIG-004. A limit of zero looks at what is there and at nothing else, however fast more comes.
#[test]
fn a_selective_receive_without_patience_ends_under_a_flood() {
    const MOST: u32 = 200_000;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime can be had");
    let looked_at = runtime.block_on(Node::new().run_with(
        |mut mailbox: Mailbox<u32>| async move {
            let (me, over) = (mailbox.me(), Arc::new(AtomicBool::new(false)));
            let (stop, sent) = (over.clone(), Arc::new(AtomicU32::new(0)));
            let count = sent.clone();
            let flood = std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) && count.fetch_add(1, Ordering::SeqCst) < MOST {
                    me.send(0);
                    spin(LOOK / 4);
                }
            });
            while sent.load(Ordering::SeqCst) < 100 {
                std::thread::yield_now();
            }
            let mut looked_at = 0;
            let found = mailbox.receive_match(|_| {
                looked_at += 1;
                spin(LOOK);
                false
            });
            assert_eq!(found.timeout(Duration::ZERO).await, None);
            let went_on = sent.load(Ordering::SeqCst) <= MOST;
            over.store(true, Ordering::SeqCst);
            flood.join().expect("it only sends");
            assert!(
                went_on,
                "it ends while there is more, not when the flood is over"
            );
            looked_at
        },
    ));
    assert!(looked_at.expect("it runs to its end") > 0);
}

// SIG-004. What is there when it begins is looked at to the end, also in a mailbox that hands its messages out one by one.
#[test]
fn a_selective_receive_looks_at_all_that_is_there_whatever_the_limit() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime can be had");
    let limits = [
        None,
        Some(MailboxLimit::refuse(1000)),
        Some(MailboxLimit::drop_newest(1000)),
        Some(MailboxLimit::drop_oldest(1000)),
    ];
    for limit in limits {
        for patience in [
            Duration::ZERO,
            Duration::from_micros(1),
            Duration::from_millis(2),
        ] {
            let found = runtime.block_on(Node::new().run_with(
                move |mut mailbox: Mailbox<u32>| async move {
                    mailbox.set_limit(limit);
                    for number in 0..1000 {
                        mailbox.me().send(number);
                    }
                    let last = mailbox.receive_match(|number| {
                        spin(LOOK);
                        *number == 999
                    });
                    let found = last.timeout(patience).await;
                    // What was passed over is still there, in order.
                    let mut rest = Vec::new();
                    while let Some(number) = mailbox.receive().timeout(Duration::ZERO).await {
                        rest.push(number);
                    }
                    (found, rest == (0..999).collect::<Vec<_>>())
                },
            ));
            assert_eq!(found, Ok((Some(999), true)), "{limit:?}, {patience:?}");
        }
    }
}
