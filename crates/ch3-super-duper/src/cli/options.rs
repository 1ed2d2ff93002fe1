//! The settings of the tree: options of the program and of `app start`.

use crate::api::{Plan, Stage};
use clap::{Args, ValueEnum};
use otp_core::Strategy;
use otp_shell::{ChildOptions, Printer, value};

/// The options of the command line.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Options {
    /// Which children are restarted when one ends [default: one-for-one]
    #[arg(long, global = true, value_parser = value::strategy())]
    strategy: Option<Strategy>,
    #[command(flatten)]
    children: ChildOptions,
    /// Let the characters trap exits, so that they print last words when they are stopped
    #[arg(long, global = true)]
    trap: bool,
    /// The characters in the order of their start, separated by commas; an empty text for none
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',')]
    characters: Option<Vec<String>>,
    /// Further parts of the tree
    #[arg(long, global = true, value_name = "PART", value_delimiter = ',')]
    #[arg(value_enum)]
    with: Vec<Part>,
}

/// An optional part of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A separate supervisor for the first two characters
    Duo,
    /// A dynamic supervisor, for characters that are added later
    Crowd,
}

impl Options {
    /// These options, with the others as defaults.
    pub(super) fn or(self, others: &Self) -> Self {
        Self {
            strategy: self.strategy.or(others.strategy),
            children: self.children.or(&others.children),
            trap: self.trap || others.trap,
            characters: self.characters.or_else(|| others.characters.clone()),
            with: [self.with, others.with.clone()].concat(),
        }
    }

    /// The settings of a tree whose events are printed.
    pub(super) fn plan(&self, printer: Printer) -> Plan {
        let plan = Plan::new(Stage::printing(printer));
        let named = |it: &Vec<String>| it.iter().filter(|it| !it.is_empty()).cloned().collect();
        Plan {
            strategy: self.strategy.unwrap_or(plan.strategy),
            limit: self.children.limit(),
            restart: self.children.restart(),
            shutdown: self.children.shutdown(),
            trap: self.trap,
            characters: self.characters.as_ref().map_or(plan.characters, named),
            duo: self.with.contains(&Part::Duo),
            crowd: self.with.contains(&Part::Crowd),
            stage: plan.stage,
        }
    }
}
