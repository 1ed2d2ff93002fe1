//! Bytes that were made to harm.

use std::collections::HashMap;
use std::thread;

use miniz_oxide::deflate::compress_to_vec_zlib;
use otp_etf::{
    Atom, DecodeError, Decoder, Deserializer, Limits, Record, Term, TermRef, TextFrom, from_bytes,
    term,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::random;

/// Types of all the shapes there are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Message {
    Put(Item),
    Sum(Vec<i64>),
    Point { x: f64, y: Option<f32> },
    Pair(u8, String),
    Names(std::collections::BTreeMap<String, i128>),
    Any(Term),
    Nothing,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Item {
    name: String,
    tags: Vec<String>,
    #[serde(flatten)]
    more: HashMap<String, Loose>,
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Loose {
    Number(i64),
    Text(String),
    Term(Term),
}

/// Reads the bytes in all ways. None of them may panic, and they must agree on what is a term.
fn read_all(bytes: &[u8]) {
    let term = Term::decode(bytes);
    if let Ok(term) = &term {
        let text = (
            term.to_string(),
            format!("{term:?}"),
            term.inspect().to_string(),
        );
        assert!(!text.0.is_empty());
        let again = term.encode().expect("it can be sent");
        assert_eq!(Term::decode(&again).as_ref(), Ok(term));
    }
    if !bytes.starts_with(&[131, 80]) {
        match (TermRef::new(bytes), &term) {
            (Ok(view), Ok(term)) => assert_eq!(view.to_term().as_ref(), Ok(term)),
            // Only who builds a map looks for keys that come twice.
            (Ok(view), Err(DecodeError::DuplicateKey)) => {
                assert_eq!(view.to_term(), Err(DecodeError::DuplicateKey));
            }
            (Err(_), Err(_)) => {}
            (view, term) => panic!("a view says {view:?}, a term {term:?}"),
        }
    }
    for text in [TextFrom::Binaries, TextFrom::Chardata] {
        read_as::<Message>(bytes, text);
        read_as::<Item>(bytes, text);
        read_as::<Loose>(bytes, text);
        read_as::<String>(bytes, text);
        read_as::<IgnoredAny>(bytes, text);
        read_as::<Result<Option<char>, (u8, bool)>>(bytes, text);
        read_as::<serde_bytes::ByteBuf>(bytes, text);
        read_as::<HashMap<Loose, Option<Loose>>>(bytes, text);
    }
}

/// Reads a value. Bytes of which one is made are a term: who reads a value need not check them.
fn read_as<'de, T: Deserialize<'de>>(bytes: &'de [u8], text: TextFrom) {
    let mut deserializer = Deserializer::new(bytes, Limits::default()).text(text);
    let is_versioned = deserializer.version().is_ok();
    let is_value = T::deserialize(&mut deserializer).is_ok() && deserializer.finish().is_ok();
    if is_versioned && is_value {
        assert!(TermRef::new(bytes).is_ok(), "{bytes:?}");
    }
}

#[test]
fn a_value_is_as_deep_as_a_term_may_be() {
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Tree {
        Map(HashMap<String, Self>),
        List(Vec<Self>),
        Term(Term),
    }

    #[derive(Debug, Deserialize)]
    #[serde(transparent)]
    #[allow(dead_code)]
    struct Pairs(HashMap<String, Option<Self>>);

    // Lists of pairs, and lists around a function with lists in it.
    let pair: &[u8] = &[108, 0, 0, 0, 1, 104, 2, 119, 1, b'a'];
    let pairs = |levels: usize| {
        let nil = [119, 3, b'n', b'i', b'l'];
        [&[131], &pair.repeat(levels)[..], &nil, &vec![106; levels]].concat()
    };
    fn lists(levels: usize) -> Vec<u8> {
        [
            &[108, 0, 0, 0, 1].repeat(levels)[..],
            &vec![106; levels + 1],
        ]
        .concat()
    }
    let with_fun = |outer: usize, inner: usize| {
        let record = [67, 0, 0, 0, 1, 0, 119, 1, b'm', 119, 1, b'r', 119, 1, b'x'];
        let begin = [108, 0, 0, 0, 1].repeat(outer);
        [
            &[131],
            &begin[..],
            &record,
            &lists(inner),
            &vec![106; outer],
        ]
        .concat()
    };
    thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || {
            for levels in 120..260 {
                read_as::<Pairs>(&pairs(levels), TextFrom::Binaries);
            }
            for inner in 0..260 {
                read_as::<Tree>(&with_fun(100, inner), TextFrom::Binaries);
            }
            assert!(from_bytes::<Pairs>(&pairs(128)).is_ok());
            assert!(from_bytes::<Tree>(&with_fun(100, 155)).is_ok());
        })
        .expect("there is room for a thread")
        .join()
        .expect("they agree");
}

/// Terms with everything in them, of which few bytes are text.
fn corpus() -> Vec<Vec<u8>> {
    let mut terms = vec![
        term!({put, #{name => "egg", tags => ["a", "b"], more => -1, @"__struct__" => @"Elixir.Item"}}),
        term!([{a, 1}, {b, 2.5}]),
        term!({point, #{x => 1, y => nil}}),
        term!({names, #{"a" => 1, b => 70000}}),
        Term::from(-1i128 << 80),
        Term::list_with_tail(
            vec![Term::charlist("abc"), Term::bits(&[5], 3)],
            term!(tail),
        ),
    ];
    terms.extend(
        random::terms(40)
            .into_iter()
            .filter(|term| term.encode().is_ok_and(|bytes| bytes.len() < 60)),
    );
    let mut corpus: Vec<Vec<u8>> = terms
        .iter()
        .map(|term| term.encode().expect("it can be sent"))
        .collect();
    corpus.push(
        Term::from("a".repeat(100))
            .encode_compressed()
            .expect("it can be sent"),
    );
    corpus.push(vec![
        131, 67, 0, 0, 0, 1, 0, 119, 1, b'm', 119, 1, b'r', 119, 1, b'x', 97, 1,
    ]);
    corpus
}

#[test]
fn a_term_that_is_cut_short_anywhere_is_refused() {
    for bytes in corpus() {
        assert!(Term::decode(&bytes).is_ok());
        for length in 0..bytes.len() {
            assert!(
                Term::decode(&bytes[..length]).is_err(),
                "{:?}",
                &bytes[..length]
            );
            read_all(&bytes[..length]);
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Term::decode(&longer), Err(DecodeError::Trailing(1)));
    }
}

#[test]
fn a_byte_that_is_changed_does_no_harm() {
    // All bytes that are a tag, and some that are a length.
    let values: Vec<u8> = (67..=121)
        .chain([0, 1, 2, 3, 8, 127, 128, 131, 254, 255])
        .collect();
    for bytes in corpus() {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            for value in &values {
                changed[at] = *value;
                read_all(&changed);
            }
        }
    }
}

#[test]
fn counts_that_lie_are_refused() {
    let cases: &[&[u8]] = &[
        &[108, 255, 255, 255, 255],
        &[108, 255, 255, 255, 255, 97, 1],
        &[105, 255, 255, 255, 255, 97, 1],
        &[116, 255, 255, 255, 255, 97, 1],
        &[109, 255, 255, 255, 255, 1],
        &[111, 255, 255, 255, 255, 0, 1],
        &[111, 0x3F, 255, 255, 255, 0, 1],
        &[110, 255, 0, 1],
        &[107, 255, 255, 1],
        &[118, 255, 255, 1],
        &[119, 255, 1],
        &[77, 255, 255, 255, 255, 7, 1],
        &[77, 0, 0, 0, 1, 9, 1],
        &[77, 0, 0, 0, 1, 0, 1],
        &[77, 0, 0, 0, 0, 5],
        &[90, 255, 255, 119, 1, 97, 0, 0, 0, 1],
        &[90, 0, 0, 119, 1, 97, 0, 0, 0, 1],
        &[112, 255, 255, 255, 255, 1],
        &[67, 255, 255, 255, 255, 0, 119, 0, 119, 0],
        &[104, 255],
        &[82, 5],
        &[68],
        &[131],
        &[255],
        &[],
        &[108, 0, 152, 150, 128, 106],
        &[70, 0x7F, 0xF0, 0, 0, 0, 0, 0, 0],
        &[119, 2, 255, 254],
        &[116, 0, 0, 0, 2, 97, 1, 97, 2, 97, 1, 97, 3],
        &[88, 97, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[103, 119, 1, 97, 0],
        &[108, 0, 0, 0, 1, 97, 1],
        &[121, 1, 2, 3],
        &[80, 0, 0, 0, 1, 97, 1],
        &[104, 1, 80, 0, 0, 0, 1],
    ];
    for case in cases {
        let bytes = [&[131], *case].concat();
        assert!(Term::decode(&bytes).is_err(), "{case:?}");
        read_all(&bytes);
    }
    let long = [&[131, 118, 2, 88][..], "é".repeat(300).as_bytes()].concat();
    assert_eq!(Term::decode(&long), Err(DecodeError::Atom));
    let longest = [&[131, 118, 1, 254][..], "é".repeat(255).as_bytes()].concat();
    assert!(Term::decode(&longest).is_ok());
}

#[test]
fn each_limit_is_an_error_of_its_own() {
    let limits = Limits::default();
    #[track_caller]
    fn check(term: &Term, limits: Limits, larger: Limits, error: DecodeError) {
        let bytes = term.encode().expect("it can be sent");
        assert_eq!(Term::decode_within(&bytes, &limits), Err(error));
        assert_eq!(Term::decode_within(&bytes, &larger).as_ref(), Ok(term));
        assert_eq!(Decoder::new(&bytes[1..], limits).term_ref(), Err(error));
    }
    check(
        &term!([a, b, c]),
        limits.terms(2),
        limits.terms(3),
        DecodeError::TooManyTerms(2),
    );
    check(
        &term!({a, {b, c}}),
        limits.terms(3),
        limits.terms(4),
        DecodeError::TooManyTerms(3),
    );
    check(
        &term!(#{a => 1}),
        limits.terms(1),
        limits.terms(2),
        DecodeError::TooManyTerms(1),
    );
    check(
        &Term::charlist("abc"),
        limits.terms(2),
        limits.terms(3),
        DecodeError::TooManyTerms(2),
    );
    check(
        &term!([a, b, c]),
        limits.atoms(2),
        limits.atoms(3),
        DecodeError::TooManyAtoms(2),
    );
    let record = Record::new(
        Atom::constant("m"),
        Atom::constant("r"),
        [(Atom::constant("f"), term!(1))],
    );
    check(
        &record.into(),
        limits.terms(1),
        limits.terms(2),
        DecodeError::TooManyTerms(1),
    );
    check(
        &term!("abc"),
        limits.binary(2),
        limits.binary(3),
        DecodeError::TooLargeBinary(2),
    );
    check(
        &Term::from(1u128 << 100),
        limits.integer(12),
        limits.integer(13),
        DecodeError::TooLargeInteger(12),
    );
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![0; 1_000_000];
    let term = [&[109, 0, 15, 66, 64][..], &zeros].concat();
    let stream = compress_to_vec_zlib(&term, 6);
    let with_size = |size: u32| [&[131, 80], &size.to_be_bytes()[..], &stream].concat();
    let size = term.len() as u32;
    assert!(Term::decode(&with_size(size)).is_ok());
    let limits = Limits::default();
    assert_eq!(
        Term::decode_within(&with_size(size), &limits.expanded(size as usize - 1)),
        Err(DecodeError::TooLargeExpanded(size as usize - 1))
    );
    assert!(Term::decode_within(&with_size(size), &limits.expanded(size as usize)).is_ok());
    assert_eq!(
        Term::decode(&with_size(u32::MAX)),
        Err(DecodeError::TooLargeExpanded(16 << 20))
    );
    for wrong in [0, 1, 100, 70_000, size - 1, size + 1] {
        assert_eq!(
            Term::decode(&with_size(wrong)),
            Err(DecodeError::Compressed),
            "{wrong}"
        );
    }
    let trailing = [&with_size(size)[..], &[1, 2]].concat();
    assert_eq!(Term::decode(&trailing), Err(DecodeError::Trailing(2)));
    // Something compressed in something compressed, which could go on for ever.
    let twice = compress_to_vec_zlib(&with_size(size)[1..], 6);
    let inner = (with_size(size).len() - 1) as u32;
    let twice = [&[131, 80], &inner.to_be_bytes()[..], &twice].concat();
    assert_eq!(Term::decode(&twice), Err(DecodeError::Tag(80)));
    // Where frames are read, nothing compressed is accepted, as on a BEAM.
    assert_eq!(
        Decoder::new(&with_size(size)[1..], limits).term(),
        Err(DecodeError::Tag(80))
    );
    assert!(from_bytes::<IgnoredAny>(&with_size(size)).is_err());
}

#[test]
fn a_type_that_holds_itself_is_read_to_the_limit() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Tree(Option<Box<Self>>, u8);

    let bytes = |levels: usize| {
        [
            &[131][..],
            &[104, 2].repeat(levels),
            &[119, 3, b'n', b'i', b'l'],
            &[97, 1].repeat(levels),
        ]
        .concat()
    };
    let read = move || {
        from_bytes::<Tree>(&bytes(256)).expect("as deep as it may be");
        let error = from_bytes::<Tree>(&bytes(257)).expect_err("it is too deep");
        assert_eq!(error.decode_error(), Some(&DecodeError::TooDeep(256)));
        assert!(from_bytes::<Tree>(&bytes(500_000)).is_err());
    };
    thread::spawn(read)
        .join()
        .expect("on a stack of the usual size");
}
