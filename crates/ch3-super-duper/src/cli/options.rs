//! What the tree is to be like: options of the whole program, and of `app start`.

use crate::api::Plan;
use clap::{Args, ValueEnum};
use otp_core::{Restart, Shutdown, Strategy};
use otp_shell::{Printer, value};
use otp_text::limit::Limit;

/// As they are typed.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Options {
    /// Which children are restarted when one ends; one-for-one unless given
    #[arg(long, global = true, value_parser = value::strategy())]
    strategy: Option<Strategy>,
    /// When a character is started again; permanent unless given
    #[arg(long, global = true, value_parser = value::restart())]
    restart: Option<Restart>,
    /// How long a character may take to stop: a duration (5s unless given), brutal-kill or infinity
    #[arg(long, global = true, value_name = "TIME", value_parser = value::shutdown)]
    shutdown: Option<Shutdown>,
    /// How many restarts, within how much time, a supervisor makes before it gives up; 3/5s unless given
    #[arg(long, global = true, value_name = "N/DURATION", value_parser = value::limit)]
    max_restarts: Option<Limit>,
    /// Have the characters trap exits, so that they have last words when they are stopped
    #[arg(long, global = true)]
    trap: bool,
    /// The characters in the order of their start, with commas between them; an empty text for none
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    characters: Option<Vec<String>>,
    /// What else is in the tree
    #[arg(
        long,
        global = true,
        value_name = "PART",
        value_delimiter = ',',
        value_enum
    )]
    with: Vec<Part>,
    /// Do not start the tree when a command needs it: `app start` does
    #[arg(long, global = true)]
    pub(super) no_start: bool,
}

/// A part of the tree that not every reader needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A supervisor of their own for the first two characters
    Duo,
    /// A dynamic supervisor, for characters that are added later
    Crowd,
}

impl Options {
    /// These, and the others where nothing is said.
    pub(super) fn or(self, others: &Self) -> Self {
        Self {
            strategy: self.strategy.or(others.strategy),
            restart: self.restart.or(others.restart),
            shutdown: self.shutdown.or(others.shutdown),
            max_restarts: self.max_restarts.or(others.max_restarts),
            trap: self.trap || others.trap,
            characters: self.characters.or_else(|| others.characters.clone()),
            with: [self.with, others.with.clone()].concat(),
            no_start: others.no_start,
        }
    }

    /// The plan of the tree; what happens in it is printed.
    pub(super) fn plan(&self, printer: Printer) -> Plan {
        let plan = Plan::new(super::stage(printer));
        let named =
            |names: &Vec<String>| names.iter().filter(|it| !it.is_empty()).cloned().collect();
        Plan {
            strategy: self.strategy.unwrap_or(plan.strategy),
            limit: self.max_restarts.unwrap_or(plan.limit),
            restart: self.restart.unwrap_or(plan.restart),
            shutdown: self.shutdown.unwrap_or(plan.shutdown),
            trap: self.trap,
            characters: self.characters.as_ref().map_or(plan.characters, named),
            duo: self.with.contains(&Part::Duo),
            crowd: self.with.contains(&Part::Crowd),
            stage: plan.stage,
        }
    }
}
