//! Links and monitors as both sides know them.

use std::collections::BTreeMap;

use otp_core::Name;
use otp_core::prelude::*;
use otp_dist::Distribution;

use super::{NAMES, World, place};
use crate::checker::Id;

impl World {
    /// What an actor has to do with another one is the same on both of their nodes.
    pub(super) fn compare(&mut self) {
        let mut ties = BTreeMap::<_, [usize; 4]>::new();
        for running in self.running.values() {
            let dist = &running.place.dist;
            for (known, server) in &running.actors {
                let info = running.node.process_info(server.pid());
                let info = info.expect("it lives");
                let mut count = |place: usize, of: Option<Id>| {
                    let Some(of) = of else { return };
                    let (pair, at) = match place {
                        // From the one that watches to the one that is watched.
                        0 => ((known.id, of), 0),
                        1 => ((of, known.id), 1),
                        // Of two that are linked each has the other.
                        _ => (
                            (known.id.min(of), known.id.max(of)),
                            2 + usize::from(known.id < of),
                        ),
                    };
                    ties.entry(pair).or_default()[at] += 1;
                };
                let id = |pid: &Pid| self.notes.id(&dist.pid(*pid)?);
                info.monitors.iter().for_each(|it| count(0, id(it)));
                let holders = info.monitored_names.iter();
                holders.for_each(|it| count(0, self.holder(dist, it)));
                info.monitored_by.iter().for_each(|it| count(1, id(it)));
                info.links.iter().for_each(|it| count(2, id(it)));
            }
        }
        for ((a, b), [watches, watched, links, linked]) in ties {
            if watches != watched || links != linked {
                self.faults.push(format!(
                    "{a} has {watches} monitors of {b}, which knows of {watched}; {links} and {linked} links"
                ));
            }
        }
    }

    /// The actor that has a name on another node.
    fn holder(&self, dist: &Distribution, name: &Name) -> Option<Id> {
        let Name::Remote(name) = name else {
            return None;
        };
        let node = dist.node_name(name.node)?;
        let running = &self.running[NAMES[place(&node)]];
        let pid = running.node.whereis(name.name.clone().into_owned())?;
        self.notes.id(&running.place.dist.pid(pid)?)
    }
}
