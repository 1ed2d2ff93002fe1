//! A stream of frames.

use otp_dist::wire::flags::Flags;
use otp_dist::wire::fragment::Fragment;
use otp_dist::wire::frame::{Format, Frame, FrameError, LONGEST, Reader, TICK};
use otp_etf::EncodeError;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples::{FORMATS, controls, frame};

/// What a reader makes of these pieces, as text.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut reader = Reader::new(LONGEST);
    let mut frames = Vec::new();
    for piece in pieces {
        reader.input().extend_from_slice(piece);
        while let Some(frame) = reader.next().expect("they are frames") {
            frames.push(format!("{frame:?}"));
        }
    }
    frames
}

fn stream() -> Vec<u8> {
    let mut stream = TICK.to_vec();
    for control in controls() {
        for format in FORMATS {
            stream.extend(frame(format, &control));
            stream.extend(TICK);
        }
    }
    stream
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let stream = stream();
    let whole = read([&stream[..]]);
    assert_eq!(whole.len(), 1 + 4 * controls().len());
    for size in (1..200).chain([1000, 4096]) {
        assert_eq!(read(stream.chunks(size)), whole, "pieces of {size}");
    }
}

proptest! {
    #[test]
    fn pieces_of_any_sizes_are_put_together(sizes in vec(0usize..300, 0..200)) {
        let stream = stream();
        let mut rest = &stream[..];
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(read(pieces), read([&stream[..]]));
    }

    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in vec(any::<u8>(), 0..60)) {
        let _ = Frame::parse(&bytes);
        let mut reader = Reader::new(1000);
        reader.input().extend(bytes);
        while let Ok(Some(_)) = reader.next() {}
    }
}

/// Each of the headers that end a BEAM, and their likes.
#[test]
fn malformed_headers_are_errors() {
    let head = |kind: u8, rest: &[u8]| {
        [&[131, kind], &[0; 8][..], &[0, 0, 0, 0, 0, 0, 0, 1], rest].concat()
    };
    for (bytes, expected) in [
        (vec![131, 68, 3, 1, 2, 3], FrameError::CachedAtoms(3)),
        (vec![131, 68, 255], FrameError::CachedAtoms(255)),
        (vec![131, 68], FrameError::Truncated),
        (head(69, &[255]), FrameError::CachedAtoms(255)),
        (head(69, &[]), FrameError::Truncated),
        (vec![131], FrameError::Truncated),
        (vec![131, 69, 0], FrameError::Truncated),
        (vec![131, 70], FrameError::Truncated),
        (vec![131, 131], FrameError::Kind(131)),
        (vec![131, 67, 0], FrameError::Kind(67)),
        (vec![131, 71, 0], FrameError::Kind(71)),
        (vec![0], FrameError::Kind(0)),
        (vec![113, 131, 106], FrameError::Kind(113)),
        (vec![1, 2, 3], FrameError::Kind(1)),
    ] {
        assert_eq!(Frame::parse(&bytes), Err(expected), "{bytes:?}");
    }
    for kind in [69, 70] {
        let whole = head(kind, &[0]);
        for end in 1..18 {
            assert_eq!(
                Frame::parse(&whole[..end]),
                Err(FrameError::Truncated),
                "{kind} up to {end}"
            );
        }
    }
    let fragment = Fragment {
        is_first: false,
        sequence: 0,
        id: 1,
        data: &[],
    };
    assert_eq!(Frame::parse(&head(70, &[])), Ok(Frame::Fragment(fragment)));
}

#[test]
fn a_long_frame_is_refused_by_its_length_alone() {
    for length in [
        0xFFFF_FFFFu32,
        0x8000_0000,
        0x7FFF_FFFF,
        100_000_000,
        LONGEST as u32 + 1,
    ] {
        let mut reader = Reader::new(LONGEST);
        reader.input().extend(length.to_be_bytes());
        let (length, limit) = (length as usize, LONGEST);
        assert_eq!(reader.next(), Err(FrameError::TooLong { length, limit }));
    }
    // One that is as long as it may be waits, and takes no memory for what it claims.
    let mut reader = Reader::new(LONGEST);
    reader.input().extend((LONGEST as u32).to_be_bytes());
    assert_eq!(reader.next(), Ok(None));
    assert!(reader.input().capacity() < 100);
}

#[test]
fn a_large_frame_leaves_no_large_buffer() {
    let mut reader = Reader::new(LONGEST);
    let frame = [&(5u32 << 20).to_be_bytes()[..], &vec![112; 5 << 20]].concat();
    reader.input().extend(frame);
    assert!(matches!(reader.next(), Ok(Some(Frame::Message(_)))));
    assert_eq!(reader.next(), Ok(None));
    assert!(reader.input().capacity() <= 256 << 10);
}

#[test]
fn a_million_ticks_take_no_room() {
    let mut reader = Reader::new(LONGEST);
    let mut ticks = 0;
    for _ in 0..100 {
        reader.input().extend([0; 40_000]);
        while let Some(frame) = reader.next().unwrap() {
            assert_eq!(frame, Frame::Tick);
            ticks += 1;
        }
        assert!(reader.input().is_empty());
    }
    assert_eq!(ticks, 1_000_000);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    for format in FORMATS {
        let mut out = vec![1, 2, 3];
        let fails = |_: &mut Vec<u8>| Err(EncodeError::Float);
        let writes = |out: &mut Vec<u8>| {
            out.push(106);
            Ok(())
        };
        assert!(format.message(&mut out, writes, fails).is_err());
        assert!(format.message(&mut out, fails, writes).is_err());
        assert!(format.control(&mut out, fails).is_err());
        assert_eq!(out, [1, 2, 3]);
    }
}

#[test]
fn the_flags_of_both_sides_decide_the_format() {
    let ours = Flags::HIDDEN;
    assert_eq!(
        Format::of(ours & Flags::from_bits(0xD_07DF_7FBD)),
        Format::Header
    );
    assert_eq!(
        Format::of(ours & Flags::from_bits(0xD_075F_5FBC)),
        Format::PassThrough
    );
}
