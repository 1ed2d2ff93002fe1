//! The two processes of a cache.
//!
//! The *owner* writes the table and runs computations; it is the one that can fail. The *keeper* makes the table, gives it to
//! the owner, and is its heir: when the owner dies the table goes back to the keeper, which gives it to the next owner. The
//! keeper does nothing else, so there is nothing in it that fails.

pub(crate) mod keeper;
pub(crate) mod owner;

use std::fmt;
use std::hash::Hash;

use otp_core::Table;

use crate::core::Entry;

/// The table of a cache: all may read it, its owner writes.
pub(crate) type Entries<K, V> = Table<K, Entry<V>>;

/// What a key must be.
pub trait Key: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static {}

impl<K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static> Key for K {}

/// What a value must be: each reader gets a clone.
pub trait Value: Clone + Send + Sync + 'static {}

impl<V: Clone + Send + Sync + 'static> Value for V {}
