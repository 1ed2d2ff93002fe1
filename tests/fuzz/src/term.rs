//! Terms of Erlang's as bytes.

use otp_etf::{
    DecodeError, Deserializer, Limits, Term, TermRef, TextFrom, from_bytes, term, to_bytes,
};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A message with a value of each kind.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Nothing,
    Number(i128),
    Pair(u8, Option<f64>),
    Names(BTreeMap<String, Vec<i64>>),
    Item {
        name: String,
        done: Result<(), char>,
    },
    Any(Term),
}

/// Checks that bytes are a term or are refused, and that all ways of reading them agree.
///
/// # Panics
///
/// When something is not as it must be.
pub fn check(bytes: &[u8]) {
    let term = Term::decode(bytes);
    if let Ok(term) = &term {
        let copy = term.clone();
        assert_eq!(&copy, term, "a copy is equal");
        assert!(!term.to_string().is_empty() && !term.inspect().to_string().is_empty());
        let written = term.encode().expect("what was read can be sent");
        assert_eq!(
            Term::decode(&written).as_ref(),
            Ok(term),
            "it is read again"
        );
        let compressed = term.encode_compressed().expect("what was read can be sent");
        assert_eq!(
            Term::decode(&compressed).as_ref(),
            Ok(term),
            "compressed, too"
        );
    }
    let is_compressed = bytes.starts_with(&[131, 80]);
    match (TermRef::new(bytes), &term) {
        (Ok(view), Ok(term)) => assert_eq!(view.to_term().as_ref(), Ok(term)),
        (Ok(view), Err(DecodeError::DuplicateKey)) => {
            assert_eq!(view.to_term(), Err(DecodeError::DuplicateKey));
        }
        (Err(_), Err(_)) => {}
        (view, term) => assert!(is_compressed, "a view says {view:?}, a term {term:?}"),
    }
    check_values(bytes);
}

/// What is read as a value is written and read as the same value.
fn check_values(bytes: &[u8]) {
    if let Ok(message) = from_bytes::<Message>(bytes) {
        let written = to_bytes(&message).expect("what was read can be sent");
        assert_eq!(from_bytes::<Message>(&written).ok(), Some(message));
    }
    for text in [TextFrom::Binaries, TextFrom::Chardata] {
        let deserializer =
            || Deserializer::new(bytes.get(1..).unwrap_or_default(), Limits::default()).text(text);
        // What they say does not matter, as long as they come back.
        let _ = Message::deserialize(&mut deserializer());
        let _ = String::deserialize(&mut deserializer());
        let _ = IgnoredAny::deserialize(&mut deserializer());
    }
}

/// Bytes to begin with.
///
/// # Panics
///
/// Never: all of them can be sent.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let terms = [
        term!(nothing),
        term!({number, (u128::MAX)}),
        term!({pair, 1, 2.5}),
        term!({names, #{a => [1, 2], "b" => [-1, 70000]}}),
        term!({item, #{name => "egg", done => ok}}),
        term!({any, [{a, 1}, [b | c], #{@"__struct__" => @"Elixir.A"}]}),
        Term::from("a".repeat(100)),
        Term::bits(&[1, 2], 11),
    ];
    let mut seeds: Vec<Vec<u8>> = terms
        .iter()
        .map(|term| term.encode().expect("it can be sent"))
        .collect();
    seeds.push(terms[6].encode_compressed().expect("it can be sent"));
    // What there is no Rust value to write with.
    for bytes in [
        &[
            131, 88, 119, 3, b'a', b'@', b'b', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
        ][..],
        &[
            131, 90, 0, 2, 119, 1, b'a', 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2,
        ],
        &[131, 113, 119, 1, b'm', 119, 1, b'f', 97, 1],
        &[
            131, 67, 0, 0, 0, 1, 0, 119, 1, b'm', 119, 1, b'r', 119, 1, b'x', 97, 1,
        ],
        &[
            131, 117, 0, 0, 0, 1, 103, 115, 1, b'a', 0, 0, 0, 1, 0, 0, 0, 0, 1, 100, 0, 1, b'm',
            97, 1, 97, 2, 106,
        ],
    ] {
        seeds.push(bytes.to_vec());
    }
    seeds
}
