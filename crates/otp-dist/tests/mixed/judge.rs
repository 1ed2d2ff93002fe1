//! Whether a cluster is as one to which nothing has happened.

use std::collections::BTreeMap;

/// What a member says of itself.
#[derive(Debug, Clone)]
pub(crate) struct State(BTreeMap<String, String>);

/// What a program holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leftover {
    /// Of a node of ours, without the server that has a name.
    pub(crate) processes: Option<usize>,
    pub(crate) files: Option<usize>,
    pub(crate) connections: usize,
}

impl State {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let words = line.strip_prefix("STATE ")?.split(' ');
        let pairs = words.map(|word| word.split_once('='));
        let pairs = pairs.map(|pair| pair.map(|(key, value)| (key.into(), value.into())));
        pairs.collect::<Option<_>>().map(Self)
    }

    fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    pub(crate) fn processes(&self) -> Option<usize> {
        let processes: usize = self.get("processes").parse().ok()?;
        Some(processes - usize::from(self.get("holds") == "1"))
    }

    fn is_beam(&self) -> bool {
        self.processes().is_none()
    }
}

impl Leftover {
    pub(crate) fn more_than(&self, before: &Self) -> Option<String> {
        let more = self.processes > before.processes
            || self.files > before.files
            || self.connections > before.connections;
        more.then(|| format!("holds {self:?} after {before:?}"))
    }
}

/// What is not as it has to be.
pub(crate) fn differences(states: &[(String, State)]) -> Vec<String> {
    let mut all: Vec<&str> = states.iter().map(|(name, _)| name.as_str()).collect();
    all.sort_unstable();
    let mut differences = Vec::new();
    let mut expect = |name: &str, what: &str, found: &str, expected: &str| {
        if found != expected {
            differences.push(format!("{name}: {what} {found:?}, expected {expected:?}"));
        }
    };
    let mut leader = None;
    let mut holders = 0;
    for (name, state) in states {
        let others: Vec<&str> = all.iter().copied().filter(|it| it != name).collect();
        expect(name, "connected with", state.get("up"), &others.join(","));
        expect(name, "members", state.get("members"), &all.join(","));
        // One monitor and one link with each other node, on both sides: nothing has fired twice, and nothing is left of a former connection.
        let once: Vec<String> = others.iter().map(|it| format!("{it}:1:1")).collect();
        let once = once.join(",");
        expect(name, "sets monitors and links", state.get("sets"), &once);
        expect(name, "has monitors and links", state.get("has"), &once);
        expect(
            name,
            "messages out of order, signals twice",
            state.get("faults"),
            "0",
        );
        if !state.is_beam() {
            let found = state.get("name");
            expect(name, "leader", found, leader.get_or_insert(found));
            holders += usize::from(state.get("holds") == "1");
        }
    }
    expect("all", "leaders", &holders.to_string(), "1");
    differences
}
