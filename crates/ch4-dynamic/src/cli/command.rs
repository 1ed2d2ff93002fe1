//! The commands, as they are typed in all three ways to run the program.

use super::character::CharacterCommand;
use super::child::ChildCommand;
use super::node::NodeCommand;
use super::rps::RpsCommand;
use clap::Subcommand;

/// All of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Character(CharacterCommand),
    #[command(flatten)]
    Child(ChildCommand),
    /// Use characters on several nodes (exercise 4.4)
    Node {
        #[command(subcommand)]
        command: NodeCommand,
    },
    /// Play rock-paper-scissors (exercise 4.5)
    Rps {
        #[command(subcommand)]
        command: RpsCommand,
    },
}
