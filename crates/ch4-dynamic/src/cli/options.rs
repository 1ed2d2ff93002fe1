//! Options of the whole program: what the project is to be like.

use crate::api::{Names, Plan, Role, Stage};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args};
use otp_core::Registry;
use otp_shell::{ChildOptions, Printer, value};
use std::time::Duration;

/// As they are typed.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// What supervises the characters that are added: the plain supervisor of all, or a dynamic one
    #[arg(long = "supervisor", global = true, value_name = "KIND", action = ArgAction::Set)]
    #[arg(default_value = "dynamic", value_parser = PossibleValuesParser::new(["static", "dynamic"]).map(|it| it == "dynamic"))]
    dynamic: bool,
    /// The kind of the characters' names
    #[arg(long, global = true, value_name = "KIND", default_value = "local", value_parser = names())]
    names: Names,
    #[command(flatten)]
    children: ChildOptions,
    /// Have the characters trap exits, and take this long for their last words
    #[arg(long, global = true, value_name = "DURATION", value_parser = value::duration)]
    last_words: Option<Duration>,
    /// How many characters may be added, under a dynamic supervisor
    #[arg(long, global = true, value_name = "N")]
    max_children: Option<usize>,
    /// The characters that are there from the start; an empty text for none
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',', value_parser = known)]
    #[arg(default_value = "superdave,superman,supermario")]
    characters: Vec<Known>,
}

/// A known character; none for an empty text.
type Known = Option<Role>;

impl Options {
    /// The plan of a project; what happens in it is printed.
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
        format!("nobody knows what they say: expected some of {names}")
    })
}
