//! The commands, as they are typed in all three ways to run the program.

use super::options::Options;
use clap::{Args, Subcommand};
use otp_core::ExitReason;
use otp_core::child_spec::ChildType;
use otp_shell::value::{Text, child_type, reason};
use otp_shell::{ChildCommand, Die, Kill, Named};

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
        it: Named,
        /// What it says, if no line is known
        line: Option<Text>,
    },
    /// Print the line of a character
    #[command(after_help = "Example:\n  $ ch3-super-duper say supermario")]
    Say(Named),
    /// Tell a character to die: it panics
    #[command(after_help = "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave")]
    Die(Die),
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart temporary kill superman")]
    Kill(Kill),
    /// Stop a character from outside, in good order
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient stop superman")]
    Stop {
        #[command(flatten)]
        it: Named,
        /// Why: normal, shutdown or any text
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
    /// What it says, if no line is known
    pub(super) line: Option<Text>,
    /// What it is declared as: a worker or a supervisor
    #[arg(long = "as", value_name = "TYPE", default_value = "worker", value_parser = child_type())]
    pub(super) declared: ChildType,
    /// Put it under the dynamic supervisor
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

impl Command {
    /// Whether it is of no use without the tree.
    pub(super) fn needs_tree(&self) -> bool {
        !matches!(self, Self::App(_) | Self::Start { .. })
    }

    /// Whether it changes nothing.
    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Self::Say(_)) || matches!(self, Self::Child(it) if it.only_looks())
    }
}
