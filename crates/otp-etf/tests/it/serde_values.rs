//! Values that become a term and come back: the table of the front page, line by line.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use otp_etf::{
    Atom, Export, Pid, Port, Reference, Term, from_bytes, from_term, term, to_bytes, to_term,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, term: Term) {
    let written = to_bytes(value).unwrap_or_else(|error| panic!("{value:?}: {error}"));
    assert_eq!(Term::decode(&written).as_ref(), Ok(&term), "{value:?}");
    let read: T = from_bytes(&written).unwrap_or_else(|error| panic!("{term}: {error}"));
    assert_eq!(&read, value);
    assert_eq!(&from_term::<T>(&term).expect("it was read"), value);
    assert_eq!(to_term(value), Ok(term));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Empty,
    Circle(f64),
    Rect(f64, f64),
    Inner((u8, u8)),
    Named { width: f64, note: Option<String> },
    None(),
}

#[test]
fn variants_are_atoms_and_tagged_tuples() {
    check(&Shape::Empty, term!(empty));
    check(&Shape::Circle(2.0), term!({circle, 2.0}));
    check(&Shape::Rect(2.0, 3.5), term!({rect, 2.0, 3.5}));
    check(&Shape::Inner((1, 2)), term!({inner, {1, 2}}));
    check(
        &Shape::Named {
            width: 1.0,
            note: None,
        },
        term!({named, #{width => 1.0, note => nil}}),
    );
    check(&Shape::None(), term!(none));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    price: f64,
    tags: Vec<String>,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Elixir.Interop.Point")]
struct Point {
    x: i64,
    y: i64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Elixir.Interop.Empty")]
struct Empty;

#[test]
fn structs_are_maps() {
    let item = Item {
        name: "egg".into(),
        price: 0.5,
        tags: vec!["food".into()],
        note: None,
    };
    check(
        &item,
        term!(#{name => "egg", price => 0.5, tags => ["food"], note => nil}),
    );
    check(
        &Point { x: 1, y: -2 },
        term!(#{@"__struct__" => @"Elixir.Interop.Point", x => 1, y => -2}),
    );
    check(&Empty, term!(#{@"__struct__" => @"Elixir.Interop.Empty"}));
}

#[test]
fn results_are_ok_and_error() {
    check(&Ok::<i64, String>(5), term!({ok, 5}));
    check(&Err::<i64, String>("no".into()), term!({error, "no"}));
    check(&Ok::<(), String>(()), term!(ok));
    check(&Err::<u8, ()>(()), term!(error));
    check(&Ok::<Option<u8>, ()>(None), term!({ok, nil}));
    check(&Ok::<Result<(), ()>, ()>(Ok(())), term!({ok, ok}));
    check(&Ok::<Result<(), ()>, ()>(Err(())), term!({ok, error}));
    check(&Ok::<((), ()), ()>(((), ())), term!({ok, {nil, nil}}));
    check(&vec![Ok::<(), ()>(()), Err(())], term!([ok, error]));
}

#[test]
fn values_without_parts() {
    check(&(), term!(nil));
    check(&true, term!(true));
    check(&Some(5u8), term!(5));
    check(&None::<u8>, term!(nil));
    check(&String::from("äπ"), term!("äπ"));
    check(&'π', term!("π"));
    check(&1.5f32, term!(1.5));
    check(
        &serde_bytes::ByteBuf::from(vec![0, 255]),
        Term::from(&[0u8, 255][..]),
    );
}

#[test]
fn integers_have_up_to_128_bits() {
    for number in [
        0,
        1,
        -1,
        255,
        256,
        -256,
        i128::from(i32::MAX),
        i128::from(i32::MIN) - 1,
        i128::from(i64::MAX),
        i128::from(i64::MIN),
        i128::MAX,
        i128::MIN,
    ] {
        check(&number, Term::from(number));
    }
    for number in [0, u128::from(u64::MAX), u128::from(u64::MAX) + 1, u128::MAX] {
        check(&number, Term::from(number));
    }
    check(&u64::MAX, Term::from(u64::MAX));
    check(&i64::MIN, Term::from(i64::MIN));
}

#[test]
fn lists_tuples_and_maps() {
    check(&vec![1u8, 2, 3], term!([1, 2, 3]));
    check(&vec![1i64, 2, 300], term!([1, 2, 300]));
    check(&Vec::<u8>::new(), term!([]));
    check(&(1u8, "a".to_owned()), term!({1, "a"}));
    check(&[1u8, 2, 3], term!({1, 2, 3}));
    check(&BTreeMap::from([("a".to_owned(), 1)]), term!(#{"a" => 1}));
    check(
        &HashMap::from([(Atom::constant("a"), vec![()])]),
        term!(#{a => [nil]}),
    );
    check(&vec![7i64; 65_535], Term::list(vec![term!(7); 65_535]));
    check(&vec![7i64; 65_536], Term::list(vec![term!(7); 65_536]));
    // As the BEAM writes a list of bytes.
    assert_eq!(
        to_bytes(&[1u8, 2].as_slice()).expect("it can be sent"),
        [131, 107, 0, 2, 1, 2]
    );
    // Two bytes each, and no integers.
    check(&vec![Vec::<Atom>::new(); 3], term!([[], [], []]));
    check(&vec![Atom::constant(""); 2], term!([@"", @""]));
}

#[test]
fn terms_and_their_parts_are_themselves() {
    let node = Atom::constant("a@b");
    let pid = Pid {
        id: 1,
        serial: 2,
        node: node.clone(),
        creation: 3,
    };
    let reference = Reference::new(node.clone(), 3, &[1, 2, 3]).expect("three words");
    let port = Port {
        id: 5,
        node,
        creation: 3,
    };
    let export = Export {
        module: Atom::constant("m"),
        function: Atom::constant("f"),
        arity: 1,
    };
    check(&pid, pid.clone().into());
    check(&reference, reference.clone().into());
    check(&port, port.clone().into());
    check(&export, export.clone().into());
    check(&Atom::constant("ok"), term!(ok));
    check(&Atom::constant("nil"), term!(nil));
    let (at, of) = (pid.clone(), reference.clone());
    check(
        &(pid, vec![reference], term!({a, [1 | 2]})),
        term!({(at), [(of)], {a, [1 | 2]}}),
    );
    let error = from_term::<Pid>(&term!(ok)).expect_err("it is no pid");
    assert_eq!(error.to_string(), "found another term, expected a pid");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(i64),
    Pid(Pid),
    Text(String),
    Any(Term),
}

#[test]
fn what_serde_keeps_before_it_knows_the_type_is_not_lost() {
    let pid = Pid {
        id: 1,
        serial: 2,
        node: Atom::constant("a@b"),
        creation: 3,
    };
    check(&Loose::Number(1), term!(1));
    check(&Loose::Text("a".into()), term!("a"));
    check(&Loose::Pid(pid.clone()), pid.clone().into());
    check(
        &Loose::Any(term!([1, 2.5, #{"k" => (pid.clone())}])),
        term!([1, 2.5, #{"k" => (pid)}]),
    );
    // Serde tells neither a tuple from a list nor an atom from a text.
    assert_eq!(
        from_term::<Loose>(&term!({a, 1})).ok(),
        Some(Loose::Any(term!(["a", 1])))
    );
}

#[test]
fn another_format_shows_terms_as_text() {
    let shown =
        serde_json::to_string(&(Atom::constant("ok"), term!({a, [1]}))).expect("it is JSON");
    assert_eq!(shown, r#"["ok","{a,[1]}"]"#);
    let read: (Atom, Term) =
        serde_json::from_str(r#"["ok", {"a": [1, 2.5, null, true]}]"#).expect("it is JSON");
    assert_eq!(
        read,
        (Atom::constant("ok"), term!(#{"a" => [1, 2.5, nil, true]}))
    );
}
