//! The commands, as they are typed in all three ways to run the program.

use clap::{Args, Subcommand};
use otp_shell::{ChildCommand, Kill, value, value::Text};

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
    Say(Hero),
    /// Teach a character a line
    #[command(after_help = "Example:\n  learn yoshi egg")]
    Learn {
        #[command(flatten)]
        hero: Hero,
        /// The line
        line: Text,
        /// Have it die of the line
        #[arg(long)]
        fatal: bool,
        /// Take an empty line, too: a character that has one does not survive a restart
        #[arg(long)]
        unchecked: bool,
    },
    /// Tell a character to die: it panics
    #[command(after_help = "Example:\n  die yoshi")]
    Die {
        #[command(flatten)]
        hero: Hero,
        /// Call it, and wait for the answer that cannot come
        #[arg(long, conflicts_with = "times")]
        call: bool,
        /// How often, each time when it is back
        #[arg(long, value_name = "N", default_value = "1")]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
        times: u32,
    },
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
        hero: Hero,
        /// What it says
        #[arg(value_parser = value::line)]
        line: Text,
        /// Its id among the children, if that is to be another one
        #[arg(long, value_parser = value::name)]
        id: Option<String>,
    },
    /// Stop a character, and have it forgotten
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Hero),
    #[command(flatten)]
    Child(ChildCommand),
    /// List the entries of the registry
    #[command(after_help = "Example:\n  ch4-dynamic --names via entries")]
    Entries,
    /// List the lines that are kept in the table
    #[command(after_help = "Example:\n  ch4-dynamic --persist memories")]
    Memories,
}

/// A character, or a child.
#[derive(Debug, Args)]
pub(super) struct Hero {
    /// Its name
    #[arg(value_parser = value::name)]
    pub(super) name: String,
}
