//! What is taken, as a peer reads it.

use std::collections::HashMap;

use otp_etf::{Decoder, Limits, Pid, Term, term};
use proptest::prelude::*;

use super::{Batch, Queue};
use crate::wire::control::Control;
use crate::wire::fragment::{Assembler, FragmentLimits, Split};
use crate::wire::frame::{Format, Frame, LONGEST, Message, Reader};

fn pid(id: u32) -> Pid {
    Pid {
        id,
        serial: 0,
        node: otp_etf::Atom::constant("a@127.0.0.1"),
        creation: 4,
    }
}

fn send(from: u32) -> Control {
    let to = pid(1_000);
    Control::SendSender {
        from: pid(from),
        to,
    }
}

/// A message of this sender, which has a number and a size.
fn push(queue: &Queue, from: Option<u32>, number: i64, size: usize, is_large: bool) {
    let control = send(from.unwrap_or(0));
    let payload = term!({(number), ("x".repeat(size))});
    if is_large {
        let (mut head, mut bytes) = (Vec::new(), Vec::new());
        control.encode(&mut head).expect("it can be written");
        payload.encode_into(&mut bytes).expect("it can be written");
        let message = Split::new(number as u64, head, bytes);
        queue.push_large(from.map(pid).as_ref(), message);
        return;
    }
    let sender = from.map(pid);
    queue.push(sender.as_ref(), |out| {
        let payload = |out: &mut Vec<u8>| payload.encode_into(out);
        let written = Format::Header.message(out, |out| control.encode(out), payload);
        written.expect("it can be written");
    });
}

/// The bytes of the next batch.
async fn take(queue: &Queue) -> Vec<u8> {
    let mut batch = Batch::default();
    queue.take(&mut batch).await.expect("it is open");
    let slices = batch.slices();
    let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
    assert_eq!(bytes.len(), batch.len());
    bytes
}

/// Who has sent what, in the order in which it is whole, and in which batch.
async fn taken(queue: &Queue) -> Vec<(u32, i64, usize)> {
    let mut reader = Reader::new(LONGEST);
    let mut fragments = Assembler::new(FragmentLimits::default());
    let mut got = Vec::new();
    for turn in 0.. {
        if queue.state.lock().is_empty() {
            break;
        }
        reader.input().extend(take(queue).await);
        while let Some(frame) = reader.next().expect("they are frames") {
            let (from, number) = match frame {
                Frame::Tick => continue,
                Frame::Message(message) => read(message),
                Frame::Fragment(fragment) => match fragments.add(fragment).expect("it fits") {
                    Some(whole) => read(Message::assembled(&whole)),
                    None => continue,
                },
            };
            got.push((from, number, turn));
        }
    }
    got
}

fn read(message: Message<'_>) -> (u32, i64) {
    let (control, payload) = Control::decode(message, &Limits::default()).expect("a message");
    let Control::SendSender { from, .. } = control else {
        panic!("{control:?}");
    };
    let payload: Term = Decoder::new(payload, Limits::default())
        .term()
        .expect("a term");
    let parts = payload.as_tuple().expect("a pair");
    (from.id, parts[0].as_integer().expect("a number"))
}

// DST-026
#[tokio::test]
async fn small_messages_of_others_overtake_a_large_one() {
    let queue = Queue::new(usize::MAX);
    push(&queue, Some(1), 1, 4 << 20, true);
    push(&queue, Some(1), 2, 10, false);
    push(&queue, Some(2), 3, 10, false);
    let batch = take(&queue).await;
    assert!(batch.len() < 512 << 10, "{} bytes at once", batch.len());
    // Somebody comes while the large one is under way.
    push(&queue, Some(3), 4, 10, false);
    let rest = take(&queue).await;
    let mut reader = Reader::new(LONGEST);
    let mut small = Vec::new();
    for bytes in [&batch, &rest] {
        reader.input().extend_from_slice(bytes);
        while let Some(frame) = reader.next().expect("they are frames") {
            if let Frame::Message(message) = frame {
                small.push(read(message));
            }
        }
    }
    assert_eq!(small, [(2, 3), (3, 4)], "and the sender's own waits");
}

// DST-026
#[tokio::test]
async fn what_has_no_sender_overtakes_nothing() {
    let queue = Queue::new(usize::MAX);
    push(&queue, Some(1), 1, 4 << 20, true);
    push(&queue, Some(1), 2, 10, false);
    push(&queue, None, 3, 10, false);
    let numbers: Vec<i64> = taken(&queue).await.iter().map(|it| it.1).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

// DST-026
#[tokio::test]
async fn one_message_may_be_larger_than_the_limit_and_no_second_one() {
    let queue = Queue::new(1 << 20);
    push(&queue, Some(1), 1, 4 << 20, true);
    push(&queue, Some(2), 2, 1, false);
    push(&queue, Some(2), 3, 3 << 20, true);
    assert!(!queue.state.lock().closed);
    push(&queue, Some(2), 4, 1, false);
    assert!(queue.state.lock().closed);
    assert_eq!(queue.state.lock().used(), 0, "what waits is given back");
}

proptest! {
    // DST-026
    /// Everything comes, whole, and each sender's messages in the order sent.
    #[test]
    fn the_order_of_each_sender_is_kept(
        sent in prop::collection::vec((0_u32..4, 0_usize..200_000, any::<bool>()), 0..30)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let got = runtime.block_on(async {
            let queue = Queue::new(usize::MAX);
            for (number, (from, size, is_large)) in sent.iter().enumerate() {
                // The sender 0 is one of whom the queue is not told.
                let from = Some(*from).filter(|from| *from > 0);
                push(&queue, from, number as i64, *size, *is_large);
            }
            taken(&queue).await
        });
        let mut expected: HashMap<u32, Vec<i64>> = HashMap::new();
        for (number, (from, _, _)) in sent.iter().enumerate() {
            expected.entry(*from).or_default().push(number as i64);
        }
        let mut order: HashMap<u32, Vec<i64>> = HashMap::new();
        for (from, number, _) in got {
            order.entry(from).or_default().push(number);
        }
        prop_assert_eq!(order, expected);
    }
}
