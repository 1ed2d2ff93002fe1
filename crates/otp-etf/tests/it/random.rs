//! Terms of all kinds, at random.

use otp_etf::{Atom, Export, Pid, Port, Record, Reference, Term};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Terms that every OTP knows.
pub(crate) fn term() -> impl Strategy<Value = Term> {
    leaf().prop_recursive(4, 60, 6, |inner| {
        let entry = (inner.clone(), inner.clone());
        prop_oneof![
            4 => vec(inner.clone(), 0..6).prop_map(Term::tuple),
            4 => vec(inner.clone(), 0..6).prop_map(Term::list),
            1 => (vec(inner.clone(), 1..4), inner).prop_map(|(terms, tail)| Term::list_with_tail(terms, tail)),
            3 => vec(entry.clone(), 0..6).prop_map(Term::map),
            1 => vec((leaf(), leaf()), 30..40).prop_map(Term::map),
            1 => vec((atom().prop_map(Term::from), entry.prop_map(|(_, value)| value)), 0..5).prop_map(Term::map),
        ]
    })
}

/// So many of them, the same ones each time.
pub(crate) fn terms(count: usize) -> Vec<Term> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = term();
    let mut draw = || {
        strategy
            .new_tree(&mut runner)
            .expect("nothing is refused")
            .current()
    };
    (0..count).map(|_| draw()).collect()
}

/// With what only OTP 29 knows, too.
pub(crate) fn any_term() -> impl Strategy<Value = Term> {
    let record = (atom(), atom(), vec((atom(), term()), 0..4))
        .prop_map(|(module, name, fields)| Record::new(module, name, fields).into());
    prop_oneof![9 => term(), 1 => record]
}

fn leaf() -> impl Strategy<Value = Term> {
    prop_oneof![
        4 => integer(),
        2 => float().prop_map(Term::Float),
        4 => atom().prop_map(Term::Atom),
        3 => binary(),
        1 => text().prop_map(|text| Term::charlist(&text)),
        1 => (vec(any::<u8>(), 1..5), 1usize..8).prop_map(|(bytes, bits)| Term::bits(&bytes, bytes.len() * 8 - 8 + bits)),
        1 => (node(), any::<u32>(), any::<u32>(), 1..9u32)
            .prop_map(|(node, id, serial, creation)| Pid { id, serial, node, creation }.into()),
        1 => (node(), prop_oneof![0..1000u64, 0x0FFF_FFF0..0x1000_0010u64, any::<u64>()], 1..9u32)
            .prop_map(|(node, id, creation)| Port { id, node, creation }.into()),
        1 => (node(), 1..9u32, vec(any::<u32>(), 3..=5))
            .prop_map(|(node, creation, words)| Reference::new(node, creation, &words).expect("3 to 5").into()),
        1 => (name(), name(), any::<u8>())
            .prop_map(|(module, function, arity)| Export { module, function, arity }.into()),
    ]
}

fn integer() -> impl Strategy<Value = Term> {
    let near = |power: u32| {
        (any::<bool>(), -1..=1i128).prop_map(move |(negative, by)| {
            let number = (1i128 << power) + by;
            Term::from(if negative { -number } else { number })
        })
    };
    prop_oneof![
        4 => (-300..300i64).prop_map(Term::from),
        2 => any::<i64>().prop_map(Term::from),
        1 => any::<i32>().prop_map(Term::from),
        1 => prop_oneof![near(8), near(27), near(31), near(32), near(59), near(63), near(64), near(126)],
        1 => (any::<bool>(), vec(any::<u8>(), 0..40))
            .prop_map(|(negative, bytes)| Term::from_sign_magnitude(negative, &bytes)),
        1 => (any::<bool>(), vec(any::<u8>(), 254..258))
            .prop_map(|(negative, bytes)| Term::from_sign_magnitude(negative, &bytes)),
    ]
}

/// Without -0.0, which is the same as 0.0 up to OTP 26 and another float from then on.
fn float() -> impl Strategy<Value = f64> {
    let number = prop_oneof![
        2 => any::<f64>().prop_filter("Erlang has no others", |number| number.is_finite()),
        2 => (-100_000..100_000i32, -8..20i32).prop_map(|(digits, power)| f64::from(digits) * 10f64.powi(power)),
        1 => (-1000..1000i32).prop_map(f64::from),
        1 => any::<i64>().prop_map(|number| number as f64),
        1 => prop::sample::select(vec![0.0, 0.1, 1e22, 1e23, 5e-324, f64::MAX, 9007199254740992.0, 9007199254740991.0, 1e-7, 123456.0]),
    ];
    number.prop_map(|number| number + 0.0)
}

pub(crate) fn atom() -> impl Strategy<Value = Atom> {
    let word = prop_oneof![
        4 => "[a-z][a-zA-Z0-9_@]{0,8}",
        1 => "[a-zß-ÿ]{1,30}",
        1 => "[A-Z][a-z]{0,4}",
        1 => "Elixir\\.[A-Z][a-z]{0,4}(\\.[A-Z][a-z]{0,4})?",
        1 => "[ -~]{0,5}",
        1 => "\\PC{0,4}",
        1 => "[\\x00-\\x20\\x7f-\\xa0'\"\\\\]{1,3}",
        1 => "[a-z]{100,255}",
        1 => prop::sample::select(vec!["nil", "true", "false", "undefined", "end", "fun", "when", "and", ""])
            .prop_map(str::to_owned),
    ];
    word.prop_map(|word| Atom::new(&word).expect("short enough"))
}

/// The name of a module or of a function. A BEAM prints others as if they were Latin-1, or without quotes.
fn name() -> impl Strategy<Value = Atom> {
    prop_oneof!["[a-z][a-zA-Z0-9_]{5,8}", "Elixir\\.[A-Z][a-z]{0,4}"]
        .prop_map(|name| Atom::new(&name).expect("short enough"))
}

fn node() -> impl Strategy<Value = Atom> {
    prop::sample::select(vec!["a@127.0.0.1", "b@host", "rust@some.host.example"])
        .prop_map(|name| name.parse().expect("short"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        1 => "[\\x00-\\x20\\x7f-\\xa0'\"\\\\#\\{]{1,4}",
    ]
}

fn binary() -> impl Strategy<Value = Term> {
    prop_oneof![
        3 => text().prop_map(Term::from),
        1 => vec(any::<u8>(), 0..20).prop_map(|bytes| Term::from(&bytes[..])),
    ]
}

/// Whether this holds for a term or for one within it.
pub(crate) fn any_within(term: &Term, holds: &dyn Fn(&Term) -> bool) -> bool {
    let inner = |term: &Term| any_within(term, holds);
    holds(term)
        || match term {
            Term::Tuple(terms) => terms.iter().any(inner),
            Term::List(terms) => terms.iter().any(inner),
            Term::ImproperList(list) => list.elements().iter().any(inner) || inner(list.tail()),
            Term::Map(map) => map.iter().any(|(key, value)| inner(key) || inner(value)),
            _ => false,
        }
}

pub(crate) fn keys(term: &Term) -> impl Iterator<Item = &Term> {
    term.as_map()
        .into_iter()
        .flat_map(|map| map.iter().map(|(key, _)| key))
}
