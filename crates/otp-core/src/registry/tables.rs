//! Who is registered under what: maps that anyone may read, in which every entry has a live owner or goes soon.
//!
//! Lock order: the shard of an owner, the shard of a key, the ties of processes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::exit::ExitReason;
use crate::name::Refused;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::relations;
use crate::process::schedule::in_any_order;
use crate::process::signal::{self, Via};
use crate::process::sync::DashMap;

/// The entries of a registry.
pub(crate) struct Tables<K, V> {
    unique: bool,
    partitions: Box<[Keys<K, V>]>,
    owners: DashMap<Pid, Owner<K>, RandomState>,
}

type Keys<K, V> = DashMap<K, Vec<Held<V>>, RandomState>;

/// One entry under a key.
pub(crate) struct Held<V> {
    process: Arc<dyn Process>,
    value: V,
}

/// A process with entries, and how many it has under each key.
struct Owner<K> {
    process: Arc<dyn Process>,
    keys: HashMap<K, usize, RandomState>,
    /// The link with the registry was made for its entries, and goes with the last one.
    linked: bool,
}

impl<V> Held<V> {
    fn pid(&self) -> Pid {
        self.process.head().pid
    }

    fn is_alive(&self) -> bool {
        !self.process.head().is_exiting()
    }
}

impl<K, V> Tables<K, V>
where
    K: Eq + Hash + Clone,
    V: Clone,
{
    pub(crate) fn new(unique: bool, partitions: usize) -> Self {
        Self {
            unique,
            partitions: (0..partitions.max(1)).map(|_| Keys::default()).collect(),
            owners: DashMap::default(),
        }
    }

    /// Enters a key for a process and links that with the registry's own process, the keeper.
    pub(crate) fn insert(
        &self,
        keeper: &Arc<dyn Process>,
        process: &Arc<dyn Process>,
        key: K,
        value: V,
    ) -> Result<(), Refused> {
        let pid = process.head().pid;
        // Held to the end: the entries of one process change one after the other.
        let mut owner = self.owners.entry(pid).or_insert_with(|| Owner {
            process: process.clone(),
            keys: HashMap::default(),
            linked: false,
        });
        let before = self.enter(process, key.clone(), value);
        let refused = match &before {
            Err(refused) => Some(*refused),
            // The link comes last. A process that lives by then is followed by its exit to the keeper, which
            // finds the entry; one that does not has its entry taken back.
            Ok(_) => match relations::link_both(process, keeper) {
                Some(new) => {
                    owner.linked |= new;
                    None
                }
                None if process.head().is_exiting() => Some(Refused::NoProcess),
                None => Some(Refused::NoRegistry),
            },
        };
        let Some(refused) = refused else {
            *owner.keys.entry(key).or_default() += 1;
            drop(owner);
            return Ok(());
        };
        let undone = before.is_ok().then(|| {
            let counted = owner.keys.get(&key).copied().unwrap_or_default();
            self.leave(pid, &key, |nth| nth >= counted)
        });
        drop(owner);
        self.owners
            .remove_if(&pid, |_, owner| owner.keys.is_empty());
        drop((before, undone));
        Err(refused)
    }

    /// Removes those entries of a process under a key that `goes` picks by their order; returns how many.
    pub(crate) fn remove(
        &self,
        keeper: Option<Pid>,
        pid: Pid,
        key: &K,
        goes: impl FnMut(usize) -> bool,
    ) -> usize {
        let Some(mut owner) = self.owners.get_mut(&pid) else {
            return 0;
        };
        let removed = self.leave(pid, key, goes);
        if let Some(count) = owner.keys.get_mut(key) {
            *count = count.saturating_sub(removed.len());
            if *count == 0 {
                owner.keys.remove(key);
            }
        }
        // One that ends keeps its link, over which the keeper hears of it.
        if owner.keys.is_empty() && owner.linked && !owner.process.head().is_exiting() {
            owner.linked = false;
            if let Some(keeper) = keeper {
                relations::unlink(&owner.process, keeper);
            }
        }
        drop(owner);
        self.owners
            .remove_if(&pid, |_, owner| owner.keys.is_empty());
        removed.len()
    }

    /// Removes all entries of a process that has ended.
    pub(crate) fn release(&self, pid: Pid) {
        if let Some((_, owner)) = self.owners.remove(&pid) {
            for key in owner.keys.keys() {
                self.leave(pid, key, |_| true);
            }
        }
    }

    /// Ends all processes with entries, in place of the links that were made for these.
    pub(crate) fn shut_down_owners(&self, keeper: &Arc<dyn Process>) {
        let owner = |owner: &Owner<K>| {
            (
                owner.process.head().pid,
                (owner.process.clone(), owner.linked),
            )
        };
        let owners: Vec<_> = self.owners.iter().map(|entry| owner(&entry)).collect();
        let pid = keeper.head().pid;
        for (owner, (process, linked)) in in_any_order(owners) {
            if linked {
                relations::unlink(keeper, owner);
            }
            signal::exit(&process, pid, ExitReason::Shutdown, Via::Hand);
        }
    }

    /// Removes everything; what it returns is dropped without a lock.
    pub(crate) fn clear(&self) -> Vec<(K, Vec<Held<V>>)> {
        let mut entries = Vec::new();
        for keys in &self.partitions {
            let present: Vec<K> = keys.iter().map(|entry| entry.key().clone()).collect();
            entries.extend(present.iter().filter_map(|key| keys.remove(key)));
        }
        self.owners.clear();
        entries
    }

    /// Changes a value; returns whether there was one to change.
    pub(crate) fn update<Q>(&self, pid: Pid, key: &Q, value: V) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let former = self.partition(pid, key).get_mut(key).and_then(|mut held| {
            let held = held.iter_mut().find(|held| held.pid() == pid)?;
            Some(mem::replace(&mut held.value, value))
        });
        former.is_some()
    }

    /// The live process that has a unique key.
    pub(crate) fn whereis<Q>(&self, key: &Q) -> Option<Pid>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let held = self.of_key(key).get(key)?;
        held.iter().find(|held| held.is_alive()).map(Held::pid)
    }

    /// The live entries under a key, those of each partition by themselves.
    pub(crate) fn lookup<Q>(&self, key: &Q) -> impl Iterator<Item = Vec<(Pid, V)>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let partitions = match self.unique {
            true => std::slice::from_ref(self.of_key(key)),
            false => &*self.partitions,
        };
        partitions
            .iter()
            .map(|keys| keys.get(key).map_or_else(Vec::new, |held| copies(&held)))
    }

    /// The values of a live process under a key, in the order of their registration.
    pub(crate) fn values<Q>(&self, pid: Pid, key: &Q) -> Vec<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let held = self.partition(pid, key).get(key);
        let own = held.iter().flat_map(|held| held.iter());
        own.filter(|held| held.pid() == pid && held.is_alive())
            .map(|held| held.value.clone())
            .collect()
    }

    /// The keys of a live process, each as often as it has entries under it.
    pub(crate) fn keys(&self, pid: Pid) -> Vec<K> {
        match self.owners.get(&pid) {
            Some(owner) if !owner.process.head().is_exiting() => owner
                .keys
                .iter()
                .flat_map(|(key, count)| vec![key.clone(); *count])
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        let entries = self.partitions.iter().flat_map(DashMap::iter);
        entries
            .map(|held| held.iter().filter(|held| held.is_alive()).count())
            .sum()
    }

    /// A copy of every live entry.
    pub(crate) fn all(&self) -> Vec<(K, Pid, V)> {
        let mut all = Vec::new();
        for entry in self.partitions.iter().flat_map(DashMap::iter) {
            let copies = copies(&entry);
            all.extend(
                copies
                    .into_iter()
                    .map(|(pid, value)| (entry.key().clone(), pid, value)),
            );
        }
        all
    }

    /// Whether nothing is kept, not even of the dead.
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty() && self.partitions.iter().all(DashMap::is_empty)
    }

    /// Puts the entry under its key. What it returns, entries of a dead owner, is dropped without a lock.
    fn enter(&self, process: &Arc<dyn Process>, key: K, value: V) -> Result<Vec<Held<V>>, Refused> {
        let keys = self.partition(process.head().pid, &key);
        let mut held = keys.entry(key).or_default();
        let dead = match self.unique {
            false => Vec::new(),
            true => match held.iter().find(|held| held.is_alive()) {
                Some(holder) => return Err(Refused::Taken(holder.pid())),
                None => mem::take(&mut *held),
            },
        };
        held.push(Held {
            process: process.clone(),
            value,
        });
        Ok(dead)
    }

    /// Takes entries of a process out from under a key.
    fn leave(&self, pid: Pid, key: &K, mut goes: impl FnMut(usize) -> bool) -> Vec<Held<V>> {
        let keys = self.partition(pid, key);
        let Some(mut held) = keys.get_mut(key) else {
            return Vec::new();
        };
        let mut own = 0..;
        let removed = held
            .extract_if(.., |held| {
                held.pid() == pid && own.next().is_some_and(&mut goes)
            })
            .collect();
        drop(held);
        keys.remove_if(key, |_, held| held.is_empty());
        removed
    }

    /// Where the entries of this process under this key are.
    fn partition<Q>(&self, pid: Pid, key: &Q) -> &Keys<K, V>
    where
        K: Borrow<Q>,
        Q: Hash + ?Sized,
    {
        match self.unique {
            true => self.of_key(key),
            false => self.nth(pid.id()),
        }
    }

    fn of_key<Q>(&self, key: &Q) -> &Keys<K, V>
    where
        K: Borrow<Q>,
        Q: Hash + ?Sized,
    {
        match self.partitions.len() {
            1 => &self.partitions[0],
            _ => self.nth(self.owners.hasher().hash_one(key)),
        }
    }

    fn nth(&self, number: u64) -> &Keys<K, V> {
        let count = self.partitions.len() as u64;
        let index = usize::try_from(number % count).expect("it is less than a length");
        &self.partitions[index]
    }
}

fn copies<V: Clone>(held: &[Held<V>]) -> Vec<(Pid, V)> {
    held.iter()
        .filter(|held| held.is_alive())
        .map(|held| (held.pid(), held.value.clone()))
        .collect()
}
