//! The data that the handles of a table share, and the check of the access.

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::error::{Receiver, TableError};
use super::kind::Kind;
use super::look::{self, TableInfo};
use super::store::{self, Store};
use super::{Access, Table, Transfer};
use crate::node::{Named, Node, WeakNode};
use crate::pid::{NodeId, Pid};
use crate::process;
use crate::process::block::Process;
use crate::process::contents::{Contents, ContentsQuery, ContentsRow};
use crate::process::lock::{Lock, Turn};
use crate::process::panic::{self, OneOfMany};
use crate::process::ties::Estate;
use crate::util::large;

pub(crate) struct TableInner<K, V, S: Kind<K, V>> {
    me: Weak<Self>,
    number: u64,
    home: NodeId,
    node: WeakNode,
    store: S::Store,
    gone: AtomicBool,
    access: AtomicU8,
    /// The number of its pid.
    owner: AtomicU64,
    /// Dropped together with keys and values.
    view: Option<OneOfMany<View<K, V>>>,
    state: Lock<TableState<K, V, S>>,
}

/// Makes an object into text, for others to see.
pub(crate) type View<K, V> = Box<dyn Fn(&K, &V) -> (String, String) + Send + Sync>;

/// The data that rarely changes. Locked before the ties of processes.
struct TableState<K, V, S: Kind<K, V>> {
    name: Cow<'static, str>,
    named: bool,
    owner: Pid,
    heir: Option<Heir<K, V, S>>,
}

/// The process that gets a table when its owner ends, and the function that makes its message.
pub(crate) struct Heir<K, V, S: Kind<K, V>> {
    pid: Pid,
    /// Several owners may end one after the other.
    tell: Arc<Turn<Box<Tell<K, V, S>>>>,
}

/// Makes the message, then passes the table on, and sends the message if the table was passed on.
type Tell<K, V, S> = dyn FnMut(Transfer<Table<K, V, S>>, &mut Pass<'_>) + Send;

/// Makes a process the owner; false if it cannot be, or there is no table any more.
type Pass<'a> = dyn FnMut(&Arc<dyn Process>) -> bool + 'a;

/// The kind of access that an operation needs.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// Nothing that needs a right.
    Look,
    Read,
    Write,
    /// An operation that only the owner may use.
    Own,
}

impl<K, V, S: Kind<K, V>> Heir<K, V, S> {
    pub(crate) fn new(
        pid: Pid,
        tell: impl FnMut(Transfer<Table<K, V, S>>, &mut Pass<'_>) + Send + 'static,
    ) -> Self {
        Self {
            pid,
            tell: Arc::new(Turn::new(Box::new(tell))),
        }
    }
}

impl<K, V, S: Kind<K, V>> TableInner<K, V, S>
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
        view: Option<View<K, V>>,
        owner: &Arc<dyn Process>,
    ) -> Result<Arc<Self>, TableError> {
        static TABLES: AtomicU64 = AtomicU64::new(1);

        const {
            large::assert_value::<K>();
            large::assert_value::<V>();
        }

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
            view: view.map(OneOfMany::new),
            state: Lock::new(TableState {
                name: name.clone(),
                named,
                owner: head.pid,
                heir,
            }),
        });
        if named {
            claim(&head.node, name, Arc::new(Table::of(table.clone())))?;
        }
        let estate: Arc<dyn Estate> = table.clone();
        head.ties
            .with(|ties| ties.add_to_estate(table.number, estate));
        Ok(table)
    }

    /// The table's objects, if the current process may do this with them.
    #[inline]
    pub(crate) fn open(&self, need: Need) -> Result<&S::Store, TableError> {
        if !self.is_open(need) {
            return Err(self.refusal());
        }
        if let Need::Write = need {
            self.store.gate().pass();
        }
        Ok(&self.store)
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
        self.me.upgrade().expect("each reference keeps it")
    }

    fn is_mine(&self) -> bool {
        process::try_current().is_some_and(|me| {
            me.node() == self.home && me.id() == self.owner.load(Ordering::Acquire)
        })
    }

    #[cold]
    fn refusal(&self) -> TableError {
        let (table, owner) = self.state.with(|state| (state.name.clone(), state.owner));
        if store::is_updating() {
            TableError::InsideUpdate { table }
        } else if self.gone.load(Ordering::Acquire) {
            TableError::NoTable { table }
        } else {
            TableError::Denied {
                table,
                owner,
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
        self.state.with(|state| state.name.clone())
    }

    pub(crate) fn owner(&self) -> Option<Pid> {
        let owner = self.state.with(|state| state.owner);
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

    pub(crate) fn set_heir(&self, mut heir: Option<Heir<K, V, S>>) {
        self.state
            .with(|state| mem::swap(&mut state.heir, &mut heir));
    }

    pub(crate) fn rename(&self, name: Cow<'static, str>) -> Result<(), TableError> {
        // Held over the critical section: the last holder of a node drops all that is in it.
        let node = self.node.upgrade();
        let me: Named = Arc::new(Table::of(self.me()));
        let renamed = self.state.with(|state| {
            if self.is_gone() {
                let table = state.name.clone();
                return Err(TableError::NoTable { table });
            }
            let mut former = None;
            if state.named
                && state.name != name
                && let Some(node) = &node
            {
                claim(node, name.clone(), me.clone())?;
                former = node.tables().remove(&state.name);
            }
            state.name = name;
            Ok(former)
        });
        renamed.map(drop)
    }

    /// Gives the table from its present owner to another process.
    pub(crate) fn give(&self, to: &Arc<dyn Process>) -> Result<(), TableError> {
        let node = self.node.upgrade();
        let receiver = to.head().pid;
        let former = self.state.with(|state| {
            let former = state.owner;
            if self.is_gone() || receiver == former || !self.pass(state, to) {
                return Err(TableError::NoReceiver {
                    table: state.name.clone(),
                    receiver: Receiver::Process(receiver),
                });
            }
            Ok(self.leave_estate(node.as_ref(), former))
        });
        former.map(drop)
    }

    /// Removes the table from those that a process owns. The returned value must be dropped outside.
    fn leave_estate(&self, node: Option<&Node>, owner: Pid) -> Option<impl Sized + use<K, V, S>> {
        let owner = node?.find(owner)?;
        let mine = owner
            .head()
            .ties
            .with(|ties| ties.remove_from_estate(self.number));
        Some((owner, mine))
    }

    /// Makes a process the owner, if it lives and is of the same node.
    fn pass(&self, state: &mut TableState<K, V, S>, to: &Arc<dyn Process>) -> bool {
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
        let node = self.node.upgrade();
        let ended = self.state.with(|state| {
            let owner = self.leave_estate(node.as_ref(), state.owner);
            (owner, self.end(node.as_ref(), state))
        });
        drop(ended);
        self.empty();
    }

    /// From here on every use is an error. The returned value must be dropped outside.
    fn end(
        &self,
        node: Option<&Node>,
        state: &mut TableState<K, V, S>,
    ) -> (Option<Heir<K, V, S>>, Option<Named>) {
        let first = !self.gone.swap(true, Ordering::AcqRel);
        let named = node.filter(|_| first && state.named);
        let named = named.and_then(|node| node.tables().remove(&state.name));
        (state.heir.take(), named)
    }

    fn empty(&self) {
        panic::run_quietly(|| {
            self.store.clear();
        });
    }
}

/// Enters a table by its name.
fn claim(node: &Node, name: Cow<'static, str>, table: Named) -> Result<(), TableError> {
    match node.tables().claim(name, table) {
        Ok(()) => Ok(()),
        Err((table, _)) => Err(TableError::NameTaken { table }),
    }
}

impl<K, V, S: Kind<K, V>> Estate for TableInner<K, V, S>
where
    K: 'static,
    V: 'static,
{
    fn look(&self) -> Box<dyn Any> {
        let (name, named, owner) = self
            .state
            .with(|state| (state.name.clone(), state.named, state.owner));
        // A thread that is in the middle of changing a table holds a part of it.
        let objects = match store::is_updating() {
            true => 0,
            false => self.store.len(),
        };
        Box::new(TableInfo {
            number: self.number,
            name,
            named,
            owner,
            access: self.access(),
            kind: look::kind::<K, V, S>(),
            objects,
            keys: type_name::<K>(),
            values: type_name::<V>(),
            visible: self.view.is_some() && self.access() != Access::Private,
        })
    }

    fn contents(&self, query: &ContentsQuery) -> Option<Contents> {
        let view = self.view.as_deref()?;
        if self.access() == Access::Private || self.is_gone() || store::is_updating() {
            return None;
        }
        Some(query.pick(|show| {
            self.store.each(|key, value| {
                show(&|| {
                    let (key, value) = view(key, value);
                    ContentsRow {
                        key: Some(key),
                        value: Some(value),
                        processes: Vec::new(),
                    }
                });
            });
        }))
    }

    fn owner_ended(&self, owner: Pid) {
        let node = self.node.upgrade();
        // It may have been given to another one in the meantime.
        let is_left = |state: &TableState<K, V, S>| state.owner == owner && !self.is_gone();
        let heir = self.state.with(|state| {
            let heir = state.heir.as_ref().filter(|heir| heir.pid != owner);
            heir.filter(|_| is_left(state))
                .map(|heir| heir.tell.clone())
        });
        let mut passed = false;
        if let Some(tell) = heir {
            let table = Table::of(self.me());
            let mut pass = |heir: &Arc<dyn Process>| {
                let pass =
                    |state: &mut TableState<K, V, S>| is_left(state) && self.pass(state, heir);
                passed = self.state.with(pass);
                passed
            };
            let transfer = Transfer { table, from: owner };
            // The function that makes the message is the user's code.
            panic::run_quietly(|| tell.take(|tell| tell(transfer, &mut pass)));
        }
        if passed {
            return;
        }
        let ended = self
            .state
            .with(|state| is_left(state).then(|| self.end(node.as_ref(), state)));
        if let Some(left) = ended {
            panic::run_quietly(|| drop(left));
            self.empty();
        }
    }
}
