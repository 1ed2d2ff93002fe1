//! How much memory a hostile peer gets. By itself in a program, as all of its memory is counted.

use otp_dist::wire::control::Control;
use otp_dist::wire::epmd::{Names, Node, NodeType, Request, read_port};
use otp_dist::wire::flags::Flags;
use otp_dist::wire::fragment::{Assembler, Fragment, FragmentLimits};
use otp_dist::wire::frame::{Frame, LONGEST, Message, Reader};
use otp_dist::wire::handshake::{Cookie, Framing, Handshake, Identity};
use otp_etf::{Atom, Limits};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Checks that no more is taken than this beyond what there was before.
#[track_caller]
fn at_most(limit: usize, attack: impl FnOnce()) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    attack();
    let taken = MEMORY.peak_usage() - before;
    assert!(taken <= limit, "{taken} bytes, {limit} at most");
}

/// Reads pieces of a stream until it is refused or at its end.
fn read(pieces: impl IntoIterator<Item = Vec<u8>>) {
    let mut reader = Reader::new(LONGEST);
    let mut fragments = Assembler::new(FragmentLimits::default());
    for piece in pieces {
        reader.input().extend_from_slice(&piece);
        drop(piece);
        loop {
            match reader.next() {
                Ok(None) => break,
                Ok(Some(Frame::Fragment(fragment))) => match fragments.add(fragment) {
                    Ok(Some(whole)) => decode(Message::assembled(&whole)),
                    Ok(None) => {}
                    Err(_) => return,
                },
                Ok(Some(Frame::Message(message))) => decode(message),
                Ok(Some(Frame::Tick)) => {}
                Err(_) => return,
            }
        }
    }
}

fn decode(message: Message<'_>) {
    // What it says does not matter.
    let _ = Control::decode(message, &Limits::default());
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn fragment(kind: u8, sequence: u64, id: u64, data: &[u8]) -> Vec<u8> {
    let (sequence, id) = (sequence.to_be_bytes(), id.to_be_bytes());
    frame(&[&[131, kind], &sequence[..], &id, data].concat())
}

/// One test, as all of the program's memory is counted.
#[test]
fn memory_is_bounded_whatever_a_peer_sends() {
    // Frames that claim much, up to the limit and beyond it.
    for length in [u32::MAX, 100_000_000, LONGEST as u32] {
        at_most(KIB, || read([length.to_be_bytes().to_vec()]));
    }
    // The longest frame takes what it has. A buffer may be twice as long as what is in it, and the shorter one is there until it is copied.
    let piece = |at: usize| match at {
        0 => (LONGEST as u32).to_be_bytes().to_vec(),
        _ => vec![112; 64 * KIB],
    };
    at_most(3 * LONGEST + MIB, || read((0..257).map(piece)));

    // A fragmented message without an end, and many that have begun.
    let endless = (0..4000).rev().map(|left| match left {
        3999 => fragment(69, 1, 16_384, &[0; 60_000]),
        _ => fragment(70, 1, 16_384 - (3999 - left), &[0; 60_000]),
    });
    at_most(2 * 64 * MIB + MIB, || read(endless));
    let begun = (0..1_000_000).map(|sequence| fragment(69, sequence, 2, &[0]));
    at_most(MIB, || read(begun));
    let mut assembler = Assembler::new(FragmentLimits::default());
    at_most(KIB, || {
        for id in [0, u64::MAX, 1 << 40] {
            let (is_first, sequence, data) = (true, 1, &[0; 100][..]);
            assert!(
                assembler
                    .add(Fragment {
                        is_first,
                        sequence,
                        id,
                        data
                    })
                    .is_err()
            );
        }
    });

    // A stream of ticks, and controls whose counts and depths lie.
    at_most(2 * MIB, || read((0..100).map(|_| vec![0; 400_000])));
    for control in [
        &[105, 255, 255, 255, 255, 97, 1][..],
        &[104, 4, 97, 6, 108, 255, 255, 255, 255],
        &[104, 2, 97, 35, 111, 255, 255, 255, 255, 0],
    ] {
        let bytes = [&[131, 68, 0], control].concat();
        at_most(2 * KIB, || read([frame(&bytes)]));
    }
    let deep = [&[131, 68, 0, 104, 3, 97, 2][..], &[104, 1].repeat(MIB)].concat();
    at_most(4 * deep.len() + 64 * KIB, || read([frame(&deep)]));

    // A handshake that says much and proves nothing.
    let us = Identity {
        name: Atom::constant("rust@127.0.0.1"),
        flags: Flags::HIDDEN,
        creation: 4,
    };
    at_most(32 * KIB, || {
        let cookie = Cookie::new("secret");
        let (_, hello) = Handshake::dial(
            Identity {
                name: Atom::constant("raw@127.0.0.1"),
                ..us.clone()
            },
            us.name.clone(),
            cookie.clone(),
            1,
            Framing::Two,
        );
        let mut handshake = Handshake::accept(us.clone(), cookie, 2, Framing::Two);
        let _ = handshake.receive(&hello).expect("a good name");
        let more = [0; 1000];
        assert!((0..1000).any(|_| handshake.receive(&more).is_err()));
    });

    // Names without an end at a daemon, and from one.
    at_most(MIB, || {
        let mut names = Names::new(4369);
        for at in 0..50_000 {
            let node = Node::new(format!("n{at}"), 1, NodeType::Normal);
            let _ = names.answer(Request::Alive(node), 4);
        }
    });
    let claims = b"\x77\0\0\x01\x48\0\0\x06\0\x05\xff\xffxxx";
    at_most(KIB, || assert_eq!(read_port(claims), Ok(None)));
}
