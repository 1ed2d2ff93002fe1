//! The name that a command is about.

use crate::value::name;
use clap::Args;

/// A character, or anything else that has a name. A program has it in a command, or flattens it into one.
#[derive(Debug, Args)]
pub struct Named {
    /// Its name
    #[arg(value_parser = name)]
    pub name: String,
}
