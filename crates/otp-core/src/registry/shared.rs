//! The data that the handles of a registry share with its process.

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::mem;
use std::sync::{Arc, Weak};

use foldhash::fast::RandomState;

use super::error::NotRunning;
use super::listener::{Listener, RegistryEvent};
use super::lock::Locks;
use super::running::Running;
use super::tables::Tables;
use crate::address::via::Refused;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::contents::{Contents, ContentsQuery, ContentsRow, Exhibit, text};
use crate::process::lock::Lock;
use crate::process::panic::{self, Pair};

/// Metadata by name.
pub(crate) type Meta = HashMap<Cow<'static, str>, Arc<dyn Any + Send + Sync>, RandomState>;

pub(crate) struct RegistryShared<K, V> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) tables: Tables<K, V>,
    pub(crate) meta: Lock<Meta>,
    pub(crate) locks: Locks<K>,
    /// The metadata at the start of the registry.
    first_meta: Meta,
    listeners: Vec<Listener<K, V>>,
    running: Running,
}

impl<K, V> RegistryShared<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + 'static,
    V: Clone,
{
    pub(crate) fn new(
        name: Cow<'static, str>,
        tables: Tables<K, V>,
        first_meta: Meta,
        listeners: Vec<Listener<K, V>>,
    ) -> Self {
        Self {
            name,
            tables,
            meta: Lock::default(),
            locks: Locks::default(),
            first_meta,
            listeners,
            running: Running::default(),
        }
    }

    /// The registry's process, if it lives.
    pub(crate) fn keeper(&self) -> Option<Arc<dyn Process>> {
        self.running.process()
    }

    pub(crate) fn running(&self) -> Result<Arc<dyn Process>, NotRunning> {
        self.keeper().ok_or_else(|| NotRunning {
            registry: self.name.clone(),
        })
    }

    /// The registry starts, with nothing in it.
    ///
    /// # Errors
    ///
    /// The process that runs it already.
    pub(crate) fn open(&self, process: &Arc<dyn Process>) -> Result<(), Pid> {
        let mut first = self.first_meta.clone();
        let former = self.running.open(process, || {
            self.meta.with(|meta| mem::swap(meta, &mut first));
            self.tables.clear()
        });
        // Values are the user's, and may use the registry when they are dropped.
        panic::drop_each(first);
        former.map(drop)
    }

    /// The registry ends, if this is its process.
    pub(crate) fn close(&self, pid: Pid) {
        let left = self.running.close(pid, || {
            let meta = self.meta.with(mem::take);
            (self.tables.clear(), meta)
        });
        if let Some((entries, meta)) = left {
            drop(entries);
            panic::drop_each(meta);
        }
    }

    pub(crate) fn register(&self, pid: Pid, entry: Pair<K, V>) -> Result<(), Refused> {
        let keeper = self.keeper().ok_or(Refused::NoRegistry)?;
        let node = &keeper.head().node;
        if node.id() != pid.node() {
            return Err(Refused::NoRegistry);
        }
        let process = node.find(pid).ok_or(Refused::NoProcess)?;
        let news = (!self.listeners.is_empty()).then(|| Pair::of(&*entry.key, &*entry.value));
        let runs = || self.runs_by(&keeper);
        self.tables.insert(&keeper, &process, entry, runs)?;
        if let Some(news) = news {
            self.tell(&keeper, || {
                let (key, value) = Pair::of(&*news.key, &*news.value).into_tuple();
                RegistryEvent::Register { key, pid, value }
            });
        }
        Ok(())
    }

    /// Whether the registry still runs by this process.
    pub(crate) fn runs_by(&self, keeper: &Arc<dyn Process>) -> bool {
        let pid = keeper.head().pid;
        self.keeper().is_some_and(|it| it.head().pid == pid)
    }

    /// Removes those entries of a process under a key that `goes` picks by their numbers; returns how many.
    pub(crate) fn unregister(&self, pid: Pid, key: &K, goes: impl FnMut(u64) -> bool) -> usize {
        self.tables.remove(self.keeper().as_ref(), pid, key, goes)
    }

    /// Sends the listeners the event that a process has given a key up.
    pub(crate) fn tell_unregistered(&self, pid: Pid, key: &K) {
        if self.listeners.is_empty() {
            return;
        }
        if let Some(keeper) = self.keeper() {
            self.tell(&keeper, || {
                let key = key.clone();
                RegistryEvent::Unregister { key, pid }
            });
        }
    }

    fn tell(&self, keeper: &Arc<dyn Process>, news: impl Fn() -> RegistryEvent<K, V>) {
        for listener in &self.listeners {
            // Cloning the event and making a message of it is the user's code. If it panics, the registration stays,
            // and the other listeners get their event.
            panic::run_quietly(|| listener.tell(&keeper.head().node, news()));
        }
    }
}

/// The keys, which errors and names show as well, and their processes.
impl<K, V> Exhibit for Weak<RegistryShared<K, V>>
where
    K: Eq + Hash + Clone + fmt::Debug + 'static,
    V: Clone + 'static,
{
    fn contents(&self, query: &ContentsQuery) -> Option<Contents> {
        let shared = self.upgrade()?;
        let entries = shared.tables.all();
        Some(query.pick(|show| {
            for (key, pid, _) in entries.iter() {
                show(&|| ContentsRow {
                    key: Some(text(key.key())),
                    value: None,
                    processes: vec![*pid],
                });
            }
        }))
    }
}
