//! What a peer that does not read costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_dist::Destination;
use otp_etf::term;

use crate::raw::Raw;
use crate::support::{LONG, Pair};

// DST-017
#[tokio::test]
async fn a_sender_waits_for_a_peer_that_does_not_read() {
    let pair = Pair::start().await;
    let raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let to = pair.on_b.at(Destination::Pid(raw.pid(1)));
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let message = vec![b'x'; 64 << 10];
    let sending = async {
        loop {
            to.send(&serde_bytes::Bytes::new(&message))
                .await
                .expect("it can be written");
            counted.fetch_add(message.len(), Ordering::Relaxed);
        }
    };
    // Whatever the time is, it does not get further than the two buffers of the connection and its own.
    let limit = tokio::time::timeout(Duration::from_secs(1), sending).await;
    assert!(limit.is_err());
    let sent = sent.load(Ordering::Relaxed);
    assert!(
        sent < 32 << 20,
        "{sent} bytes are on their way to a peer that does not read"
    );
    drop(raw);
}

#[tokio::test]
async fn answers_that_nobody_reads_end_the_connection() {
    let pair = Pair::with(|config| config.queue_limit(1 << 20)).await;
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    let mut frame = vec![131, 68, 0];
    let control = term!({6, (raw.pid(1)), @"", server});
    control.encode_into(&mut frame).expect("it can be written");
    // The tag comes back with each answer.
    let tag = "t".repeat(60_000);
    let call = term!({@"$gen_call", {(raw.pid(1)), (tag)}, get});
    call.encode_into(&mut frame).expect("it can be written");
    let flood = async {
        while pair.on_b.nodes().len() == 1 {
            raw.frame(&frame).await;
        }
    };
    assert!(tokio::time::timeout(LONG, flood).await.is_ok());
    assert!(pair.server.is_alive());
}
