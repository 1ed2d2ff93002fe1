//! Options of the whole program: what the project is to be like.

use super::node::NodeOptions;
use super::show;
use super::value::{duration, limit, shutdown};
use crate::api::{Limit, Memory, Names, Plan, Role};
use crate::boundary::Directory;
use clap::{Args, ValueEnum};
use otp_core::{Registry, Restart, Shutdown};
use otp_shell::Printer;
use std::time::Duration;

/// As they are typed.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// Who supervises those who come later
    #[arg(long, global = true, value_enum, default_value_t = SupervisorChoice::Dynamic)]
    supervisor: SupervisorChoice,

    /// How the characters are called
    #[arg(long, global = true, value_enum, default_value_t = NamesChoice::Local)]
    names: NamesChoice,

    /// Where what the characters learn is kept; in a table, unless said otherwise
    #[arg(
        long,
        global = true,
        value_name = "WHERE",
        value_enum,
        require_equals = true
    )]
    #[arg(num_args = 0..=1, default_value_t = Keep::State, default_missing_value = "table")]
    persist: Keep,

    /// When a character is started again
    #[arg(long, global = true, value_enum, default_value_t = RestartChoice::Permanent)]
    restart: RestartChoice,

    /// How long a character may take to stop: a duration, brutal-kill or infinity
    #[arg(long, global = true, value_name = "TIME", default_value = "5s", value_parser = shutdown)]
    shutdown: Shutdown,

    /// Have the characters trap exits, and take this long for their last words
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    last_words: Option<Duration>,

    /// How many restarts, within how much time, a supervisor makes before it gives up
    #[arg(long, global = true, value_name = "N/DURATION", default_value = "3/5s", value_parser = limit)]
    max_restarts: Limit,

    /// How many may come later, under a dynamic supervisor
    #[arg(long, global = true, value_name = "N")]
    max_children: Option<usize>,

    /// Who is there from the start; an empty text for nobody
    #[arg(long, global = true, value_name = "NAME", value_delimiter = ',', value_parser = known)]
    #[arg(default_value = "superdave,superman,supermario")]
    characters: Vec<Known>,

    #[command(flatten)]
    pub(super) node: NodeOptions,
}

/// Somebody whose line everybody knows; nobody for an empty text.
type Known = Option<RoleText>;

#[derive(Debug, Clone)]
struct RoleText(Role);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SupervisorChoice {
    /// The supervisor of all characters
    Static,
    /// A dynamic supervisor beside the other characters
    Dynamic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NamesChoice {
    /// Names on the node
    Local,
    /// Names for all connected nodes
    Global,
    /// Keys of a registry
    Via,
    /// Keys of a registry of our own (exercise 4.2)
    Own,
}

/// [`Memory`], as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// In the character's state
    State,
    /// In a table that the character owns
    OwnTable,
    /// In a table that another process owns
    Table,
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

impl Options {
    /// The plan of a project; what happens in it is printed.
    pub(super) fn plan(&self, printer: Printer) -> Plan {
        Plan {
            dynamic: self.supervisor == SupervisorChoice::Dynamic,
            max_children: self.max_children,
            names: match self.names {
                NamesChoice::Local => Names::Local,
                NamesChoice::Global => Names::Global,
                NamesChoice::Via => Names::Via(Registry::unique("registry")),
                NamesChoice::Own => Names::Own(Directory::default()),
            },
            memory: match self.persist {
                Keep::State => Memory::State,
                Keep::OwnTable => Memory::OwnTable,
                Keep::Table => Memory::Table,
            },
            limit: self.max_restarts,
            restart: match self.restart {
                RestartChoice::Permanent => Restart::Permanent,
                RestartChoice::Transient => Restart::Transient,
                RestartChoice::Temporary => Restart::Temporary,
            },
            shutdown: self.shutdown,
            last_words: self.last_words,
            characters: {
                let known = self.characters.iter().flatten();
                known.map(|RoleText(role)| role.clone()).collect()
            },
            stage: show::stage(printer),
        }
    }
}

fn known(text: &str) -> Result<Known, String> {
    match text {
        "" => Ok(None),
        name => match Role::known(name) {
            Ok(role) => Ok(Some(RoleText(role))),
            Err(_) => {
                let names = Role::names().collect::<Vec<_>>().join(", ");
                Err(format!(
                    "nobody knows what they say: expected some of {names}"
                ))
            }
        },
    }
}
