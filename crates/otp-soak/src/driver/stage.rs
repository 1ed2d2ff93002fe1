//! What an operation has at hand.

use std::future::Future;
use std::time::Duration;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::{SupervisorRef, Table, Target, process};
use tokio::time::timeout;

use crate::listener::BLOW;
use crate::watcher;
use crate::worker::Worker;
use crate::world::{SUPERVISORS, World};

/// How long something may take that should take no time. The machine may be busy with other things, and its threads blocked
/// on purpose.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What processes of operations receive.
#[derive(Clone)]
pub(crate) enum Note {
    Down(Down),
    Exit(Exit),
    Tick(u64),
    /// A process has done what it was to do first.
    Ready,
    /// A table has come.
    Table(Table<u64, u64>),
    Link(Pid),
    End(ExitReason),
    Panic,
}

/// The world, and random numbers.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) random: Rng,
}

impl Stage {
    pub(crate) fn new(world: World, random: Rng) -> Self {
        Self { world, random }
    }

    pub(crate) fn complain(&self, what: String) {
        self.world.ledger.complain(what);
    }

    /// Waits for something that must come; complains if it does not.
    pub(crate) async fn within<F: Future>(&self, what: &str, future: F) -> Option<F::Output> {
        let output = timeout(PATIENCE, future).await.ok();
        if output.is_none() {
            self.complain(format!("{what} has not ended within {PATIENCE:?}"));
        }
        output
    }

    pub(crate) fn chance(&mut self, of: u32) -> bool {
        self.random.u32(..of) == 0
    }

    pub(crate) fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.random.u64(range))
    }

    /// One of the workers that are there from the beginning, if it runs.
    pub(crate) fn worker(&mut self) -> ServerName<Worker> {
        let mut addresses = self.world.addresses();
        let at = self.random.usize(..addresses.len());
        ServerName::new(addresses.swap_remove(at))
    }

    /// One of the supervisors whose children are known, if it runs.
    pub(crate) fn supervisor(&mut self) -> Option<SupervisorRef> {
        let (name, _) = SUPERVISORS[self.random.usize(..SUPERVISORS.len())];
        SupervisorRef::find(&process::node(), name)
    }

    /// A watcher monitors the process, or whoever has the name.
    pub(crate) fn watch(&mut self, target: impl Into<Target>) {
        let at = self.random.usize(..self.world.watchers.len());
        self.world.watchers[at].cast(watcher::Cast::Watch(target.into()));
    }

    /// A process that does as it is told.
    pub(crate) fn victim(&self) -> ProcessRef<Note> {
        process::spawn(obey)
    }

    /// Ends a victim in one of many ways, and says whether a reason is the one that its end must have.
    pub(crate) fn end(&mut self, victim: &ProcessRef<Note>) -> fn(&ExitReason) -> bool {
        let blow = || ExitReason::other(BLOW);
        match self.random.u32(..6) {
            0 => {
                victim.send(Note::End(ExitReason::Normal));
                |reason| *reason == ExitReason::Normal
            }
            1 => {
                victim.send(Note::End(blow()));
                |reason| *reason == ExitReason::other(BLOW)
            }
            2 => {
                victim.send(Note::Panic);
                |reason| matches!(reason, ExitReason::Panic(info) if info.message == BLOW)
            }
            3 => {
                process::exit(victim, blow());
                |reason| *reason == ExitReason::other(BLOW)
            }
            4 => {
                process::exit(victim, ExitReason::Shutdown);
                |reason| *reason == ExitReason::Shutdown
            }
            _ => {
                process::exit(victim, ExitReason::Kill);
                |reason| *reason == ExitReason::Killed
            }
        }
    }
}

/// The body of a victim.
pub(crate) async fn obey(mut mailbox: Mailbox<Note>) -> ExitReason {
    loop {
        match mailbox.receive().await {
            Note::End(reason) => return reason,
            Note::Panic => panic!("{BLOW}"),
            Note::Link(other) => mailbox.link(other),
            Note::Down(_) | Note::Exit(_) | Note::Tick(_) | Note::Ready | Note::Table(_) => {}
        }
    }
}
