//! A peer with the right cookie that sends nonsense: it loses its connection, and nobody else notices.

use otp_etf::term;

use crate::raw::Raw;
use crate::support::{B, Pair};

#[tokio::test]
async fn malformed_frames_cost_their_connection_and_nothing_else() {
    let pair = Pair::start().await;
    let server = pair.on_a.process("server", B);
    let huge = [
        131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0,
    ];
    let frames: &[&[u8]] = &[
        // Headers that kill a BEAM: fragment 0, fragment 2^64-1, 255 cached atoms, a header that is cut short.
        &[131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &huge,
        &[131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 255],
        &[131, 68, 3, 1, 2, 3],
        // No kind of frame, no tuple, no operation, a list that claims 2^32 elements.
        &[1, 2, 3],
        &[131, 68, 0, 97, 1],
        &[131, 68, 0, 104, 0],
        &[131, 68, 0, 108, 255, 255, 255, 255, 97, 1],
    ];
    for (i, frame) in frames.iter().enumerate() {
        let mut raw = Raw::connect(&pair.on_b, &format!("raw{i}@127.0.0.1")).await;
        raw.frame(frame).await;
        assert!(!raw.is_answered().await, "{frame:?}");
        assert_eq!(server.call::<i64>(&term!(get)).await.expect("it lives"), 0);
    }
}

#[tokio::test]
async fn a_peer_cannot_speak_for_another() {
    let pair = Pair::start().await;
    pair.on_a
        .connect(pair.on_b.name())
        .await
        .expect("b is there");
    let mut raw = Raw::connect(&pair.on_b, "raw@127.0.0.1").await;
    // An exit that pretends to come over a link, from a process of node a: `{24, From, To} | kill`.
    let from = pair.on_a.pid(
        pair.a
            .spawn(|_: otp_core::Mailbox<otp_core::Never>| async {})
            .pid(),
    );
    let to = pair.on_b.pid(pair.server.pid());
    let control = term!({24, (from.expect("a's")), (to.clone().expect("b's"))});
    let mut frame = vec![131, 68, 0];
    control.encode_into(&mut frame).expect("it can be written");
    term!(kill)
        .encode_into(&mut frame)
        .expect("it can be written");
    raw.frame(&frame).await;
    // And one of its own, without a link.
    let control = term!({24, (raw.pid(1)), (to.expect("b's"))});
    frame.truncate(3);
    control.encode_into(&mut frame).expect("it can be written");
    term!(kill)
        .encode_into(&mut frame)
        .expect("it can be written");
    raw.frame(&frame).await;
    // A frame that is refused shows that those before it were handled.
    raw.frame(&[1]).await;
    assert!(raw.closed().await);
    assert!(pair.server.is_alive());
}
