//! The options of a table.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use super::error::TableError;
use super::inner::{Heir, TableInner, View};
use super::kind::{Bag, DuplicateBag, Kind, OrderedSet, Set};
use super::{Access, Table, Transfer};
use crate::node::Node;
use crate::process::contents::text;
use crate::process::current;
use crate::timer::Destination;

/// A table with one value for a key.
///
/// # OTP
///
/// `ets:new(Name, [set])`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let colours = table::set::<&str, u32>("colours").create()?;
/// colours.insert("red", 0xff_00_00)?;
/// assert_eq!(colours.lookup(&"red")?, Some(0xff_00_00));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn set<K, V>(name: impl Into<Cow<'static, str>>) -> TableOptions<K, V, Set>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    TableOptions::new(name.into())
}

/// A table with one value for a key, in the order of the keys.
///
/// # OTP
///
/// `ets:new(Name, [ordered_set])`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let steps = table::ordered_set::<u32, &str>("steps").create()?;
/// steps.insert_all([(2, "boil"), (1, "fill"), (3, "wait")])?;
/// assert_eq!(steps.select(|_, step| Some(*step))?, ["fill", "boil", "wait"]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn ordered_set<K, V>(name: impl Into<Cow<'static, str>>) -> TableOptions<K, V, OrderedSet>
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    TableOptions::new(name.into())
}

/// A table with any number of different values for a key.
///
/// # OTP
///
/// `ets:new(Name, [bag])`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let tags = table::bag::<&str, &str>("tags").create()?;
/// tags.insert_all([("post", "rust"), ("post", "otp"), ("post", "rust")])?;
/// assert_eq!(tags.lookup(&"post")?, ["rust", "otp"], "equal objects are there once");
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn bag<K, V>(name: impl Into<Cow<'static, str>>) -> TableOptions<K, V, Bag>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Eq + Clone + Send + Sync + 'static,
{
    TableOptions::new(name.into())
}

/// A table with any number of values for a key, also equal ones.
///
/// # OTP
///
/// `ets:new(Name, [duplicate_bag])`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let log = table::duplicate_bag::<&str, &str>("log").create()?;
/// log.insert_all([("ann", "in"), ("ann", "out"), ("ann", "in")])?;
/// assert_eq!(log.lookup(&"ann")?, ["in", "out", "in"]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn duplicate_bag<K, V>(name: impl Into<Cow<'static, str>>) -> TableOptions<K, V, DuplicateBag>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    TableOptions::new(name.into())
}

/// Builder for a table; [`set`], [`ordered_set`], [`bag`] and [`duplicate_bag`] make it.
///
/// By default it is not found by its name, is protected and has no heir.
///
/// # OTP
///
/// The options of `ets:new/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Access, Set};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// table::set::<u8, u8>("scores").named().access(Access::Public).create().map_err(ExitReason::error)?;
/// let found = table::named::<u8, u8, Set>("scores").map_err(ExitReason::error)?;
/// assert_eq!(found.len(), Ok(0));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "there is no table until `create` is called"]
pub struct TableOptions<K, V, S: Kind<K, V>> {
    name: Cow<'static, str>,
    named: bool,
    access: Access,
    heir: Option<MakeHeir<K, V, S>>,
    view: Option<View<K, V>>,
    objects: PhantomData<fn() -> (K, V)>,
}

type MakeHeir<K, V, S> = Box<dyn FnOnce(&Node) -> Option<Heir<K, V, S>> + Send>;

impl<K, V, S> TableOptions<K, V, S>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
{
    fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            named: false,
            access: Access::Protected,
            heir: None,
            view: None,
            objects: PhantomData,
        }
    }

    /// Makes the table available by its name; see [`named`](super::named).
    ///
    /// # OTP
    ///
    /// `named_table`.
    pub fn named(self) -> Self {
        Self {
            named: true,
            ..self
        }
    }

    /// The access of processes that do not own the table.
    pub fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Lets others see the objects as `Debug` writes them: by [`Node::table_contents`], and on the page of an observer. By default they
    /// see only how many there are. A private table is never shown, and of a long text the first 64 KiB.
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
    /// let ages = table::set::<&str, u8>("ages").visible().create()?;
    /// ages.insert("ann", 34)?;
    /// let node = process::node();
    /// let number = node.table_infos()[0].number;
    /// let contents = node.table_contents(number, &ContentsQuery::new()).expect("it is visible");
    /// assert_eq!(contents.rows[0].value.as_deref(), Some("34"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn visible(self) -> Self
    where
        K: fmt::Debug,
        V: fmt::Debug,
    {
        self.visible_as(|key, value| (text(key), text(value)))
    }

    /// As [`visible`](Self::visible), with the texts that `show` makes of a key and its value: what these leave out stays hidden.
    pub fn visible_as(
        self,
        show: impl Fn(&K, &V) -> (String, String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            view: Some(Box::new(show)),
            ..self
        }
    }

    /// The process that gets the table when its owner ends, and the message for it; see [`Table::set_heir`].
    ///
    /// # OTP
    ///
    /// `{heir, Pid, HeirData}`.
    pub fn heir<M: Send + 'static>(
        self,
        heir: impl Into<Destination<M>>,
        to_message: impl FnMut(Transfer<Table<K, V, S>>) -> M + Send + 'static,
    ) -> Self {
        let heir = heir.into();
        Self {
            heir: Some(Box::new(|node| super::owner::heir(node, heir, to_message))),
            ..self
        }
    }

    /// Makes the table; it belongs to the current process.
    ///
    /// # OTP
    ///
    /// `ets:new/2`.
    ///
    /// # Errors
    ///
    /// [`TableError::NameTaken`], if it is named and another table has the name; [`TableError::Outside`], outside of a
    /// process.
    pub fn create(self) -> Result<Table<K, V, S>, TableError> {
        let owner = current::try_process().ok_or(TableError::Outside)?;
        let heir = self.heir.and_then(|make| make(&owner.head().node));
        let inner =
            TableInner::create(self.name, self.named, self.access, heir, self.view, &owner)?;
        Ok(Table::of(inner))
    }
}

impl<K, V, S: Kind<K, V>> fmt::Debug for TableOptions<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableOptions")
            .field("name", &self.name)
            .field("named", &self.named)
            .field("access", &self.access)
            .field("heir", &self.heir.is_some())
            .field("visible", &self.view.is_some())
            .finish()
    }
}
