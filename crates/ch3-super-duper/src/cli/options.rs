//! Options of the whole program: what the tree is to be like.

use super::show;
use super::value::{limit, shutdown};
use crate::api::{Limit, Plan, Role};
use clap::{Args, ValueEnum};
use otp_core::{Restart, Shutdown, Strategy};
use otp_shell::Printer;

/// As they are typed.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// Who is restarted when a character ends
    #[arg(long, global = true, value_enum, default_value_t = StrategyChoice::OneForOne)]
    strategy: StrategyChoice,

    /// When a character is started again
    #[arg(long, global = true, value_enum, default_value_t = RestartChoice::Permanent)]
    restart: RestartChoice,

    /// How long a character may take to stop: a duration, brutal-kill or infinity
    #[arg(long, global = true, value_name = "TIME", default_value = "5s", value_parser = shutdown)]
    shutdown: Shutdown,

    /// How many restarts, within how much time, a supervisor makes before it gives up
    #[arg(long, global = true, value_name = "N/DURATION", default_value = "3/5s", value_parser = limit)]
    max_restarts: Limit,

    /// Have the characters trap exits, so that they have time for last words when they are stopped
    #[arg(long, global = true)]
    trap: bool,

    /// The characters in the order of their start, with commas between them; an empty text for none
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    #[arg(default_values_t = Role::names().map(str::to_owned))]
    characters: Vec<String>,

    /// What else is in the tree
    #[arg(
        long = "with",
        global = true,
        value_name = "PART",
        value_delimiter = ',',
        value_enum
    )]
    parts: Vec<Part>,
}

/// [`Strategy`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StrategyChoice {
    /// Only that one
    OneForOne,
    /// All of them
    OneForAll,
    /// That one and those after it
    RestForOne,
}

/// [`Restart`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RestartChoice {
    /// Always
    Permanent,
    /// After an abnormal end
    Transient,
    /// Never
    Temporary,
}

/// A part of the tree that not everybody needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A supervisor of their own for the first two characters
    Duo,
    /// The egg timer of chapter 2
    Kitchen,
    /// A dynamic supervisor, for those who come later
    Crowd,
}

impl Options {
    /// The names of the characters.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.characters.iter().filter(|name| !name.is_empty());
        names.cloned().collect()
    }

    /// The plan of the tree; what happens in it is printed.
    pub(super) fn plan(&self, printer: Printer) -> Plan {
        Plan {
            strategy: match self.strategy {
                StrategyChoice::OneForOne => Strategy::OneForOne,
                StrategyChoice::OneForAll => Strategy::OneForAll,
                StrategyChoice::RestForOne => Strategy::RestForOne,
            },
            limit: self.max_restarts,
            restart: match self.restart {
                RestartChoice::Permanent => Restart::Permanent,
                RestartChoice::Transient => Restart::Transient,
                RestartChoice::Temporary => Restart::Temporary,
            },
            shutdown: self.shutdown,
            trap: self.trap,
            characters: self.names(),
            duo: self.parts.contains(&Part::Duo),
            kitchen: self.parts.contains(&Part::Kitchen),
            crowd: self.parts.contains(&Part::Crowd),
            stage: show::stage(printer),
        }
    }
}
