//! The commands, as they are typed in all three ways to run the program.

use clap::Subcommand;
use otp_shell::{ChildCommand, Die, Kill, Named, value, value::Text};

/// All of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the project, if it does not run
    #[command(after_help = "Example:\n  ch4-dynamic start")]
    Start,
    /// Stop the project, and all that is in it
    #[command(after_help = "Example:\n  stop")]
    Stop,
    /// Print what a character has to say
    #[command(after_help = "Example:\n  ch4-dynamic say superman")]
    Say(Named),
    /// Teach a character a line
    #[command(after_help = "Example:\n  learn yoshi egg")]
    Learn {
        #[command(flatten)]
        it: Named,
        /// The line
        #[arg(value_parser = value::line)]
        line: Text,
    },
    /// Tell a character to die: it panics
    #[command(after_help = "Example:\n  die yoshi")]
    Die(Die),
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  kill yoshi")]
    Kill(Kill),
    /// Print the process of a character, or undefined
    #[command(after_help = "Example:\n  whereis yoshi")]
    Whereis {
        /// Its name, of the kind that the program was started with
        name: String,
        /// Look for a local name, whatever the kind
        #[arg(long)]
        local: bool,
    },
    /// Add a character while the project runs
    #[command(after_help = "Example:\n  add-character yoshi hello")]
    AddCharacter {
        #[command(flatten)]
        it: Named,
        /// What it says
        #[arg(value_parser = value::line)]
        line: Text,
        /// Its id among the children, if that is to be another one
        #[arg(long, value_parser = value::name)]
        id: Option<String>,
    },
    /// Stop a character, and have it forgotten
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Named),
    #[command(flatten)]
    Child(ChildCommand),
    /// List the entries of the registry
    #[command(after_help = "Example:\n  ch4-dynamic --names via entries")]
    Entries,
}
