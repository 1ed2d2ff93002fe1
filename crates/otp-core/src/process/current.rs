//! The process that is running on this thread, and what only it may touch.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::alarm::Alarm;
use super::block::Process;
use super::slot::{Answer, Slot};
use super::slots::{AnySlot, Cover, LastSlot, OtherSlots};
use foldhash::fast::RandomState;

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// A process as it sees itself.
pub(crate) struct Current {
    pub(crate) process: Arc<dyn Process>,
    /// Here and not behind a pointer: a call looks at it, and at nothing that is.
    last_slot: LastSlot,
    local: Option<Box<Local>>,
}

/// One value of a type.
pub(crate) type Dictionary = HashMap<TypeId, Box<dyn Any + Send>, RandomState>;

/// State that belongs to the process alone; made when first used.
#[derive(Default)]
pub(crate) struct Local {
    other_slots: OtherSlots,
    /// The timer of the last call's limit, kept for the next one.
    alarm: Option<Pin<Box<Alarm>>>,
    pub(crate) dictionary: Dictionary,
    /// Calls that were given up without an answer and whose callers do not know it yet.
    abandoned: Vec<Answer>,
}

impl Current {
    pub(crate) fn new(process: Arc<dyn Process>) -> Self {
        Self {
            process,
            last_slot: LastSlot::new(),
            local: None,
        }
    }

    #[inline]
    pub(crate) fn local(&mut self) -> &mut Local {
        self.local.get_or_insert_with(Self::first_local)
    }

    #[cold]
    fn first_local() -> Box<Local> {
        Box::default()
    }

    /// A slot for this type of answer, if one is kept, and what covers the calls that use it.
    #[inline]
    pub(crate) fn take_slot<T: Send + 'static>(&mut self) -> (Option<Arc<Slot<T>>>, Cover) {
        match self.last_slot.take() {
            Some((slot, cover)) => (Some(slot), cover),
            None => (self.take_other_slot(), Cover::NONE),
        }
    }

    #[cold]
    fn take_other_slot<T: Send + 'static>(&mut self) -> Option<Arc<Slot<T>>> {
        self.local.as_mut()?.other_slots.take()
    }

    /// Keeps the slot of a call that was covered so; returns one that there is no room for.
    #[inline]
    pub(crate) fn keep_slot<T: Send + 'static>(
        &mut self,
        slot: Arc<Slot<T>>,
        mut cover: Cover,
    ) -> Option<AnySlot> {
        if !self.last_slot.holds(cover) {
            cover = self.cover(slot.waker());
        }
        let before = self.last_slot.keep(slot, cover)?;
        self.local().other_slots.keep(before)
    }

    /// Whether the alarm still is as it was when it was found to cover the calls of a slot.
    #[inline]
    pub(crate) fn is_covered(&self, cover: Cover) -> bool {
        self.last_slot.holds(cover) && !self.process.head().has_rung()
    }

    /// Whether the alarm covers a call, by a look at it.
    #[cold]
    pub(crate) fn look_at_alarm(&mut self, limit: Duration, waker: &Waker) -> bool {
        let head = self.process.head();
        if head.has_rung() {
            head.clear_rung();
            self.last_slot.uncover();
        }
        self.alarm().is_some_and(|alarm| alarm.covers(limit, waker))
    }

    /// What covers those calls from now on that this waker wakes.
    #[cold]
    fn cover(&self, waker: &Waker) -> Cover {
        match self.alarm() {
            Some(alarm) if alarm.covers(Alarm::USUAL_LIMIT, waker) => self.last_slot.present(),
            _ => Cover::NONE,
        }
    }

    fn alarm(&self) -> Option<&Alarm> {
        let alarm = self.local.as_ref()?.alarm.as_ref()?;
        Some(alarm.as_ref().get_ref())
    }

    /// The alarm, for a call that needs it for itself, if it is such a one.
    pub(crate) fn take_alarm(
        &mut self,
        wanted: impl FnOnce(&Alarm) -> bool,
    ) -> Option<Pin<Box<Alarm>>> {
        self.last_slot.uncover();
        self.local().alarm.take_if(|alarm| wanted(alarm))
    }

    /// Takes an alarm back, or returns it: another call may rely on the one that is there.
    pub(crate) fn keep_alarm(&mut self, alarm: Pin<Box<Alarm>>) -> Option<Pin<Box<Alarm>>> {
        self.last_slot.uncover();
        match &mut self.local().alarm {
            Some(_) => Some(alarm),
            place => {
                *place = Some(alarm);
                None
            }
        }
    }

    pub(crate) fn take_abandoned(&mut self) -> Vec<Answer> {
        match &mut self.local {
            Some(local) => mem::take(&mut local.abandoned),
            None => Vec::new(),
        }
    }
}

/// Makes a process the current one until the guard goes.
pub(crate) struct Entered<'a>(&'a mut Option<Current>);

impl<'a> Entered<'a> {
    pub(crate) fn new(current: &'a mut Option<Current>) -> Self {
        CURRENT.with(|cell| mem::swap(&mut *cell.borrow_mut(), current));
        Self(current)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.with(|cell| mem::swap(&mut *cell.borrow_mut(), self.0));
    }
}

/// Runs `f` on the current process, if there is one.
///
/// `f` must not run code of the user's: that may ask for the current process, too.
#[inline]
pub(crate) fn with<T>(f: impl FnOnce(&mut Current) -> T) -> Option<T> {
    // `try_with`: a value with a destructor may be dropped while the thread itself ends.
    CURRENT
        .try_with(|cell| cell.borrow_mut().as_mut().map(f))
        .ok()
        .flatten()
}

/// The control block of the current process.
pub(crate) fn try_process() -> Option<Arc<dyn Process>> {
    with(|current| current.process.clone())
}

/// The control block of the current process.
///
/// # Panics
///
/// Panics outside of a process.
#[track_caller]
pub(crate) fn process() -> Arc<dyn Process> {
    try_process().expect("this must be called inside a process: enter one with `Node::run`")
}

/// Gives the current process the result of a finished wait, unless its end is decided: then the wait stays pending,
/// and the process ends when this poll returns. Every future that the runtime offers ends with it.
///
/// So a process that is ended over the very thing it waits for does not go on with the failure in its hand. The flag
/// is always seen: a process that dies, or a server that tells a starter or a caller of a failure after its death,
/// delivers its EXITs first and publishes the failure after that. An EXIT sets the flag of its target, and publishing
/// and seeing the failure synchronise, by a lock or by a release and an acquire. So who sees the failure sees the flag.
///
/// Outside of processes it gives every result: there is nobody whose end could be decided.
#[inline]
pub(crate) fn unless_ending<T>(polled: Poll<T>) -> Poll<T> {
    if polled.is_pending() || with(|current| current.process.head().is_exiting()) != Some(true) {
        return polled;
    }
    // Whoever sent the value is not told: for the world the process was dead before it came. It is dropped here, where
    // nothing of the process is borrowed.
    drop(polled);
    Poll::Pending
}

/// A future whose result is given only [`unless_ending`]: for those that may be ready at once, or in several ways.
pub(crate) async fn guarded<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| unless_ending(future.as_mut().poll(cx))).await
}

/// Empties the current process's dictionary.
pub(crate) fn take_dictionary() -> Option<Dictionary> {
    with(|current| {
        current
            .local
            .as_mut()
            .map(|local| mem::take(&mut local.dictionary))
    })
    .flatten()
}

/// Gives up a call. Inside a process its caller is told later: only when the callback is over, or
/// the process is dead, is it certain with what reason the call has failed.
pub(crate) fn abandon(answer: Answer) {
    let mut answer = Some(answer);
    with(|current| {
        current.local().abandoned.extend(answer.take());
        current.process.head().note_abandoned();
    });
    if let Some(answer) = answer {
        answer.abandon();
    }
}

/// Tells the callers of the calls that this process has given up.
pub(crate) fn tell_abandoned() {
    let answers = with(|current| {
        current.process.head().clear_abandoned();
        current.take_abandoned()
    });
    for answer in answers.into_iter().flatten() {
        answer.abandon();
    }
}
