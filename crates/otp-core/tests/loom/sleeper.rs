//! One that waits for a hand-off.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Notify;

/// One that waits, and is woken by its waker. (Not by park and unpark: loom's threads also park to
/// join each other.)
pub(crate) struct Sleeper {
    bell: Arc<Bell>,
    pub(crate) waker: Waker,
}

struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

impl Sleeper {
    pub(crate) fn new() -> Self {
        let bell = Arc::new(Bell(Notify::new()));
        Self {
            waker: Waker::from(bell.clone()),
            bell,
        }
    }

    /// Polls until it is ready, sleeping in between until it is woken.
    pub(crate) fn wait_for<T>(&self, mut poll: impl FnMut(&Context<'_>) -> Poll<T>) -> T {
        let cx = Context::from_waker(&self.waker);
        loop {
            if let Poll::Ready(value) = poll(&cx) {
                return value;
            }
            self.bell.0.wait();
        }
    }
}
