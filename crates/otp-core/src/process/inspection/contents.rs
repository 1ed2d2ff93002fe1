//! The contents of tables, registries and scopes of process groups, for a program that shows them.
//!
//! Keys and values are the user's: their text is made in no critical section, and its formatting may panic.

use std::any::Any;
use std::fmt::{self, Write as _};

use crate::node::Node;
use crate::pid::Pid;
use crate::process::life::block::Process;
use crate::process::life::ties::Estate;
use crate::util::panic;

/// Which rows of a table, a registry or a scope are wanted, and how many.
///
/// By default these are the first hundred.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::ContentsQuery;
/// use otp_core::{process, table};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::ordered_set::<&str, u8>("ages").visible().create()?;
/// ages.insert_all([("ann", 34), ("bob", 7)])?;
/// let node = process::node();
/// let table = node.table_infos()[0].number;
/// let found = node.table_contents(table, &ContentsQuery::new().containing("BOB"));
/// let found = found.expect("the table is visible");
/// assert_eq!((found.total, found.matching), (2, 1));
/// assert_eq!(found.rows[0].key.as_deref(), Some("\"bob\""));
/// assert_eq!(found.rows[0].value.as_deref(), Some("7"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ContentsQuery {
    text: Option<String>,
    offset: usize,
    limit: usize,
}

/// Some rows of a table, a registry or a scope.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ContentsQuery};
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::set::<u8, u8>("ages").visible().create()?;
/// ages.insert_all([(1, 34), (2, 7), (3, 51)])?;
/// let node = process::node();
/// let number = node.table_infos()[0].number;
/// let contents = node.table_contents(number, &ContentsQuery::new().limit(2)).expect("it is visible");
/// assert_eq!((contents.total, contents.matching, contents.rows.len()), (3, 3, 2));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contents {
    /// How many rows there are.
    pub total: usize,
    /// How many of them were asked for, without the limit.
    pub matching: usize,
    /// Those of this page: of an ordered set in the order of the keys, else in no particular order.
    pub rows: Vec<ContentsRow>,
}

/// An object of a table, an entry of a registry, or a process group.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ContentsQuery};
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::set::<&str, u8>("ages").visible().create()?;
/// ages.insert("ann", 34)?;
/// let node = process::node();
/// let number = node.table_infos()[0].number;
/// let contents = node.table_contents(number, &ContentsQuery::new()).expect("it is visible");
/// let row = &contents.rows[0];
/// assert_eq!((row.key.as_deref(), row.value.as_deref()), (Some("\"ann\""), Some("34")));
/// assert!(row.processes.is_empty());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentsRow {
    /// The key, or the name of the group. `None` for a group whose scope is not [visible](crate::pg::Scope::visible).
    pub key: Option<String>,
    /// The value of a table's object.
    pub value: Option<String>,
    /// The process of a registry's entry, or the members of the group.
    pub processes: Vec<Pid>,
}

impl ContentsQuery {
    /// The first hundred rows.
    #[must_use]
    pub fn new() -> Self {
        Self {
            text: None,
            offset: 0,
            limit: 100,
        }
    }

    /// Only rows with this text in their key, in their value, or in the pid of a process. Small and capital letters of ASCII are
    /// the same. Each row is made into text for it.
    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        self.text = (!text.is_empty()).then_some(text);
        self
    }

    /// Leaves out so many at the beginning.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Goes through all rows, in their order, with `each`, which shows one after the other to the function that it gets.
    pub(crate) fn pick(
        &self,
        each: impl FnOnce(&mut dyn FnMut(&dyn Fn() -> ContentsRow)),
    ) -> Contents {
        let mut contents = Contents::default();
        each(&mut |make| {
            contents.total += 1;
            let place = contents.matching;
            let is_wanted = (self.offset..self.offset.saturating_add(self.limit)).contains(&place);
            let row = (is_wanted || self.text.is_some()).then(|| shown(make));
            let matches = match (&self.text, &row) {
                (Some(text), Some(row)) => row.contains(text),
                _ => true,
            };
            contents.matching += usize::from(matches);
            contents.rows.extend(row.filter(|_| matches && is_wanted));
        });
        contents
    }
}

impl Default for ContentsQuery {
    fn default() -> Self {
        Self::new()
    }
}

impl ContentsRow {
    fn contains(&self, small: &str) -> bool {
        let texts = [&self.key, &self.value].into_iter().flatten();
        texts
            .into_iter()
            .any(|text| super::page::contains(text, small))
            || self
                .processes
                .iter()
                .any(|pid| pid.to_string().contains(small))
    }
}

/// Makes a row by code of the user's, which may panic.
fn shown(make: &dyn Fn() -> ContentsRow) -> ContentsRow {
    let mut row = ContentsRow {
        key: Some("not shown: its formatting panicked".to_owned()),
        ..ContentsRow::default()
    };
    panic::run_quietly(|| row = make());
    row
}

/// The longest text of a key or a value, in bytes.
const LONGEST: usize = 64 << 10;

/// A value as its `Debug` writes it, which is stopped once that is long.
pub(crate) fn text(value: &dyn fmt::Debug) -> String {
    let mut bounded = Bounded::default();
    // An error says that there is no more room.
    let _ = write!(bounded, "{value:?}");
    bounded.text
}

#[derive(Default)]
struct Bounded {
    text: String,
    is_full: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.is_full {
            return Err(fmt::Error);
        }
        let room = LONGEST - self.text.len();
        if more.len() <= room {
            self.text.push_str(more);
            return Ok(());
        }
        let fits = (0..=room).rev().find(|at| more.is_char_boundary(*at));
        self.text.push_str(&more[..fits.unwrap_or_default()]);
        self.text.push('…');
        self.is_full = true;
        Err(fmt::Error)
    }
}

/// Data that a process shows to other code while it lives.
pub(crate) trait Exhibit: Any {
    /// The rows of the process's registry or scope, if it has one.
    fn contents(&self, query: &ContentsQuery) -> Option<Contents> {
        let _ = query;
        None
    }
}

/// The result of [`Node::table_contents`].
pub(crate) fn of_table(node: &Node, number: u64, query: &ContentsQuery) -> Option<Contents> {
    let has_it = |process: &dyn Process| {
        process.head().ties.with(|ties| {
            let estate = ties.peek()?.estate.as_ref()?;
            estate.get(&number).cloned()
        })
    };
    let table = node.all().iter().find_map(|process| has_it(&**process))?;
    Estate::contents(&*table, query)
}

/// The result of [`Node::entries`].
pub(crate) fn of_keeper(node: &Node, keeper: Pid, query: &ContentsQuery) -> Option<Contents> {
    let keeper = node.find(keeper)?;
    let shown = keeper.head().exhibit()?;
    shown.contents(query)
}
