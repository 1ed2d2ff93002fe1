//! The starters of processes.

use crate::pid::Pid;

/// The starter of a process, the starter of that one, and so on: the nearest first, up to a limit. All children of a
/// process share one list.
pub(crate) struct Ancestors {
    pids: Box<[Pid]>,
    /// The leader of the group that the children belong to; see [`group`](super::group).
    pub(super) group: Option<Pid>,
}

impl Ancestors {
    /// Processes may start their successors without end.
    pub(crate) const MOST: usize = 32;

    /// Those of the children of a process that has these ancestors itself.
    pub(super) fn below(parent: Pid, above: Option<&Self>) -> Self {
        let pids = std::iter::once(parent).chain(above.into_iter().flat_map(Self::iter));
        Self {
            pids: pids.take(Self::MOST).collect(),
            group: above.and_then(|above| above.group),
        }
    }

    pub(super) fn first(&self) -> Option<Pid> {
        self.iter().next()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Pid> {
        self.pids.iter().copied()
    }
}
