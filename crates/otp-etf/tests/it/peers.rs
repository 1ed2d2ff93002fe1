//! The same terms in two other libraries, as far as these agree with the BEAM.

use otp_etf::Term;

use crate::random::{self, any_within, keys};

/// Terms but for those that hold one that a library spoils, of which there are few.
fn terms_without(is_spoilt: &dyn Fn(&Term) -> bool) -> Vec<Term> {
    let mut terms = random::terms(300);
    terms.retain(|term| !any_within(term, is_spoilt));
    assert!(terms.len() > 200, "{} of 300 terms are left", terms.len());
    terms
}

#[test]
fn eetf_reads_and_writes_the_same_terms() {
    // It takes every list of integers for one of bytes: [-259] becomes [253].
    let is_spoilt = |term: &Term| {
        let list = term.as_list().unwrap_or_default();
        !list.is_empty() && list.iter().all(|term| term.as_integer().is_some())
    };
    for term in terms_without(&is_spoilt) {
        let bytes = term.encode().expect("it can be sent");
        let theirs =
            eetf::Term::decode(&bytes[..]).unwrap_or_else(|error| panic!("{term}: {error}"));
        let mut again = Vec::new();
        theirs
            .encode(&mut again)
            .unwrap_or_else(|error| panic!("{term}: {error}"));
        assert_eq!(Term::decode(&again).as_ref(), Ok(&term));
    }
}

#[test]
fn erltf_reads_and_writes_the_same_terms() {
    // It loses entries of maps that have bitstrings among their keys.
    let is_spoilt = |term: &Term| {
        keys(term).any(|key| any_within(key, &|key| matches!(key, Term::BitString(_))))
    };
    for term in terms_without(&is_spoilt) {
        let bytes = term.encode().expect("it can be sent");
        let theirs = erltf::decode(&bytes).unwrap_or_else(|error| panic!("{term}: {error}"));
        let again = erltf::encode(&theirs).unwrap_or_else(|error| panic!("{term}: {error}"));
        assert_eq!(Term::decode(&again).as_ref(), Ok(&term));
    }
}
