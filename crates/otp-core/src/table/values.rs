//! What only tables with one value for a key can do, and only those in order.

use super::Table;
use super::error::TableError;
use super::inner::Need;
use super::kind::{Kind, OrderedSet, Unique};
use super::store::{Counted, UniqueStore};
use crate::process::panic::OneOfMany;

impl<K, V, S> Table<K, V, S>
where
    K: 'static,
    V: 'static,
    S: Unique<K, V>,
    S::Store: UniqueStore<K, V>,
{
    /// Changes the value of a key in one step: nobody sees it half changed, or changes it at the same time. Returns
    /// what `f` returns, or `None` if there is no such key.
    ///
    /// `f` changes a copy, which then takes the place of the value; until then all others find the value as it was, and
    /// those who want to change something in the same part of the table wait. So `f` should be quick, and must not use
    /// tables; there, they are an [error](TableError::InsideUpdate). If it panics, nothing has changed.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:update_element/3`, `ets:select_replace/2`.
    pub fn update<T>(&self, key: &K, f: impl FnOnce(&mut V) -> T) -> Result<Option<T>, TableError> {
        Ok(self.inner().open(Need::Write)?.update(key, f))
    }

    /// As [`update`](Self::update); a key that is missing is inserted first, with the value `absent`.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:update_element/4`.
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
    /// # Errors
    ///
    /// [`TableError`], also if there is no room for the sum; then nothing has changed.
    ///
    /// OTP: `ets:update_counter/3`.
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
    /// # Errors
    ///
    /// As for [`update_counter`](Self::update_counter).
    ///
    /// OTP: `ets:update_counter/4`.
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
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:first/1`.
    pub fn first(&self) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.first())
    }

    /// The last key; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:last/1`.
    pub fn last(&self) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.last())
    }

    /// The first key after this one, which need not be there.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:next/2`.
    pub fn next(&self, key: &K) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.next(key))
    }

    /// The last key before this one, which need not be there.
    ///
    /// # Errors
    ///
    /// [`TableError`].
    ///
    /// OTP: `ets:prev/2`.
    pub fn prev(&self, key: &K) -> Result<Option<K>, TableError> {
        Ok(self.inner().open(Need::Read)?.prev(key))
    }
}
