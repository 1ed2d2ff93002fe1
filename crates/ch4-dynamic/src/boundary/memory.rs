//! Exercise 4.3: where what a character learns is kept, and what it outlives there.

use crate::core::Lines;
use otp_core::prelude::*;
use otp_core::table::{self, Access, Set, Table, TableError};

/// The name of the table, and of its owner.
const MEMORY: &str = "memory";

/// Where what a character learns is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Memory {
    /// In its own state: gone with its process.
    #[default]
    State,
    /// In a table of its own: gone with its process as well, for it is the owner.
    OwnTable,
    /// In a table that another process owns.
    Table,
}

/// Owns the table. It gets no messages, so there is nothing that it could crash of.
#[derive(Debug)]
pub struct MemoryOwner;

impl MemoryOwner {
    /// The name of its process.
    pub const NAME: &str = MEMORY;
}

#[gen_server]
impl GenServer for MemoryOwner {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        create(MEMORY.to_owned())?;
        Ok(Init::state(Self))
    }
}

impl Memory {
    /// What is kept of a character, as its process starts.
    ///
    /// # Errors
    ///
    /// [`TableError`] if it is to have a table of its own and cannot.
    pub(super) fn open(self, name: &str) -> Result<Option<Lines>, TableError> {
        match self {
            Self::State => Ok(None),
            Self::OwnTable => {
                create(own(name))?;
                Ok(None)
            }
            // One that has been lost will be there again: that is no reason not to appear.
            Self::Table => Ok(find(MEMORY)
                .and_then(|table| table.lookup(&name.to_owned()))
                .unwrap_or(None)),
        }
    }

    /// Keeps the lines of a character. Without a table they are not kept, and the character goes on.
    pub(super) fn keep(self, name: &str, lines: &Lines) {
        let table = match self {
            Self::State => return,
            Self::OwnTable => find(&own(name)),
            Self::Table => find(MEMORY),
        };
        let _ = table.and_then(|table| table.insert(name.to_owned(), lines.clone()));
    }

    /// All that is kept in the table that outlives characters, by name.
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

fn own(name: &str) -> String {
    format!("{MEMORY} of {name}")
}

fn create(name: String) -> Result<Table<String, Lines, Set>, TableError> {
    table::set(name).named().access(Access::Public).create()
}

fn find(name: &str) -> Result<Table<String, Lines, Set>, TableError> {
    table::named(name)
}
