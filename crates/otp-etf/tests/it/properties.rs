//! What must be true of every term.

use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};

use otp_etf::{Limits, Term, TermRef, from_term, to_bytes, to_term};
use proptest::prelude::*;

use crate::random::{any_term, term};

/// The same in a debug build of a busy machine as alone.
fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(128)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_term_survives_its_bytes(term in any_term()) {
        let bytes = term.encode().expect("it can be sent");
        let read = Term::decode(&bytes).expect("it was written");
        prop_assert_eq!(&read, &term);
        prop_assert_eq!(read.encode().expect("it can be sent"), &bytes[..], "the bytes are the same again");
        let compressed = term.encode_compressed().expect("it can be sent");
        prop_assert!(compressed.len() <= bytes.len());
        prop_assert_eq!(&Term::decode(&compressed).expect("it was written"), &term);
        let view = TermRef::new(&bytes).expect("it was written");
        prop_assert_eq!(view.as_bytes(), &bytes[1..]);
        prop_assert_eq!(&view.to_term().expect("it was written"), &term);
    }

    #[test]
    fn a_term_goes_through_serde_as_itself(term in any_term()) {
        prop_assert_eq!(to_bytes(&term).expect("it can be sent"), term.encode().expect("it can be sent"));
        prop_assert_eq!(&to_term(&term).expect("it can be sent"), &term);
        prop_assert_eq!(&from_term::<Term>(&term).expect("it is a term"), &term);
    }

    #[test]
    fn a_copy_is_equal_in_every_way(term in any_term()) {
        let copy = term.clone();
        let hasher = RandomState::new();
        prop_assert_eq!(&copy, &term);
        prop_assert_eq!(copy.cmp(&term), Ordering::Equal);
        prop_assert_eq!(copy.term_order(&term), Ordering::Equal);
        prop_assert_eq!(hasher.hash_one(&copy), hasher.hash_one(&term));
        prop_assert_eq!(copy.to_string(), term.to_string());
    }

    #[test]
    fn the_order_fits_equality_and_is_one(a in term(), b in term(), c in term()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.term_order(&b), b.term_order(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        let mut sorted = [a, b, c];
        sorted.sort();
        let [low, middle, high] = &sorted;
        prop_assert!(low <= middle && middle <= high && low <= high);
    }

    #[test]
    fn bytes_at_random_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let bytes = [&[131], &bytes[..]].concat();
        let limits = Limits::default();
        if let Ok(term) = Term::decode_within(&bytes, &limits) {
            let again = term.encode().expect("it can be sent");
            prop_assert_eq!(Term::decode(&again), Ok(term));
        }
    }
}
