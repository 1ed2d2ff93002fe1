//! The four types of tables.

use std::hash::Hash;

use super::bags::Bags;
use super::hashed::Values;
use super::ordered::Sorted;
use super::store::{Store, UniqueStore};
use crate::process::panic::Shared;

/// Marks a [`Table`](super::Table) with one value for a key.
///
/// OTP: the table type `set`.
#[derive(Debug, Clone, Copy)]
pub enum Set {}

/// Marks a [`Table`](super::Table) with one value for a key, in the order of the keys.
///
/// OTP: the table type `ordered_set`.
#[derive(Debug, Clone, Copy)]
pub enum OrderedSet {}

/// Marks a [`Table`](super::Table) with any number of different values for a key.
///
/// OTP: the table type `bag`.
#[derive(Debug, Clone, Copy)]
pub enum Bag {}

/// Marks a [`Table`](super::Table) with any number of values for a key, also equal ones.
///
/// OTP: the table type `duplicate_bag`.
#[derive(Debug, Clone, Copy)]
pub enum DuplicateBag {}

/// What a table may be, and what that asks of keys and values: [`Set`], [`OrderedSet`], [`Bag`], [`DuplicateBag`].
///
/// The keys of an ordered set must be `Ord`, all others `Eq` and `Hash`; the values of a bag must be `Eq`.
pub trait Kind<K, V>: Sized + 'static {
    /// What is found under a key: an `Option` of a value where there is one at most, a `Vec` where there may be many.
    type Found;

    #[doc(hidden)]
    type Store: Store<K, V, Found = Self::Found>;
}

/// The kinds with one value for a key: [`Set`] and [`OrderedSet`].
pub trait Unique<K, V>: Kind<K, V, Store: UniqueStore<K, V>> {}

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

impl<K, V> Unique<K, V> for Set where Self: Kind<K, V, Store: UniqueStore<K, V>> {}
impl<K, V> Unique<K, V> for OrderedSet where Self: Kind<K, V, Store: UniqueStore<K, V>> {}

/// Whether a value goes into a bag beside those that are there.
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
