//! The current process. In a model only its alarm is asked for; the rest stands in.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::block::Process;
use crate::process::reply::clock::Instant;
use crate::process::reply::slot::{Alarm, Answer};
use crate::util::panic::HarmlessWaker;

loom::thread_local! {
    static CURRENT: RefCell<Option<(Arc<dyn Process>, SharedAlarm)>> = RefCell::new(None);
}

/// Shared with the variable above, and never contended: only the process's own thread locks it.
type SharedAlarm = Arc<Mutex<Alarm>>;

pub(crate) struct Current {
    pub(crate) process: Arc<dyn Process>,
    alarm: SharedAlarm,
}

impl Current {
    pub(crate) fn new(process: Arc<dyn Process>) -> Self {
        Self {
            process,
            alarm: SharedAlarm::default(),
        }
    }

    pub(crate) fn is_woken_by(&self, waker: &Waker) -> bool {
        self.process.is_woken_by(waker)
    }

    pub(crate) fn has_timer(&self) -> bool {
        true
    }

    pub(crate) fn lacks_timer(&self) -> bool {
        false
    }

    pub(crate) fn wake_at(&mut self, at: Instant) {
        if self.alarm.lock().expect("one thread").wake_at(at) {
            self.process.head().note_alarm();
        }
    }

    pub(crate) fn has_dictionary(&self) -> bool {
        false
    }

    pub(crate) fn take_abandoned(&mut self) -> Vec<Answer> {
        Vec::new()
    }
}

pub(crate) fn enter<T>(current: &RefCell<Current>, f: impl FnOnce() -> T) -> T {
    let entered = {
        let current = current.borrow();
        Some((current.process.clone(), current.alarm.clone()))
    };
    CURRENT.with(|cell| *cell.borrow_mut() = entered);
    let result = f();
    CURRENT.with(|cell| cell.borrow_mut().take());
    result
}

fn alarm() -> Option<(Arc<dyn Process>, SharedAlarm)> {
    CURRENT.with(|cell| cell.borrow().clone())
}

/// Has the task of the current process polled at this instant.
pub(crate) fn wake_at(at: Instant) {
    let (process, alarm) = alarm().expect("a process waits");
    Current { process, alarm }.wake_at(at);
}

/// As the task itself does it.
pub(crate) fn see_to_alarm(cx: &Context<'_>) {
    let (process, alarm) = alarm().expect("a process is polled");
    process.head().clear_alarm();
    alarm.lock().expect("one thread").see_to(&process, cx);
}

pub(crate) fn with<T>(_: impl FnOnce(&mut Current) -> T) -> Option<T> {
    None
}

pub(crate) fn poll_harmlessly<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
    harmless: &mut HarmlessWaker,
) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&harmless.of(cx.waker())))
}

pub(crate) fn try_process() -> Option<Arc<dyn Process>> {
    None
}

pub(crate) fn take_dictionary() -> Option<Vec<()>> {
    None
}
