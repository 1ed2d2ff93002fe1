//! The commands, as they are typed in all three ways to run the program.

use super::options::Options;
use clap::{Args, Subcommand};
use otp_core::ExitReason;
use otp_core::child_spec::ChildType;
use otp_shell::value::{self, child_type, reason};

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
        line: Option<String>,
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
    Kill {
        /// A registered name, a pid such as 0.42.0, or self
        #[arg(value_name = "NAME|PID")]
        target: String,
        /// Why: normal, shutdown, kill or any text
        #[arg(default_value = "kill", value_parser = reason)]
        reason: ExitReason,
    },
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
        line: Option<String>,
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
    /// Have the supervisor stop a child for good, and remember it
    #[command(after_help = "Example:\n  terminate superman")]
    Terminate(Hero),
    /// Have the supervisor start a child again that does not run
    #[command(after_help = "Example:\n  restart superman")]
    Restart(Hero),
    /// Have the supervisor forget a child that does not run
    #[command(after_help = "Example:\n  delete superman")]
    Delete(Hero),
    /// List the children of the supervisor, the last one first
    #[command(after_help = "Example:\n  $ ch3-super-duper children")]
    Children,
    /// Count the children of the supervisor
    #[command(after_help = "Example:\n  $ ch3-super-duper count")]
    Count,
    /// Print how a child is started, restarted and stopped
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient spec superman")]
    Spec(Hero),
    /// Draw the supervision tree, and mark what has been restarted since the last look
    #[command(after_help = "Example:\n  $ ch3-super-duper --with duo tree")]
    Tree,
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
            Self::Say(_) | Self::Children | Self::Count | Self::Spec(_) | Self::Tree => Needs::Tree,
            _ => Needs::TreeBeforeAndAfter,
        }
    }
}
