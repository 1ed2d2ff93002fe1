//! A value that panics whenever it is dropped, and at one moment besides.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

/// Code of a value that runs in the runtime's hands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part {
    Clone,
    Eq,
    Hash,
    Debug,
}

const PARTS: [Part; 4] = [Part::Clone, Part::Eq, Part::Hash, Part::Debug];

thread_local! {
    /// Whether destructors panic.
    static ARMED: Cell<bool> = const { Cell::new(false) };
    /// Which part panics besides, and how often it does not before.
    static FUSE: Cell<Option<(Part, u32)>> = const { Cell::new(None) };
}

/// Panics as it is dropped, in whatever else unwinds. All have the same hash.
pub(crate) struct Bad(pub(crate) u32);

impl Bad {
    /// For closures, which would have only the number of what they ask for its field.
    pub(crate) fn number(&self) -> u32 {
        self.0
    }
}

/// Without the hook: so many reports are of no use.
fn strike() -> ! {
    resume_unwind(Box::new("bad"))
}

fn burn(part: Part) {
    if let Some((bad, left)) = FUSE.get()
        && bad == part
    {
        FUSE.set(left.checked_sub(1).map(|left| (part, left)));
        if left == 0 {
            strike();
        }
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        if ARMED.get() {
            strike();
        }
    }
}

impl Clone for Bad {
    fn clone(&self) -> Self {
        burn(Part::Clone);
        Self(self.0)
    }
}

impl PartialEq for Bad {
    fn eq(&self, other: &Self) -> bool {
        burn(Part::Eq);
        self.0 == other.0
    }
}

impl Eq for Bad {}

impl Hash for Bad {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn(Part::Hash);
        0.hash(state);
    }
}

impl fmt::Debug for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        burn(Part::Debug);
        write!(f, "bad {}", self.0)
    }
}

/// A future that is bad itself, and has nothing else that is.
pub(crate) struct Around<F>(
    Pin<Box<F>>,
    #[allow(dead_code, reason = "it is dropped")] Bad,
);

impl<F: Future> Future for Around<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(cx)
    }
}

pub(crate) fn around<F: Future>(future: F) -> Around<F> {
    Around(Box::pin(future), Bad(1))
}

/// A future that is bad itself, and panics at its first poll.
pub(crate) fn broken<T>() -> impl Future<Output = T> + Send {
    around(poll_fn(|_| strike()))
}

/// From here on values are bad.
pub(crate) fn arm() {
    ARMED.set(true);
}

/// From here on they are good.
pub(crate) fn disarm() {
    ARMED.set(false);
}

/// Makes something of good values; the part that is to panic waits for what comes after.
pub(crate) async fn good<T>(made: impl Future<Output = T>) -> T {
    let fuse = FUSE.take();
    let made = made.await;
    FUSE.set(fuse);
    made
}

/// Does what may fail in a process of its own.
pub(crate) async fn apart(f: impl FnOnce() + Send + 'static) {
    let apart = process::spawn(|_: Mailbox<Never>| async { f() });
    apart.wait().await;
}

/// Waits for so many milliseconds of the paused clock.
pub(crate) async fn later(millis: u32) {
    tokio::time::sleep(Duration::from_millis(1) * millis).await;
}

/// Waits until all that can happen within this time has happened.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Plays the scene with destructors that panic, and then so that each part panics besides, at each of the moments at which
/// it runs. A scene ends without [`disarm`]; afterwards the node must work.
pub(crate) fn play<F>(scene: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let once = |fuse: Option<(Part, u32)>| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime can be made");
        runtime.block_on(async {
            let node = Node::new();
            FUSE.set(fuse);
            let scene = scene();
            let played = node.spawn(|_: Mailbox<Never>| scene).wait().await;
            settle().await;
            let burnt = FUSE.get().is_none();
            for pid in node.processes() {
                node.exit(pid, ExitReason::Kill);
            }
            settle().await;
            disarm();
            // What comes back to the scene, such as the message of a call that failed, is dropped there.
            let is_bad = matches!(&played, ExitReason::Panic(info) if info.message == "bad");
            assert!(
                is_bad || played == ExitReason::Normal,
                "{fuse:?}: {played:?}"
            );
            assert_eq!(node.processes(), [], "{fuse:?}");
            let works = node.spawn(|_: Mailbox<Never>| async {});
            assert_eq!(works.wait().await, ExitReason::Normal);
            burnt
        })
    };
    once(None);
    for part in PARTS {
        let last = (0..200).find(|at| !once(Some((part, *at))));
        assert!(last.is_some(), "{part:?} runs without end");
    }
}
