//! The death of a process: a table of steps. Each step runs, whatever happened in the steps before it.
//!
//! Most steps run foreign code: destructors of the user's, name registries, wakers. It may panic, and it may call back
//! into the runtime. So each step, and each element in a step, is isolated by [`panic::run_quietly`], and none runs
//! under a lock. [`Death`] holds the values that a step passes to a later one.

use std::cell::RefCell;
use std::mem;

use super::block::{Head, Process};
use super::current::{self, Current};
use super::schedule::in_any_order;
use super::ties::{Bereaved, Estates, Ties};
use super::watch;
use crate::address::name::Name;
use crate::exit::ExitReason;
use crate::process::inspection::meter;
use crate::process::relations;
use crate::process::relations::signal::{self, ExitOrigin};
use crate::process::reply::slot::Answer;
use crate::util::few::FewList;
use crate::util::panic;

/// A process that ends, and the values that its steps pass to each other.
pub(super) struct Death<'a> {
    process: &'a dyn Process,
    head: &'a Head,
    /// Why it ends, as far as the process itself knows.
    reason: ExitReason,
    /// `None` for a process that has never run.
    current: Option<RefCell<Current>>,
    drop_body: Option<&'a mut dyn FnMut()>,
    /// It has names, tables or timers.
    has_belongings: bool,
    /// These, once they are taken from it.
    belongings: Option<Belongings>,
    /// The other parts that the process had when it was buried.
    left: Option<Bereaved>,
}

struct Belongings {
    names: Option<Box<FewList<Name>>>,
    tables: Option<Box<Estates>>,
    has_timers: bool,
}

impl<'a> Death<'a> {
    /// The steps of a process's end, in this order.
    ///
    /// A thread that sees the effect of one step finds all earlier steps done. The order is required for these reasons:
    ///
    /// - `decide_end` comes first: from then on no name, link, monitor, timer or table is added, so that each later step
    ///   finds all that there will ever be.
    /// - `close_mailbox` precedes `drop_messages`: no message is queued behind those that it drops.
    /// - `drop_body`, `drop_messages` and `drop_dictionary` run as the process itself: they may abandon calls and still
    ///   send. They come while the process has its tables, which destructors may use. `tell_callers` follows them,
    ///   since it also fails the calls that they abandon.
    /// - `disown` takes out the parts that the next three steps release. These precede every step that sends a signal:
    ///   a process that gets the signal may take a name over at once.
    /// - `bury` publishes the reason, so that it precedes all that send others to look for it, and takes the relations out,
    ///   which the next three steps use.
    /// - `tell_links` precedes `tell_callers` and `wake_waiters`: a caller or a waiter that the link ends must not
    ///   continue with the failure. See [`current::unless_ending`].
    /// - `leave_node` follows all EXITs and DOWNs: a caller that looks the process up in order to wait for its end
    ///   finds it until all signals have been sent.
    /// - `wake_waiters` comes last of the steps that report the end: a task that has waited finds all signals sent.
    /// - `let_go` drops the last values that may be the user's: the exit reason, and what the process has shown.
    ///
    /// When the mailbox closes, the control block drops the waker of its task, which needs no wake-up any more. So a
    /// reference to a dead process keeps no memory of its task.
    const STEPS: [fn(&mut Self); 17] = [
        Self::decide_end,
        Self::close_mailbox,
        Self::drop_body,
        Self::drop_messages,
        Self::drop_dictionary,
        Self::disown,
        Self::release_names,
        Self::pass_on_tables,
        Self::remove_timers,
        Self::bury,
        Self::take_monitors_back,
        Self::tell_links,
        Self::tell_watchers,
        Self::leave_node,
        Self::tell_callers,
        Self::wake_waiters,
        Self::let_go,
    ];

    /// That of a process that has run.
    pub(super) fn of(
        process: &'a dyn Process,
        reason: ExitReason,
        current: RefCell<Current>,
        drop_body: &'a mut dyn FnMut(),
    ) -> Self {
        Self::new(process, reason, Some(current), Some(drop_body))
    }

    /// The end of a process that has never run.
    pub(super) fn of_unborn(process: &'a dyn Process) -> Self {
        Self::new(process, ExitReason::NoProcess, None, None)
    }

    /// The end of a proxy, whose process of another node is no longer reachable.
    pub(super) fn of_lost(process: &'a dyn Process) -> Self {
        Self::new(process, ExitReason::NoConnection, None, None)
    }

    #[inline(always)]
    fn new(
        process: &'a dyn Process,
        reason: ExitReason,
        current: Option<RefCell<Current>>,
        drop_body: Option<&'a mut dyn FnMut()>,
    ) -> Self {
        Self {
            process,
            head: process.head(),
            reason,
            current,
            drop_body,
            has_belongings: false,
            belongings: None,
            left: None,
        }
    }

    pub(super) fn run(mut self) {
        panic::each_taken(Self::STEPS, |step| step(&mut self));
    }

    /// From here on the process is dead for others: no name finds it, and it gets no new relations.
    fn decide_end(&mut self) {
        let head = self.head;
        let reason = mem::take(&mut self.reason);
        let (too_late, has_belongings) = head
            .ties
            .with(|ties| (head.decide_end(ties, reason), ties.has_belongings()));
        self.has_belongings = has_belongings;
        drop(too_late);
    }

    /// From here on messages to it are dropped.
    fn close_mailbox(&mut self) {
        self.process.seal();
    }

    fn drop_body(&mut self) {
        if let Some(drop_body) = self.drop_body.take() {
            self.as_itself(drop_body);
        }
    }

    fn drop_messages(&mut self) {
        let process = self.process;
        self.as_itself(|| process.discard());
    }

    fn drop_dictionary(&mut self) {
        // Read here, because the steps before may have made it.
        let current = self.current.as_ref();
        if current.is_some_and(|current| current.borrow().has_dictionary()) {
            self.as_itself(|| panic::drop_each(current::take_dictionary().into_iter().flatten()));
        }
    }

    fn disown(&mut self) {
        if !self.has_belongings {
            return;
        }
        let ties = &self.head.ties;
        let disown = |ties: &mut Ties| {
            let names = ties.take_names();
            let mut more = ties.existing();
            Belongings {
                names,
                tables: more.as_mut().and_then(|more| more.estate.take()),
                has_timers: more.is_some_and(|more| mem::take(&mut more.has_timers)),
            }
        };
        // Not an assignment, which would drop an earlier value; there is none.
        self.belongings.get_or_insert_with(|| ties.with(disown));
    }

    fn release_names(&mut self) {
        let belongings = self.belongings.as_mut();
        let Some(names) = belongings.and_then(|it| it.names.take()) else {
            return;
        };
        let head = self.head;
        // A registry is the user's code, and so is the destructor of a name in it.
        panic::each(*names, |name| {
            head.node.release(name, head.pid);
        });
    }

    /// Gives the tables of the process to their heirs.
    fn pass_on_tables(&mut self) {
        let belongings = self.belongings.as_mut();
        let Some(tables) = belongings.and_then(|it| it.tables.take()) else {
            return;
        };
        let owner = self.head.pid;
        panic::each(in_any_order(*tables), |(_, table)| table.owner_ended(owner));
    }

    /// Stops the timers that were to reach the process.
    fn remove_timers(&mut self) {
        if self.belongings.as_ref().is_some_and(|it| it.has_timers) {
            let head = self.head;
            head.node.timers().remove_owned(head.pid.id());
        }
    }

    /// From here on the reason is found.
    fn bury(&mut self) {
        self.left.get_or_insert_with(|| self.head.bury());
    }

    fn take_monitors_back(&mut self) {
        let Some(Bereaved {
            more: Some(more), ..
        }) = &mut self.left
        else {
            return;
        };
        if more.monitors.len() == 0 {
            return;
        }
        let monitors = mem::take(&mut more.monitors);
        panic::each(in_any_order(monitors), |(monitor, monitored)| {
            relations::stop_watching(self.head.pid, &monitored.process, *monitor);
        });
    }

    fn tell_links(&mut self) {
        let Some(Bereaved {
            link,
            more,
            reason: Some(reason),
            ..
        }) = &mut self.left
        else {
            return;
        };
        let me = self.head.pid;
        let first = link.take();
        let further = more.as_mut().map(|more| mem::take(&mut more.links));
        match further.filter(|further| further.len() > 0) {
            // Most processes have one link, and no watchers that need the reason, too.
            None => panic::each(first, |linked| {
                let is_watched = more.as_ref().is_some_and(|it| it.watchers.len() > 0);
                let reason = match is_watched {
                    true => reason.clone(),
                    false => mem::take(reason),
                };
                signal::exit(linked, me, reason, ExitOrigin::Link);
            }),
            Some(further) => {
                let first = first.map(|process| (process.head().pid, process));
                let links = first.into_iter().chain(further);
                panic::each(in_any_order(links), |(_, linked)| {
                    signal::exit(linked, me, reason.clone(), ExitOrigin::Link);
                });
            }
        }
    }

    fn tell_watchers(&mut self) {
        let Some(Bereaved {
            more: Some(more),
            reason: Some(reason),
            ..
        }) = &mut self.left
        else {
            return;
        };
        if more.watchers.len() == 0 {
            return;
        }
        let watchers = mem::take(&mut more.watchers);
        panic::each(in_any_order(watchers), |(monitor, watcher)| {
            let (target, reason) = (watcher.target.clone(), reason.clone());
            relations::down(&watcher.process, *monitor, target, reason);
        });
    }

    fn leave_node(&mut self) {
        let head = self.head;
        head.node.remove(head.pid);
    }

    /// Fails the calls that the process has not answered, and drops the data that only it could touch.
    fn tell_callers(&mut self) {
        let Some(current) = self.current.take() else {
            return;
        };
        let mut current = current.into_inner();
        if self.head.has_abandoned() {
            panic::each_taken(current.take_abandoned(), Answer::abandon);
        }
    }

    fn wake_waiters(&mut self) {
        let waiters = match &mut self.left {
            Some(left) if left.reason.is_none() => mem::take(&mut left.waiters),
            _ => self.head.ties.with(Ties::told),
        };
        if !waiters.is_empty() {
            watch::wake(waiters);
        }
        meter::ended(self.process);
    }

    fn let_go(&mut self) {
        self.left = None;
    }

    /// Runs destructors in which the process is the current one.
    fn as_itself(&self, destructors: impl FnOnce()) {
        match &self.current {
            Some(current) => current::enter(current, destructors),
            None => destructors(),
        }
    }
}
