//! The service that fires a node's timers.
//!
//! A node has a service for each tokio runtime on which timers were started: timers are counted by their runtime's clock,
//! which a test may have paused. A service fires its timers one after the other, in order, from two tasks of that runtime,
//! of which only one fires at a time:
//!
//! - One task is woken by tokio's timer, at the time for which the service has aimed it. A thread that starts a timer
//!   that is the first one aims the task again, at once and without a task: so no timer waits for the thread of a
//!   process that starts one and then computes.
//! - The other task is woken by the thread that starts a timer that is due already, because such a timer need not wait
//!   for a tick of tokio's timer. tokio runs a task that is woken in this way next on the same thread, where it may
//!   have to wait for the process that has woken it. For this case the first task is aimed at the next tick.
//!
//! When the runtime ends, it drops the tasks. The service then continues on another runtime of its node: on one on which
//! timers run, or else on the one on which a process of the node is polled or started next. All processes are polled
//! for this. If no runtime is left, that is the next one on which a process is started.

mod engine;
pub(crate) mod queue;
mod tasks;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::time::Instant;

use self::engine::Engine;
use self::queue::{Seen, TimerAction, TimerKey, TimerQueue, When};
use self::tasks::{Tenancy, second};
use crate::node::{Node, WeakNode};
use crate::process::block::Process;
use crate::process::lock::Lock;
use crate::process::{panic, run};
use crate::time::{NO_TIMERS, are_timers_here};

/// The time and the number of timers after which a task of the service yields.
const BUDGET: Duration = Duration::from_micros(200);
const MOST_AT_A_TIME: u32 = 256;

/// The timers of a node, by the runtimes that they were started on.
pub(crate) struct Timers {
    services: Lock<Vec<Arc<Service>>>,
    /// A service with timers waits for a runtime.
    homeless: AtomicBool,
}

/// The timers of a node that were started on one runtime.
pub(crate) struct Service {
    node: WeakNode,
    state: Lock<ServiceState>,
}

#[derive(Default)]
struct ServiceState {
    queue: TimerQueue,
    /// None between two runtimes.
    engine: Option<Engine>,
    /// The engine's second task is being spawned. A runtime that has ended drops it at once.
    moving: bool,
    /// One of the tasks is firing, and will look for more before it rests.
    firing: bool,
}

/// The next step of a task of the service.
enum ServiceTurn {
    Rest,
    Yield,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            services: Lock::new(Vec::new()),
            homeless: AtomicBool::new(false),
        }
    }
}

impl Timers {
    /// The service of the runtime that this is called on. Outside of any, one that runs.
    ///
    /// # Panics
    ///
    /// Panics if there is no runtime, as tokio does, or if its timers are not enabled.
    #[track_caller]
    pub(crate) fn here(&self, node: &Node) -> Arc<Service> {
        let here = Handle::try_current().ok();
        let here_id = here.as_ref().map(Handle::id);
        let (found, any, waiting) = self.services.with(|services| {
            let (mut any, mut waiting) = (None, Vec::new());
            for service in services {
                match service
                    .state
                    .with(|state| state.engine.as_ref().map(Engine::runtime_id))
                {
                    Some(id) if Some(id) == here_id => {
                        return (Some(service.clone()), None, waiting);
                    }
                    Some(_) => any = Some(service.clone()),
                    None => waiting.push(service.clone()),
                }
            }
            (None, any, waiting)
        });
        if let Some(found) = found {
            return found;
        }
        match (here, any) {
            (Some(here), _) => {
                assert!(are_timers_here(), "{NO_TIMERS}");
                self.begin(node, &here, waiting)
            }
            (None, Some(any)) => any,
            // It says that there is no runtime.
            (None, None) => self.begin(node, &Handle::current(), waiting),
        }
    }

    /// Makes the service of a runtime, or takes one that waits for a runtime. Others that wait continue there, too.
    #[cold]
    fn begin(&self, node: &Node, here: &Handle, mut waiting: Vec<Arc<Service>>) -> Arc<Service> {
        let service = waiting.pop().unwrap_or_else(|| {
            let service = Arc::new(Service {
                node: node.downgrade(),
                state: Lock::new(ServiceState::default()),
            });
            self.services
                .with(|services| services.push(service.clone()));
            service
        });
        for service in waiting.iter().chain([&service]) {
            service.move_to(here);
        }
        self.note_homeless();
        service
    }

    /// Finds a runtime for a service whose own has ended. Returns whether it still needs one.
    fn find_runtime(&self, service: &Arc<Service>, ended: Option<runtime::Id>) -> bool {
        let (runtimes, _useless) = self.services.with(|services| {
            let runtime = |service: &Arc<Service>| service.state.with(ServiceState::runtime);
            let mut runtimes: Vec<Handle> = services.iter().filter_map(runtime).collect();
            runtimes.retain(|runtime| Some(runtime.id()) != ended);
            let is_useless = |it: &mut Arc<Service>| {
                it.state
                    .with(|it| it.engine.is_none() && it.queue.len() == 0)
            };
            (
                runtimes,
                services.extract_if(.., is_useless).collect::<Vec<_>>(),
            )
        });
        let needs_none = service.state.with(|state| state.queue.len() == 0);
        // A runtime that shuts down at this moment refuses. Then the next one is tried.
        let found = needs_none || runtimes.iter().any(|runtime| service.move_to(runtime));
        self.note_homeless();
        !found
    }

    /// Notes whether timers wait for a runtime.
    fn note_homeless(&self) {
        let waits = |it: &Arc<Service>| {
            it.state
                .with(|it| it.engine.is_none() && it.queue.len() > 0)
        };
        self.services.with(|services| {
            let homeless = services.iter().any(waits);
            self.homeless.store(homeless, Ordering::Relaxed);
        });
    }

    /// Moves the timers that wait for a runtime to the current one. To be called by a process that is polled or started.
    #[inline]
    pub(crate) fn find_home(&self) {
        if self.homeless.load(Ordering::Relaxed) {
            self.move_here();
        }
    }

    #[cold]
    fn move_here(&self) {
        let Ok(here) = Handle::try_current() else {
            return;
        };
        if are_timers_here() {
            for service in self.services.with(|services| services.clone()) {
                service.move_to(&here);
            }
            self.note_homeless();
        }
    }

    /// How many timers run.
    pub(crate) fn len(&self) -> usize {
        let of = |service: &Arc<Service>| service.state.with(|state| state.queue.len());
        self.services.with(|services| services.iter().map(of).sum())
    }

    /// All timers, in no order.
    pub(crate) fn look(&self) -> Vec<Seen> {
        let services = self.services.with(|services| services.clone());
        let timers = services.iter();
        timers
            .flat_map(|service| service.state.with(|state| state.queue.look()))
            .collect()
    }

    /// Removes the timers that were to reach a process.
    pub(crate) fn remove_owned(&self, owner: u64) {
        for service in self.services.with(|services| services.clone()) {
            drop_each(service.state.with(|state| state.queue.remove_owned(owner)));
        }
    }
}

impl Service {
    /// Starts a timer, unless its owner has ended.
    pub(crate) fn start(
        self: &Arc<Self>,
        owner: Option<&Arc<dyn Process>>,
        when: When,
        action: TimerAction,
    ) -> TimerKey {
        let owner_id = owner.map(|owner| owner.head().pid.id());
        let (key, refused, second, is_homeless) = self.state.with(|state| {
            let key = state.queue.insert(next_id(), owner_id, when);
            let refused = state.queue.arm(key, action);
            (key, refused, state.aim_earlier(), state.engine.is_none())
        });
        second.as_ref().map(Waker::wake_by_ref);
        drop(refused);
        self.tie(owner, key);
        self.search_if(is_homeless);
        key
    }

    /// Reserves a key for a timer before its action is known. The timer does not fire before it is [armed](Self::arm).
    pub(crate) fn reserve(&self, owner: Option<&Arc<dyn Process>>, when: When) -> TimerKey {
        let owner_id = owner.map(|owner| owner.head().pid.id());
        let key = self
            .state
            .with(|state| state.queue.insert(next_id(), owner_id, when));
        self.tie(owner, key);
        key
    }

    /// Sees to it that a timer goes with its owner. To be called after the insertion. If the end of the owner is decided
    /// later, it finds the note and removes the timer. If it was decided before, it is seen here.
    fn tie(&self, owner: Option<&Arc<dyn Process>>, key: TimerKey) {
        if owner.is_some_and(|owner| !note_timers(&**owner)) {
            self.cancel(key);
        }
    }

    /// Gives a timer its action, so that it fires when it is due, unless it was removed.
    pub(crate) fn arm(self: &Arc<Self>, key: TimerKey, action: TimerAction) {
        let (refused, second, is_homeless) = self.state.with(|state| {
            let refused = state.queue.arm(key, action);
            (refused, state.aim_earlier(), state.engine.is_none())
        });
        second.as_ref().map(Waker::wake_by_ref);
        drop(refused);
        self.search_if(is_homeless);
    }

    pub(crate) fn cancel(&self, key: TimerKey) -> Option<Duration> {
        let (when, _action) = self.state.with(|state| state.queue.remove(key))?;
        Some(when.left())
    }

    pub(crate) fn read(&self, key: TimerKey) -> Option<Duration> {
        let when = self.state.with(|state| state.queue.due(key))?;
        Some(when.left())
    }

    /// Makes a runtime fire the timers from now on, if none does. False if it has ended.
    fn move_to(self: &Arc<Self>, runtime: &Handle) -> bool {
        let engine = Engine::new(self, runtime);
        let number = engine.number;
        let superfluous = self.state.with(|state| match state.engine {
            Some(_) => Some(engine),
            None => {
                state.moving = true;
                state.engine = Some(engine);
                None
            }
        });
        if superfluous.is_some() {
            return true;
        }
        let tenancy = Tenancy {
            service: Arc::downgrade(self),
            engine: number,
        };
        {
            let _entered = runtime.enter();
            run::background(second(tenancy));
        }
        self.state.with(|state| {
            state.moving = false;
            // The second task may have to wait for its first turn.
            state.aim(Instant::now());
            state.engine.is_some()
        })
    }

    /// The runtime of this engine has ended.
    fn evicted(self: &Arc<Self>, engine: u64) {
        let (engine, moving) = self.state.with(|state| {
            let engine = state.engine.take_if(|present| present.number == engine);
            (engine, state.moving)
        });
        let Some(engine) = engine else { return };
        // The thread that moves the service continues the search.
        if !moving {
            self.search(Some(engine.runtime_id()));
        }
    }

    /// Finds another runtime than one that has ended.
    #[cold]
    fn search(self: &Arc<Self>, ended: Option<runtime::Id>) {
        if let Some(node) = self.node.upgrade()
            && node.timers().find_runtime(self, ended)
        {
            // The processes know runtimes on which no timer was started yet.
            for process in node.all() {
                process.head().note_alarm();
                process.waker().as_ref().map(Waker::wake_by_ref);
            }
        }
    }

    /// To be called when a timer was started: the runtime that was chosen for it may have ended.
    fn search_if(self: &Arc<Self>, is_homeless: bool) {
        if is_homeless {
            self.search(Handle::try_current().ok().map(|here| here.id()));
        }
    }

    /// Makes known the task that starters wake.
    fn note_second(&self, engine: u64, task: &Waker) {
        // A waker of tokio's: to clone and to drop it runs no code of the user's.
        self.state.with(|state| match &mut state.engine {
            Some(present) if present.number == engine && present.second.is_none() => {
                present.second = Some(task.clone());
            }
            _ => {}
        });
    }

    /// Fires the timers that are due, as long as the budget lasts.
    fn fire(&self) -> ServiceTurn {
        enum Step {
            Fire(queue::Firing),
            Over(ServiceTurn),
        }

        let begun = Instant::now();
        let (mut fired, mut begins) = (0, true);
        let mut again = None;
        loop {
            let now = Instant::now();
            let spent = fired >= MOST_AT_A_TIME || now.saturating_duration_since(begun) >= BUDGET;
            let (step, cancelled) = self.state.with(|state| {
                let cancelled = again
                    .take()
                    .and_then(|(key, action)| state.queue.arm_again(key, now, action));
                if std::mem::take(&mut begins) && std::mem::replace(&mut state.firing, true) {
                    // The other task sees the timers that are due.
                    return (Step::Over(ServiceTurn::Rest), cancelled);
                }
                let due = if spent { None } else { state.queue.pop(now) };
                let step = due.map_or_else(|| Step::Over(state.rest(now)), Step::Fire);
                (step, cancelled)
            });
            // Cloning and dropping a message is the user's code; it must not end the timers.
            panic::run_quietly(|| drop(cancelled));
            let firing = match step {
                Step::Fire(firing) => firing,
                Step::Over(turn) => return turn,
            };
            fired += 1;
            match firing.action {
                TimerAction::Once(send) => panic::run_quietly(send),
                TimerAction::Repeat(mut interval) => {
                    panic::run_quietly(|| (interval.send)());
                    again = Some((firing.key, TimerAction::Repeat(interval)));
                }
            }
        }
    }
}

impl ServiceState {
    fn runtime(&mut self) -> Option<Handle> {
        self.engine.as_ref().map(|engine| engine.runtime.clone())
    }

    /// From here on this task fires nothing. The remaining timers are due later, or in the task's next turn.
    fn rest(&mut self, now: Instant) -> ServiceTurn {
        self.firing = false;
        self.aim(now);
        match self.queue.first() {
            Some(at) if at <= now => ServiceTurn::Yield,
            _ => ServiceTurn::Rest,
        }
    }

    /// Aims the bell at the first timer.
    fn aim(&mut self, now: Instant) {
        if let Some(engine) = &mut self.engine {
            match self.queue.first() {
                Some(at) => engine.aim(at, now),
                None => engine.rest(),
            }
        }
    }

    /// Aims the bell at the first timer, if that is due before the bell rings. Returns the task to be woken if it is due
    /// already.
    fn aim_earlier(&mut self) -> Option<Waker> {
        let engine = self.engine.as_mut().filter(|_| !self.firing)?;
        let at = self.queue.first()?;
        if engine.rings_before(at) {
            return None;
        }
        let now = Instant::now();
        engine.aim(at, now);
        engine.second.clone().filter(|_| at <= now)
    }
}

/// Ends the tasks, and drops the actions that have not run.
impl Drop for Service {
    fn drop(&mut self) {
        let (engine, left) = self
            .state
            .with(|state| (state.engine.take(), state.queue.clear()));
        if let Some(engine) = engine {
            engine.end();
        }
        drop_each(left);
    }
}

/// One by one: a second panic while the first unwinds would abort. The messages have destructors, which are the user's code.
fn drop_each(actions: Vec<TimerAction>) {
    for action in actions {
        panic::run_quietly(|| drop(action));
    }
}

fn next_id() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);

    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// Notes that there are timers to be removed when the process ends; false if it has.
fn note_timers(owner: &dyn Process) -> bool {
    owner.head().ties.with(|ties| {
        let is_alive = ties.is_alive();
        if is_alive {
            ties.more().has_timers = true;
        }
        is_alive
    })
}
