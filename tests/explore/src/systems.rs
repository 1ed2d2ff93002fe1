//! The systems.

mod cluster;
mod dynamic;
mod links;
mod monitors;
mod names;
mod registry;
mod restarts;
mod stops;
mod tasks;
mod timers;
mod trees;

use otp_core::explore::replay;

use crate::system::System;

/// All of them.
pub const ALL: &[System] = &[
    System {
        name: "links",
        replay: |seed| replay(seed, links::system),
    },
    System {
        name: "monitors",
        replay: |seed| replay(seed, monitors::system),
    },
    System {
        name: "names",
        replay: |seed| replay(seed, names::system),
    },
    System {
        name: "stops",
        replay: |seed| replay(seed, stops::system),
    },
    System {
        name: "timers",
        replay: |seed| replay(seed, timers::system),
    },
    System {
        name: "tasks",
        replay: |seed| replay(seed, tasks::system),
    },
    System {
        name: "registry",
        replay: |seed| replay(seed, registry::system),
    },
    System {
        name: "restarts",
        replay: |seed| replay(seed, restarts::system),
    },
    System {
        name: "trees",
        replay: |seed| replay(seed, trees::system),
    },
    System {
        name: "dynamic",
        replay: |seed| replay(seed, dynamic::system),
    },
    System {
        name: "cluster",
        replay: |seed| replay(seed, move |mailbox| cluster::system(mailbox, seed)),
    },
];
