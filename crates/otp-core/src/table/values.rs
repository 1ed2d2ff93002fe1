//! The operations of tables with one value for a key, and of ordered ones.

use super::Table;
use super::error::TableError;
use super::inner::Need;
use super::kind::{Kind, OrderedSet, UniqueKeys};
use super::store::{Counted, UniqueStore};
use crate::process::panic::OneOfMany;

impl<K, V, S> Table<K, V, S>
where
    K: 'static,
    V: 'static,
    S: UniqueKeys<K, V>,
    S::Store: UniqueStore<K, V>,
{
    /// Changes the value of a key in one step: no other process sees it half changed, or changes it at the same time.
    /// Returns the result of `f`, or `None` if there is no such key.
    ///
    /// `f` changes a copy, which then replaces the value. Until then all others see the former value, and processes
    /// that change a value in the same part of the table wait. So `f` should be quick, must not wait for another thread that
    /// changes the table, and must not use tables: an operation of one in `f` is an [error](TableError::InsideUpdate). If it
    /// panics, nothing has changed.
    ///
    /// # OTP
    ///
    /// `ets:update_element/3`, `ets:select_replace/2`.
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
    /// let lists = table::set("lists").create()?;
    /// lists.insert("shopping", vec!["eggs"])?;
    /// let length = lists.update(&"shopping", |list| {
    ///     list.push("tea");
    ///     list.len()
    /// })?;
    /// assert_eq!(length, Some(2));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Result<Option<T>, TableError> {
        Ok(self.inner().open(Need::Write)?.update(key, f))
    }

    /// As [`update`](Self::update); a key that is missing is inserted first, with the value `absent`.
    ///
    /// # OTP
    ///
    /// `ets:update_element/4`.
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
    /// let lists = table::set::<&str, Vec<&str>>("lists").create()?;
    /// lists.update_or_insert(&"shopping", vec![], |list| list.push("eggs"))?;
    /// assert_eq!(lists.lookup(&"shopping")?, Some(vec!["eggs"]));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update_or_insert<T>(
        &self,
        key: &K,
        absent: V,
        f: impl FnOnce(&mut V) -> T,
    ) -> Result<T, TableError> {
        let absent = OneOfMany::new(absent);
        let objects = self.inner().open(Need::Write)?;
        Ok(objects.update_or_insert(key, absent.into_inner(), f))
    }

    /// Adds to a number in one step; returns the sum, or `None` if there is no such key.
    ///
    /// # OTP
    ///
    /// `ets:update_counter/3`.
    ///
    /// # Errors
    ///
    /// [`TableError`], also if there is no room for the sum; then nothing has changed.
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
    /// let visits = table::set("visits").create()?;
    /// visits.insert("home", 41_u32)?;
    /// assert_eq!(visits.update_counter(&"home", 1)?, Some(42));
    /// assert_eq!(visits.update_counter(&"shop", 1)?, None, "there is no such key");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update_counter(&self, key: &K, increment: V) -> Result<Option<V>, TableError>
    where
        V: Counter,
    {
        let objects = self.inner().open(Need::Write)?;
        match objects.count(key, increment, None) {
            Counted::Sum(sum) => Ok(Some(sum)),
            Counted::Overflow => Err(self.overflow()),
            Counted::Absent => Ok(None),
        }
    }

    /// As [`update_counter`](Self::update_counter); a key that is missing counts from `absent`.
    ///
    /// # OTP
    ///
    /// `ets:update_counter/4`.
    ///
    /// # Errors
    ///
    /// As for [`update_counter`](Self::update_counter).
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
    /// let visits = table::set::<&str, u32>("visits").create()?;
    /// assert_eq!(visits.update_counter_or(&"home", 1, 0)?, 1);
    /// assert_eq!(visits.update_counter_or(&"home", 1, 0)?, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn update_counter_or(&self, key: &K, increment: V, absent: V) -> Result<V, TableError>
    where
        V: Counter,
    {
        let objects = self.inner().open(Need::Write)?;
        match objects.count(key, increment, Some(absent)) {
            Counted::Sum(sum) => Ok(sum),
            Counted::Overflow | Counted::Absent => Err(self.overflow()),
        }
    }

    fn overflow(&self) -> TableError {
        TableError::Overflow { table: self.name() }
    }
}

/// Numbers that count: the whole ones. It cannot be implemented for others.
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
/// let visits = table::set::<&str, u8>("visits").create()?;
/// assert_eq!(visits.update_counter_or(&"home", 1, 0)?, 1);
/// assert_eq!(visits.update_counter_or(&"home", 250, 0)?, 251);
/// // The sum of a `u8` has no room for more.
/// let full = visits.update_counter(&"home", 250);
/// assert!(matches!(full, Err(TableError::Overflow { .. })));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Counter: Copy + whole::Whole {
    /// The sum, if there is room for it.
    #[doc(hidden)]
    fn plus(self, other: Self) -> Option<Self>;
}

mod whole {
    pub trait Whole {}
}

macro_rules! counters {
    ($($number:ty)*) => {
        $(impl whole::Whole for $number {}

        impl Counter for $number {
            fn plus(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }
        })*
    };
}

counters!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl<K, V> Table<K, V, OrderedSet>
where
    OrderedSet: Kind<K, V, Store = super::ordered::Sorted<K, V>>,
    K: Ord + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// The first key; `None` if there is none.
    ///
    /// # OTP
    ///
    /// `ets:first/1`.
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
    /// assert_eq!(ages.first()?, None);
    /// ages.insert_all([("bob", 8), ("ann", 9)])?;
    /// assert_eq!(ages.first()?, Some("ann"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn first(&self) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.first())
    }

    /// The last key; `None` if there is none.
    ///
    /// # OTP
    ///
    /// `ets:last/1`.
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
    /// assert_eq!(ages.last()?, Some("bob"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn last(&self) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.last())
    }

    /// The first key after this one, which need not be there.
    ///
    /// # OTP
    ///
    /// `ets:next/2`.
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
    /// let stops = table::ordered_set("stops").create()?;
    /// stops.insert_all([(10, "harbour"), (20, "market")])?;
    /// assert_eq!(stops.next(&12)?, Some(20));
    /// assert_eq!(stops.next(&20)?, None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn next(&self, key: &K) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.next(key))
    }

    /// The last key before this one, which need not be there.
    ///
    /// # OTP
    ///
    /// `ets:prev/2`.
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
    /// let stops = table::ordered_set("stops").create()?;
    /// stops.insert_all([(10, "harbour"), (20, "market")])?;
    /// assert_eq!(stops.prev(&12)?, Some(10));
    /// assert_eq!(stops.prev(&10)?, None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn prev(&self, key: &K) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.prev(key))
    }
}
