//! Terms that stay in their bytes.

use otp_etf::{Decoder, Limits, Pid, Term, TermRef, View, from_bytes, term, to_bytes};
use serde::{Deserialize, Serialize};

#[test]
fn a_view_shows_each_kind() {
    let pid = Pid {
        id: 7,
        serial: 0,
        node: "a@b".parse().expect("short"),
        creation: 1,
    };
    let whole = Term::tuple([
        term!(1),
        term!(2.5),
        term!(ok),
        term!("egg"),
        Term::charlist("hi"),
        term!([a, [b]]),
        term!([a | b]),
        term!(#{k => v}),
        pid.clone().into(),
        Term::from(1u128 << 90),
        term!([]),
    ]);
    let bytes = whole.encode().expect("it can be sent");
    let parts: Vec<TermRef> = TermRef::new(&bytes)
        .expect("it is a term")
        .as_tuple()
        .expect("a tuple")
        .collect();
    assert_eq!(parts.len(), 11);
    assert_eq!(parts[0].as_integer(), Some(1));
    assert!(matches!(parts[1].view(), View::Float(2.5)));
    assert_eq!(parts[2].as_atom().as_deref(), Some("ok"));
    assert_eq!(parts[3].as_str(), Some("egg"));
    assert!(matches!(parts[4].view(), View::Charlist(b"hi")));
    let View::List(list) = parts[5].view() else {
        panic!("a list")
    };
    assert_eq!(
        list.map(|part| part.to_term().expect("a term"))
            .collect::<Vec<_>>(),
        [term!(a), term!([b])]
    );
    let View::List(list) = parts[6].view() else {
        panic!("a list")
    };
    assert_eq!(
        list.map(|part| part.to_term().expect("a term"))
            .collect::<Vec<_>>(),
        [term!(a), term!(b)]
    );
    assert_eq!(
        parts[7].get("k").and_then(TermRef::as_atom).as_deref(),
        Some("v")
    );
    assert!(parts[7].get("other").is_none());
    assert!(matches!(parts[8].view(), View::Pid(other) if other == pid));
    assert!(matches!(parts[9].view(), View::Other));
    let View::List(mut list) = parts[10].view() else {
        panic!("a list")
    };
    assert!(list.next().is_none());
}

#[test]
fn a_part_of_a_message_is_not_looked_at_until_it_is_wanted() {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Message<'a> {
        Echo(#[serde(borrow)] TermRef<'a>, &'a str),
    }

    let bytes = term!({echo, #{a => [1, {2}]}, "joe"})
        .encode()
        .expect("it can be sent");
    let Message::Echo(view, name) = from_bytes(&bytes).expect("it is one");
    assert_eq!((view.to_term(), name), (Ok(term!(#{a => [1, {2}]})), "joe"));
    assert_eq!(
        to_bytes(&Message::Echo(view, name)).expect("it can be sent"),
        bytes
    );
}

#[test]
fn terms_that_follow_each_other_share_their_limits() {
    let bytes = [104, 1, 97, 1, 104, 2, 97, 1, 97, 2];
    let mut decoder = Decoder::new(&bytes, Limits::default().terms(2));
    assert_eq!(decoder.term(), Ok(term!({ 1 })));
    assert!(decoder.term().is_err(), "three terms in both");
    let mut decoder = Decoder::new(&bytes, Limits::default().terms(3));
    assert_eq!(decoder.term_ref().map(TermRef::as_bytes), Ok(&bytes[..4]));
    assert_eq!(decoder.term(), Ok(term!({1, 2})));
    assert_eq!(decoder.finish(), Ok(()));
}
