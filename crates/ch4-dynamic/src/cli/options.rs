//! The settings of the project: options of the program.

use crate::api::{Names, Plan, Role, Stage};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args};
use otp_core::Registry;
use otp_shell::{ChildOptions, Printer, value};
use std::convert::Infallible;
use std::time::Duration;

/// The options of the command line.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The supervisor of the added characters: the plain supervisor, or a dynamic one
    #[arg(long = "supervisor", global = true, value_name = "KIND", action = ArgAction::Set)]
    #[arg(default_value = "dynamic", value_parser = PossibleValuesParser::new(["static", "dynamic"]).map(|it| it == "dynamic"))]
    dynamic: bool,
    /// The kind of the characters' names
    #[arg(long, global = true, value_name = "KIND", default_value = "local", value_parser = names())]
    names: Names,
    #[command(flatten)]
    children: ChildOptions,
    /// Let the characters trap exits, and take this time for their last words
    #[arg(long, global = true, value_name = "DURATION", value_parser = value::duration)]
    last_words: Option<Duration>,
    /// The maximum number of characters under the dynamic supervisor
    #[arg(long, global = true, value_name = "N")]
    max_children: Option<usize>,
    /// The characters that the project starts with; an empty text for none
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',', value_parser = known)]
    #[arg(default_value = "superdave,superman,supermario")]
    characters: Vec<Known>,
    /// The options of `ch4-nodes`. A cluster would double the time that this program takes to build
    #[arg(long = "node", alias = "cookie", global = true, value_name = "NAME", value_parser = elsewhere, hide = true)]
    _node: Option<Infallible>,
}

/// A known character, or `None` for an empty text.
type Known = Option<Role>;

impl Options {
    /// The settings of a project whose events are printed.
    pub(super) fn plan(&self, printer: Printer) -> Plan {
        Plan {
            dynamic: self.dynamic,
            max_children: self.max_children.unwrap_or(usize::MAX),
            names: self.names.clone(),
            limit: self.children.limit(),
            restart: self.children.restart(),
            shutdown: self.children.shutdown(),
            last_words: self.last_words,
            characters: self.characters.iter().flatten().cloned().collect(),
            stage: Stage::printing(printer),
        }
    }
}

fn elsewhere(_: &str) -> Result<Infallible, &'static str> {
    Err(
        "characters on several nodes are a program of their own: `cargo run -p ch4-nodes -- --node NAME`",
    )
}

fn names() -> impl TypedValueParser<Value = Names> {
    PossibleValuesParser::new(["local", "global", "via"]).map(|kind| match kind.as_str() {
        "global" => Names::Global,
        "via" => Names::Via(Registry::unique("registry")),
        _ => Names::Local,
    })
}

fn known(text: &str) -> Result<Known, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Role::known(text).map(Some).map_err(|_| {
        let names = Role::names().collect::<Vec<_>>().join(", ");
        format!("unknown character: expected some of {names}")
    })
}
