//! Large messages in fragments.

use otp_dist::wire::control::Control;
use otp_dist::wire::fragment::{
    Assembler, FRAGMENT, Fragment, FragmentError, FragmentLimits, Split,
};
use otp_dist::wire::frame::{Format, Frame, LONGEST, Message, Reader};
use otp_etf::{Limits, Term};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples::pid;

const LIMITS: FragmentLimits = FragmentLimits {
    sequences: 3,
    fragments: 10,
    bytes: 100,
};

fn first(sequence: u64, id: u64, data: &[u8]) -> Fragment<'_> {
    Fragment {
        is_first: true,
        sequence,
        id,
        data,
    }
}

fn next(sequence: u64, id: u64, data: &[u8]) -> Fragment<'_> {
    Fragment {
        is_first: false,
        sequence,
        id,
        data,
    }
}

/// A frame with a message whose term is a binary of so many bytes, and the bytes of that term.
fn large(size: usize) -> (Vec<u8>, Vec<u8>) {
    let bytes: Vec<u8> = (0..size).map(|at| at as u8).collect();
    let mut term = vec![109];
    term.extend((size as u32).to_be_bytes());
    term.extend(bytes);
    let send = Control::Send { to: pid(1) };
    let mut frame = Vec::new();
    Format::Header
        .message(
            &mut frame,
            |out| send.encode(out),
            |out| {
                out.extend_from_slice(&term);
                Ok(())
            },
        )
        .expect("it is well formed");
    (frame, term)
}

/// All of its fragments as frames.
fn fragments(mut split: Split) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    loop {
        let mut out = Vec::new();
        let more = split.write_next(&mut out);
        frames.push(out);
        if !more {
            assert!(!split.write_next(&mut Vec::new()));
            assert_eq!(split.left(), 0);
            return frames;
        }
    }
}

fn split(sequence: u64, size: usize) -> Vec<Vec<u8>> {
    fragments(Split::of_frame(sequence, large(size).0).expect("it is large"))
}

/// Reads frames of fragments and gives what each whole message carries.
fn join(assembler: &mut Assembler, frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(LONGEST);
    let mut terms = Vec::new();
    for frame in frames {
        reader.input().extend(frame);
        let Some(Frame::Fragment(fragment)) = reader.next().expect("it is well formed") else {
            panic!("a fragment")
        };
        if let Some(whole) = assembler.add(fragment).expect("it is well formed") {
            let (control, payload) =
                Control::decode(Message::assembled(&whole), &Limits::default())
                    .expect("it is well formed");
            assert_eq!(control, Control::Send { to: pid(1) });
            terms.push(payload.to_vec());
        }
    }
    terms
}

#[test]
fn fragments_look_as_those_of_a_beam() {
    // 200,000 bytes and a control message came as 65,555, 65,554, 65,554 and some bytes.
    let frames = split(0x5D03, 200_000);
    let lengths: Vec<usize> = frames.iter().map(|frame| frame.len() - 4).collect();
    assert_eq!(lengths[..3], [65_555, 65_554, 65_554]);
    assert_eq!(lengths.len(), 4);
    for (at, frame) in frames.iter().enumerate() {
        let kind = if at == 0 { 69 } else { 70 };
        let id = 4 - at as u8;
        let head = [
            131, kind, 0, 0, 0, 0, 0, 0, 0x5D, 0x03, 0, 0, 0, 0, 0, 0, 0, id,
        ];
        assert_eq!(frame[4..22], head);
    }
    assert_eq!(frames[0][22..26], [0, 104, 3, 97]);
}

#[test]
fn what_is_split_is_joined() {
    let (frame, _) = large(0);
    let around = frame.len() - 7;
    for size in [
        FRAGMENT - around + 1,
        FRAGMENT,
        2 * FRAGMENT - around - 1,
        2 * FRAGMENT - around,
        2 * FRAGMENT - around + 1,
        1_000_000,
    ] {
        let mut assembler = Assembler::new(FragmentLimits::default());
        let frames = split(7, size);
        assert_eq!(frames.len(), (size + around).div_ceil(FRAGMENT));
        assert_eq!(join(&mut assembler, frames), [large(size).1]);
        assert_eq!(assembler.unfinished(), 0);
    }
}

#[test]
fn short_frames_and_those_without_a_header_are_not_split() {
    let around = large(0).0.len() - 7;
    let (frame, _) = large(FRAGMENT - around);
    assert_eq!(Split::of_frame(1, frame.clone()).unwrap_err(), frame);
    let mut frame = Vec::new();
    Format::PassThrough
        .message(
            &mut frame,
            |out| Control::Send { to: pid(1) }.encode(out),
            |out| Term::from("a".repeat(200_000)).encode_into(out),
        )
        .unwrap();
    assert_eq!(Split::of_frame(1, frame.clone()).unwrap_err(), frame);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Fragments of several senders, taken by turns that are drawn.
    #[test]
    fn messages_that_interleave_are_joined_each(
        sizes in vec(FRAGMENT..4 * FRAGMENT, 1..5),
        turns in vec(any::<prop::sample::Index>(), 30),
    ) {
        let mut queues: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(at, size)| split(u64::MAX - at as u64, *size).into_iter())
            .collect();
        let mut frames = Vec::new();
        for turn in turns {
            let at = turn.index(queues.len());
            frames.extend(queues[at].next());
        }
        frames.extend(queues.into_iter().flatten());
        let mut assembler = Assembler::new(FragmentLimits::default());
        let mut joined = join(&mut assembler, frames);
        joined.sort_by_key(Vec::len);
        let mut expected: Vec<_> = sizes.iter().map(|size| large(*size).1).collect();
        expected.sort_by_key(Vec::len);
        prop_assert_eq!(joined, expected);
        prop_assert_eq!(assembler.unfinished(), 0);
    }

    /// Whatever comes, nothing is kept beyond the limits, and what is whole is what was sent.
    #[test]
    fn any_fragments_stay_within_the_limits(
        fragments in vec((any::<bool>(), 0u64..5, prop_oneof![0u64..5, Just(u64::MAX)], vec(any::<u8>(), 0..40)), 0..60),
    ) {
        let mut assembler = Assembler::new(LIMITS);
        let mut model: std::collections::HashMap<u64, (u64, Vec<u8>)> = Default::default();
        for (is_first, sequence, id, data) in fragments {
            let fragment = Fragment { is_first, sequence, id, data: &data };
            let Ok(whole) = assembler.add(fragment) else { break };
            if is_first {
                model.insert(sequence, (id, Vec::new()));
            }
            let (left, bytes) = model.get_mut(&sequence).expect("it has begun");
            prop_assert_eq!(*left, id);
            *left -= 1;
            bytes.extend(data);
            let done = *left == 0;
            prop_assert_eq!(whole.is_some(), done);
            if done {
                let (_, bytes) = model.remove(&sequence).expect("it has begun");
                prop_assert_eq!(whole.unwrap_or_default(), bytes);
            }
            prop_assert!(model.len() <= 3);
            prop_assert_eq!(assembler.unfinished(), model.len());
            prop_assert!(model.values().map(|(_, bytes)| bytes.len()).sum::<usize>() <= 100);
        }
    }
}

#[track_caller]
fn refused(before: &[Fragment<'_>], last: Fragment<'_>, expected: FragmentError) {
    let mut assembler = Assembler::new(LIMITS);
    for fragment in before {
        assert_eq!(assembler.add(*fragment), Ok(None));
    }
    assert_eq!(assembler.add(last), Err(expected));
}

#[test]
fn odd_numbers_are_errors() {
    refused(&[], first(1, 0, b""), FragmentError::Count(0));
    refused(&[], first(1, u64::MAX, b""), FragmentError::Count(u64::MAX));
    refused(&[], first(1, 11, b""), FragmentError::Count(11));
    refused(&[], next(1, 1, b""), FragmentError::Unknown(1));
    let begun = [first(1, 3, b"a")];
    for id in [0, 1, 3, 4, u64::MAX] {
        let expected = FragmentError::Order {
            found: id,
            expected: 2,
        };
        refused(&begun, next(1, id, b""), expected);
    }
    refused(&begun, next(2, 2, b""), FragmentError::Unknown(2));
    refused(&begun, first(1, 3, b""), FragmentError::Twice(1));
}

#[test]
fn limits_are_of_all_messages_together() {
    let open = [first(1, 2, b""), first(2, 2, b""), first(3, 2, b"")];
    refused(&open, first(4, 2, b""), FragmentError::TooManySequences(3));
    let full = [first(1, 2, &[0; 60]), first(2, 3, &[0; 40])];
    refused(&full, next(2, 2, b"a"), FragmentError::TooLong(100));
    refused(&full, first(3, 1, b"a"), FragmentError::TooLong(100));
    refused(&[], first(1, 1, &[0; 101]), FragmentError::TooLong(100));

    // What is whole is not counted any more.
    let mut assembler = Assembler::new(LIMITS);
    for sequence in 0..50 {
        assert_eq!(assembler.add(first(sequence, 2, &[0; 50])), Ok(None));
        assert_eq!(
            assembler.add(next(sequence, 1, &[0; 50])),
            Ok(Some(vec![0; 100]))
        );
    }
}

#[test]
fn a_message_of_one_fragment_is_whole_at_once() {
    let mut assembler = Assembler::new(LIMITS);
    assert_eq!(
        assembler.add(first(1, 1, b"all")),
        Ok(Some(b"all".to_vec()))
    );
    // Its number is free again.
    assert_eq!(
        assembler.add(first(1, 1, b"all")),
        Ok(Some(b"all".to_vec()))
    );
}

#[test]
fn a_message_without_an_end_is_refused_in_time() {
    let mut assembler = Assembler::new(FragmentLimits::default());
    let data = vec![b'z'; 60_000];
    assert_eq!(assembler.add(first(1, 10_000, &data)), Ok(None));
    let refused = (1..10_000)
        .rev()
        .find_map(|id| assembler.add(next(1, id, &data)).err());
    assert_eq!(refused, Some(FragmentError::TooLong(64 << 20)));
}

/// As large as it may be in one fragment, by a byte more, and so on.
#[test]
fn a_control_message_and_its_payload_are_whole_again() {
    let control = [7; 100];
    let mut assembler = Assembler::new(FragmentLimits::default());
    for size in [0, 1, FRAGMENT, FRAGMENT + 1, 2 * FRAGMENT, 5 * FRAGMENT - 1] {
        let payload: Vec<u8> = (0..size).map(|at| at as u8).collect();
        let mut frames = Vec::new();
        let mut split = Split::new(3, control.to_vec(), payload.clone());
        while split.write_next(&mut frames) {}
        let mut reader = Reader::new(LONGEST);
        reader.input().extend(frames);
        let mut whole = None;
        while let Some(frame) = reader.next().expect("they are frames") {
            let Frame::Fragment(fragment) = frame else {
                panic!("{frame:?}");
            };
            assert!(whole.is_none(), "nothing comes after the last one");
            // The control message is within the first one.
            assert_eq!(fragment.is_first, fragment.data.starts_with(&control));
            whole = assembler.add(fragment).expect("it fits");
        }
        let whole = whole.expect("all have come");
        assert!(
            whole.starts_with(&control) && whole[100..] == payload,
            "{size}"
        );
        assembler.recycle(whole);
    }
}
