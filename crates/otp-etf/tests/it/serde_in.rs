//! What is accepted, what is refused, and what the errors say.

use std::collections::BTreeMap;
use std::fmt::Debug;

use otp_etf::{Atom, Deserializer, Limits, Term, TextFrom, from_bytes, from_term, term};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn accepted<T: DeserializeOwned + PartialEq + Debug>(term: &Term, value: T) {
    let read = from_term::<T>(term).map_err(|error| error.to_string());
    assert_eq!(read, Ok(value), "{term}");
}

#[track_caller]
fn refused<T: DeserializeOwned + Debug>(term: &Term, message: &str) {
    let error = from_term::<T>(term).expect_err("it does not fit");
    assert_eq!(error.to_string(), message);
}

fn wide<T: DeserializeOwned>(term: &Term) -> Result<T, String> {
    let bytes = term.encode().expect("it can be sent");
    let mut deserializer =
        Deserializer::new(&bytes[1..], Limits::default()).text(TextFrom::Chardata);
    let value = T::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.finish().map_err(|error| error.to_string())?;
    Ok(value)
}

#[derive(Debug, PartialEq, Deserialize)]
struct Item {
    name: String,
    price: f64,
    qty: u32,
    tags: Vec<String>,
    note: Option<String>,
}

fn item() -> Item {
    Item {
        name: "a".into(),
        price: 1.0,
        qty: 1,
        tags: Vec::new(),
        note: None,
    }
}

#[test]
fn a_struct_is_read_from_any_map_that_has_its_fields() {
    accepted(
        &term!(#{name => "a", price => 1, qty => 1, tags => [], note => nil}),
        item(),
    );
    accepted(
        &term!(#{name => "a", price => 1.0, qty => 1, tags => []}),
        item(),
    );
    accepted(
        &term!(#{"name" => "a", "price" => 1.0, qty => 1, tags => [], note => undefined}),
        item(),
    );
    accepted(
        &term!(#{name => "a", price => 1.0, qty => 1, tags => [], more => {1, [#{}]}, 5 => a, {x} => b}),
        item(),
    );
    refused::<Item>(
        &term!(#{name => "a", price => 1.0, tags => []}),
        "missing field `qty`",
    );
    refused::<Item>(&term!([]), "found an empty list, expected struct Item");
    refused::<Item>(&term!(nil), "found the atom `nil`, expected struct Item");
    refused::<Item>(
        &term!([{name, "a"}]),
        "found a list of 1, expected struct Item",
    );
}

#[test]
fn a_field_of_another_kind_is_refused_with_its_place() {
    let with = |key: &str, value: Term| {
        let key = Term::Atom(key.parse().expect("short"));
        let whole = [
            (term!(name), term!("a")),
            (term!(price), term!(1)),
            (term!(qty), term!(1)),
            (term!(tags), term!([])),
            (key, value),
        ];
        term!([(Term::map(whole))])
    };
    refused::<Vec<Item>>(
        &with("qty", term!(-1)),
        "[0].qty: invalid value: integer `-1`, expected u32",
    );
    refused::<Vec<Item>>(
        &with("qty", term!(1.0)),
        "[0].qty: found the float 1.0, expected u32",
    );
    refused::<Vec<Item>>(
        &with("qty", term!(0x1_0000_0000i64)),
        "[0].qty: invalid value: integer `4294967296`, expected u32",
    );
    refused::<Vec<Item>>(
        &with("name", term!(a)),
        "[0].name: found the atom `a`, expected a string",
    );
    refused::<Vec<Item>>(
        &with("name", Term::charlist("a")),
        "[0].name: found a list of 1 small integers, expected a string",
    );
    refused::<Vec<Item>>(
        &with("tags", term!(nil)),
        "[0].tags: found the atom `nil`, expected a sequence",
    );
    refused::<Vec<Item>>(
        &with("tags", term!(["a" | "b"])),
        "[0].tags: found an improper list, expected one that ends with []",
    );
    refused::<Vec<Item>>(
        &with("price", term!("1")),
        "[0].price: found the binary \"1\", expected f64",
    );
    refused::<Vec<Item>>(
        &with("note", term!(["a"])),
        "[0].note: found a list of 1, expected a string",
    );
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename = "Elixir.Interop.Point")]
struct Point {
    x: i64,
    y: i64,
}

#[test]
fn the_name_of_a_struct_is_compared_if_it_is_there() {
    let point = || Point { x: 1, y: 2 };
    accepted(
        &term!(#{@"__struct__" => @"Elixir.Interop.Point", x => 1, y => 2}),
        point(),
    );
    accepted(&term!(#{x => 1, y => 2}), point());
    refused::<Point>(
        &term!(#{@"__struct__" => @"Elixir.Interop.Other", x => 1, y => 2}),
        "found a struct Elixir.Interop.Other, expected Elixir.Interop.Point",
    );
    refused::<Point>(&term!({1, 2}), "found a tuple of 2, expected struct Point");
    let item =
        term!(#{@"__struct__" => @"Elixir.Item", name => "a", price => 1, qty => 1, tags => []});
    refused::<Item>(
        &item,
        "found a struct Elixir.Item, expected no struct of Elixir",
    );
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Empty,
    Circle(f64),
    Rect(f64, f64),
    Named { width: f64 },
}

#[test]
fn variants_take_as_many_values_as_they_have() {
    accepted(&term!({circle, 2}), Shape::Circle(2.0));
    accepted(&term!({rect, 2, 3.5}), Shape::Rect(2.0, 3.5));
    accepted(
        &term!({named, #{"width" => 1}}),
        Shape::Named { width: 1.0 },
    );
    refused::<Shape>(&term!({circle, 1, 2}), "circle: found 2 values, expected 1");
    refused::<Shape>(&term!(circle), "circle: found only 0 values, expected f64");
    refused::<Shape>(
        &term!({rect, 1}),
        "rect.1: found only 1 values, expected f64",
    );
    refused::<Shape>(&term!({rect, 1, 2, 3}), "rect: found 3 values, expected 2");
    refused::<Shape>(
        &term!({rect, 1, a}),
        "rect.1: found the atom `a`, expected f64",
    );
    refused::<Shape>(
        &term!({empty, 1}),
        "found `empty` with 1 values, expected the atom alone",
    );
    refused::<Shape>(
        &term!({named, 1}),
        "named: found the integer 1, expected struct variant Shape::Named",
    );
    refused::<Shape>(
        &term!(other),
        "unknown variant `other`, expected one of `empty`, `circle`, `rect`, `named`",
    );
    refused::<Shape>(
        &term!({1, 2}),
        "found the integer 1, expected an atom as a tuple's tag",
    );
    refused::<Shape>(
        &term!("empty"),
        "found the binary \"empty\", expected enum Shape",
    );
    refused::<Shape>(&term!({}), "found a tuple of 0, expected enum Shape");
}

#[test]
fn results_may_be_atoms() {
    accepted(&term!(ok), Ok::<(), u8>(()));
    accepted(&term!({ok, nil}), Ok::<(), u8>(()));
    accepted(&term!(error), Err::<u8, ()>(()));
    accepted(&term!({error, 5}), Err::<(), u8>(5));
    refused::<Result<u8, ()>>(&term!(ok), "invalid type: unit value, expected u8");
}

#[test]
fn numbers_lists_and_maps() {
    accepted(&term!(5), 5.0f64);
    accepted(&Term::from(1u128 << 100), (1u128 << 100) as f64);
    refused::<f64>(
        &Term::from_sign_magnitude(false, &[255; 200]),
        "found an integer of 200 bytes, expected f64",
    );
    refused::<i128>(
        &Term::from_sign_magnitude(false, &[255; 17]),
        "found an integer of 17 bytes, expected i128",
    );
    accepted(&Term::charlist("ab"), vec![97i64, 98]);
    accepted(&Term::charlist("ab"), vec![97u8, 98]);
    refused::<Vec<i64>>(&term!("ab"), "found the binary \"ab\", expected a sequence");
    refused::<Vec<u8>>(
        &term!([1, 256]),
        "[1]: invalid value: integer `256`, expected u8",
    );
    refused::<(u8, u8)>(&term!({1, 2, 3}), "found 3 values, expected 2");
    refused::<(u8, u8)>(&term!({ 1 }), "1: found only 1 values, expected u8");
    let map = || BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    accepted(&term!(#{a => 1, "b" => 2}), map());
    accepted(&term!([{a, 1}, {b, 2}]), map());
    accepted(&term!([]), BTreeMap::<String, u8>::new());
    accepted(
        &term!([{1, {a, b}}]),
        BTreeMap::from([(1, (Atom::constant("a"), Atom::constant("b")))]),
    );
    refused::<BTreeMap<String, u8>>(&term!(#{a => b}), "a: found the atom `b`, expected u8");
    refused::<BTreeMap<String, u8>>(
        &term!([{a, 1}, b]),
        "found the atom `b`, expected a pair of key and value",
    );
    refused::<BTreeMap<String, u8>>(
        &term!([{a, 1, 2}]),
        "found a tuple of 3, expected a pair of key and value",
    );
    refused::<BTreeMap<String, u8>>(
        &Term::charlist("ab"),
        "found a list of 2 small integers, expected a map",
    );
    refused::<BTreeMap<String, String>>(
        &term!(#{a => b}),
        "a: found the atom `b`, expected a string",
    );
    refused::<bool>(&term!(maybe), "found the atom `maybe`, expected a boolean");
    refused::<Atom>(&term!("a"), "found the binary \"a\", expected an atom");
    accepted(&term!(undefined), ());
    accepted(&term!(undefined), None::<u8>);
}

#[test]
fn text_of_erlangs_kinds_is_taken_where_it_is_asked_for() {
    assert_eq!(wide::<String>(&term!(joe)).as_deref(), Ok("joe"));
    assert_eq!(wide::<String>(&Term::charlist("joe")).as_deref(), Ok("joe"));
    assert_eq!(wide::<String>(&Term::charlist("jπ")).as_deref(), Ok("jπ"));
    assert_eq!(wide::<String>(&term!([])).as_deref(), Ok(""));
    assert_eq!(
        wide::<String>(&term!(["a", [98, ["c" | "d"]], 960 | "e"])).as_deref(),
        Ok("abcdπe")
    );
    assert_eq!(wide::<char>(&Term::charlist("π")), Ok('π'));
    assert!(
        wide::<String>(&term!([a])).is_err()
            && wide::<String>(&term!([-1])).is_err()
            && wide::<String>(&term!(1)).is_err()
    );
    assert!(wide::<String>(&term!([0xD800])).is_err());
    let bytes =
        wide::<serde_bytes::ByteBuf>(&term!([1, "a", [255]])).map(serde_bytes::ByteBuf::into_vec);
    assert_eq!(bytes, Ok(vec![1, 97, 255]));
    assert!(wide::<serde_bytes::ByteBuf>(&term!([256])).is_err());
}

#[test]
fn text_and_bytes_are_borrowed() {
    #[derive(Deserialize)]
    struct Borrowing<'a> {
        name: &'a str,
        #[serde(with = "serde_bytes")]
        data: &'a [u8],
    }

    let bytes = term!(#{name => "egg", data => "raw"})
        .encode()
        .expect("it can be sent");
    let read: Borrowing = from_bytes(&bytes).expect("it fits");
    let within = |part: &[u8]| bytes.as_ptr_range().contains(&part.as_ptr());
    assert!(within(read.name.as_bytes()) && within(read.data));
}
