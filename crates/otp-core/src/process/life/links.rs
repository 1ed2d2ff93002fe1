//! The links of a process.
//!
//! Most processes have one link, with their supervisor or their owner. It is in the control block itself, without the
//! other pid, which the other process knows. Further links are in a map.

use std::sync::Arc;

use super::block::{Process, Ties};
use crate::pid::Pid;

impl Ties {
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
