//! Random histories of a state machine.
//!
//! The time-outs that ring have times of their own, so that no two ring at once, and those that ring set none that do: OTP
//! leaves the order of what happens at the same time open. Nor is a time-out set anew with a time that rings while it waits
//! with zero: OTP before 29 has a mistake there.

use crate::history::History;
use crate::random::Random;

/// Steps of a history, after its book.
const STEPS: usize = 12;

const STATES: &[&str] = &["a", "b", "c"];
const MESSAGES: &[&str] = &["p", "q", "r"];
const INTERNAL: &[&str] = &["i", "j"];
/// Each with the time after which it rings.
const TIMERS: &[(&str, &str, &str)] = &[
    ("timeout", "x", "11"),
    ("timeout", "y", "23"),
    ("timeout", "z", "41"),
    ("state_timeout", "s", "17"),
    ("event_timeout", "e", "31"),
];

/// What is set of one time-out in a history, if it is set by one that may ring and if not.
#[derive(Clone, Copy)]
struct Ways(&'static [&'static str], &'static [&'static str]);

const WAYS: &[Ways] = &[
    Ways(
        &["0", "0", "update", "never"],
        &["0", "0", "update", "never"],
    ),
    Ways(
        &["rings", "rings", "rings", "long", "never"],
        &["long", "never"],
    ),
    Ways(
        &["long", "long", "update", "0", "never"],
        &["long", "update", "0"],
    ),
];

/// How each of [`TIMERS`] is set.
type Choice = [Ways; TIMERS.len()];

/// A history that is always the same for these numbers.
#[must_use]
pub fn history(seed: u64, number: u64) -> History {
    let mut random = Random::new(seed, number);
    let choice: Choice = std::array::from_fn(|_| WAYS[random.below(WAYS.len())]);
    let mut steps = Vec::new();
    let has_initial = random.rarely(2);
    if has_initial {
        steps.push(line("a", "init", &initial(&mut random, &choice)));
    }
    for state in STATES {
        for event in MESSAGES.iter().chain(INTERNAL).chain(&["exit"]) {
            if !random.rarely(4) {
                steps.push(line(state, event, &actions(&mut random, &choice, true)));
            }
        }
        for (_, timer, _) in TIMERS {
            if !random.rarely(3) {
                steps.push(line(state, timer, &actions(&mut random, &choice, false)));
            }
        }
        if random.rarely(2) {
            steps.push(line(state, "enter", &entering(&mut random, &choice)));
        }
    }
    if has_initial {
        // A machine that ended within its start could not be monitored in time.
        let ends = ["crash", "exit lost", "stop"];
        steps.retain(|it| !ends.iter().any(|end| it.contains(end)));
    }
    steps.push(random.one(&["begin", "begin traps"]).to_owned());
    steps.extend((0..STEPS).map(|_| step(&mut random)));
    History {
        title: format!("machine {seed} {number}"),
        steps,
    }
}

fn line(state: &str, event: &str, actions: &[String]) -> String {
    format!("on {state} {event} = {}", actions.join("; "))
}

/// What `init` orders: at least one action, of those that a machine may start with.
fn initial(random: &mut Random, choice: &Choice) -> Vec<String> {
    let mut actions: Vec<String> = (0..random.below(4))
        .map(|_| match random.below(4) {
            0 => format!("insert {}", random.one(INTERNAL)),
            1 => format!("insert_cast {}", random.one(MESSAGES)),
            _ => timeout(random, choice, true),
        })
        .collect();
    actions.retain(|it| !it.starts_with("cancel"));
    if actions.is_empty() {
        actions.push("insert i".to_owned());
    }
    actions
}

/// What an event does; if `rings`, it may set time-outs that ring.
fn actions(random: &mut Random, choice: &Choice, rings: bool) -> Vec<String> {
    let mut actions: Vec<String> = Vec::new();
    match random.below(40) {
        0 => actions.push(random.one(&["crash", "exit lost"]).to_owned()),
        1 => actions.push(format!(
            "stop {}",
            random.one(&["normal", "shutdown", "boom"])
        )),
        2..5 => actions.push("repeat".to_owned()),
        5..22 => actions.push(format!("next {}", random.one(STATES))),
        _ => actions.push("keep".to_owned()),
    }
    if random.rarely(4) {
        actions.push("postpone".to_owned());
    }
    for _ in 0..random.below(3) {
        actions.push(match random.below(8) {
            0 | 1 => format!("insert {}", random.one(INTERNAL)),
            2 if random.rarely(2) => format!("insert_cast {}", random.one(MESSAGES)),
            2 if random.rarely(2) => format!("insert_call {}", random.one(MESSAGES)),
            2 | 3 => random
                .one(&["add", "hibernate", "hold", "hold", "answer"])
                .to_owned(),
            _ => timeout(random, choice, rings),
        });
    }
    actions
}

fn entering(random: &mut Random, choice: &Choice) -> Vec<String> {
    let mut actions = vec![match random.below(24) {
        0 => random.one(&["crash", "exit lost"]).to_owned(),
        1 => "stop boom".to_owned(),
        2..4 => "again".to_owned(),
        _ => "keep".to_owned(),
    }];
    for _ in 0..random.below(3) {
        actions.push(match random.rarely(4) {
            true => random.one(&["add", "answer"]).to_owned(),
            false => timeout(random, choice, false),
        });
    }
    actions
}

fn timeout(random: &mut Random, choice: &Choice, rings: bool) -> String {
    let at = random.below(TIMERS.len());
    let (kind, name, time) = TIMERS[at];
    if random.rarely(8) {
        return match kind {
            "timeout" => format!("cancel {name}"),
            _ => "cancel_state".to_owned(),
        };
    }
    let Ways(ringing, others) = choice[at];
    let due = match random.one(if rings { ringing } else { others }) {
        "rings" => time,
        other => other,
    };
    let content = if random.rarely(3) { "#new" } else { "" };
    format!("{kind} {name}{content} {due}")
}

fn step(random: &mut Random) -> String {
    match random.below(20) {
        0..6 => "wait".to_owned(),
        6 => format!("replace {}", random.one(STATES)),
        7 => "suspend".to_owned(),
        8 | 9 => "resume".to_owned(),
        10 if random.rarely(4) => format!("stop {}", random.one(&["normal", "boom"])),
        11 if random.rarely(2) => format!("exit {}", random.one(&["normal", "boom"])),
        12 if random.rarely(6) => format!("parent {}", random.one(&["normal", "boom"])),
        13 if random.rarely(2) => "state".to_owned(),
        _ => {
            let kinds = ["cast", "cast", "info", "call"];
            let items = (0..=random.below(4)).map(|_| {
                let kind = kinds[random.below(kinds.len())];
                format!("{kind}:{}", random.one(MESSAGES))
            });
            format!("send {}", items.collect::<Vec<_>>().join(" "))
        }
    }
}
