//! A value that misbehaves in one of its implementations, and the stage on which it does.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::atomic::{self, AtomicBool, AtomicU32};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use otp_core::test::in_critical_section;
use otp_core::{Mailbox, Never, Node, process};
use tokio::runtime::Handle;

/// Which implementation misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Drop,
    Clone,
    Debug,
    Eq,
    Hash,
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It calls back into the runtime, about the very thing that it is part of.
    Calls,
    /// The same on another thread, for which it waits.
    CallsElsewhere,
    Panics,
}

type Callback = Box<dyn Fn() + Send + Sync>;

/// A call on another thread takes microseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What all values of a stage share.
struct Plan {
    part: Part,
    deed: Deed,
    armed: AtomicBool,
    callback: Mutex<Option<Arc<Callback>>>,
    /// How often it may still be called: what it sends may make it be called again, without end.
    calls: AtomicU32,
    /// What ran under a lock of the runtime.
    faults: Mutex<Vec<String>>,
}

/// A node, and values that misbehave.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) node: Node,
    plan: Arc<Plan>,
}

/// Equal to others of the same number, and behind those of a smaller one. All have the same hash.
/// It is as large as a value may be, so the cases show also that such values fit onto a thread's stack of 2 MiB.
pub(crate) struct Hostile<const N: usize = { 8 * 1024 - 16 }> {
    number: u32,
    plan: Arc<Plan>,
    bytes: [u8; N],
}

/// As large as an event may be, and what a callback leaves to do.
pub(crate) type Small = Hostile<{ 4 * 1024 - 16 }>;

impl Stage {
    pub(crate) fn new(node: Node, part: Part, deed: Deed) -> Self {
        let plan = Plan {
            part,
            deed,
            armed: AtomicBool::new(false),
            callback: Mutex::default(),
            calls: AtomicU32::new(match deed {
                Deed::CallsElsewhere => 20,
                _ => 500,
            }),
            faults: Mutex::default(),
        };
        Self {
            node,
            plan: Arc::new(plan),
        }
    }

    pub(crate) fn value(&self, number: u32) -> Hostile {
        Hostile::new(number, &self.plan)
    }

    pub(crate) fn small(&self, number: u32) -> Small {
        Hostile::new(number, &self.plan)
    }

    /// From here on the values misbehave; those that call back call this.
    pub(crate) fn arm(&self, callback: impl Fn() + Send + Sync + 'static) {
        let callback: Callback = Box::new(callback);
        *lock(&self.plan.callback) = Some(Arc::new(callback));
        self.plan.armed.store(true, atomic::Ordering::SeqCst);
    }

    /// From here on they behave.
    pub(crate) fn disarm(&self) {
        self.plan.armed.store(false, atomic::Ordering::SeqCst);
        let callback = lock(&self.plan.callback).take();
        drop(callback);
    }

    /// Keeps the values from misbehaving while `f` drops and compares what is the test's own.
    pub(crate) fn calm<T>(&self, f: impl FnOnce() -> T) -> T {
        let armed = self.plan.armed.swap(false, atomic::Ordering::SeqCst);
        let made = f();
        self.plan.armed.store(armed, atomic::Ordering::SeqCst);
        made
    }

    /// The test's own value goes, quietly.
    pub(crate) fn let_go<T>(&self, value: T) {
        self.calm(|| drop(value));
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        lock(&self.plan.faults).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static CALLING: Cell<bool> = const { Cell::new(false) };
}

impl Plan {
    fn strike(&self, part: Part) {
        if in_critical_section() {
            lock(&self.faults).push(format!("{part:?} runs under a lock of the runtime"));
            return;
        }
        if part != self.part || !self.armed.load(atomic::Ordering::SeqCst) {
            return;
        }
        match self.deed {
            // No panic hook: so many reports are of no use. While another panic unwinds, a second one would end the test
            // whatever the runtime does.
            Deed::Panics if !thread::panicking() => resume_unwind(Box::new("hostile")),
            Deed::Panics => {}
            Deed::Calls => self.call(|callback| callback()),
            Deed::CallsElsewhere => self.call(|callback| {
                let (runtime, (tell, told)) = (Handle::try_current().ok(), channel());
                thread::spawn(move || {
                    CALLING.set(true);
                    let _entered = runtime.as_ref().map(Handle::enter);
                    callback();
                    let _ = tell.send(());
                });
                if told.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    lock(&self.faults).push(format!("{part:?} waits for another thread"));
                }
            }),
        }
    }

    /// Calls back, but not from what that itself drops, prints and compares.
    fn call(&self, by: impl FnOnce(Arc<Callback>)) {
        if CALLING.replace(true) {
            return;
        }
        let calls = |left: u32| left.checked_sub(1);
        let (relaxed, callback) = (atomic::Ordering::Relaxed, lock(&self.callback).clone());
        if self.calls.fetch_update(relaxed, relaxed, calls).is_ok()
            && let Some(callback) = callback
        {
            by(callback);
        }
        CALLING.set(false);
    }
}

impl<const N: usize> Hostile<N> {
    fn new(number: u32, plan: &Arc<Plan>) -> Self {
        Self {
            number,
            plan: plan.clone(),
            bytes: [0; N],
        }
    }

    /// The same of another size.
    pub(crate) fn sized<const M: usize>(&self) -> Hostile<M> {
        Hostile::new(self.number, &self.plan)
    }
}

impl<const N: usize> Drop for Hostile<N> {
    fn drop(&mut self) {
        self.plan.strike(Part::Drop);
    }
}

impl<const N: usize> Clone for Hostile<N> {
    fn clone(&self) -> Self {
        self.plan.strike(Part::Clone);
        Self {
            number: self.number,
            plan: self.plan.clone(),
            bytes: self.bytes,
        }
    }
}

impl<const N: usize> fmt::Debug for Hostile<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.strike(Part::Debug);
        write!(f, "hostile {}", self.number)
    }
}

impl<const N: usize> fmt::Display for Hostile<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<const N: usize> std::error::Error for Hostile<N> {}

impl<const N: usize> PartialEq for Hostile<N> {
    fn eq(&self, other: &Self) -> bool {
        self.plan.strike(Part::Eq);
        self.number == other.number
    }
}

impl<const N: usize> Eq for Hostile<N> {}

impl<const N: usize> PartialOrd for Hostile<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Hostile<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.plan.strike(Part::Eq);
        self.number.cmp(&other.number)
    }
}

impl<const N: usize> Hash for Hostile<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.plan.strike(Part::Hash);
        // All collide, so that all are compared.
        0_u8.hash(state);
    }
}

type Run = dyn Fn(Stage) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// Operations that take or give values of the user's, in use.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The public functions that it calls, each as `file.rs::name` in `src`.
    pub(crate) operations: &'static [&'static str],
    pub(crate) run: Arc<Run>,
}

/// A case, to be run in a process that may end in any way.
pub(crate) fn case<F>(
    name: &'static str,
    operations: &'static [&'static str],
    run: impl Fn(Stage) -> F + Send + Sync + 'static,
) -> Case
where
    F: Future<Output = ()> + Send + 'static,
{
    Case {
        name,
        operations,
        run: Arc::new(move |stage| Box::pin(run(stage))),
    }
}

/// Does this in a process of its own, which may end in any way, and waits for its end.
pub(crate) async fn apart<F>(job: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    let apart = process::spawn(move |_: Mailbox<Never>| async move { job().await });
    drop(apart.wait().await);
}

/// Waits until all that can happen by itself has happened.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// What every value may ask of its node, whatever it is part of.
pub(crate) fn look_around(node: &Node) {
    let mut seen = node.registered().len();
    for pid in node.processes() {
        seen += usize::from(node.is_alive(pid));
        seen += node.process_info(pid).map_or(0, |info| info.links.len());
    }
    seen += usize::from(node.whereis("nobody").is_some());
    seen += usize::from(process::try_current().is_some());
    assert!(seen < 10_000);
    if Handle::try_current().is_ok() {
        node.spawn(|_: Mailbox<Never>| async {});
    }
}
