//! Counts what there is.

use otp_core::Node;

use crate::world::World;

/// What there is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Survey {
    pub(crate) processes: usize,
    pub(crate) local_names: usize,
    pub(crate) global_names: usize,
    pub(crate) links: usize,
    pub(crate) monitors: usize,
    pub(crate) timers: usize,
    pub(crate) tables: usize,
    /// States of workers.
    pub(crate) workers: usize,
    pub(crate) registry_entries: usize,
    pub(crate) group_members: usize,
}

impl Survey {
    /// Counts what a node holds, and what a world keeps elsewhere.
    pub(crate) fn of(node: &Node, world: &World) -> Self {
        let info = node.system_info();
        let groups = world.groups.groups();
        Self {
            processes: info.process_count,
            local_names: info.local_names,
            global_names: info.global_names,
            links: info.links,
            monitors: info.monitors,
            timers: info.timers,
            tables: info.table_count,
            workers: world.ledger.workers(),
            registry_entries: world.keys.count() + world.topics.count(),
            group_members: groups
                .iter()
                .map(|group| world.groups.members(group).len())
                .sum(),
        }
    }

    /// All of it, by name.
    pub(crate) fn rows(&self) -> [(&'static str, usize); 10] {
        [
            ("processes", self.processes),
            ("local names", self.local_names),
            ("global names", self.global_names),
            ("links", self.links),
            ("monitors", self.monitors),
            ("timers", self.timers),
            ("tables", self.tables),
            ("states of workers", self.workers),
            ("registry entries", self.registry_entries),
            ("group members", self.group_members),
        ]
    }
}
