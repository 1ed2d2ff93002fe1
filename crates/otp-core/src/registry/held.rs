//! The contents of a registry's tables: entries under their keys, and owners of entries.

use std::collections::HashMap;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use crate::numbered::Numbered;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::keyed::Hashed;
use crate::process::panic::{self, Contained, OneByOne};

/// One entry under a key.
pub(crate) struct Held<V> {
    pub(crate) number: u64,
    pub(crate) process: Arc<dyn Process>,
    pub(crate) value: HeldValue<V>,
}

/// A process that reads it may be its last holder, and is not to end by the value's destructor.
pub(crate) type HeldValue<V> = Arc<Contained<V>>;

/// The entries under one key.
pub(crate) enum HeldList<V> {
    Own(Vec<Held<V>>),
    /// There has been a [snapshot](Snapshot) of them. A change makes a copy if there still is.
    Shared(Arc<Vec<Held<V>>>),
}

/// The entries under a key as they were at one time. However many they are, this uses one reference count.
pub(crate) struct Snapshot<V>(Option<Arc<Vec<Held<V>>>>);

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

/// To clone the runtime's own values runs no foreign code.
impl<V> Clone for Held<V> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            process: self.process.clone(),
            value: self.value.clone(),
        }
    }
}

impl<V> HeldList<V> {
    /// The list, to be changed. If it has to be copied, the copy has the same values: none is dropped here.
    pub(crate) fn change(&mut self) -> &mut Vec<Held<V>> {
        match self {
            Self::Own(held) => held,
            Self::Shared(held) => Arc::make_mut(held),
        }
    }

    pub(crate) fn snapshot(&mut self) -> Snapshot<V> {
        let held = match mem::take(self) {
            Self::Own(held) => Arc::new(held),
            Self::Shared(held) => held,
        };
        *self = Self::Shared(held.clone());
        Snapshot(Some(held))
    }
}

impl<V> Default for HeldList<V> {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl<V> Deref for HeldList<V> {
    type Target = [Held<V>];

    fn deref(&self) -> &[Held<V>] {
        match self {
            Self::Own(held) => held,
            Self::Shared(held) => held,
        }
    }
}

/// Without those that a snapshot has, which drops them.
impl<V> IntoIterator for HeldList<V> {
    type Item = Held<V>;
    type IntoIter = std::vec::IntoIter<Held<V>>;

    fn into_iter(self) -> Self::IntoIter {
        let held = match self {
            Self::Own(held) => held,
            Self::Shared(held) => Arc::into_inner(held).unwrap_or_default(),
        };
        held.into_iter()
    }
}

impl<V> Snapshot<V> {
    /// Those whose owners live now.
    pub(crate) fn alive(&self) -> Vec<(Pid, &V)> {
        let held = self.0.iter().flat_map(|held| held.iter());
        let held = held.filter(|held| held.is_alive());
        held.map(|held| (held.pid(), held.value.get())).collect()
    }

    pub(crate) fn has_alive(&self) -> bool {
        self.0.iter().any(|held| held.iter().any(Held::is_alive))
    }
}

/// It may be the last holder of values that have been removed.
impl<V> Drop for Snapshot<V> {
    fn drop(&mut self) {
        if let Some(held) = self.0.take().and_then(Arc::into_inner) {
            panic::drop_each(held);
        }
    }
}

/// The removed contents of a registry. Keys and values are the user's, and are dropped one by one.
pub(crate) struct Cleared<K, V>(pub(crate) Vec<OfKey<K, V>>);

/// A key and its entries.
type OfKey<K, V> = (Arc<Hashed<K>>, HeldList<V>);

impl<K, V> Drop for Cleared<K, V> {
    fn drop(&mut self) {
        panic::drop_each(self.0.drain(..).flat_map(|(_, held)| held));
    }
}

/// Takes entries out from under a key, and the key with the last one.
pub(crate) fn take<V>(
    place: &mut Option<HeldList<V>>,
    mut goes: impl FnMut(&Held<V>) -> bool,
) -> Vec<Held<V>> {
    let Some(held) = place else { return Vec::new() };
    if !held.iter().any(&mut goes) {
        return Vec::new();
    }
    let removed = held.change().extract_if(.., |held| goes(held)).collect();
    if held.is_empty() {
        *place = None;
    }
    removed
}

/// The live entries under a key.
pub(crate) type Alive<V> = Vec<(Pid, HeldValue<V>)>;

pub(crate) fn alive<V>(held: &[Held<V>]) -> Alive<V> {
    let held = held.iter().filter(|held| held.is_alive());
    held.map(|held| (held.pid(), held.value.clone())).collect()
}

pub(crate) fn copies<V: Clone>(alive: Option<Alive<V>>) -> Vec<(Pid, V)> {
    let alive = alive.unwrap_or_default().into_iter();
    let copies: OneByOne<_> = alive
        .map(|(pid, value)| (pid, value.get().clone()))
        .collect();
    copies.into_vec()
}
