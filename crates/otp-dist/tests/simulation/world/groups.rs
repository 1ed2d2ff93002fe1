//! Groups as all nodes know them.

use otp_etf::{Term, term};

use super::World;

/// The group of all actors.
pub(super) fn all() -> Term {
    term!(all)
}

impl World {
    /// The members are the actors that run, on each node.
    pub(super) fn compare_groups(&mut self) {
        let actors = self.running.values().flat_map(|it| &it.actors);
        let mut expected: Vec<_> = actors.map(|(known, _)| known.id).collect();
        expected.sort_unstable();
        for (name, running) in &self.running {
            let members = running.place.dist.members(&all());
            let id = |pid| self.notes.id(pid).expect("it is an actor");
            let mut found: Vec<_> = members.iter().map(id).collect();
            found.sort_unstable();
            if found != expected {
                let fault = format!("{name} has the members {found:?} of {expected:?}");
                self.faults.push(fault);
            }
        }
    }
}
