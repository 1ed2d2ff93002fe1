//! The errors of tables.

use std::borrow::Cow;

use thiserror::Error;

use super::Access;
use crate::pid::Pid;
use crate::stop::reasons;

/// An operation on a table that was refused; it has had no effect.
///
/// It converts into an [`ExitReason`](crate::ExitReason), so that `?` in a callback ends the server, as OTP's `badarg` does.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, TableError};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let notes = table::set::<u8, u8>("notes").create().map_err(ExitReason::error)?;
/// notes.delete_table().map_err(ExitReason::error)?;
/// assert!(matches!(notes.insert(1, 1), Err(TableError::NoTable { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The table does not exist, or not any more.
    #[error("there is no table {table}: its owner has ended, or it was deleted")]
    NoTable {
        /// The table's name.
        table: Cow<'static, str>,
    },
    /// The table's access does not allow this to the current process.
    #[error("table {table} is {access} and belongs to {owner}, which alone may do this")]
    Denied {
        /// The table's name.
        table: Cow<'static, str>,
        /// Its owner.
        owner: Pid,
        /// The access of others.
        access: Access,
    },
    /// A function that changes a value has used a table. It must not, because other processes wait for it.
    #[error("table {table} cannot be used by a function that is changing a value of a table")]
    InsideUpdate {
        /// The table's name.
        table: Cow<'static, str>,
    },
    /// A table is created by a process, and looked up on a node; there is none here.
    #[error("create a table in a process (`Node::run`), or look it up on a node (`Node::table`)")]
    Outside,
    /// Another table has the name.
    #[error("the name {table} is taken by another table")]
    NameTaken {
        /// The name asked for.
        table: Cow<'static, str>,
    },
    /// The table that has the name is of another type.
    #[error("table {table} is no {expected}")]
    WrongType {
        /// The name asked for.
        table: Cow<'static, str>,
        /// The type asked for.
        expected: &'static str,
    },
    /// A table can be given only to a living process of its node that does not own it already.
    #[error(
        "table {table} cannot be given to {receiver}: the receiver must live on this node and must not be the owner"
    )]
    NoReceiver {
        /// The table's name.
        table: Cow<'static, str>,
        /// The intended receiver.
        receiver: Receiver,
    },
    /// A counter has no room for the sum.
    #[error("a counter of table {table} would overflow")]
    Overflow {
        /// The table's name.
        table: Cow<'static, str>,
    },
}

/// The intended receiver of a table.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Receiver, TableError, Transfer};
/// use otp_core::timer::Destination;
/// use otp_core::Table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let notes = table::set::<u8, u8>("notes").create()?;
/// let to: Destination<Transfer<Table<u8, u8>>> = "archive".into();
/// let refused = notes.give_away(to, |transfer| transfer);
/// // No process has the name.
/// assert!(matches!(refused, Err(TableError::NoReceiver { receiver: Receiver::NoProcess, .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// This process.
    Process(Pid),
    /// No process of the right type has the name.
    NoProcess,
}

impl std::fmt::Display for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process(pid) => pid.fmt(f),
            Self::NoProcess => f.write_str("a name without such a process"),
        }
    }
}

reasons!(TableError);
