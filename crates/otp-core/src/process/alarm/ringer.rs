//! What an alarm wakes.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::process::block::Process;

/// Notes with the process that its alarm has rung, and wakes whoever waits for that.
///
/// The next call finds the note beside what it looks at anyway, so that it need not look at the alarm.
pub(crate) struct Ringer {
    process: Option<Arc<dyn Process>>,
    waker: Waker,
}

impl Ringer {
    /// For a caller that is woken through `waker`, and its process, if it is in one.
    pub(crate) fn new(process: Option<Arc<dyn Process>>, waker: &Waker) -> Arc<Self> {
        Arc::new(Self {
            process,
            waker: waker.clone(),
        })
    }

    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.waker.will_wake(waker)
    }
}

impl Wake for Ringer {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(process) = &self.process {
            process.head().note_rung();
        }
        self.waker.wake_by_ref();
    }
}
