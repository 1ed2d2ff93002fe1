//! What older OTPs have written, and what only OTP 29 writes.

use otp_etf::{DecodeError, Term, term};

fn decode(tag_on: &[u8]) -> Result<Term, DecodeError> {
    Term::decode(&[&[131], tag_on].concat())
}

#[track_caller]
fn check(tag_on: &[u8], text: &str) {
    let term = decode(tag_on).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(format!("{term:?}"), text);
    // It is written in today's way, and that is the same term.
    let bytes = term.encode().expect("it can be sent");
    assert_eq!(Term::decode(&bytes), Ok(term));
}

#[test]
fn atoms_in_latin_1_are_read() {
    check(&[100, 0, 2, b'o', b'k'], "ok");
    check(&[115, 2, b'o', b'k'], "ok");
    check(&[115, 1, 0xE4], "ä");
    check(&[118, 0, 2, 0xC3, 0xA4], "ä");
    check(&[119, 2, 0xC3, 0xA4], "ä");
    check(&[119, 0], "''");
}

#[test]
fn a_float_as_text_is_read() {
    let mut text = b"1.50000000000000000000e+00".to_vec();
    text.resize(31, 0);
    check(&[&[99], &text[..]].concat(), "1.5");
    for wrong in ["inf", "nan", "1.0x", "", "-", "1.0e999"] {
        let mut text = wrong.as_bytes().to_vec();
        text.resize(31, 0);
        assert_eq!(
            decode(&[&[99], &text[..]].concat()),
            Err(DecodeError::Float),
            "{wrong:?}"
        );
    }
}

#[test]
fn old_pids_ports_and_references_are_read() {
    let node = [100, 0, 3, b'a', b'@', b'b'];
    let with = |tag: &[u8], rest: &[u8]| [tag, &node, rest].concat();
    check(&with(&[103], &[0, 0, 0, 5, 0, 0, 0, 1, 3]), "<0.5.1>@a@b/3");
    check(
        &with(&[88], &[0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 3]),
        "<0.5.1>@a@b/3",
    );
    check(&with(&[102], &[0, 0, 0, 7, 2]), "#Port<0.7>@a@b/2");
    check(&with(&[89], &[0, 0, 0, 7, 0, 0, 0, 2]), "#Port<0.7>@a@b/2");
    check(
        &with(&[120], &[1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2]),
        "#Port<0.72057594037927943>@a@b/2",
    );
    check(&with(&[101], &[0, 0, 0, 9, 1]), "#Ref<0.9>@a@b/1");
    check(
        &with(&[114, 0, 2], &[1, 0, 0, 0, 9, 0, 0, 0, 8]),
        "#Ref<0.8.9>@a@b/1",
    );
    check(
        &with(&[90, 0, 1], &[0, 0, 0, 1, 0, 0, 0, 9]),
        "#Ref<0.9>@a@b/1",
    );
    for words in [0, 6] {
        let bytes = with(&[90, 0, words], &[0; 40]);
        assert_eq!(decode(&bytes), Err(DecodeError::Reference(words.into())));
    }
}

#[test]
fn each_value_has_one_form() {
    check(&[110, 1, 0, 5], "5");
    check(&[110, 4, 1, 5, 0, 0, 0], "-5");
    check(&[111, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], "1");
    check(&[110, 0, 1], "0");
    check(
        &[110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x80],
        "-9223372036854775808",
    );
    check(
        &[110, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x80],
        "9223372036854775808",
    );
    check(&[98, 0, 0, 0, 5], "5");
    check(&[105, 0, 0, 0, 1, 97, 1], "{1}");
    check(&[108, 0, 0, 0, 0, 97, 5], "5");
    check(&[108, 0, 0, 0, 1, 97, 1, 107, 0, 1, 2], "[1,2]");
    check(&[107, 0, 0], "[]");
    check(&[77, 0, 0, 0, 1, 8, 7], "<<7>>");
    check(&[77, 0, 0, 0, 0, 0], "<<>>");
    check(&[77, 0, 0, 0, 1, 3, 0xFF], "<<7:3>>");
    let big = decode(&[110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).expect("it is an integer");
    assert_eq!(big, Term::from(1u128 << 64));
}

#[test]
fn native_records_are_read_and_written() {
    let bytes = [
        131, 67, 0, 0, 0, 2, 0, 119, 2, b'n', b'r', 119, 2, b'p', b't', 119, 1, b'x', 119, 1, b'y',
        97, 1, 97, 2,
    ];
    let term = Term::decode(&bytes).expect("it is a record");
    let Term::Record(record) = &term else {
        panic!("{term} is no record")
    };
    assert_eq!((record.module.as_str(), record.name.as_str()), ("nr", "pt"));
    assert_eq!(record.get("y"), Some(&term!(2)));
    assert_eq!(term.encode().expect("it can be sent"), bytes);
    assert_eq!(term.to_string(), "#nr:pt{x = 1,y = 2}");
    assert_eq!(term.inspect().to_string(), "#nr:pt{x = 1,y = 2}");
}

#[test]
fn functions_are_sent_back_as_they_came() {
    let pid = [
        88, 119, 3, b'a', b'@', b'b', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    ];
    let mut new = vec![1];
    new.extend([7; 16]);
    new.extend([0, 0, 0, 3, 0, 0, 0, 1, 119, 1, b'm', 97, 3, 98, 0, 1, 0, 0]);
    new.extend(pid);
    let size = |caught: &[u8]| (new.len() + caught.len() + 4) as u32;
    let fun =
        |caught: &[u8], size: u32| [&[131, 112], &size.to_be_bytes()[..], &new, caught].concat();
    let bytes = fun(&[104, 1, 97, 5], size(&[104, 1, 97, 5]));
    let term = Term::decode(&bytes).expect("it is a function");
    assert_eq!(term.encode().expect("it can be sent"), bytes);
    assert_eq!(term.to_string(), "#Fun<m.3.65536>");
    // Another size than it says.
    for wrong in [0, 4, size(&[]) - 1, size(&[]) + 1, u32::MAX] {
        assert!(Term::decode(&fun(&[97, 5], wrong)).is_err(), "{wrong}");
    }
    // What is caught is a term, too, at its depth.
    assert_eq!(
        Term::decode(&fun(&[255], size(&[255]))),
        Err(DecodeError::Tag(255))
    );
    let deep = [&[104, 1].repeat(300)[..], &[106]].concat();
    assert_eq!(
        Term::decode(&fun(&deep, size(&deep))),
        Err(DecodeError::TooDeep(256))
    );
    // Before R13.
    let old = [
        &[131, 117, 0, 0, 0, 1][..],
        &pid,
        &[119, 1, b'm', 97, 3, 97, 4, 97, 5],
    ]
    .concat();
    let term = Term::decode(&old).expect("it is a function");
    assert_eq!(term.encode().expect("it can be sent"), old);
    // A function where its process should be, and so on, without an end.
    let mut endless = vec![131];
    endless.extend([117, 0, 0, 0, 1].repeat(100_000));
    assert_eq!(Term::decode(&endless), Err(DecodeError::Fun));
}
