//! The files of the runtime that are between threads, as they are, and what stands in for the others.

#[path = "../../src/process/alarm.rs"]
pub(crate) mod alarm;
#[path = "../../src/process/block.rs"]
pub(crate) mod block;
#[path = "../../src/process/bound.rs"]
mod bound;
#[path = "../../src/process/carrier.rs"]
pub(crate) mod carrier;
#[path = "../../src/process/death.rs"]
mod death;
#[path = "../../src/process/entries.rs"]
pub(crate) mod entries;
#[path = "../../src/process/flags.rs"]
mod flags;
#[path = "../../src/process/keyed.rs"]
pub(crate) mod keyed;
#[path = "../../src/process/limit.rs"]
pub(crate) mod limit;
#[path = "../../src/process/lock.rs"]
pub(crate) mod lock;
#[path = "../../src/process/map.rs"]
pub(crate) mod map;
#[path = "../../src/process/pace.rs"]
pub(crate) mod pace;
#[path = "../../src/process/plain.rs"]
pub(crate) mod plain;
#[path = "../../src/process/push.rs"]
mod push;
#[path = "../../src/process/queue.rs"]
pub(crate) mod queue;
#[path = "../../src/process/relations.rs"]
pub(crate) mod relations;
#[path = "../../src/process/room.rs"]
pub(crate) mod room;
#[path = "../../src/process/run.rs"]
pub(crate) mod run;
#[path = "../../src/process/schedule.rs"]
pub(crate) mod schedule;
#[path = "../../src/process/signal.rs"]
pub(crate) mod signal;
#[path = "../../src/process/slot.rs"]
pub(crate) mod slot;
#[path = "../../src/process/taken.rs"]
pub(crate) mod taken;
#[path = "../../src/process/watch.rs"]
pub(crate) mod watch;
#[path = "../../src/process/watchdog.rs"]
pub(crate) mod watchdog;

#[path = "stand_ins/clock.rs"]
pub(crate) mod clock;
#[path = "stand_ins/current.rs"]
pub(crate) mod current;
#[path = "stand_ins/maps.rs"]
pub(crate) mod maps;
#[path = "stand_ins/panic.rs"]
pub(crate) mod panic;
#[path = "stand_ins/sync.rs"]
pub(crate) mod sync;
/// No other node is ever connected.
pub(crate) mod remote {
    use std::sync::Arc;

    use super::block::Process;
    use super::carrier::Remotes;
    use crate::name::RemoteName;
    use crate::pid::Pid;

    #[derive(Default)]
    pub(crate) struct Connected;

    impl Remotes for Connected {
        fn find(&self, _: Pid) -> Option<Arc<dyn Process>> {
            None
        }

        fn named(&self, _: &RemoteName) -> Option<Arc<dyn Process>> {
            None
        }
    }
}
