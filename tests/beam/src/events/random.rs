//! Random histories of an event manager.

use crate::history::History;
use crate::random::Random;

/// Steps of a history, after its book.
const STEPS: usize = 25;

const EVENTS: &[&str] = &["p", "q", "r"];
/// Each with the one that it may swap itself for.
const HANDLERS: &[(&str, &str)] = &[
    ("a", "A"),
    ("A", "a"),
    ("b", "B"),
    ("B", "b"),
    ("c", "C"),
    ("C", "c"),
];
const OWNERS: &[&str] = &["o1", "o2"];
const REASONS: &[&str] = &["normal", "shutdown", "boom"];

/// A history that is always the same for these numbers.
#[must_use]
pub fn history(seed: u64, number: u64) -> History {
    let mut random = Random::new(seed, number);
    let mut steps = Vec::new();
    for (handler, other) in HANDLERS {
        for event in EVENTS {
            let action = action(&mut random, other);
            steps.push(format!("on {handler} {event} = {action}"));
        }
        if random.rarely(4) {
            let action = random.one(&["refuse", "refuse", "crash", "exit normal", "exit boom"]);
            steps.push(format!("on {handler} init = {action}"));
        }
        if random.rarely(5) {
            steps.push(format!("on {handler} end = crash"));
        }
    }
    for owner in OWNERS {
        steps.push(format!("owner {owner} {}", random.one(&["traps", "dies"])));
    }
    steps.push("begin".to_owned());
    steps.extend((0..STEPS).map(|_| step(&mut random)));
    History {
        title: format!("events {seed} {number}"),
        steps,
    }
}

fn action(random: &mut Random, other: &str) -> String {
    match random.below(20) {
        0 => "crash".to_owned(),
        1 => format!("exit {}", random.one(REASONS)),
        2 | 3 => "remove".to_owned(),
        4 | 5 => "hibernate".to_owned(),
        6..9 => format!("swap {other}"),
        _ => "keep".to_owned(),
    }
}

fn handler(random: &mut Random) -> &'static str {
    HANDLERS[random.below(HANDLERS.len())].0
}

/// The owner of a supervised handler, or none.
fn owner(random: &mut Random) -> String {
    match random.rarely(2) {
        true => format!(" {}", random.one(OWNERS)),
        false => String::new(),
    }
}

fn step(random: &mut Random) -> String {
    let (one, other) = (handler(random), handler(random));
    let event = random.one(EVENTS);
    match random.below(60) {
        0..14 => format!("add {one}{}", owner(random)),
        14..20 => format!("swap {one} {other}{}", owner(random)),
        20..23 => format!("delete {one}"),
        23..30 => format!("call {one} {event}"),
        30..34 => format!("sync {event}"),
        34..44 => {
            let kinds = ["notify", "notify", "info"];
            let items = (0..=random.below(3))
                .map(|_| format!("{}:{}", random.one(&kinds), random.one(EVENTS)));
            format!("send {}", items.collect::<Vec<_>>().join(" "))
        }
        44..48 => random.one(&["which", "state"]).to_owned(),
        48 => format!("replace {one} {}", random.below(100)),
        49 => "suspend".to_owned(),
        50..52 => "resume".to_owned(),
        52..54 => {
            let reasons = ["normal", "shutdown", "boom", "kill"];
            format!("finish {} {}", random.one(OWNERS), random.one(&reasons))
        }
        54..56 => format!("exit {} {}", random.one(OWNERS), random.one(REASONS)),
        56 if random.rarely(3) => format!("parent {}", random.one(REASONS)),
        57 if random.rarely(3) => format!("stop {}", random.one(REASONS)),
        58 if random.rarely(6) => "kill".to_owned(),
        _ => format!("send notify:{event}"),
    }
}
