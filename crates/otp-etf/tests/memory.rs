//! How much memory hostile bytes get. By itself in a program, as all of its memory is counted.

use otp_etf::{Term, TermRef};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that is taken beyond what there was before.
fn peak(read: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    read();
    MEMORY.peak_usage() - before
}

fn with_rest(head: &[u8], rest: &[u8], times: usize) -> Vec<u8> {
    [&[131], head, &rest.repeat(times)].concat()
}

#[test]
fn memory_is_bounded_by_the_message_whatever_it_claims() {
    let list = |count: u32| [&[108], &count.to_be_bytes()[..]].concat();
    let mut bombs = vec![
        // Six bytes that claim four billion elements.
        [&[131], &list(u32::MAX)[..]].concat(),
        // Lists within lists, each of which claims all that is left, and more than that in sum.
        with_rest(&[], &list(2000), 250),
        with_rest(&[], &list(100_000), 100_000),
        with_rest(&[], &[105, 0, 0, 255, 255], 100_000),
        with_rest(&[], &[116, 0, 0, 127, 255], 100_000),
        with_rest(&[], &[104, 1], 100_000),
        with_rest(&[67, 0, 0, 255, 255, 0, 119, 0, 119, 0], &[119, 0], 100_000),
    ];
    for bytes in &bombs {
        let taken = peak(|| assert!(Term::decode(bytes).is_err()));
        assert!(
            taken <= 64 * bytes.len() + 1000,
            "{taken} bytes for a message of {}",
            bytes.len()
        );
    }
    // Many small terms, which are terms: 24 bytes each, and what a list takes.
    bombs = vec![
        with_rest(&list(1_000_000), &[106], 1_000_001),
        with_rest(&list(1_000_000), &[104, 0], 1_000_000),
        with_rest(&[107, 255, 255], &[1], 65_535),
    ];
    bombs[1].push(106);
    for bytes in &bombs {
        let taken = peak(|| drop(Term::decode(bytes).expect("it is a list")));
        assert!(
            taken <= 25 * bytes.len() + 1000,
            "{taken} bytes for a message of {}",
            bytes.len()
        );
    }
    // A view takes nothing.
    let bytes = with_rest(&list(1_000_000), &[106], 1_000_001);
    let taken = peak(|| {
        let view = TermRef::new(&bytes).expect("it is a list");
        assert!(view.as_tuple().is_none());
    });
    assert!(taken < 200, "{taken} bytes for a view");
    // A compressed term takes what it becomes, and no more than it may.
    let zeros = Term::from(vec![0u8; 20_000_000].as_slice())
        .encode_compressed()
        .expect("it can be sent");
    let taken = peak(|| assert!(Term::decode(&zeros).is_err()));
    assert!(taken < 1000, "{taken} bytes for a bomb of {}", zeros.len());
    let mut lying = zeros;
    lying[2..6].copy_from_slice(&1000u32.to_be_bytes());
    let taken = peak(|| assert!(Term::decode(&lying).is_err()));
    assert!(taken < 200_000, "{taken} bytes for a bomb that lies");
}
