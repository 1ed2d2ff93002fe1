//! The ties of a process: its links, monitors and names, and what else ends with it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use super::ancestors::Ancestors;
use super::block::{Head, Process};
use super::watch::Wakers;
use crate::address::Target;
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};
use crate::process::inspection::contents::{Contents, ContentsQuery, Exhibit};
use crate::util::few::{Few, FewList};
use crate::util::lock;
use crate::util::numbered::Numbered;

/// A process's relations to others. Lock order: a registry or table, ties of the lower pid, ties of the
/// higher pid, names, timers or mailbox; nothing is locked after those.
pub(crate) struct Ties {
    /// The exit reason, once the end is decided; the task may not have seen it yet.
    pub(super) reason: Option<ExitReason>,
    /// The tasks that wait for the end; `None` once all signals have been sent.
    pub(super) waiting: Option<Wakers>,
    /// The first link. Most processes have one, with their supervisor or their owner: it is here, without the other pid,
    /// which the other process knows. Further links are in a map.
    pub(super) link: Option<Arc<dyn Process>>,
    /// Most processes that have a name have no other parts that [`MoreTies`] has.
    names: Option<Box<FewList<Name>>>,
    more: Option<Box<MoreTies>>,
}

/// The parts that many processes never have, in a box of their own.
#[derive(Default)]
pub(crate) struct MoreTies {
    /// All links but the first.
    pub(super) links: Few<Pid, Arc<dyn Process>>,
    /// Monitors that this process has set.
    pub(crate) monitors: Few<MonitorRef, Monitored>,
    /// Monitors that others have set on this process.
    pub(crate) watchers: Few<MonitorRef, Watcher>,
    /// There are, or have been, timers that are to reach this process.
    pub(crate) has_timers: bool,
    /// Its tables: see [`Estate`].
    pub(crate) estate: Option<Box<Estates>>,
    pub(crate) label: Option<String>,
    /// The ancestors of the processes that it starts.
    pub(super) below: Option<Arc<Ancestors>>,
    /// A value that others may read for as long as the process lives.
    pub(crate) shown: Option<Arc<dyn Exhibit + Send + Sync>>,
}

impl MoreTies {
    /// Whether the process's end causes no signal.
    fn is_alone(&self) -> bool {
        self.links.len() + self.monitors.len() + self.watchers.len() == 0
    }
}

/// The parts of a process that remain after its end.
pub(super) struct Bereaved {
    pub(super) link: Option<Arc<dyn Process>>,
    pub(super) more: Option<Box<MoreTies>>,
    /// The reason for the signals, if there are any.
    pub(super) reason: Option<ExitReason>,
    /// The tasks that wait for the end, if there are no signals.
    pub(super) waiters: Wakers,
}

/// By number.
pub(crate) type Estates = HashMap<u64, Arc<dyn Estate>, Numbered>;

/// Something that a process owns and that ends with it, unless another process inherits it.
pub(crate) trait Estate: Send + Sync {
    /// Its owner ends.
    fn owner_ended(&self, owner: Pid);
    /// Information on it, as a value whose type the caller knows.
    fn look(&self) -> Box<dyn Any>;
    /// What is in it, if others may see that.
    fn contents(&self, query: &ContentsQuery) -> Option<Contents>;
}

pub(crate) struct Monitored {
    pub(crate) process: Arc<dyn Process>,
}

pub(crate) struct Watcher {
    pub(crate) process: Arc<dyn Process>,
    /// The target for which the watcher has asked.
    pub(crate) target: Target,
}

impl Ties {
    pub(super) fn new(link: Option<Arc<dyn Process>>) -> Self {
        Self {
            reason: None,
            waiting: Some(Wakers::default()),
            link,
            names: None,
            more: None,
        }
    }

    pub(crate) fn more(&mut self) -> &mut MoreTies {
        self.more.get_or_insert_default()
    }

    pub(crate) fn peek(&self) -> Option<&MoreTies> {
        self.more.as_deref()
    }

    pub(crate) fn existing(&mut self) -> Option<&mut MoreTies> {
        self.more.as_deref_mut()
    }

    /// Takes out the relations of a process that has ended.
    pub(super) fn give_up(&mut self) -> Bereaved {
        let is_alone = self.link.is_none() && self.peek().is_none_or(MoreTies::is_alone);
        let reason = match is_alone {
            true => None,
            false => self.reason.clone(),
        };
        Bereaved {
            link: self.link.take(),
            more: self.more.take(),
            // Without signals, the last step has nothing to report.
            waiters: match reason {
                Some(_) => Wakers::default(),
                None => self.told(),
            },
            reason,
        }
    }

    /// All signals have been sent. Returns the wakers of the tasks that wait for that.
    pub(super) fn told(&mut self) -> Wakers {
        self.waiting.take().unwrap_or_default()
    }

    /// Whether the process has parts that its end releases.
    pub(super) fn has_belongings(&self) -> bool {
        let has = |more: &MoreTies| more.has_timers || more.estate.is_some();
        self.names.is_some() || self.peek().is_some_and(has)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.names.iter().flat_map(|names| names.iter())
    }

    pub(crate) fn add_name(&mut self, name: Name) {
        self.names.get_or_insert_default().push(name);
    }

    /// Takes names out.
    pub(crate) fn extract_names(&mut self, goes: impl FnMut(&Name) -> bool) -> Vec<Name> {
        match &mut self.names {
            Some(names) => names.extract(goes),
            None => Vec::new(),
        }
    }

    /// Takes all names out.
    pub(super) fn take_names(&mut self) -> Option<Box<FewList<Name>>> {
        self.names.take()
    }

    pub(crate) fn add_to_estate(&mut self, number: u64, thing: Arc<dyn Estate>) {
        let estate = &mut self.more().estate;
        estate.get_or_insert_default().insert(number, thing);
    }

    pub(crate) fn remove_from_estate(&mut self, number: u64) -> Option<Arc<dyn Estate>> {
        self.existing()?.estate.as_mut()?.remove(&number)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.reason.is_none()
    }

    /// Forgets a monitor that this process has set; nothing if it has fired or never was.
    pub(crate) fn remove_monitor(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        self.existing()?.monitors.remove(&monitor)
    }

    /// Forgets a monitor that is set on this process. Returns it with the watcher's target, whose name is the user's.
    pub(crate) fn remove_watcher(&mut self, monitor: MonitorRef) -> Option<Watcher> {
        self.existing()?.watchers.remove(&monitor)
    }

    /// All processes that the process is linked with.
    pub(crate) fn links(&self) -> impl Iterator<Item = &Arc<dyn Process>> {
        let further = self.peek().into_iter().flat_map(|more| more.links.iter());
        self.link.iter().chain(further.map(|(_, process)| process))
    }

    /// The process with this pid, if there is a link with it.
    pub(crate) fn linked(&self, pid: Pid) -> Option<&Arc<dyn Process>> {
        match &self.link {
            Some(first) if first.head().pid == pid => Some(first),
            _ => self.peek()?.links.get(&pid),
        }
    }

    /// Adds a link. Returns the former value, to be dropped after the critical section.
    pub(crate) fn insert_link(
        &mut self,
        pid: Pid,
        process: Arc<dyn Process>,
    ) -> Option<Arc<dyn Process>> {
        let is_first = |first: &Arc<dyn Process>| first.head().pid == pid;
        let is_further = || {
            self.peek()
                .is_some_and(|more| more.links.contains_key(&pid))
        };
        match self.link.as_ref().map(is_first) {
            Some(true) => self.link.replace(process),
            None if !is_further() => self.link.replace(process),
            _ => self.more().links.insert(pid, process),
        }
    }

    /// Removes a link. Returns the other process, to be dropped after the critical section, because a control block may
    /// be the last holder of a value of the user's.
    pub(crate) fn remove_link(&mut self, pid: Pid) -> Option<Arc<dyn Process>> {
        match &self.link {
            Some(first) if first.head().pid == pid => self.link.take(),
            _ => self.existing()?.links.remove(&pid),
        }
    }
}

/// Runs a critical section over the ties of two processes, which are locked in the order of their pids.
pub(crate) fn with_both<R>(
    a: &Head,
    b: &Head,
    section: impl FnOnce(&mut Ties, &mut Ties) -> R,
) -> R {
    match a.pid < b.pid {
        true => lock::with_both(&a.ties, &b.ties, section),
        false => lock::with_both(&b.ties, &a.ties, |theirs, mine| section(mine, theirs)),
    }
}
