//! The tables of a node: one by its name, and information on all.

use std::any::type_name;
use std::borrow::Cow;
use std::sync::Arc;

use super::error::TableError;
use super::kind::Kind;
use super::{Access, Table};
use crate::node::Node;
use crate::pid::Pid;
use crate::process;
use crate::process::ties::Estate;

/// A table, seen from outside.
///
/// # OTP
///
/// The result of `ets:info/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::{process, table};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::ordered_set::<u8, u8>("ages").named().create()?;
/// ages.insert_all([(1, 9), (2, 8)])?;
/// let [info] = &process::node().table_infos()[..] else { panic!("one table") };
/// assert_eq!((info.name.as_ref(), info.kind, info.objects), ("ages", "ordered_set", 2));
/// assert_eq!(info.owner, process::current());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableInfo {
    /// Its number, by which [`Node::table_contents`] finds it.
    pub number: u64,
    /// Its name, whether it is found by it or not.
    pub name: Cow<'static, str>,
    /// Whether it is found by its name.
    pub named: bool,
    /// The process that owns it.
    pub owner: Pid,
    /// The access of other processes.
    pub access: Access,
    /// `set`, `ordered_set`, `bag` or `duplicate_bag`.
    pub kind: &'static str,
    /// How many objects there are.
    pub objects: usize,
    /// The type of the keys.
    pub keys: &'static str,
    /// The type of the values.
    pub values: &'static str,
    /// Whether its objects are [visible](super::TableOptions::visible).
    pub visible: bool,
}

/// A kind as OTP spells it.
pub(super) fn kind<K, V, S: Kind<K, V>>() -> &'static str {
    match type_name::<S>().rsplit("::").next() {
        Some("Set") => "set",
        Some("OrderedSet") => "ordered_set",
        Some("Bag") => "bag",
        _ => "duplicate_bag",
    }
}

/// The table that has this name on the current node.
///
/// # OTP
///
/// A table's name as its identifier, `ets:whereis/1`.
///
/// # Errors
///
/// [`TableError::NoTable`], or [`TableError::WrongType`] if that table has other keys, other values or is of another
/// kind; [`TableError::Outside`] without a current [`node`](process::node); there, use [`Node::table`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Set};
/// use otp_core::Table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::set::<String, u32>("ages").named().create()?;
/// ages.insert("ann".to_owned(), 9)?;
/// let found: Table<String, u32, Set> = table::named("ages")?;
/// assert_eq!(found.lookup(&"ann".to_owned())?, Some(9));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn named<K, V, S>(name: &str) -> Result<Table<K, V, S>, TableError>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
{
    process::try_node().ok_or(TableError::Outside)?.table(name)
}

impl Node {
    /// The table that has this name, as [`table::named`](named) finds it.
    ///
    /// # Errors
    ///
    /// As for [`table::named`](named).
    pub fn table<K, V, S>(&self, name: &str) -> Result<Table<K, V, S>, TableError>
    where
        K: 'static,
        V: 'static,
        S: Kind<K, V>,
    {
        let found = self.tables().get(name);
        let table = || Cow::Owned(name.to_owned());
        let Some(found) = found else {
            return Err(TableError::NoTable { table: table() });
        };
        match found.downcast_ref::<Table<K, V, S>>() {
            Some(table) => Ok(table.clone()),
            None => Err(TableError::WrongType {
                table: table(),
                expected: type_name::<Table<K, V, S>>(),
            }),
        }
    }

    /// All tables of the node, by name, named or not. Their owners are not asked.
    ///
    /// # OTP
    ///
    /// `ets:all/0`, with `ets:info/1` for each.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::{process, table};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let ages = table::ordered_set::<String, u8>("ages").create()?;
    /// ages.insert("ann".to_owned(), 34)?;
    /// let seen = &process::node().table_infos()[0];
    /// assert_eq!((&*seen.name, seen.kind, seen.objects), ("ages", "ordered_set", 1));
    /// assert_eq!(seen.owner, process::current());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn table_infos(&self) -> Vec<TableInfo> {
        let mut tables: Vec<Arc<dyn Estate>> = Vec::new();
        for process in self.all() {
            process.head().ties.with(|ties| {
                let estate = ties.peek().and_then(|more| more.estate.as_ref());
                tables.extend(
                    estate
                        .into_iter()
                        .flat_map(|estate| estate.values().cloned()),
                );
            });
        }
        let infos = tables
            .iter()
            .filter_map(|table| table.look().downcast().ok());
        let mut infos: Vec<TableInfo> = infos.map(|info| *info).collect();
        infos.sort_unstable_by(|a, b| (&a.name, a.owner).cmp(&(&b.name, b.owner)));
        infos
    }
}
