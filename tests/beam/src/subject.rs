//! What is compared: processes with their supervisors, state machines, event managers.

use otp_tests::workspace::{files, read};

use crate::history::History;
use crate::{events, machine, random, stage};

/// A kind of histories, and the two who play them.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// What is compared, in the plural.
    pub name: &'static str,
    /// The script that plays the histories on the BEAM.
    pub(crate) script: &'static str,
    /// Plays them on otp-core.
    pub(crate) ours: fn(&History) -> Vec<String>,
    /// The folder of those that are written by hand, and how they are read.
    scenarios: &'static str,
    parse: fn(&str) -> Result<Vec<History>, String>,
    random: fn(u64, u64) -> History,
}

/// Links, monitors, exits, supervisors.
pub const PROCESSES: Subject = Subject {
    name: "processes",
    script: "interpreter.exs",
    ours: stage::play,
    scenarios: "tests/beam/scenarios/processes",
    parse: History::parse_all,
    random: random::history,
};

/// State machines and `gen_statem`.
pub const MACHINES: Subject = Subject {
    name: "machines",
    script: "machine.exs",
    ours: machine::play,
    scenarios: "tests/beam/scenarios/machines",
    parse: History::parse_steps,
    random: machine::history,
};

/// Event managers and `gen_event`.
pub const EVENTS: Subject = Subject {
    name: "event managers",
    script: "events.exs",
    ours: events::play,
    scenarios: "tests/beam/scenarios/events",
    parse: History::parse_steps,
    random: events::history,
};

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [PROCESSES, MACHINES, EVENTS];

    /// The histories that are written by hand.
    ///
    /// # Panics
    ///
    /// When one of them has an error.
    #[must_use]
    pub fn scenarios(&self) -> Vec<History> {
        let parse = |path| (self.parse)(&read(path)).unwrap_or_else(|error| panic!("{error}"));
        files(self.scenarios, &["txt"])
            .iter()
            .flat_map(parse)
            .collect()
    }

    /// So many random histories, always the same for this seed.
    #[must_use]
    pub fn histories(&self, seed: u64, count: u64) -> Vec<History> {
        (0..count)
            .map(|number| (self.random)(seed, number))
            .collect()
    }
}
