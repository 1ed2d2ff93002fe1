//! The data that an application's processes share during one of its lives: its state between the callbacks, and the
//! progress of its end. If the process that ends it is killed, a successor does the rest.

use std::mem;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::master;
use super::spec::{ApplicationSpec, LiveApplication};
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::lock::Lock;
use crate::process::run;
use crate::supervisor::cause::Cause;

/// One life of an application, from the start of its master to the end of its last process.
pub(super) struct Life {
    pub(super) spec: Arc<ApplicationSpec>,
    controller: Pid,
    record: Lock<Record>,
    /// The state, between two callbacks and during one. An owner that is killed during a callback releases it.
    pub(super) state: tokio::sync::Mutex<Option<LifeState>>,
    holders: AtomicUsize,
    is_finished: AtomicBool,
    /// The time limit of the end is over: no more callbacks run.
    hurries: AtomicBool,
}

/// A process of a life: the master, its successors and the controller hold it. The last one of an unfinished life starts a
/// successor of the master. This is a controller that is killed after the master, or a successor that is killed, also one
/// that has never run.
///
/// The last holder becomes that of the successor, so the life can be found at each moment.
pub(super) struct Holder(Arc<Life>);

impl Holder {
    pub(super) fn new(life: Life) -> Self {
        Self(Arc::new(life))
    }

    /// Holds a life that was found, if it has a holder. Without one nothing is left to be done for it.
    pub(super) fn join(life: &Arc<Life>) -> Option<Self> {
        let join = |holders| (holders > 0).then_some(holders + 1);
        let joined = life
            .holders
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, join);
        joined.is_ok().then(|| Self(life.clone()))
    }

    pub(super) fn downgrade(&self) -> Weak<Life> {
        Arc::downgrade(&self.0)
    }
}

impl Clone for Holder {
    fn clone(&self) -> Self {
        self.holders.fetch_add(1, Ordering::Relaxed);
        Self(self.0.clone())
    }
}

impl Deref for Holder {
    type Target = Life;

    fn deref(&self) -> &Life {
        &self.0
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let leaves_it = |holders| (holders > 1 || self.is_finished()).then_some(holders - 1);
        let left = self
            .holders
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, leaves_it);
        if left.is_ok() {
            return;
        }
        // Outside of a runtime, and in one that ends, no successor would run.
        let keeper = self.keeper().filter(|_| run::is_possible());
        match keeper {
            Some(keeper) => master::succeed(&keeper.head().node, &Self(self.0.clone())),
            None => drop(self.holders.fetch_sub(1, Ordering::AcqRel)),
        }
    }
}

/// The application's own state, and which callback of its end comes next.
pub(super) struct LifeState {
    pub(super) application: Box<dyn LiveApplication>,
    pub(super) is_prepared: bool,
}

#[derive(Default)]
struct Record {
    leader: Option<Pid>,
    /// The process that runs the application: the master, or its successor.
    keeper: Option<Arc<dyn Process>>,
    top: Option<Arc<dyn Process>>,
    /// The reason of its end, once that is decided.
    reason: Option<ExitReason>,
    /// Why its top supervisor has given up.
    cause: Option<Cause>,
}

impl Life {
    pub(super) fn new(spec: Arc<ApplicationSpec>, controller: Pid) -> Self {
        Self {
            spec,
            controller,
            record: Lock::new(Record::default()),
            state: tokio::sync::Mutex::new(None),
            holders: AtomicUsize::new(1),
            is_finished: AtomicBool::new(false),
            hurries: AtomicBool::new(false),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.spec.name()
    }

    /// Whether this controller has begun it.
    pub(super) fn is_under(&self, controller: Pid) -> bool {
        self.controller == controller
    }

    /// The leader of the application's group: its master.
    pub(super) fn leader(&self) -> Option<Pid> {
        self.record.with(|record| record.leader)
    }

    pub(super) fn keeper(&self) -> Option<Arc<dyn Process>> {
        self.record.with(|record| record.keeper.clone())
    }

    /// Notes the process that runs the application from now on.
    pub(super) fn keep(&self, keeper: Arc<dyn Process>) {
        let pid = keeper.head().pid;
        let former = self.record.with(|record| {
            record.leader.get_or_insert(pid);
            record.keeper.replace(keeper)
        });
        drop(former);
    }

    pub(super) fn top(&self) -> Option<Arc<dyn Process>> {
        self.record.with(|record| record.top.clone())
    }

    pub(super) fn set_top(&self, top: Option<Arc<dyn Process>>) {
        self.record.with(|record| record.top = top);
    }

    /// Decides why the application ends; the first reason stays.
    pub(super) fn decide(&self, reason: ExitReason) -> ExitReason {
        let (decided, late) = self.record.with(|record| match &record.reason {
            Some(first) => (first.clone(), Some(reason)),
            None => {
                record.reason = Some(reason.clone());
                (reason, None)
            }
        });
        drop(late);
        decided
    }

    pub(super) fn set_cause(&self, cause: Option<Cause>) {
        drop(
            self.record
                .with(|record| mem::replace(&mut record.cause, cause)),
        );
    }

    pub(super) fn cause(&self) -> Option<Cause> {
        self.record.with(|record| record.cause.clone())
    }

    pub(super) fn finish(&self) {
        self.is_finished.store(true, Ordering::Release);
    }

    /// Whether nothing is left to be done for its end.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Acquire)
    }

    /// Whether something is left to be done for its end, and a process that does it.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_finished() && self.holders.load(Ordering::Acquire) > 0
    }

    pub(super) fn hurry(&self) {
        self.hurries.store(true, Ordering::Release);
    }

    pub(super) fn hurries(&self) -> bool {
        self.hurries.load(Ordering::Acquire)
    }
}
