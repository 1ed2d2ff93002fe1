//! Information on a node's tables, of all types.

use std::any::type_name;
use std::borrow::Cow;
use std::sync::Arc;

use super::Access;
use super::kind::Kind;
use crate::node::Node;
use crate::pid::Pid;
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

impl Node {
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
