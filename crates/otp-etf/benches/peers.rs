//! Reading and writing beside the crates eetf and erltf: `cargo bench -p otp-etf`, a minute.
//!
//! The rounds of all libraries are interleaved, and the fastest round of each counts. A table of nanoseconds and ratios is printed; a
//! ratio above 1 is how many times as long the other takes. The words after `--` choose rows.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use otp_etf::{List, Pid, Reference, Term, TermRef, term};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often each library has its turn.
const ROUNDS: usize = 25;

/// How long a turn takes, about.
const TURN: Duration = Duration::from_millis(4);

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    println!(
        "{:<34}{:>10}{:>12}{:>12}{:>10}{:>10}",
        "", "otp-etf", "eetf", "erltf", "x eetf", "x erltf"
    );
    let rows = terms()
        .into_iter()
        .flat_map(|(name, term)| of_term(name, &term, term.encode().expect("it can be sent")))
        .chain(of_small_integers())
        .chain(of_values());
    for (name, mut sides) in rows {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let times = measure(&mut sides);
        let show =
            |time: Option<f64>| time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
        let ratio = |time: Option<f64>| match (time, times[0]) {
            (Some(theirs), Some(ours)) => format!("{:.1}", theirs / ours),
            _ => "-".to_owned(),
        };
        println!(
            "{name:<34}{:>10}{:>12}{:>12}{:>10}{:>10}",
            show(times[0]),
            show(times[1]),
            show(times[2]),
            ratio(times[1]),
            ratio(times[2])
        );
    }
}

/// What a library does once; ours first, and eetf has no serde.
type Sides = [Option<Box<dyn FnMut()>>; 3];

/// The nanoseconds of the fastest turn of each.
fn measure(sides: &mut Sides) -> [Option<f64>; 3] {
    let counts: Vec<u32> = sides
        .iter_mut()
        .map(|side| side.as_mut().map_or(0, |side| count(side)))
        .collect();
    let mut best = [None; 3];
    for _ in 0..ROUNDS {
        for ((side, count), best) in sides.iter_mut().zip(&counts).zip(&mut best) {
            let Some(side) = side else { continue };
            let start = Instant::now();
            for _ in 0..*count {
                side();
            }
            let time = start.elapsed().as_nanos() as f64 / f64::from(*count);
            *best = Some(best.map_or(time, |best: f64| best.min(time)));
        }
    }
    best
}

/// How often it can be done in a turn.
fn count(side: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        for _ in 0..count {
            side();
        }
        if start.elapsed() >= TURN / 2 {
            return count;
        }
        count *= 2;
    }
}

/// A list of integers of a byte that is made of terms, and not of bytes. That the others have it, too, they read it in the long form.
fn of_small_integers() -> Vec<(String, Sides)> {
    let bytes: Vec<u8> = (0..1000u32).map(|number| number as u8).collect();
    let term = Term::list(bytes.iter().copied().map(Term::from));
    let mut long = vec![131, 108, 0, 0, 3, 232];
    long.extend(bytes.iter().flat_map(|byte| [97, *byte]));
    long.push(106);
    of_term("a list of 1000 bytes, as terms", &term, long)
}

fn of_term(name: &'static str, term: &Term, bytes: Vec<u8>) -> Vec<(String, Sides)> {
    let bytes: &'static [u8] = bytes.leak();
    let ours = term.clone();
    let eetf = eetf::Term::decode(bytes).expect("it can read");
    let erltf = erltf::decode(bytes).expect("it can read");
    vec![
        (
            format!("read {name}"),
            [
                Some(Box::new(move || {
                    drop(black_box(Term::decode(black_box(bytes))));
                })),
                Some(Box::new(move || {
                    drop(black_box(eetf::Term::decode(black_box(bytes))));
                })),
                Some(Box::new(move || {
                    drop(black_box(erltf::decode(black_box(bytes))));
                })),
            ],
        ),
        (
            format!("view {name}"),
            [
                Some(Box::new(move || {
                    let _ = black_box(TermRef::new(black_box(bytes)));
                })),
                None,
                None,
            ],
        ),
        (
            format!("write {name}"),
            [
                Some(Box::new(move || drop(black_box(black_box(&ours).encode())))),
                Some(Box::new(move || {
                    let mut out = Vec::new();
                    eetf.encode(&mut out).expect("it can write");
                    black_box(out);
                })),
                Some(Box::new(move || {
                    drop(black_box(erltf::encode(black_box(&erltf))));
                })),
            ],
        ),
    ]
}

fn terms() -> Vec<(&'static str, Term)> {
    let node: otp_etf::Atom = "rust@127.0.0.1".parse().expect("short");
    let pid: Term = Pid {
        id: 110,
        serial: 0,
        node: node.clone(),
        creation: 1_795_883_495,
    }
    .into();
    let reference: Term = Reference::new(node, 1_795_883_495, &[1, 2, 3])
        .expect("three words")
        .into();
    let call =
        term!({@"$gen_call", {(pid.clone()), [alias | (reference.clone())]}, {divide, 10, 4}});
    let item = |number: i64| term!(#{name => "egg", price => 0.5, qty => (number), tags => ["food", "ovo"], note => nil});
    vec![
        ("a reply {ok, 2}", term!({ok, 2})),
        ("a call", call),
        ("a cast", term!({@"$gen_cast", {add, 5}})),
        (
            "a tuple of atoms",
            term!({one, two, three, four, five, six, seven, eight}),
        ),
        (
            "a binary of 20 bytes",
            term!({data, "twenty bytes of text"}),
        ),
        ("a binary of 64 KiB", Term::from("x".repeat(65_536))),
        ("a map of 5 entries", item(12)),
        ("a list of 100 such maps", Term::list((0..100).map(item))),
        (
            "a map of 100 texts",
            Term::map(
                (0..100).map(|number| (Term::from(format!("key {number}")), Term::from(number))),
            ),
        ),
        (
            "a list of 1000 integers",
            Term::list((0..1000i64).map(|number| Term::from(number * 1000))),
        ),
        (
            "a list of 1000 bytes",
            Term::List(List::from_bytes(
                &(0..1000u32).map(|number| number as u8).collect::<Vec<_>>(),
            )),
        ),
        (
            "a list of 1000 floats",
            Term::list((0..1000u32).map(|number| Term::from(f64::from(number) * 0.37))),
        ),
        ("a list of 100 pids", Term::list(vec![pid; 100])),
        (
            "a keyword list",
            term!([{name, "egg"}, {qty, 12}, {timeout, 5000}, {mode, active}]),
        ),
        (
            "30 levels of tuples",
            (0..30).fold(term!(end), |inner, level| term!({level, (level), (inner)})),
        ),
        (
            "large integers",
            Term::list((0..50u32).map(|number| Term::from(u128::MAX - u128::from(number)))),
        ),
    ]
}

#[derive(Clone, Serialize, Deserialize)]
struct Item {
    name: String,
    price: f64,
    qty: u32,
    tags: Vec<String>,
    note: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Divide(i64, i64),
    Put(Item),
}

fn of_value<T: Serialize + DeserializeOwned + Clone + 'static>(
    name: &str,
    value: T,
) -> Vec<(String, Sides)> {
    let ours: &'static [u8] = otp_etf::to_bytes(&value).expect("it can be sent").leak();
    // Each reads what it has written: the mappings differ.
    let theirs: &'static [u8] = erltf_serde::to_bytes(&value)
        .expect("it can be sent")
        .leak();
    let (first, second) = (value.clone(), value);
    vec![
        (
            format!("serde, read {name}"),
            [
                Some(Box::new(move || {
                    drop(black_box(
                        otp_etf::from_bytes::<T>(black_box(ours)).expect("it fits"),
                    ));
                })),
                None,
                Some(Box::new(move || {
                    drop(black_box(
                        erltf_serde::from_bytes::<T>(black_box(theirs)).expect("it fits"),
                    ));
                })),
            ],
        ),
        (
            format!("serde, write {name}"),
            [
                Some(Box::new(move || {
                    drop(black_box(otp_etf::to_bytes(black_box(&first))));
                })),
                None,
                Some(Box::new(move || {
                    drop(black_box(erltf_serde::to_bytes(black_box(&second))));
                })),
            ],
        ),
    ]
}

fn of_values() -> Vec<(String, Sides)> {
    let item = Item {
        name: "egg".into(),
        price: 0.5,
        qty: 12,
        tags: vec!["food".into(), "ovo".into()],
        note: None,
    };
    [
        of_value("a call", Call::Divide(10, 4)),
        of_value("a call with a struct", Call::Put(item.clone())),
        of_value("100 structs", vec![item; 100]),
        of_value(
            "1000 integers",
            (0..1000i64).map(|number| number * 1000).collect::<Vec<_>>(),
        ),
        of_value(
            "100 texts",
            (0..100)
                .map(|number| format!("text {number}"))
                .collect::<Vec<_>>(),
        ),
        of_value(
            "a map",
            (0..50)
                .map(|number| (format!("key {number}"), number))
                .collect::<std::collections::BTreeMap<_, i64>>(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
