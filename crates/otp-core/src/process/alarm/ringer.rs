//! What an alarm wakes.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::process::block::Process;

/// Notes with a process that its alarm has rung, and wakes its task.
pub(super) struct Ringer {
    process: Arc<dyn Process>,
    task: Waker,
}

impl Ringer {
    pub(super) fn waker(process: Arc<dyn Process>, task: Waker) -> Waker {
        Waker::from(Arc::new(Self { process, task }))
    }
}

impl Wake for Ringer {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The note first: the poll that the waking leads to must find it.
        self.process.head().note_alarm();
        self.task.wake_by_ref();
    }
}
