//! The commands and their arguments.

use super::options::Options;
use clap::{Args, Subcommand};
use otp_core::ExitReason;
use otp_core::child_spec::ChildType;
use otp_shell::value::{Text, child_type, reason};
use otp_shell::{ChildCommand, Die, Kill, Named};

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start or stop the supervision tree
    #[command(subcommand)]
    App(AppCommand),
    /// Start a character without a supervisor, linked with the shell
    #[command(after_help = "Example:\n  start superdave")]
    Start {
        #[command(flatten)]
        it: Named,
        /// The line; needed unless the character is a known one
        line: Option<Text>,
    },
    /// Print the line of a character
    #[command(after_help = "Example:\n  $ ch3-super-duper say supermario")]
    Say(Named),
    /// Make a character panic
    #[command(after_help = "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave")]
    Die(Die),
    /// Send an exit signal to a process
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart temporary kill superman")]
    Kill(Kill),
    /// Stop a character
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient stop superman")]
    Stop {
        #[command(flatten)]
        it: Named,
        /// The exit reason: normal, shutdown or any text
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
    /// Add a character to the tree
    #[command(after_help = "Example:\n  add supernova 'I will be brief.'")]
    Add(Add),
    /// Remove a character from the dynamic supervisor
    #[command(after_help = "Example:\n  remove supernova")]
    Remove(Named),
    #[command(flatten)]
    Child(ChildCommand),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    pub(super) it: Named,
    /// The line; needed unless the character is a known one
    pub(super) line: Option<Text>,
    /// The declared type of the child: a worker or a supervisor
    #[arg(long = "as", value_name = "TYPE", default_value = "worker", value_parser = child_type())]
    pub(super) declared: ChildType,
    /// Add the character to the dynamic supervisor
    #[arg(long)]
    pub(super) crowd: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Start the supervisor, linked with the shell, and its children
    #[command(after_help = "Example:\n  app start --strategy one-for-all --trap")]
    Start {
        #[command(flatten)]
        options: Options,
    },
    /// Run the tree as an application until Ctrl-C, or until its supervisor gives up
    #[command(after_help = "Example:\n  $ ch3-super-duper --trap app run")]
    Run,
    /// Stop the children, the last one first, and the supervisor
    #[command(after_help = "Example:\n  app stop shutdown")]
    Stop {
        /// The exit reason: normal, shutdown or any text. A reason other than normal also ends the shell
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
}

impl Command {
    /// Whether the command needs the tree.
    pub(super) fn needs_tree(&self) -> bool {
        !matches!(self, Self::App(_) | Self::Start { .. })
    }

    /// Whether the command only reads.
    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Self::Say(_)) || matches!(self, Self::Child(it) if it.only_looks())
    }
}
