//! What all requests share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use otp_core::Node;
use otp_core::process::Observation;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::far::Far;
use crate::gate::Gate;
use crate::history::History;
use crate::inquiry::Inquiries;
use crate::observer::background;
use crate::pace::{Pace, Turn};
use crate::places::Places;
use crate::reports::Reports;
use crate::trace::Traces;
use crate::views::process::Status;
use crate::views::tree::Answers;

/// How long the processes go on counting, and being traced, once the last page is closed. A browser on a busy machine may take
/// seconds from one view to the next.
const GRACE: Duration = Duration::from_secs(10);

/// The most pages that may be open at a time.
const MOST_PAGES: usize = 16;

/// How often somebody may ask for something in the long run: 50 times a second.
const REQUEST: Duration = Duration::from_millis(20);

/// How often in a short time. A page that is opened asks 20 times.
const REQUESTS: u32 = 200;

/// In the long run all looks together may take this fraction of a core: one part of so many.
pub(crate) const LOOKS: u32 = 50;

/// How much work they may be in a short time.
const WORK: Duration = Duration::from_secs(2);

pub(crate) struct State {
    pub(crate) node: Node,
    pub(crate) title: String,
    /// Whether the page may act.
    pub(crate) acts: bool,
    pub(crate) gate: Gate,
    pub(crate) reports: Reports,
    pub(crate) history: History,
    pub(crate) places: Places,
    pub(crate) traces: Traces,
    /// The cluster that the node belongs to, if the page shows that.
    far: OnceLock<Arc<dyn Far>>,
    /// What supervisors have told.
    pub(crate) supervisors: Inquiries<Answers>,
    /// What servers have told.
    pub(crate) statuses: Inquiries<Status>,
    /// Changes when the observer is dropped.
    closed: watch::Receiver<()>,
    open: AtomicUsize,
    observation: Mutex<Option<Observation>>,
    /// When another node looks again, if one does.
    expected: Mutex<Instant>,
    requests: Pace,
    looks: Pace,
}

impl State {
    pub(crate) fn new(
        node: Node,
        title: String,
        acts: bool,
        gate: Gate,
        reports: Reports,
        closed: watch::Receiver<()>,
    ) -> Self {
        Self {
            node,
            title,
            acts,
            gate,
            reports,
            history: History::default(),
            places: Places::default(),
            traces: Traces::default(),
            far: OnceLock::new(),
            supervisors: Inquiries::default(),
            statuses: Inquiries::default(),
            closed,
            open: AtomicUsize::new(0),
            observation: Mutex::new(None),
            expected: Mutex::new(Instant::now()),
            requests: Pace::new(REQUEST * REQUESTS),
            looks: Pace::new(WORK * LOOKS),
        }
    }

    /// Shows this cluster from now on.
    #[cfg(feature = "dist")]
    pub(crate) fn reach(&self, far: Arc<dyn Far>) {
        self.far.get_or_init(|| far);
    }

    pub(crate) fn far(&self) -> Option<&Arc<dyn Far>> {
        self.far.get()
    }

    /// Whether the page is still served.
    #[cfg(feature = "dist")]
    pub(crate) fn is_open(&self) -> bool {
        self.closed.has_changed().is_ok()
    }

    /// Waits until the observer is dropped.
    pub(crate) async fn closed(&self) {
        let mut closed = self.closed.clone();
        // Nothing is ever sent: it ends with the other half.
        while closed.changed().await.is_ok() {}
    }

    /// Lets a connection or a request in: at once, unless there were too many.
    pub(crate) async fn admit(&self) {
        self.requests.turn().await.pay(REQUEST);
    }

    /// Waits until a look may be worked for.
    pub(crate) async fn turn(&self) -> Turn {
        self.looks.turn().await
    }

    /// Somebody who has looked once looks again after so long, and is waited for.
    #[cfg(feature = "dist")]
    pub(crate) fn expect(&self, rest: Duration) {
        let mut expected = self.expected();
        *expected = (*expected).max(Instant::now() + rest);
    }

    fn expected(&self) -> MutexGuard<'_, Instant> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many pages are open.
    pub(crate) fn pages(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// A page is open until what this returns is dropped; nothing if there are too many.
    pub(crate) fn open(self: &Arc<Self>) -> Option<Open> {
        let before = self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(self.clone());
        if before >= MOST_PAGES {
            return None;
        }
        let mut observation = self.observation();
        if observation.is_none() {
            *observation = Some(self.node.observe());
            self.history.follow(self);
        }
        drop(observation);
        Some(open)
    }

    /// There is one while a page is open, and for a moment longer.
    pub(crate) fn observation(&self) -> MutexGuard<'_, Option<Observation>> {
        self.observation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page that is open.
pub(crate) struct Open(Arc<State>);

impl Drop for Open {
    fn drop(&mut self) {
        let before = self.0.open.fetch_sub(1, Ordering::SeqCst);
        // A runtime that ends takes the rest along.
        if before == 1 && Handle::try_current().is_ok() {
            background(look_away(self.0.clone()));
        }
    }
}

/// Ends the observation, unless another page is opened soon: between two pages of a visitor none is open.
async fn look_away(state: Arc<State>) {
    let expected = (*state.expected()).max(Instant::now());
    sleep_until(expected + GRACE).await;
    let is_expected = *state.expected() > expected;
    if is_expected {
        // Another one is waited for elsewhere.
        return;
    }
    let mut observation = state.observation();
    if state.pages() == 0 {
        let ended = observation.take();
        drop(observation);
        drop(ended);
        state.traces.stop();
    }
}
