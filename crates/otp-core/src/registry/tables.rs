//! The entries of a registry: maps that any thread may read, in which every entry has a live owner or is removed soon.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

use super::held::{
    Cleared, EntryPlace, Held, HeldList, HeldValue, Owner, Snapshot, alive, copies, take,
};
use crate::address::via::Refused;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::keyed::{Hashed, Keyed, Right};
use crate::process::panic::{Contained, OneByOne, Pair};
use crate::process::schedule::in_any_order;
use crate::process::signal::{self, ExitOrigin};
use crate::process::sync::PARTS;
use crate::process::{panic, relations};
use crate::util::large;

/// The entries of a registry.
///
/// An entry is in two places: under its key and with its owner. They are changed one after the other, each in a
/// separate critical section: an entry is added under its key first, and removed from there first.
pub(crate) struct Tables<K, V> {
    unique: bool,
    /// The number of the next entry.
    numbers: AtomicU64,
    hasher: RandomState,
    partitions: Box<[Keyed<K, HeldList<V>>]>,
    owners: Keyed<Pid, Owner<K>>,
}

impl<K, V> Tables<K, V> {
    pub(crate) fn is_unique(&self) -> bool {
        self.unique
    }

    pub(crate) fn new(unique: bool, partitions: usize) -> Self {
        const { large::assert_value::<V>() };
        let partitions = std::iter::repeat_with(|| Keyed::new(PARTS)).take(partitions.max(1));
        Self {
            unique,
            numbers: AtomicU64::new(0),
            hasher: RandomState::default(),
            partitions: partitions.collect(),
            owners: Keyed::new(PARTS),
        }
    }

    /// Removes all entries of a process that has ended.
    pub(crate) fn release(&self, pid: Pid) {
        let owner = self.owners.find_own(&pid, Right::Change, Option::take);
        for (number, place) in owner.flatten().into_iter().flat_map(|it| it.entries) {
            panic::drop_each(self.leave(&place, number));
        }
    }

    /// Ends all processes with entries, in place of the links that were made for these.
    pub(crate) fn shut_down_owners(&self, keeper: &Arc<dyn Process>) {
        let owners = self.owners.pick(|_, owner| {
            let process = owner.process.clone();
            Some((process.head().pid, (process, owner.linked)))
        });
        let pid = keeper.head().pid;
        for (owner, (process, linked)) in in_any_order(owners) {
            if linked {
                relations::unlink(keeper, owner);
            }
            signal::exit(&process, pid, ExitReason::Shutdown, ExitOrigin::Hand);
        }
    }

    /// Removes everything. The returned values must be dropped outside of critical sections.
    pub(crate) fn clear(&self) -> impl Sized + use<K, V> {
        let entries: Vec<_> = self.partitions.iter().flat_map(Keyed::clear).collect();
        // Locks are released in between: an entry may find its owner gone.
        drop(self.owners.clear());
        Cleared(entries)
    }

    pub(crate) fn count(&self) -> usize {
        let alive = |held: &HeldList<V>| held.iter().filter(|held| held.is_alive()).count();
        let partitions = self.partitions.iter();
        let counts = partitions.flat_map(|keys| keys.pick(|_, held| Some(alive(held))));
        counts.sum()
    }

    /// Whether nothing is kept, not even of the dead.
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty() && self.partitions.iter().all(Keyed::is_empty)
    }

    /// Takes one entry out from under its key.
    fn leave(&self, place: &EntryPlace<K>, number: u64) -> Vec<Held<V>> {
        let keys = &self.partitions[place.partition];
        let left = keys.at(&place.key, Right::Change, |held| {
            take(held, |it| it.number == number)
        });
        left.unwrap_or_default()
    }

    /// Takes entries away from their owner, and the link with the registry with the last one.
    fn forget(&self, keeper: Option<&Arc<dyn Process>>, pid: Pid, numbers: &[u64]) {
        let forgotten = self.owners.find_own(&pid, Right::Change, |place| {
            let owner = place.as_mut()?;
            let gone: Vec<_> = numbers
                .iter()
                .filter_map(|it| owner.entries.remove(it))
                .collect();
            let last = owner.entries.is_empty();
            // A process that ends keeps its link, over which the keeper gets its exit.
            let unlinked = last && owner.linked && !owner.process.head().is_exiting();
            let process = unlinked.then(|| owner.process.clone());
            Some((gone, last.then(|| place.take()), process))
        });
        let unlinked = forgotten.flatten().and_then(|(_, _, process)| process);
        let (Some(process), Some(keeper)) = (unlinked, keeper) else {
            return;
        };
        relations::unlink(&process, keeper.head().pid);
        // Another thread may have entered a key for the process in between, and relied on the link.
        if self.owners.find_own(&pid, Right::Look, |_| ()).is_some() {
            self.link(&process, keeper);
            if process.head().is_exiting() {
                self.release(pid);
            }
        }
    }

    /// Links a process with the registry's own, so that the registry learns of its end; false if one of the two does
    /// not live.
    fn link(&self, process: &Arc<dyn Process>, keeper: &Arc<dyn Process>) -> bool {
        let pid = process.head().pid;
        match relations::link_both(process, keeper) {
            None => return false,
            Some(false) => {}
            Some(true) => {
                let noted = self.owners.find_own(&pid, Right::Change, |owner| {
                    owner.as_mut().map(|owner| owner.linked = true)
                });
                // Its entries have been removed meanwhile.
                if noted.is_none() {
                    relations::unlink(process, keeper.head().pid);
                }
            }
        }
        true
    }
}

impl<K: Eq + Hash + 'static, V> Tables<K, V> {
    /// Enters a key for a process and links that with the registry's own process, the keeper. `runs` says whether the
    /// registry still runs by that.
    pub(crate) fn insert(
        &self,
        keeper: &Arc<dyn Process>,
        process: &Arc<dyn Process>,
        entry: Pair<K, V>,
        runs: impl FnOnce() -> bool,
    ) -> Result<(), Refused> {
        let pid = process.head().pid;
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let partition = self.partition(pid, &*entry.key);
        let mut new = Some(Held {
            number,
            process: process.clone(),
            value: Arc::new(Contained::new(entry.value.into_inner())),
        });
        let entered = self.partitions[partition].entry(entry.key.into_inner(), |key, held| {
            let held = held.get_or_insert_default();
            let mut dead = HeldList::default();
            if self.unique {
                if let Some(holder) = held.iter().find(|held| held.is_alive()) {
                    return Err(Refused::Taken(holder.pid()));
                }
                dead = mem::take(held);
            }
            held.change().extend(new.take());
            Ok((key.clone(), dead))
        });
        let (key, dead) = entered?;
        let mut noted = Some(EntryPlace {
            partition,
            key: key.clone(),
        });
        let place = EntryPlace { partition, key };
        self.owners.entry(pid, |_, owner| {
            let owner = owner.get_or_insert_with(|| Owner {
                process: process.clone(),
                entries: HashMap::default(),
                linked: false,
            });
            owner
                .entries
                .extend(noted.take().map(|place| (number, place)));
        });
        // The link comes last. If the process lives then, its exit comes to the keeper later, which finds the entry. If
        // it does not, its entry is taken back here. So is an entry of a registry that stops: the registry first marks
        // that it does not run and then removes its entries, and so removes each entry that was added while it still
        // ran.
        let refused = match self.link(process, keeper) {
            true if runs() => None,
            false if process.head().is_exiting() => Some(Refused::NoProcess),
            _ => Some(Refused::NoRegistry),
        };
        if let Some(refused) = refused {
            let undone = self.leave(&place, number);
            self.forget(Some(keeper), pid, &[number]);
            panic::drop_each(dead.into_iter().chain(undone));
            return Err(refused);
        }
        panic::drop_each(dead);
        Ok(())
    }

    /// Removes those entries of a process under a key that `goes` picks by their numbers; returns how many.
    pub(crate) fn remove(
        &self,
        keeper: Option<&Arc<dyn Process>>,
        pid: Pid,
        key: &K,
        mut goes: impl FnMut(u64) -> bool,
    ) -> usize {
        let removed = self.partitions[self.partition(pid, key)].find(key, Right::Change, |held| {
            take(held, |it| it.pid() == pid && goes(it.number))
        });
        let removed = removed.unwrap_or_default();
        let numbers: Vec<u64> = removed.iter().map(|held| held.number).collect();
        if !numbers.is_empty() {
            self.forget(keeper, pid, &numbers);
        }
        panic::drop_each(removed);
        numbers.len()
    }

    /// Changes a value; returns whether there was one to change.
    pub(crate) fn update<Q>(&self, pid: Pid, key: &Q, value: V) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut value = Arc::new(Contained::new(value));
        let keys = &self.partitions[self.partition(pid, key)];
        let updated = keys.find(key, Right::Change, |held| {
            let held = held.as_mut()?;
            let at = held.iter().position(|held| held.pid() == pid)?;
            let own = &mut held.change()[at];
            mem::swap(&mut own.value, &mut value);
            Some(())
        });
        updated.flatten().is_some()
    }

    /// The live process that has a unique key.
    pub(crate) fn whereis<Q>(&self, key: &Q) -> Option<Pid>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let keys = &self.partitions[self.of_key(key)];
        let holder = keys.find(key, Right::Look, |held| {
            let holder = held
                .iter()
                .flat_map(|held| held.iter())
                .find(|held| held.is_alive());
            holder.map(Held::pid)
        });
        holder.flatten()
    }

    /// The live entries under a key, those of each partition by themselves.
    pub(crate) fn lookup<Q>(&self, key: &Q) -> impl Iterator<Item = Vec<(Pid, V)>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        V: Clone,
    {
        self.partitions_of(key).iter().map(|keys| {
            copies(keys.find(key, Right::Look, |held| {
                alive(held.as_deref().unwrap_or_default())
            }))
        })
    }

    /// The same without copies. A copy of a value often uses a reference count, for which the cores would wait for each other.
    pub(crate) fn snapshots<Q>(&self, key: &Q) -> impl Iterator<Item = Snapshot<V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let partitions = self.partitions_of(key).iter();
        partitions.filter_map(|keys| {
            let look = |held: &mut Option<_>| held.as_mut().map(HeldList::snapshot);
            keys.find(key, Right::Look, look).flatten()
        })
    }

    fn partitions_of<Q>(&self, key: &Q) -> &[Keyed<K, HeldList<V>>]
    where
        K: Borrow<Q>,
        Q: Hash + ?Sized,
    {
        match self.unique {
            true => std::slice::from_ref(&self.partitions[self.of_key(key)]),
            false => &self.partitions,
        }
    }

    /// The values of a live process under a key with the numbers of their entries, in the order of their registration.
    pub(crate) fn values<Q>(&self, pid: Pid, key: &Q) -> OneByOne<(u64, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        V: Clone,
    {
        let keys = &self.partitions[self.partition(pid, key)];
        let own = keys.find(key, Right::Look, |held| {
            let held = held.iter().flat_map(|held| held.iter());
            let own = held.filter(|held| held.pid() == pid && held.is_alive());
            own.map(|held| (held.number, held.value.clone()))
                .collect::<Vec<_>>()
        });
        let own = own.unwrap_or_default().into_iter();
        own.map(|(number, value)| (number, value.get().clone()))
            .collect()
    }

    /// The keys of a live process, each as often as it has entries under it.
    pub(crate) fn keys(&self, pid: Pid) -> Vec<K>
    where
        K: Clone,
    {
        let keys = self.owners.find_own(&pid, Right::Look, |owner| {
            let owner = owner.iter().filter(|it| !it.process.head().is_exiting());
            let entries = owner.flat_map(|owner| &owner.entries);
            entries
                .map(|(number, place)| (*number, place.key.clone()))
                .collect()
        });
        let mut keys: Vec<(u64, Arc<Hashed<K>>)> = keys.unwrap_or_default();
        keys.sort_unstable_by_key(|(number, _)| *number);
        let keys: OneByOne<_> = keys.iter().map(|(_, key)| key.key().clone()).collect();
        keys.into_vec()
    }

    /// Every live entry.
    pub(crate) fn all(&self) -> OneByOne<(Arc<Hashed<K>>, Pid, HeldValue<V>)> {
        let partitions = self.partitions.iter();
        let entries =
            partitions.flat_map(|keys| keys.pick(|key, held| Some((key.clone(), alive(held)))));
        let entries = entries.flat_map(|(key, held)| {
            held.into_iter()
                .map(move |(pid, value)| (key.clone(), pid, value))
        });
        entries.collect()
    }

    /// Where the entries of this process under this key are.
    fn partition<Q>(&self, pid: Pid, key: &Q) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + ?Sized,
    {
        match self.unique {
            true => self.of_key(key),
            false => self.nth(pid.id()),
        }
    }

    fn of_key<Q>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + ?Sized,
    {
        match self.partitions.len() {
            1 => 0,
            _ => self.nth(self.hasher.hash_one(key)),
        }
    }

    fn nth(&self, number: u64) -> usize {
        let count = self.partitions.len() as u64;
        usize::try_from(number % count).expect("it is less than a length")
    }
}
