//! The four types of tables.

use std::hash::Hash;

use super::bags::Bags;
use super::hashed::Values;
use super::ordered::Sorted;
use super::store::{Store, UniqueStore};
use crate::process::panic::Shared;

/// Marks a [`Table`](super::Table) with one value for a key.
///
/// # OTP
///
/// The table type `set`.
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
/// let prices = table::set::<&str, u32>("prices").create().map_err(ExitReason::error)?;
/// prices.insert("tea", 3).map_err(ExitReason::error)?;
/// prices.insert("tea", 4).map_err(ExitReason::error)?;
/// assert_eq!(prices.lookup(&"tea"), Ok(Some(4)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Set {}

/// Marks a [`Table`](super::Table) with one value for a key, in the order of the keys.
///
/// # OTP
///
/// The table type `ordered_set`.
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
/// let times = table::ordered_set::<u8, &str>("times").create().map_err(ExitReason::error)?;
/// times.insert_all([(12, "lunch"), (7, "breakfast")]).map_err(ExitReason::error)?;
/// assert_eq!(times.first(), Ok(Some(7)));
/// assert_eq!(times.next(&7), Ok(Some(12)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum OrderedSet {}

/// Marks a [`Table`](super::Table) with any number of different values for a key.
///
/// # OTP
///
/// The table type `bag`.
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
/// let tags = table::bag::<u8, &str>("tags").create().map_err(ExitReason::error)?;
/// tags.insert_all([(1, "new"), (1, "red"), (1, "new")]).map_err(ExitReason::error)?;
/// assert_eq!(tags.lookup(&1), Ok(vec!["new", "red"]), "equal ones once");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Bag {}

/// Marks a [`Table`](super::Table) with any number of values for a key, also equal ones.
///
/// # OTP
///
/// The table type `duplicate_bag`.
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
/// let visits = table::duplicate_bag::<&str, u8>("visits").create().map_err(ExitReason::error)?;
/// visits.insert_all([("ann", 9), ("ann", 9)]).map_err(ExitReason::error)?;
/// assert_eq!(visits.lookup(&"ann"), Ok(vec![9, 9]));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub enum DuplicateBag {}

/// The kind of a table, with its requirements on keys and values: [`Set`], [`OrderedSet`], [`Bag`], [`DuplicateBag`].
///
/// The keys of an ordered set must be `Ord`, all others `Eq` and `Hash`; the values of a bag must be `Eq`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, Kind, TableError};
/// use otp_core::Table;
///
/// /// Works with tables of every kind.
/// fn free<K: 'static, V: 'static, S: Kind<K, V>>(table: &Table<K, V, S>, key: &K) -> Result<bool, TableError> {
///     Ok(!table.contains(key)?)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let seats = table::set::<u8, &str>("seats").create()?;
/// let guests = table::bag::<u8, &str>("guests").create()?;
/// seats.insert(1, "ann")?;
/// assert!(!free(&seats, &1)? && free(&guests, &1)?);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Kind<K, V>: Sized + 'static {
    /// The result of a lookup: an `Option` of a value where a key has one at most, a `Vec` where it may have many.
    type Found;

    #[doc(hidden)]
    type Store: Store<K, V, Found = Self::Found>;
}

/// The kinds with one value for a key: [`Set`] and [`OrderedSet`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::table::{self, TableError, UniqueKeys};
/// use otp_core::Table;
///
/// /// What is under a key, or a default: for tables with one value for a key.
/// fn or<K: 'static, V: 'static, S>(table: &Table<K, V, S>, key: &K, default: V) -> Result<V, TableError>
/// where
///     S: UniqueKeys<K, V, Found = Option<V>>,
/// {
///     Ok(table.lookup(key)?.unwrap_or(default))
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let ages = table::ordered_set::<&str, u8>("ages").create()?;
/// ages.insert("ann", 9)?;
/// assert_eq!((or(&ages, &"ann", 0)?, or(&ages, &"bob", 0)?), (9, 0));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait UniqueKeys<K, V>: Kind<K, V, Store: UniqueStore<K, V>> {}

impl<K, V> Kind<K, V> for Set
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;
    type Store = Values<K, V>;
}

impl<K, V> Kind<K, V> for OrderedSet
where
    K: Ord + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Option<V>;
    type Store = Sorted<K, V>;
}

impl<K, V> Kind<K, V> for Bag
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Eq + Clone + Send + Sync + 'static,
{
    type Found = Vec<V>;
    type Store = Bags<K, V, Different>;
}

impl<K, V> Kind<K, V> for DuplicateBag
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Found = Vec<V>;
    type Store = Bags<K, V, Any>;
}

impl<K, V> UniqueKeys<K, V> for Set where Self: Kind<K, V, Store: UniqueStore<K, V>> {}
impl<K, V> UniqueKeys<K, V> for OrderedSet where Self: Kind<K, V, Store: UniqueStore<K, V>> {}

/// Whether a value is added to a bag.
pub trait Admission<V>: Send + Sync + 'static {
    /// Whether it depends on those that are there.
    const COMPARES: bool;

    fn admits(values: &[Shared<V>], value: &V) -> bool;
}

/// Only values that differ from those that are there.
#[derive(Debug)]
pub enum Different {}

/// All values.
#[derive(Debug)]
pub enum Any {}

impl<V: Eq> Admission<V> for Different {
    const COMPARES: bool = true;

    fn admits(values: &[Shared<V>], value: &V) -> bool {
        !values.iter().any(|it| ***it == *value)
    }
}

impl<V> Admission<V> for Any {
    const COMPARES: bool = false;

    fn admits(_: &[Shared<V>], _: &V) -> bool {
        true
    }
}
