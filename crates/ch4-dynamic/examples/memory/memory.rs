//! Where the lines that a character learns are kept, and what they outlive there.

use ch4_dynamic::boundary::{Event, Stage};
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table, TableError};

/// The name of the table, and of its owner.
pub const MEMORY: &str = "memory";

/// What is kept of a character: the line that it started with, and those that it has learned.
pub type Lines = Vec<String>;

/// Where the lines that a character learns are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Memory {
    /// In the state of the character: they are lost with its process
    State,
    /// In a table that the character owns: they are lost with its process, too
    OwnTable,
    /// In a table that another process owns
    #[default]
    Table,
}

// ANCHOR: owner
/// Owns the table. It gets no messages, so that no message can crash it.
#[derive(Debug)]
pub struct MemoryOwner;

#[gen_server]
impl GenServer for MemoryOwner {
    type Args = (Stage, bool);

    async fn init(
        (stage, again): (Stage, bool),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        create(MEMORY.to_owned())?;
        stage.tell(Event::Start(MEMORY.to_owned(), ctx.pid(), again));
        Ok(Init::state(Self))
    }
}

fn create(name: String) -> Result<Table<String, Lines, Set>, TableError> {
    table::set(name).named().access(Access::Public).create()
}
// ANCHOR_END: owner

// ANCHOR: memory
impl Memory {
    /// What was kept of a character, when its process starts.
    ///
    /// # Errors
    ///
    /// [`TableError`] if it cannot have a table of its own.
    pub fn open(self, name: &str) -> Result<Option<Lines>, TableError> {
        match self {
            Self::State => Ok(None),
            Self::OwnTable => {
                create(own(name))?;
                Ok(None)
            }
            // Without the table nothing was kept. The character starts all the same.
            Self::Table => Ok(find(MEMORY)
                .and_then(|table| table.lookup(&name.to_owned()))
                .unwrap_or(None)),
        }
    }

    /// Keeps the lines of a character. Without a table they are not kept, and the character goes on.
    pub fn keep(self, name: &str, lines: &Lines) {
        let table = match self {
            Self::State => return,
            Self::OwnTable => find(&own(name)),
            Self::Table => find(MEMORY),
        };
        let _ = table.and_then(|table| table.insert(name.to_owned(), lines.clone()));
    }

    /// All that is kept in the table that outlives the characters, by name.
    ///
    /// # Errors
    ///
    /// [`TableError`] if there is no such table.
    pub fn rows() -> Result<Vec<(String, Lines)>, TableError> {
        let mut rows = find(MEMORY)?.entries()?;
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(rows)
    }
}
// ANCHOR_END: memory

fn own(name: &str) -> String {
    format!("{MEMORY} of {name}")
}

fn find(name: &str) -> Result<Table<String, Lines, Set>, TableError> {
    table::named(name)
}
