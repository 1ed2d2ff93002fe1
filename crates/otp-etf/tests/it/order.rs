//! The order of terms, where no BEAM is asked.

use std::cmp::Ordering;
use std::collections::HashSet;

use otp_etf::{Atom, List, Map, Record, Term, term};

#[test]
fn kinds_come_in_the_order_of_otp() {
    let pid = otp_etf::Pid {
        id: 1,
        serial: 0,
        node: Atom::constant("a@b"),
        creation: 1,
    };
    let sorted = [
        term!(-1),
        term!(1.5),
        term!(2),
        term!(a),
        term!(b),
        (pid).into(),
        term!({ z }),
        term!({a, a}),
        term!(#{z => 1}),
        term!(#{a => 1, b => 1}),
        term!([]),
        term!([a | b]),
        term!([a]),
        term!([b]),
        term!("a"),
        Term::bits(b"ab", 12),
        term!("b"),
    ];
    for (at, left) in sorted.iter().enumerate() {
        for (other, right) in sorted.iter().enumerate() {
            assert_eq!(left.term_order(right), at.cmp(&other), "{left} and {right}");
        }
    }
}

#[test]
fn integers_and_floats_are_compared_by_their_exact_values() {
    let equal = [
        (term!(1), term!(1.0)),
        (Term::from(1u128 << 100), Term::from((1u128 << 100) as f64)),
        (term!(0), term!(-0.0)),
    ];
    for (integer, float) in equal {
        assert_eq!(
            integer.term_order(&float),
            Ordering::Equal,
            "{integer} and {float}"
        );
        assert!(integer < float, "as keys of a map");
        assert_ne!(integer, float);
    }
    let less = [
        (term!(9007199254740993i64), term!(9007199254740994.0)),
        (term!(9007199254740992.0), term!(9007199254740993i64)),
        (term!(1), term!(1.5)),
        (term!(-1.5), term!(-1)),
        (
            Term::from((1u128 << 100) - 1),
            Term::from((1u128 << 100) as f64),
        ),
        (Term::from(i64::MAX), term!(9223372036854775808.0)),
        (term!(1e300), Term::from_sign_magnitude(false, &[255; 200])),
        (Term::from_sign_magnitude(true, &[255; 200]), term!(-1e300)),
    ];
    for (low, high) in less {
        assert_eq!(low.term_order(&high), Ordering::Less, "{low} and {high}");
        assert_eq!(high.term_order(&low), Ordering::Greater, "{low} and {high}");
    }
}

#[test]
fn a_map_tells_numbers_apart_and_keeps_the_last_of_equal_keys() {
    let map: Map = [
        (term!(1), term!(a)),
        (term!(1.0), term!(b)),
        (term!(1), term!(c)),
    ]
    .into_iter()
    .collect();
    assert_eq!(map.len(), 2);
    assert_eq!(map.get(&term!(1)), Some(&term!(c)));
    assert_eq!(map.get(&term!(1.0)), Some(&term!(b)));
    assert_eq!(map.get(&term!(2)), None);
}

#[test]
fn records_are_ordered_by_module_name_number_of_fields_and_then_the_fields() {
    // As `lists:sort/1` of OTP 29 has it.
    let record = |module: &str, name: &str, fields: &[(&str, i64)]| {
        let atom = |text: &str| text.parse::<Atom>().expect("it is short");
        let fields = fields
            .iter()
            .map(|(name, value)| (atom(name), Term::from(*value)));
        Term::from(Record::new(atom(module), atom(name), fields))
    };
    let sorted = [
        term!({1, 2}),
        record("a", "a", &[("z", 0), ("y", 9)]),
        record("a", "b", &[("x", 2)]),
        record("a", "b", &[("z", 1)]),
        record("a", "b", &[("x", 1), ("y", 2)]),
        record("b", "a", &[("x", 1)]),
        record("c", "a", &[]),
        term!(#{}),
    ];
    assert!(sorted.is_sorted());
    let mut again = sorted.clone();
    again.reverse();
    again.sort_by(Term::term_order);
    assert_eq!(again, sorted);
}

#[test]
fn a_list_of_bytes_is_the_same_list_however_it_was_made() {
    let made = Term::list([104, 105].map(Term::Integer));
    let bytes = [131, 107, 0, 2, 104, 105];
    let read = Term::decode(&bytes).expect("a list of two bytes");
    let longer = Term::decode(&[131, 108, 0, 0, 0, 2, 97, 104, 97, 105, 106]);
    let of_bytes = Term::List(List::from_bytes(b"hi"));
    let others = [
        &made,
        &read.clone(),
        &longer.expect("the long form"),
        &of_bytes,
        &Term::charlist("hi"),
    ];
    for other in others {
        assert_eq!(read, *other);
        assert_eq!(read.cmp(other), Ordering::Equal);
        assert_eq!(HashSet::from([read.clone(), other.clone()]).len(), 1);
        assert_eq!(other.encode().expect("it can be sent"), bytes);
    }
    let Term::List(mut list) = read.clone() else {
        panic!("it is a list")
    };
    list[0] = term!(a);
    assert_eq!(Term::List(list.clone()), term!([a, 105]));
    assert_eq!(list.into_vec(), [term!(a), Term::Integer(105)]);
    assert_eq!(read.to_string(), "\"hi\"");
    // One with more elements than the short form can count.
    for length in [0, 1, 0xFFFF, 0x1_0000] {
        let bytes = vec![7; length];
        let made = Term::list(bytes.iter().copied().map(Term::from));
        let of_bytes = Term::List(List::from_bytes(&bytes));
        assert_eq!(of_bytes.encode(), made.encode());
        assert_eq!(
            Term::decode(&made.encode().expect("it can be sent")),
            Ok(made)
        );
    }
}

#[test]
fn atoms_are_compared_by_their_texts_however_they_are_kept() {
    let texts = [
        "",
        "\0",
        "a",
        "a\0",
        "a\0\0",
        "ab",
        "abcdefghijklmno",
        "abcdefghijklmnop",
        "abcdefghijklmnop\0",
        "abcdefghijklmnopq",
        "b",
        "é",
        "漢字",
    ];
    for (at, left) in texts.iter().enumerate() {
        for (other, right) in texts.iter().enumerate() {
            let expected = at.cmp(&other);
            for left in [Atom::constant(left), Atom::new(left).expect("short")] {
                let right = Atom::new(right).expect("short");
                assert_eq!(left.cmp(&right), expected, "{left} and {right}");
                assert_eq!(left == right, expected.is_eq(), "{left} and {right}");
            }
        }
    }
}
