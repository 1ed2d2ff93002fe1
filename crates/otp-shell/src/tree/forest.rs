//! Processes by their supervisors and starters.

use super::survey::Survey;
use crate::commands::title;
use otp_core::supervisor::ChildInfo;
use otp_core::{Pid, ProcessInfo};
use std::collections::{HashMap, HashSet};

/// The processes below each process; below `None` those that have no process above them.
#[derive(Debug, Default)]
pub(super) struct Forest<'a>(HashMap<Option<Pid>, Vec<Entry<'a>>>);

/// Something to draw: a process, the child of a supervisor, or most often both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Present if it runs, and has not been started since the processes were listed.
    pub(super) info: Option<&'a ProcessInfo>,
    /// The supervisor's information on it, if it has a supervisor.
    pub(super) child: Option<&'a ChildInfo>,
}

impl<'a> Forest<'a> {
    pub(super) fn new(infos: &'a [ProcessInfo], survey: &'a Survey) -> Self {
        let by_pid: HashMap<Pid, &ProcessInfo> = infos.iter().map(|it| (it.pid, it)).collect();
        let mut forest = Self::default();
        let mut claimed = HashSet::new();
        for supervisor in by_pid.keys() {
            for child in survey.children(*supervisor) {
                let info = child.pid().and_then(|pid| by_pid.get(&pid).copied());
                claimed.extend(child.pid());
                let child = Some(child);
                forest.add(Some(*supervisor), Entry { info, child });
            }
        }
        for info in infos.iter().filter(|info| !claimed.contains(&info.pid)) {
            let mut ancestors = info.ancestors.iter().copied();
            let above = ancestors.find(|pid| by_pid.contains_key(pid));
            let info = Some(info);
            forest.add(above, Entry { info, child: None });
        }
        forest
    }

    /// The processes below a process, in the order of drawing.
    pub(super) fn below(&self, pid: Option<Pid>) -> &[Entry<'a>] {
        self.0.get(&pid).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, above: Option<Pid>, entry: Entry<'a>) {
        self.0.entry(above).or_default().push(entry);
    }
}

impl Entry<'_> {
    pub(super) fn pid(&self) -> Option<Pid> {
        let info = self.info.map(|info| info.pid);
        info.or_else(|| self.child?.pid())
    }

    /// Its title: the id of the child if it has a supervisor, and then its name or label if that is different.
    pub(super) fn title(&self) -> String {
        let own = self.info.map(title);
        let id = self.child.and_then(|child| child.id.as_ref());
        match (id.map(ToString::to_string), own) {
            (Some(id), Some(own)) if id != own && !self.is_nameless() => format!("{id} ({own})"),
            (Some(id), _) => id,
            (None, Some(own)) => own,
            (None, None) => "undefined".to_owned(),
        }
    }

    /// Whether it is called by its type alone, for want of anything better.
    fn is_nameless(&self) -> bool {
        self.info
            .is_none_or(|info| info.names.is_empty() && info.label.is_none())
    }
}
