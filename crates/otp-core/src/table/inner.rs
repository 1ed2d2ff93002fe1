//! What all handles of a table share, and who may use it.

use std::any::Any;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::error::{Receiver, TableError};
use super::kind::Kind;
use super::store::{self, Store};
use super::{Access, Table, Transfer};
use crate::node::{Node, WeakNode};
use crate::pid::{NodeId, Pid};
use crate::process::block::{Estate, Process};
use crate::process::{self, panic};

pub(crate) struct Inner<K, V, S: Kind<K, V>> {
    me: Weak<Self>,
    number: u64,
    home: NodeId,
    node: WeakNode,
    store: S::Store,
    gone: AtomicBool,
    access: AtomicU8,
    /// The number of its pid.
    owner: AtomicU64,
    state: Mutex<State<K, V, S>>,
}

/// What changes seldom. Locked before the ties of processes.
struct State<K, V, S: Kind<K, V>> {
    name: Cow<'static, str>,
    named: bool,
    owner: Pid,
    heir: Option<Heir<K, V, S>>,
}

/// Who gets a table when its owner ends, and how it is told.
pub(crate) struct Heir<K, V, S: Kind<K, V>> {
    pid: Pid,
    tell: Arc<Mutex<Tell<K, V, S>>>,
}

type Tell<K, V, S> = dyn FnMut(Transfer<Table<K, V, S>>) + Send;

/// What an operation does.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// Nothing that needs a right.
    Look,
    Read,
    Write,
    /// What only the owner may.
    Own,
}

impl<K, V, S: Kind<K, V>> Heir<K, V, S> {
    pub(crate) fn new(
        pid: Pid,
        tell: impl FnMut(Transfer<Table<K, V, S>>) + Send + 'static,
    ) -> Self {
        Self {
            pid,
            tell: Arc::new(Mutex::new(tell)),
        }
    }
}

impl<K, V, S: Kind<K, V>> Inner<K, V, S>
where
    K: 'static,
    V: 'static,
{
    /// Makes a table that belongs to `owner`.
    pub(crate) fn create(
        name: Cow<'static, str>,
        named: bool,
        access: Access,
        heir: Option<Heir<K, V, S>>,
        owner: &Arc<dyn Process>,
    ) -> Result<Arc<Self>, TableError> {
        static TABLES: AtomicU64 = AtomicU64::new(1);

        let head = owner.head();
        let table = Arc::new_cyclic(|me| Self {
            me: me.clone(),
            number: TABLES.fetch_add(1, Ordering::Relaxed),
            home: head.node.id(),
            node: head.node.downgrade(),
            store: S::Store::default(),
            gone: AtomicBool::new(false),
            access: AtomicU8::new(access as u8),
            owner: AtomicU64::new(head.pid.id()),
            state: Mutex::new(State {
                name: name.clone(),
                named,
                owner: head.pid,
                heir,
            }),
        });
        if named {
            table.claim(&head.node, name)?;
        }
        let estate: Arc<dyn Estate> = table.clone();
        head.ties
            .with(|ties| ties.add_to_estate(table.number, estate));
        Ok(table)
    }

    /// The table's objects, if the current process may do this with them.
    #[inline]
    pub(crate) fn open(&self, need: Need) -> Result<&S::Store, TableError> {
        if self.is_open(need) {
            return Ok(&self.store);
        }
        Err(self.refusal())
    }

    fn is_open(&self, need: Need) -> bool {
        if store::is_updating() || self.gone.load(Ordering::Acquire) {
            return false;
        }
        let access = self.access();
        let to_all = match need {
            Need::Look => true,
            Need::Read => access != Access::Private,
            Need::Write => access == Access::Public,
            Need::Own => false,
        };
        to_all || self.is_mine()
    }

    fn me(&self) -> Arc<Self> {
        self.me
            .upgrade()
            .expect("whoever holds a reference holds it")
    }

    fn is_mine(&self) -> bool {
        process::try_current().is_some_and(|me| {
            me.node() == self.home && me.id() == self.owner.load(Ordering::Acquire)
        })
    }

    #[cold]
    fn refusal(&self) -> TableError {
        let state = self.state.lock();
        let table = state.name.clone();
        if store::is_updating() {
            TableError::InsideUpdate { table }
        } else if self.gone.load(Ordering::Acquire) {
            TableError::NoTable { table }
        } else {
            TableError::Denied {
                table,
                owner: state.owner,
                access: self.access(),
            }
        }
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn name(&self) -> Cow<'static, str> {
        self.state.lock().name.clone()
    }

    pub(crate) fn owner(&self) -> Option<Pid> {
        let owner = self.state.lock().owner;
        (!self.is_gone()).then_some(owner)
    }

    pub(crate) fn access(&self) -> Access {
        match self.access.load(Ordering::Relaxed) {
            0 => Access::Private,
            1 => Access::Protected,
            _ => Access::Public,
        }
    }

    pub(crate) fn set_access(&self, access: Access) {
        self.access.store(access as u8, Ordering::Relaxed);
    }

    pub(crate) fn set_heir(&self, heir: Option<Heir<K, V, S>>) {
        let former = std::mem::replace(&mut self.state.lock().heir, heir);
        drop(former);
    }

    pub(crate) fn rename(&self, name: Cow<'static, str>) -> Result<(), TableError> {
        let mut state = self.state.lock();
        if self.is_gone() {
            let table = state.name.clone();
            return Err(TableError::NoTable { table });
        }
        if state.named
            && state.name != name
            && let Some(node) = self.node.upgrade()
        {
            self.claim(&node, name.clone())?;
            node.tables().remove(&state.name);
        }
        state.name = name;
        Ok(())
    }

    fn claim(&self, node: &Node, name: Cow<'static, str>) -> Result<(), TableError> {
        let table: Arc<dyn Any + Send + Sync> = Arc::new(Table::of(self.me()));
        match node.tables().entry(name) {
            dashmap::Entry::Vacant(entry) => {
                entry.insert(table);
                Ok(())
            }
            dashmap::Entry::Occupied(entry) => Err(TableError::NameTaken {
                table: entry.key().clone(),
            }),
        }
    }

    /// Gives the table from its present owner to another process.
    pub(crate) fn give(&self, to: &Arc<dyn Process>) -> Result<(), TableError> {
        let mut state = self.state.lock();
        let former = state.owner;
        let receiver = to.head().pid;
        if self.is_gone() || receiver == former || !self.pass(&mut state, to) {
            return Err(TableError::NoReceiver {
                table: state.name.clone(),
                receiver: Receiver::Process(receiver),
            });
        }
        if let Some(former) = self.node.upgrade().and_then(|node| node.find(former)) {
            let ties = &former.head().ties;
            ties.with(|ties| ties.remove_from_estate(self.number));
        }
        Ok(())
    }

    /// Makes a process the owner, if it lives and is of the same node.
    fn pass(&self, state: &mut State<K, V, S>, to: &Arc<dyn Process>) -> bool {
        let head = to.head();
        head.ties.with(|ties| {
            if head.node.id() != self.home || !ties.is_alive() {
                return false;
            }
            ties.add_to_estate(self.number, self.me());
            state.owner = head.pid;
            self.owner.store(head.pid.id(), Ordering::Release);
            true
        })
    }

    /// Deletes the table.
    pub(crate) fn delete(&self) {
        let mut state = self.state.lock();
        let node = self.node.upgrade();
        if let Some(owner) = node.and_then(|node| node.find(state.owner)) {
            let ties = &owner.head().ties;
            ties.with(|ties| ties.remove_from_estate(self.number));
        }
        let heir = self.end(&mut state);
        drop(state);
        drop(heir);
        self.empty();
    }

    /// From here on every use is an error. What it returns is to be dropped without a lock.
    fn end(&self, state: &mut State<K, V, S>) -> Option<Heir<K, V, S>> {
        let first = !self.gone.swap(true, Ordering::AcqRel);
        if first
            && state.named
            && let Some(node) = self.node.upgrade()
        {
            node.tables().remove(&state.name);
        }
        state.heir.take()
    }

    fn empty(&self) {
        panic::run_quietly(|| {
            self.store.remove_if(|_, _| true);
        });
    }
}

impl<K, V, S: Kind<K, V>> Estate for Inner<K, V, S>
where
    K: 'static,
    V: 'static,
{
    fn owner_ended(&self, owner: Pid) {
        let mut state = self.state.lock();
        // It may have been given to another one in the meantime.
        if state.owner != owner || self.is_gone() {
            return;
        }
        let heir = state.heir.as_ref().filter(|heir| heir.pid != owner);
        let heir = heir.map(|heir| (heir.pid, heir.tell.clone()));
        let node = self.node.upgrade();
        let found = heir.and_then(|(pid, tell)| Some((node?.find(pid)?, tell)));
        if let Some((process, tell)) = found
            && self.pass(&mut state, &process)
        {
            drop(state);
            // What makes the message is the user's code.
            panic::run_quietly(|| {
                (tell.lock())(Transfer {
                    table: Table::of(self.me()),
                    from: owner,
                });
            });
            return;
        }
        let heir = self.end(&mut state);
        drop(state);
        drop(heir);
        self.empty();
    }
}
