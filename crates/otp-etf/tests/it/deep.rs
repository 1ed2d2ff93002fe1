//! Terms of a hundred thousand levels, on small stacks: nothing that is done with them may take a level of the stack for each.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::thread;

use otp_etf::{Atom, DecodeError, Deserializer, Limits, Map, Record, Term, TermRef, term};
use serde::Deserialize;
use serde::de::IgnoredAny;

const LEVELS: usize = 100_000;

/// Something with another term in it, in all the ways there are.
fn around(level: usize, inner: Term) -> Term {
    match level % 6 {
        0 => Term::tuple([inner]),
        1 => Term::list([term!(1), inner]),
        2 => Term::map([(term!(key), inner)]),
        3 => Term::map([(inner, term!(value))]),
        4 => Term::list_with_tail(vec![inner], term!(tail)),
        _ => Record::new(atom("m"), atom("r"), [(atom("f"), inner)]).into(),
    }
}

fn atom(text: &str) -> Atom {
    text.parse().expect("it is short")
}

fn nested(levels: usize) -> Term {
    (0..levels).fold(term!(innermost), |inner, level| around(level, inner))
}

/// On a stack that has no room for more than some hundred calls within calls.
fn on_a_small_stack(test: fn()) {
    let thread = thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(test)
        .expect("a thread");
    thread.join().expect("it did not fail");
}

#[test]
fn a_deep_term_is_made_and_dropped() {
    on_a_small_stack(|| drop(nested(LEVELS)));
    on_a_small_stack(|| {
        // The containers by themselves, too.
        let deep = nested(LEVELS);
        let map: Map = [(term!(a), deep)].into_iter().collect();
        drop(map.into_entries());
    });
}

/// The first levels are read and written by recursion, those within them in a loop.
#[test]
fn a_term_is_read_and_written_at_each_depth() {
    // Each with the same term in the usual form: lists that go on in their tails, and terms of tags that are seldom used.
    let odd: [(&[u8], Term); 4] = [
        (
            &[
                108, 0, 0, 0, 1, 97, 1, 108, 0, 0, 0, 1, 97, 2, 107, 0, 1, 97,
            ],
            term!([1, 2, 97]),
        ),
        (
            &[108, 0, 0, 0, 0, 108, 0, 0, 0, 1, 97, 1, 97, 2],
            term!([1 | 2]),
        ),
        (&[105, 0, 0, 0, 1, 100, 0, 1, 97], term!({ a })),
        (&[115, 1, 97], term!(a)),
    ];
    for levels in 0..70 {
        for (bytes, inner) in &odd {
            let term = (0..levels).fold(inner.clone(), |inner, _| term!({1, (inner), "end"}));
            let mut read = vec![131];
            read.extend([104, 3, 97, 1].repeat(levels));
            read.extend_from_slice(bytes);
            read.extend([109, 0, 0, 0, 3, 101, 110, 100].repeat(levels));
            assert_eq!(Term::decode(&read).as_ref(), Ok(&term));
        }
        let deep = nested(levels);
        let bytes = deep.encode().expect("it can be sent");
        assert_eq!(Term::decode(&bytes), Ok(deep));
        let refused =
            Term::decode_within(&bytes, &Limits::default().depth(levels.saturating_sub(1)));
        let too_deep = (levels > 0).then_some(DecodeError::TooDeep(levels.saturating_sub(1)));
        assert_eq!(refused.err(), too_deep);
    }
}

#[test]
fn a_deep_term_is_copied_compared_and_hashed() {
    on_a_small_stack(|| {
        let deep = nested(LEVELS);
        let copy = deep.clone();
        assert!(deep == copy, "a copy is equal");
        assert_eq!(deep.cmp(&copy), Ordering::Equal);
        assert_eq!(deep.term_order(&copy), Ordering::Equal);
        let hasher = RandomState::new();
        assert_eq!(hasher.hash_one(&deep), hasher.hash_one(&copy));
        assert!(deep != nested(LEVELS - 6), "another depth is another term");
    });
}

#[test]
fn a_deep_term_is_printed() {
    on_a_small_stack(|| {
        let deep = nested(LEVELS);
        assert!(deep.to_string().contains("innermost"));
        assert!(format!("{deep:?}").contains("innermost"));
        assert!(deep.inspect().to_string().contains("innermost"));
    });
}

#[test]
fn a_deep_term_is_sent_and_read_where_the_limits_permit_it() {
    on_a_small_stack(|| {
        let deep = nested(LEVELS);
        let bytes = deep.encode().expect("it can be sent");
        assert_eq!(Term::decode(&bytes), Err(DecodeError::TooDeep(256)));
        assert_eq!(TermRef::new(&bytes), Err(DecodeError::TooDeep(256)));
        let limits = Limits::none();
        assert!(Term::decode_within(&bytes, &limits).expect("it is a term") == deep);
        let mut deserializer = Deserializer::new(&bytes, limits);
        deserializer.version().expect("it has one");
        IgnoredAny::deserialize(&mut deserializer).expect("it is gone over");
        deserializer.finish().expect("all of it");
    });
}

#[test]
fn the_depth_that_is_permitted_is_exact() {
    let bytes = |levels: usize| [&[131][..], &[104, 1].repeat(levels), &[106]].concat();
    for limit in [0, 1, 2, 256] {
        let limits = Limits::default().depth(limit);
        let refused = Err(DecodeError::TooDeep(limit));
        assert!(
            Term::decode_within(&bytes(limit), &limits).is_ok(),
            "{limit}"
        );
        assert_eq!(Term::decode_within(&bytes(limit + 1), &limits), refused);
        let deep = bytes(limit + 1);
        let mut deserializer = Deserializer::new(&deep, limits);
        deserializer.version().expect("it has one");
        let error = Term::deserialize(&mut deserializer).expect_err("it is too deep");
        assert_eq!(error.decode_error(), Some(&DecodeError::TooDeep(limit)));
    }
}

#[test]
fn a_tail_that_is_a_list_is_no_level() {
    // [1 | [1 | [1 | …]]], which takes neither depth nor the square of its length.
    let bytes = [
        &[131][..],
        &[108, 0, 0, 0, 1, 97, 1].repeat(100_000),
        &[106],
    ]
    .concat();
    let term = Term::decode(&bytes).expect("it is a list");
    assert_eq!(term.as_list().map(<[Term]>::len), Some(100_000));
    assert_eq!(
        TermRef::new(&bytes).expect("it is a list").to_term(),
        Ok(term)
    );
}
