//! The contents of a registry's tables: entries under their keys, and owners of entries.

use std::collections::HashMap;
use std::sync::Arc;

use crate::numbered::Numbered;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::keyed::Hashed;
use crate::process::panic::{self, OneByOne, Shared};

/// One entry under a key.
pub(crate) struct Held<V> {
    pub(crate) number: u64,
    pub(crate) process: Arc<dyn Process>,
    pub(crate) value: Shared<V>,
}

/// A process with entries.
pub(crate) struct Owner<K> {
    pub(crate) process: Arc<dyn Process>,
    pub(crate) entries: HashMap<u64, EntryPlace<K>, Numbered>,
    /// The link with the registry was made for its entries, and goes with the last one.
    pub(crate) linked: bool,
}

/// The place of an entry under its key.
pub(crate) struct EntryPlace<K> {
    pub(crate) partition: usize,
    pub(crate) key: Arc<Hashed<K>>,
}

impl<V> Held<V> {
    pub(crate) fn pid(&self) -> Pid {
        self.process.head().pid
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.process.head().is_exiting()
    }
}

/// The removed contents of a registry. Keys and values are the user's, and are dropped one by one.
pub(crate) struct Cleared<K, V>(pub(crate) Vec<OfKey<K, V>>);

/// A key and its entries.
type OfKey<K, V> = (Arc<Hashed<K>>, Vec<Held<V>>);

impl<K, V> Drop for Cleared<K, V> {
    fn drop(&mut self) {
        panic::drop_each(self.0.drain(..).flat_map(|(_, held)| held));
    }
}

/// Takes entries out from under a key, and the key with the last one.
pub(crate) fn take<V>(
    place: &mut Option<Vec<Held<V>>>,
    mut goes: impl FnMut(&Held<V>) -> bool,
) -> Vec<Held<V>> {
    let Some(held) = place else { return Vec::new() };
    let removed = held.extract_if(.., |held| goes(held)).collect();
    if held.is_empty() {
        *place = None;
    }
    removed
}

/// The live entries under a key.
pub(crate) type Alive<V> = Vec<(Pid, Shared<V>)>;

pub(crate) fn alive<V>(held: &[Held<V>]) -> Alive<V> {
    let held = held.iter().filter(|held| held.is_alive());
    held.map(|held| (held.pid(), held.value.clone())).collect()
}

pub(crate) fn copies<V: Clone>(alive: Option<Alive<V>>) -> Vec<(Pid, V)> {
    let alive = alive.unwrap_or_default().into_iter();
    let copies: OneByOne<_> = alive.map(|(pid, value)| (pid, (**value).clone())).collect();
    copies.into_vec()
}
