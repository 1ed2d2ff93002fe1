//! The commands and their arguments.

use clap::Subcommand;
use otp_shell::{ChildCommand, Die, Kill, Named, value, value::Text};

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the project, if it does not run
    #[command(after_help = "Example:\n  ch4-dynamic start")]
    Start,
    /// Stop the project and all of its processes
    #[command(after_help = "Example:\n  stop")]
    Stop,
    /// Print the lines of a character
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
    /// Make a character panic
    #[command(after_help = "Example:\n  die yoshi")]
    Die(Die),
    /// Send an exit signal to a process
    #[command(after_help = "Example:\n  kill yoshi")]
    Kill(Kill),
    /// Print the pid of a character, or undefined
    #[command(after_help = "Example:\n  whereis yoshi")]
    Whereis {
        /// The name of the character, of the kind that `--names` selects
        name: String,
        /// Look up a local name, with any `--names`
        #[arg(long)]
        local: bool,
    },
    /// Add a character while the project runs
    #[command(after_help = "Example:\n  add-character yoshi hello")]
    AddCharacter {
        #[command(flatten)]
        it: Named,
        /// The first line
        #[arg(value_parser = value::line)]
        line: Text,
        /// The id of the child [default: the name]
        #[arg(long, value_parser = value::name)]
        id: Option<String>,
    },
    /// Stop a character and delete its child specification
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Named),
    #[command(flatten)]
    Child(ChildCommand),
    /// List the entries of the registry
    #[command(after_help = "Example:\n  ch4-dynamic --names via entries")]
    Entries,
}
