//! The places where a character can store its lines: its state, a table of its own, and a table of another process.

use ch4_dynamic::boundary::{Event, Stage};
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table, TableError};

/// The name of the table and of its owner.
pub const MEMORY: &str = "memory";

/// The lines of a character: its first line, and the lines that it has learned.
pub type Lines = Vec<String>;

/// The place where a character stores its lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Memory {
    /// The state of the character: the lines are lost with its process
    State,
    /// A table that the character owns: the lines are lost with its process, too
    OwnTable,
    /// A table that another process owns
    #[default]
    Table,
}

// ANCHOR: owner
/// The owner of the table. It receives no messages, so no message can crash it.
#[derive(Debug)]
pub struct MemoryOwner;

#[gen_server]
impl GenServer for MemoryOwner {
    type Args = (Stage, bool);

    async fn init(
        (stage, restarted): (Stage, bool),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        create(MEMORY.to_owned())?;
        stage.tell(Event::Start(MEMORY.to_owned(), ctx.pid(), restarted));
        Ok(Init::state(Self))
    }
}

fn create(name: String) -> Result<Table<String, Lines, Set>, TableError> {
    table::set(name).named().access(Access::Public).create()
}
// ANCHOR_END: owner

// ANCHOR: memory
impl Memory {
    /// Prepares the place when a character starts, and returns its stored lines.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the character's own table cannot be created.
    pub fn open(self, name: &str) -> Result<Option<Lines>, TableError> {
        match self {
            Self::State => Ok(None),
            Self::OwnTable => {
                create(own(name))?;
                Ok(None)
            }
            // Without the table there are no stored lines, and the character starts nevertheless.
            Self::Table => Ok(find(MEMORY)
                .and_then(|table| table.lookup(&name.to_owned()))
                .unwrap_or(None)),
        }
    }

    /// Stores the lines of a character. Without a table they are not stored, and the character continues.
    pub fn keep(self, name: &str, lines: &Lines) {
        let table = match self {
            Self::State => return,
            Self::OwnTable => find(&own(name)),
            Self::Table => find(MEMORY),
        };
        let _ = table.and_then(|table| table.insert(name.to_owned(), lines.clone()));
    }

    /// The lines in the shared table, sorted by the characters' names.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the table does not exist.
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
