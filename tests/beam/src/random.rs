//! Random histories.
//!
//! Not every history can be compared: when two signals are on their way to one process, OTP leaves open which is first.
//! So there are two kinds, and each step has one cause.
//!
//! - Processes without supervisors, that do everything to each other. An end spreads over links with one reason.
//! - Supervisors, their hosts, and witnesses, which trap exits, so that nothing spreads. A witness is linked with one
//!   child at most; so a child does not hear of its end in two ways.

use crate::history::History;

/// Steps of a history, after those that set the scene.
pub const STEPS: usize = 30;

const PUPPETS: &[&str] = &["p", "q", "r", "t", "u"];
const NAMES: &[&str] = &["x", "y"];
const REASONS: &[&str] = &[
    "normal",
    "shutdown",
    "shutdown:late",
    "boom",
    "boom",
    "kill",
    "kill",
    "killed",
    "noproc",
];
const RESTARTS: &[&str] = &["permanent", "transient", "temporary"];
const STRATEGIES: &[&str] = &["one_for_one", "one_for_all", "rest_for_one"];
const CHILDREN: &[&str] = &["a", "b", "c", "d"];
const INNER: &[&str] = &["e", "f"];

/// Small, and the same on every machine (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// For the history of this number in the run with this seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x1_0000_0001).wrapping_add(number));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = limit as u64;
        usize::try_from(self.next() % limit).expect("less than a usize")
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Once in so many times.
    pub(crate) fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// The history of this number in the run with this seed.
#[must_use]
pub fn history(seed: u64, number: u64) -> History {
    let mut random = Random::new(seed, number);
    let steps = if number.is_multiple_of(2) {
        puppets(&mut random)
    } else {
        visors(&mut random)
    };
    History {
        title: format!("random {seed}, number {number}"),
        steps,
    }
}

fn puppets(random: &mut Random) -> Vec<String> {
    let mut steps: Vec<String> = PUPPETS.iter().map(|p| format!("spawn {p}")).collect();
    for step in 0..STEPS {
        steps.push(puppet_step(random, step));
    }
    steps
}

fn puppet_step(random: &mut Random, step: usize) -> String {
    let (p, q) = (random.one(PUPPETS), random.one(PUPPETS));
    let reason = random.one(REASONS);
    let name = random.one(NAMES);
    match random.below(30) {
        0..6 => format!("link {p} {q}"),
        6..8 => format!("unlink {p} {q}"),
        8..11 => format!("monitor {p} {q} m{step}"),
        11 => format!("monitor {p} @{name} m{step}"),
        12..14 => format!("demonitor {p} m{}", random.below(step + 1)),
        14..17 => format!("exit {p} {q} {reason}"),
        17 => format!("end {p} {reason}"),
        18 => format!("crash {p}"),
        19..22 => format!("trap {p} {}", random.one(&["on", "on", "off"])),
        22 => format!("register {name} {p}"),
        23 => random
            .one(&["unregister x", "unregister y", "whereis x", "whereis y"])
            .to_owned(),
        24 => format!("send {p} @{name} w{step}"),
        25 => format!("send {p} {q} w{step}"),
        26 => volley(random, p, q),
        27 => format!("spawn_link {p} {q}"),
        28 => format!("spawn_monitor {p} {q} m{step}"),
        _ => format!("spawn {p}"),
    }
}

fn volley(random: &mut Random, p: &str, q: &str) -> String {
    let mut step = format!("volley {p} {q}");
    for item in 0..2 + random.below(4) {
        match random.below(3) {
            0 => {
                step.push_str(" !");
                // Not `kill`: it does not wait for its turn.
                step.push_str(random.one(&["normal", "shutdown", "boom"]));
            }
            _ => step.push_str(&format!(" w{item}")),
        }
    }
    step
}

/// A host `h`, its supervisor `s`, which may have a supervisor `n` among its children, perhaps a dynamic one, and a witness of each child.
fn visors(random: &mut Random) -> Vec<String> {
    let mut steps = vec!["spawn h".to_owned()];
    if !random.rarely(4) {
        steps.push("trap h on".to_owned());
    }
    for child in CHILDREN.iter().chain(INNER) {
        steps.push(format!("spawn w_{child}"));
        steps.push(format!("trap w_{child} on"));
    }
    steps.push(match random.below(3) {
        0 => format!(
            "define_dynamic n {} {}",
            random.below(6),
            1 + random.below(6)
        ),
        _ => define(random, "n", INNER),
    });
    steps.push(define(random, "s", CHILDREN));
    if random.rarely(8) {
        steps.push(mood(random));
    }
    steps.push("start h s".to_owned());
    for step in 0..STEPS {
        steps.push(visor_step(random, step));
    }
    steps
}

fn define(random: &mut Random, visor: &str, children: &[&str]) -> String {
    let auto_shutdown = match random.below(4) {
        0 => "any_significant",
        1 => "all_significant",
        _ => "never",
    };
    let strategy = random.one(STRATEGIES);
    let mut step = format!(
        "define {visor} {strategy} {} {auto_shutdown}",
        random.below(6)
    );
    for child in children {
        if random.rarely(5) {
            continue;
        }
        step.push(' ');
        // `n` stands where `d` would.
        if *child == "d" && !random.rarely(3) {
            step.push_str(&format!("n/{}/sup/infinity", random.one(RESTARTS)));
        } else {
            step.push_str(&spec(random, child, auto_shutdown));
        }
    }
    step
}

fn spec(random: &mut Random, id: &str, auto_shutdown: &str) -> String {
    let restart = random.one(RESTARTS);
    let temper = random.one(&["plain", "trap", "trap", "stubborn"]);
    let shutdown = match temper {
        "stubborn" => random.one(&["brutal", "5"]),
        _ => random.one(&["brutal", "5000", "infinity"]),
    };
    // What contradicts itself is refused; rarely, as there is little to see after that.
    let may_be_significant = restart != "permanent" && auto_shutdown != "never";
    let significant = match may_be_significant {
        true => random.rarely(2),
        false => random.rarely(60),
    };
    let more = if significant { "/significant" } else { "" };
    format!("{id}/{restart}/{temper}/{shutdown}{more}")
}

fn mood(random: &mut Random) -> String {
    let child = child(random);
    let mood = random.one(&["fails", "panics", "ignores", "ends"]);
    format!("mood {child} {mood} {}", 1 + random.below(3))
}

fn child(random: &mut Random) -> &'static str {
    match random.below(3) {
        0 => random.one(INNER),
        _ => random.one(CHILDREN),
    }
}

fn visor_step(random: &mut Random, step: usize) -> String {
    let child = child(random);
    let witness = format!("w_{child}");
    let visor = random.one(&["s", "s", "n"]);
    let id = random.one(&["a", "b", "c", "d", "e", "f", "n"]);
    let reason = random.one(REASONS);
    match random.below(42) {
        0..3 => format!("crash {child}"),
        3..9 => format!("end {child} {reason}"),
        9..12 => format!("exit {witness} {child} {reason}"),
        12..15 => mood(random),
        15..18 => format!("terminate_child {visor} {id}"),
        18..21 => format!("restart_child {visor} {id}"),
        21..23 => format!("delete_child {visor} {id}"),
        23..26 => {
            let spec = spec(random, id.replace('n', "a").as_str(), "never");
            format!("start_child {visor} {spec}")
        }
        26..29 => format!("link {witness} {child}"),
        29 => format!("unlink {witness} {child}"),
        30 => format!("unlink {child} {visor}"),
        31 => format!("monitor {witness} {child} m{step}"),
        32 => format!("trap {child} {}", random.one(&["on", "off"])),
        33 => format!("send {witness} {child} w{step}"),
        34 => match random.below(3) {
            0 => format!("end {witness} {reason}"),
            _ => format!("exit {witness} {visor} {reason}"),
        },
        35 => format!("exit h {visor} {reason}"),
        36 => format!("stop {visor} {reason}"),
        37 => format!("which_children {visor}"),
        38 => "trap h on".to_owned(),
        39 => format!("spawn {}", random.one(&["h", witness.as_str()])),
        40 => format!("trap {witness} on"),
        _ => "start h s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::history;
    use crate::history::History;

    #[test]
    fn what_is_made_at_random_can_be_read_and_made_again() {
        for number in 0..200 {
            let made = history(7, number);
            assert_eq!(
                History::parse_all(&made.to_string()),
                Ok(vec![made.clone()])
            );
            assert_eq!(history(7, number), made);
            assert_ne!(history(8, number).steps, made.steps);
        }
    }
}
