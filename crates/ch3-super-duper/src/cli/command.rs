//! The commands, as they are typed in all three ways to run the program.

use super::options::Options;
use clap::{Args, Subcommand};
use otp_core::ExitReason;
use otp_core::child_spec::ChildType;
use otp_shell::value::{self, Text, child_type, reason};
use otp_shell::{ChildCommand, Kill};

/// All of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start or stop the supervisor and all that is under it
    #[command(subcommand)]
    App(AppCommand),
    /// Start a character without a supervisor, linked with the shell
    #[command(after_help = "Example:\n  start superdave")]
    Start {
        #[command(flatten)]
        hero: Hero,
        /// What it says, if no line is known
        line: Option<Text>,
    },
    /// Print the line of a character
    #[command(after_help = "Example:\n  $ ch3-super-duper say supermario")]
    Say(Hero),
    /// Tell a character to die: it panics
    #[command(after_help = "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave")]
    Die {
        #[command(flatten)]
        hero: Hero,
        /// Call it, and wait for the answer that cannot come
        #[arg(long)]
        call: bool,
        /// How often, each time when it is back
        #[arg(long, value_name = "N", default_value = "1")]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
        times: u32,
    },
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart temporary kill superman")]
    Kill(Kill),
    /// Stop a character from outside, in good order
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient stop superman")]
    Stop {
        #[command(flatten)]
        hero: Hero,
        /// Why: normal, shutdown or any text
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
    /// Add a character to the tree
    #[command(after_help = "Example:\n  add supernova 'I will be brief.'")]
    Add {
        #[command(flatten)]
        hero: Hero,
        /// What it says, if no line is known
        line: Option<Text>,
        /// What it is declared as: a worker or a supervisor
        #[arg(long = "as", value_name = "TYPE", default_value = "worker", value_parser = child_type())]
        declared: ChildType,
        /// Put it under the dynamic supervisor
        #[arg(long)]
        crowd: bool,
    },
    /// Remove a character from the dynamic supervisor
    #[command(after_help = "Example:\n  remove supernova")]
    Remove(Hero),
    #[command(flatten)]
    Child(ChildCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Start the supervisor, linked with the shell, and its children
    #[command(after_help = "Example:\n  app start --strategy one-for-all --trap")]
    Start {
        #[command(flatten)]
        options: Options,
    },
    /// Run the tree as an application, as a service does: until Ctrl-C, or until it gives up
    #[command(after_help = "Example:\n  $ ch3-super-duper --trap app run")]
    Run,
    /// Stop the children, the last one first, and the supervisor
    #[command(after_help = "Example:\n  app stop shutdown")]
    Stop {
        /// Why: normal, shutdown or any text. With another reason than normal the shell ends, too
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
}

/// A character, or a child.
#[derive(Debug, Args)]
pub(super) struct Hero {
    /// Its name
    #[arg(value_parser = value::name)]
    pub(super) name: String,
}

/// What a command needs around it, which is started if need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Tree,
    /// The tree; and as the only command a look at the children before and after.
    TreeBeforeAndAfter,
}

impl Command {
    pub(super) fn needs(&self) -> Needs {
        match self {
            Self::App(_) | Self::Start { .. } => Needs::Nothing,
            Self::Say(_) => Needs::Tree,
            Self::Child(command) if command.only_looks() => Needs::Tree,
            _ => Needs::TreeBeforeAndAfter,
        }
    }
}
