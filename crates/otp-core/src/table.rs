//! Tables: typed data in memory that many processes share.
//!
//! A table belongs to a process and ends with it. Data that must outlive a crash is kept in a table of another process,
//! or goes to an [heir](Table::set_heir). All processes use it directly, without asking its owner, as far as its
//! [`Access`] allows. Each operation is atomic. Once the table has ended, every use is an error.
//!
//! [`set`], [`ordered_set`], [`bag`] and [`duplicate_bag`] make the four kinds of tables.
//!
//! # When (not) to use a table
//!
//! Use one for data that many processes read, or that must outlive its user. State of a single process is best kept in
//! that process. Data that several changes must keep consistent belongs to a [`GenServer`](crate::GenServer): a table
//! makes single operations atomic, not several in a row.
//!
//! # Walks
//!
//! [`entries`](Table::entries), [`fold`](Table::fold) and [`select`](Table::select) collect the objects first and
//! examine them afterwards, so that no other process waits. Of the objects that are inserted or removed in one step, by
//! [`insert_all`](Table::insert_all), [`insert_all_new`](Table::insert_all_new) and [`delete_all`](Table::delete_all),
//! a walk sees all or none. A walk over an ordered set sees the table as it was at one moment. In other tables it may
//! see a single insert and miss an earlier one to another key, if both happen while the objects are collected.
//!
//! # Keys and values with a will of their own
//!
//! Keys are hashed and compared, and values copied and dropped, while nothing is locked: their `Hash`, `Eq`, `Ord`,
//! `Clone` and `Drop` may use tables, this one included, and may panic. An operation panics if comparing its keys changes the
//! table again and again, so that it would never end.
//!
//! # OTP
//!
//! The module `ets`.
//!
//! # Differences from OTP
//!
//! - An object is a key and a value, in place of a tuple.
//! - Match specifications are closures. They may use tables; only the functions that change or remove objects may not.
//! - A walk shows objects that were collected before it began, so tables need not be fixed, and only ordered ones have
//!   `first` and `next`. In `ets` a walk may see a part of the objects that are inserted in one step.
//! - The data that `ets` sends along with a transfer is captured by the function that makes the message.
//!
//! # Examples
//!
//! A process whose notes survive it:
//!
//! ```
//! use otp_core::table::{self, Access, Table, TableError};
//! use otp_core::{process, ExitReason, Mailbox, Node};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let notes = node.run(async {
//!     let notes: Table<String, u32> = table::set("notes").access(Access::Public).create()?;
//!
//!     let there = notes.clone();
//!     let hero = process::spawn(move |_: Mailbox<()>| async move {
//!         there.insert("eggs".to_owned(), 12)?;
//!         there.update(&"eggs".to_owned(), |eggs| *eggs -= 1)?;
//!         Err::<(), ExitReason>(ExitReason::other("boom"))
//!     });
//!     hero.wait().await;
//!     notes.lookup(&"eggs".to_owned())
//! });
//! assert_eq!(notes.await, Ok(Ok(Some(11))));
//! # }
//! ```
//!
//! Found by its name, by code that knows its type:
//!
//! ```
//! use otp_core::table::{self, OrderedSet, Table, TableError};
//! use otp_core::Node;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let found = node.run(async {
//!     let scores = table::ordered_set("scores").named().create()?;
//!     scores.insert_all([(30, "peach"), (10, "yoshi")])?;
//!
//!     let scores: Table<i32, &str, OrderedSet> = table::named("scores")?;
//!     let wrong = table::named::<String, String, table::Set>("scores");
//!     assert!(matches!(wrong, Err(TableError::WrongType { .. })));
//!     Ok((scores.first()?, scores.next(&20)?, scores.entries()?))
//! });
//! let entries = vec![(10, "yoshi"), (30, "peach")];
//! assert_eq!(found.await, Ok(Ok::<_, TableError>((Some(10), Some(30), entries))));
//! # }
//! ```

mod bags;
mod error;
mod hashed;
mod inner;
mod kind;
mod look;
mod many;
mod options;
mod ordered;
mod owner;
mod store;
mod tree;
mod values;

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

pub use error::{Receiver, TableError};
pub use kind::{Bag, DuplicateBag, Kind, OrderedSet, Set, UniqueKeys};
pub use look::{TableInfo, named};
pub use options::{TableOptions, bag, duplicate_bag, ordered_set, set};
pub use values::Counter;

use self::inner::{Need, TableInner};
use self::store::Store;
use crate::pid::Pid;
use crate::process::panic::{OneByOne, Pair};
use crate::util::handle::unwind_safe;

/// A table with keys of type `K` and values of type `V`, of kind `S`; see the [module's documentation](self).
///
/// Clones are handles on the same table, and equal. They do not keep it: only its owner does.
///
/// # OTP
///
/// A table identifier.
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
/// let stock = table::set::<&str, i64>("stock").create().map_err(ExitReason::error)?;
/// stock.insert("pears", 10).map_err(ExitReason::error)?;
/// assert_eq!(stock.update_counter(&"pears", -3), Ok(Some(7)));
/// assert_eq!(stock.fold(0, |sum, _, n| sum + n), Ok(7));
/// assert_eq!(stock.take(&"pears"), Ok(Some(7)));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Table<K, V, S = Set> {
    /// A [`TableInner`] of the same parameters. Its type is hidden. With it the compiler would require `S: Kind<K, V>` of
    /// all code that holds a table over an `await`, and it cannot prove that if `K` or `V` has a lifetime.
    inner: Arc<dyn Any + Send + Sync>,
    objects: PhantomData<Types<K, V, S>>,
}

type Types<K, V, S> = fn() -> (K, V, S);

/// The access of processes that do not own the table. The owner may do everything.
///
/// Code outside of processes counts as a process that does not own it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Access, TableError};
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let notes = table::set::<u8, u8>("notes").access(Access::Protected).create().map_err(ExitReason::error)?;
/// let other = notes.clone();
/// let refused = otp_core::Task::spawn(async move { (other.lookup(&1), other.insert(1, 1)) }).await?;
/// assert_eq!(refused.0, Ok(None), "others may read");
/// assert!(matches!(refused.1, Err(TableError::Denied { .. })), "and not write");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Private = 0,
    /// Read.
    Protected = 1,
    /// Read and write.
    Public = 2,
}

/// A table has got a new owner: the process that receives this.
///
/// # OTP
///
/// `{'ETS-TRANSFER', Table, FromPid, Data}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Transfer};
/// use otp_core::{Table, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<Transfer<Table<u8, u8>>>| async move {
/// let me = mailbox.me();
/// let maker = process::spawn(move |_: Mailbox<Never>| async move {
///     let notes = table::set::<u8, u8>("notes").create()?;
///     notes.insert(1, 10)?;
///     Ok::<_, Stop>(notes.give_away(&me, |transfer| transfer)?)
/// });
/// let transfer = mailbox.receive().await;
/// assert_eq!(transfer.from, maker.pid());
/// assert_eq!(transfer.table.lookup(&1)?, Some(10));
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer<T> {
    /// The table.
    pub table: T,
    /// The former owner: it has given it away, or has ended.
    pub from: Pid,
}

/// Every operation is atomic and fails with a [`TableError`] if the table is gone or does not allow it to the current
/// process.
impl<K, V, S> Table<K, V, S>
where
    K: 'static,
    V: 'static,
    S: Kind<K, V>,
{
    /// Inserts an object. In a set it replaces the object with the same key. In a bag it is added behind the other
    /// objects of its key; a bag without duplicates that has the object already does not change.
    ///
    /// # OTP
    ///
    /// `ets:insert/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert("ann", 8)?;
    /// ages.insert("ann", 9)?;
    /// assert_eq!(ages.lookup(&"ann")?, Some(9), "a set has one value for a key");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<(), TableError> {
        let object = Pair::new((key, value));
        self.inner().open(Need::Write)?.put(object, false);
        Ok(())
    }

    /// Inserts many objects in one step.
    ///
    /// # OTP
    ///
    /// `ets:insert/2` with a list.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert_all([("ann", 9), ("bob", 8)])?;
    /// assert_eq!(ages.len()?, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn insert_all(&self, objects: impl IntoIterator<Item = (K, V)>) -> Result<(), TableError> {
        // Collected first, as that is the user's code.
        let objects = objects.into_iter().map(Pair::new).collect();
        self.inner().open(Need::Write)?.insert(objects, false);
        Ok(())
    }

    /// Inserts an object if its key is free; returns whether it was.
    ///
    /// # OTP
    ///
    /// `ets:insert_new/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// assert!(ages.insert_new("ann", 9)?);
    /// assert!(!ages.insert_new("ann", 10)?);
    /// assert_eq!(ages.lookup(&"ann")?, Some(9));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn insert_new(&self, key: K, value: V) -> Result<bool, TableError> {
        let object = Pair::new((key, value));
        Ok(self.inner().open(Need::Write)?.put(object, true))
    }

    /// Inserts many objects in one step if all their keys are free; returns whether they were.
    ///
    /// # OTP
    ///
    /// `ets:insert_new/2` with a list.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert("ann", 9)?;
    /// // One of the keys is taken, so none is inserted.
    /// assert!(!ages.insert_all_new([("ann", 10), ("bob", 8)])?);
    /// assert_eq!(ages.len()?, 1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn insert_all_new(
        &self,
        objects: impl IntoIterator<Item = (K, V)>,
    ) -> Result<bool, TableError> {
        let objects = objects.into_iter().map(Pair::new).collect();
        Ok(self.inner().open(Need::Write)?.insert(objects, true))
    }

    /// A copy of the contents of a key: of a set's value, if it has one; of all values of a bag, in the order in which
    /// they were inserted.
    ///
    /// # OTP
    ///
    /// `ets:lookup/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// let pets = table::bag("pets").create()?;
    /// ages.insert("ann", 9)?;
    /// pets.insert_all([("ann", "cat"), ("ann", "dog")])?;
    /// assert_eq!(ages.lookup(&"ann")?, Some(9));
    /// assert_eq!(pets.lookup(&"ann")?, ["cat", "dog"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn lookup(&self, key: &K) -> Result<S::Found, TableError> {
        Ok(self.inner().open(Need::Read)?.get(key))
    }

    /// Whether there is something under a key.
    ///
    /// # OTP
    ///
    /// `ets:member/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert("ann", 9)?;
    /// assert!(ages.contains(&"ann")? && !ages.contains(&"bob")?);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn contains(&self, key: &K) -> Result<bool, TableError> {
        Ok(self.inner().open(Need::Read)?.contains(key))
    }

    /// Removes the contents of a key, if there are any, and returns them.
    ///
    /// # OTP
    ///
    /// `ets:take/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert("ann", 9)?;
    /// assert_eq!((ages.take(&"ann")?, ages.take(&"ann")?), (Some(9), None));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn take(&self, key: &K) -> Result<S::Found, TableError> {
        Ok(self.inner().open(Need::Write)?.take(key))
    }

    /// Removes the contents of a key, if there are any.
    ///
    /// # OTP
    ///
    /// `ets:delete/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert("ann", 9)?;
    /// ages.delete(&"ann")?;
    /// ages.delete(&"bob")?; // A key that is not there is no error.
    /// assert_eq!(ages.len()?, 0);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn delete(&self, key: &K) -> Result<(), TableError> {
        self.inner().open(Need::Write)?.delete(key);
        Ok(())
    }

    /// Removes the objects that `goes` picks; returns how many these were.
    ///
    /// They are selected among the present objects, and removed in one step. Objects that others insert or change
    /// meanwhile stay. `goes` must not use tables: an operation of one in it is an [error](TableError::InsideUpdate).
    ///
    /// # OTP
    ///
    /// `ets:select_delete/2`, `ets:delete_object/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert_all([("ann", 9), ("bob", 48), ("cleo", 51)])?;
    /// assert_eq!(ages.delete_matching(|_, age| *age > 18)?, 2);
    /// assert_eq!(ages.entries()?, [("ann", 9)]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn delete_matching(&self, goes: impl FnMut(&K, &V) -> bool) -> Result<usize, TableError> {
        Ok(self.inner().open(Need::Write)?.remove_if(goes))
    }

    /// Removes all objects in one step.
    ///
    /// # OTP
    ///
    /// `ets:delete_all_objects/1`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert_all([("ann", 9), ("bob", 8)])?;
    /// ages.delete_all()?;
    /// assert_eq!(ages.len()?, 0);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn delete_all(&self) -> Result<(), TableError> {
        self.inner().open(Need::Write)?.clear();
        Ok(())
    }

    /// A copy of all objects: those of an ordered set in the order of their keys, others in no particular order.
    ///
    /// Of many objects that are inserted in one step it has all or none; see [walks](super::table#walks).
    ///
    /// # OTP
    ///
    /// `ets:tab2list/1`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::ordered_set("ages").create()?;
    /// ages.insert_all([("bob", 8), ("ann", 9)])?;
    /// assert_eq!(ages.entries()?, [("ann", 9), ("bob", 8)]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn entries(&self) -> Result<Vec<(K, V)>, TableError> {
        let all = self.inner().open(Need::Read)?.all();
        Ok(all.into_iter().map(Pair::into_tuple).collect())
    }

    /// Folds over all objects, in the order of [`entries`](Self::entries).
    ///
    /// # OTP
    ///
    /// `ets:foldl/3`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::set("ages").create()?;
    /// ages.insert_all([("ann", 9), ("bob", 8)])?;
    /// assert_eq!(ages.fold(0, |sum, _, age| sum + age)?, 17);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn fold<T>(&self, first: T, mut f: impl FnMut(T, &K, &V) -> T) -> Result<T, TableError> {
        let mut folded = Ok(first);
        self.inner().open(Need::Read)?.each(|key, value| {
            // Empty while `f` owns the value.
            let taken = std::mem::replace(&mut folded, Err(()));
            folded = taken.map(|folded| f(folded, key, value));
        });
        folded.map_err(|()| unreachable!("each step puts back what it has taken"))
    }

    /// The values that `f` returns for objects, in the order of [`entries`](Self::entries).
    ///
    /// # OTP
    ///
    /// `ets:select/2`, `ets:match/2`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let ages = table::ordered_set("ages").create()?;
    /// ages.insert_all([("ann", 9), ("bob", 48), ("cleo", 51)])?;
    /// let adults = ages.select(|name, age| (*age >= 18).then_some(*name))?;
    /// assert_eq!(adults, ["bob", "cleo"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn select<T>(&self, mut f: impl FnMut(&K, &V) -> Option<T>) -> Result<Vec<T>, TableError> {
        let mut selected = OneByOne::new(Vec::new());
        self.inner()
            .open(Need::Read)?
            .each(|key, value| selected.extend(f(key, value)));
        Ok(selected.into_vec())
    }

    /// The number of objects. Every process may ask, whatever the access is.
    ///
    /// # OTP
    ///
    /// `ets:info(Table, size)`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
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
    /// let visits = table::duplicate_bag("visits").create()?;
    /// visits.insert_all([("ann", 9), ("ann", 9)])?;
    /// assert_eq!(visits.len()?, 2, "all objects count");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[allow(clippy::len_without_is_empty, reason = "either may fail")]
    pub fn len(&self) -> Result<usize, TableError> {
        Ok(self.inner().open(Need::Look)?.len())
    }

    fn of(inner: Arc<TableInner<K, V, S>>) -> Self {
        Self {
            inner,
            objects: PhantomData,
        }
    }

    fn inner(&self) -> &TableInner<K, V, S> {
        let inner = self.inner.downcast_ref();
        inner.expect("a table is made of an inner one of its own parameters")
    }
}

impl<K, V, S> Clone for Table<K, V, S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            objects: PhantomData,
        }
    }
}

impl<K, V, S> PartialEq for Table<K, V, S> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl<K, V, S> Eq for Table<K, V, S> {}

impl<K, V, S> Hash for Table<K, V, S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.inner).hash(state);
    }
}

unwind_safe!(Table<K, V, S>);

impl<K: 'static, V: 'static, S: Kind<K, V>> fmt::Debug for Table<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Table({} {})",
            self.inner().number(),
            self.inner().name()
        )
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Protected => "protected",
            Self::Public => "public",
        })
    }
}
