//! The two processes of a cache.
//!
//! The *owner* writes the table and runs computations, which may fail. The *keeper* creates the table, gives it to the owner, and is
//! its heir: when the owner dies, the keeper gets the table back and gives it to the next owner. The keeper does nothing else, so
//! it has no cause to fail.

pub(crate) mod keeper;
pub(crate) mod owner;

use std::fmt;
use std::hash::Hash;

use otp_core::Table;

use crate::core::Entry;

/// The table of a cache. All processes may read it, and only its owner writes.
pub(crate) type Entries<K, V> = Table<K, Entry<V>>;

/// The traits of a key.
pub trait Key: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static {}

impl<K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static> Key for K {}

/// The traits of a value. Each reader gets a clone.
pub trait Value: Clone + Send + Sync + 'static {}

impl<V: Clone + Send + Sync + 'static> Value for V {}
