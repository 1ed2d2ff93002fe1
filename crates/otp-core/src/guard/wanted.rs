//! Guards of servers that callers want to run: one for each name under a supervisor.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use foldhash::fast::RandomState;
use tokio::sync::watch;

use super::keep::GuardMessage;
use crate::child_spec::Child;
use crate::exit::ExitReason;
use crate::name::Name;
use crate::process::contents::Exhibit;
use crate::process::lock::Lock;
use crate::process::process_ref::wait;
use crate::process::{ProcessRef, current, panic};
use crate::util::numbered::Numbered;

/// The outcome of a start, once there is one.
type StartResult = Option<Result<Child, ExitReason>>;

/// A caller that waits for the next start of a guard's child.
pub(crate) struct WaitingCaller(watch::Sender<StartResult>);

impl WaitingCaller {
    fn tell(self, outcome: Result<Child, ExitReason>) {
        // It has values of the user's, and the caller may have given up.
        panic::run_quietly(move || drop(self.0.send_replace(Some(outcome))));
    }

    fn has_given_up(&self) -> bool {
        self.0.is_closed()
    }
}

/// Those who wait for the next start of a guard's child.
pub(super) struct WaitingCallers(Vec<WaitingCaller>);

impl WaitingCallers {
    /// Adds one. A start may take long, and those who ask meanwhile may give up: they are forgotten before more room is made.
    pub(super) fn add(&mut self, caller: WaitingCaller) {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|it| !it.has_given_up());
        }
        self.0.push(caller);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells all of them the outcome.
    pub(super) fn tell(&mut self, outcome: impl Fn() -> Result<Child, ExitReason>) {
        for caller in self.0.drain(..) {
            caller.tell(outcome());
        }
    }
}

impl FromIterator<WaitingCaller> for WaitingCallers {
    fn from_iter<T: IntoIterator<Item = WaitingCaller>>(callers: T) -> Self {
        Self(Vec::from_iter(callers))
    }
}

/// A start of a guard's child that a caller waits for.
pub(crate) struct WantedStart {
    told: watch::Receiver<StartResult>,
    guard: ProcessRef<GuardMessage>,
}

impl WantedStart {
    /// The first start of a guard that is started now, with a caller.
    pub(super) fn first(start: impl FnOnce(WaitingCaller) -> ProcessRef<GuardMessage>) -> Self {
        let (tell, told) = watch::channel(None);
        let guard = start(WaitingCaller(tell));
        Self { told, guard }
    }

    /// The next start of this guard's child, which it makes at once if it rests.
    pub(super) fn next(guard: &WantedGuard) -> Self {
        Self::first(|caller| {
            guard.process.send(GuardMessage::Wanted(caller));
            guard.process.clone()
        })
    }

    pub(super) fn guard(&self) -> ProcessRef<GuardMessage> {
        self.guard.clone()
    }

    /// `None` if the guard has ended before. Then it is dead.
    pub(crate) async fn result(&self) -> StartResult {
        let mut told = self.told.clone();
        let told = current::harmless(told.wait_for(Option::is_some)).await;
        let outcome = told.ok().and_then(|told| told.clone());
        if outcome.is_none() {
            wait(&**self.guard.block()).await;
        }
        outcome
    }
}

/// The decision on a guard whose first start fails: it stays or ends. Its caller gets the error, and the guard is not
/// needed any more, unless the supervisor has meanwhile restarted a former guard for the same name.
struct Trial(AtomicU8);

impl Trial {
    const OPEN: u8 = 0;
    const STAYS: u8 = 1;
    const ENDS: u8 = 2;

    /// Decides it, if that has not been done. Returns the decision.
    fn decide(&self, decision: u8) -> u8 {
        let (open, relaxed) = (Self::OPEN, Ordering::Relaxed);
        match self.0.compare_exchange(open, decision, relaxed, relaxed) {
            Ok(_) => decision,
            Err(former) => former,
        }
    }
}

/// A guard that a supervisor has for a name.
pub(super) struct WantedGuard {
    name: Name,
    /// That of the name. It is asked once: the place of the guard must be found again.
    hash: u64,
    process: ProcessRef<GuardMessage>,
    trial: Trial,
}

impl WantedGuard {
    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    /// The first start has succeeded.
    pub(super) fn stays(&self) {
        self.trial.decide(Trial::STAYS);
    }

    /// Whether a start that has failed now is the guard's end.
    pub(super) fn ends(&self) -> bool {
        self.trial.decide(Trial::ENDS) == Trial::ENDS
    }

    /// Whether it stays from now on, also if its first start fails.
    pub(super) fn must_stay(&self) -> bool {
        self.trial.decide(Trial::STAYS) == Trial::STAYS && self.process.is_alive()
    }
}

/// The guards of a supervisor by the names of their servers, which the supervisor shows. Only its own process adds some.
#[derive(Default)]
pub(crate) struct Guards {
    hasher: RandomState,
    /// By the hashes of the names.
    guards: Lock<HashMap<u64, Vec<Arc<WantedGuard>>, Numbered>>,
}

impl Exhibit for Guards {}

impl Guards {
    /// Those of the current process, a supervisor.
    pub(super) fn of_current() -> Arc<Self> {
        let supervisor = current::process();
        let head = supervisor.head();
        head.shown().unwrap_or_else(|| {
            let guards = Arc::<Self>::default();
            head.show(guards.clone());
            guards
        })
    }

    /// The next start of the guard for this name, if there is one.
    pub(crate) fn attempt(&self, name: &Name) -> Option<WantedStart> {
        Some(WantedStart::next(&*self.find(name)?))
    }

    /// Whether there is a guard for this name.
    pub(crate) fn has(&self, name: &Name) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn find(&self, name: &Name) -> Option<Arc<WantedGuard>> {
        let hash = self.hash(name);
        let alike = self.guards.with(|guards| guards.get(&hash).cloned());
        // Names may be the user's, so they are compared out here.
        alike?.into_iter().find(|it| it.name == *name)
    }

    /// The hash of a name; 0 if that panics.
    fn hash(&self, name: &Name) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        let mut hash = 0;
        panic::run_quietly(|| {
            name.hash_with_key(&mut hasher);
            hash = hasher.finish();
        });
        hash
    }

    fn add(&self, guard: Arc<WantedGuard>) {
        self.guards
            .with(|guards| guards.entry(guard.hash).or_default().push(guard));
    }

    fn remove(&self, guard: &Arc<WantedGuard>) {
        let removed = self.guards.with(|guards| {
            let alike = guards.get_mut(&guard.hash)?;
            let place = alike.iter().position(|it| Arc::ptr_eq(it, guard))?;
            let removed = alike.swap_remove(place);
            let list = alike.is_empty().then(|| guards.remove(&guard.hash));
            Some((removed, list))
        });
        drop(removed);
    }
}

/// A server that a guard is to keep running because a caller wants it.
pub(crate) struct WantedServer {
    pub(super) name: Name,
    pub(super) guards: Arc<Guards>,
    /// The caller that waits for the first start. Without one the supervisor starts the guard again.
    pub(super) caller: Option<WaitingCaller>,
}

impl WantedServer {
    /// Adds the guard that is to keep the server, before the guard runs. Returns its place, and the caller that waits for the first start.
    pub(super) fn enter(
        self,
        process: ProcessRef<GuardMessage>,
    ) -> (GuardPlace, Option<WaitingCaller>) {
        let trial = match self.caller {
            Some(_) => Trial::OPEN,
            None => Trial::STAYS,
        };
        let guard = Arc::new(WantedGuard {
            hash: self.guards.hash(&self.name),
            name: self.name,
            process,
            trial: Trial(AtomicU8::new(trial)),
        });
        self.guards.add(guard.clone());
        let place = GuardPlace {
            guards: self.guards,
            guard,
        };
        (place, self.caller)
    }
}

/// The place of a guard among those of its supervisor. Dropped, it is given up.
///
/// The guard has it in its dictionary, so that this is when the guard's end is decided, and not yet when its body
/// returns: who finds no guard, and asks the supervisor, finds one that is ending among the children, or none.
pub(super) struct GuardPlace {
    guards: Arc<Guards>,
    pub(super) guard: Arc<WantedGuard>,
}

impl Drop for GuardPlace {
    fn drop(&mut self) {
        self.guards.remove(&self.guard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_that_have_given_up_are_forgotten() {
        let mut callers = WaitingCallers::from_iter(None);
        let (patient, waits) = watch::channel(None);
        callers.add(WaitingCaller(patient));
        for _ in 0..10_000 {
            callers.add(WaitingCaller(watch::channel(None).0));
        }
        assert!(callers.0.len() < 10, "{}", callers.0.len());
        callers.tell(|| Ok(Child::ignore()));
        assert!(matches!(*waits.borrow(), Some(Ok(_))));
        assert!(callers.is_empty());
    }
}
