//! The process that is running on this thread, and the data that only it may touch.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use foldhash::fast::RandomState;
use scoped_tls::scoped_thread_local;
use tokio::task::coop::poll_proceed;
use tokio::time::Instant;

use super::ancestors::Ancestors;
use super::block::Process;
use crate::pid::Pid;
use crate::process::reply::slot::{Alarm, Answer, Slot};
use crate::util::few::FewList;
use crate::util::panic::{self, HarmlessWaker};

scoped_thread_local! {
    /// A pointer into the task of the process, so that a poll stores one word before and one word after.
    static CURRENT: RefCell<Current>
}

/// A process as it sees itself.
pub(crate) struct Current {
    pub(crate) process: Arc<dyn Process>,
    /// Here and not behind a pointer: each call reads it, and no call reads the parts behind the pointer.
    last_slot: Option<AnySlot>,
    /// The waker of that slot is the task's own.
    wakes_task: bool,
    /// The alarm rings soon enough for a call that is made now with the usual limit.
    rings_soon: bool,
    /// It is a task that its starter has asked for, without callers before that: see [`callers`](Self::callers).
    is_starters: bool,
    /// Calls that were given up without an answer and whose callers do not know it yet. Here, because a server that ends with
    /// calls in its mailbox seldom has a `Local`.
    /// Nearly always there is one. The others are in the `Local`.
    abandoned: Option<Answer>,
    local: Option<Box<Local>>,
}

/// One value of a type.
pub(crate) type Dictionary = HashMap<TypeId, Box<dyn Any + Send>, RandomState>;

/// State that belongs to the process alone; made when first used.
#[derive(Default)]
pub(crate) struct Local {
    other_slots: OtherSlots,
    alarm: Alarm,
    /// The ancestors of the processes that it starts, once it has started one.
    below: Option<Arc<Ancestors>>,
    pub(crate) dictionary: Dictionary,
    /// The callers of the task, if the starter is not the only one.
    callers: Option<Arc<[Pid]>>,
    /// The abandoned calls after the first.
    abandoned: Vec<Answer>,
}

/// How many slots are kept besides the one used last: most processes make one kind of call.
const OTHERS: usize = 3;

pub(crate) type AnySlot = Arc<dyn Any + Send + Sync>;

/// A slot, and whether its waker is the one of the process's task.
pub(crate) type KeptSlot<S> = (Arc<S>, bool);

/// The slots for other types of answer used lately.
#[derive(Default)]
struct OtherSlots(Vec<KeptSlot<dyn Any + Send + Sync>>);

impl OtherSlots {
    fn take<T: Send + 'static>(&mut self) -> Option<KeptSlot<Slot<T>>> {
        let at = self.0.iter().position(|(slot, _)| slot.is::<Slot<T>>())?;
        let (slot, wakes_task) = self.0.swap_remove(at);
        Some((Arc::downcast(slot).ok()?, wakes_task))
    }

    /// Keeps a slot; returns it if there is no room.
    fn keep(&mut self, slot: AnySlot, wakes_task: bool) -> Option<AnySlot> {
        if self.0.len() < OTHERS {
            self.0.push((slot, wakes_task));
            return None;
        }
        Some(slot)
    }
}

impl Current {
    #[inline(always)]
    pub(crate) fn new(process: Arc<dyn Process>) -> Self {
        Self {
            process,
            last_slot: None,
            wakes_task: false,
            rings_soon: false,
            is_starters: false,
            abandoned: None,
            local: None,
        }
    }

    #[inline]
    pub(crate) fn local(&mut self) -> &mut Local {
        self.local.get_or_insert_with(Self::first_local)
    }

    /// Whether there is anything in the dictionary.
    pub(crate) fn has_dictionary(&self) -> bool {
        let local = self.local.as_ref();
        local.is_some_and(|local| !local.dictionary.is_empty())
    }

    #[cold]
    fn first_local() -> Box<Local> {
        Box::default()
    }

    /// The ancestors of a process that this one starts.
    pub(crate) fn ancestors_below(&mut self) -> Arc<Ancestors> {
        if let Some(below) = self.local.as_ref().and_then(|local| local.below.as_ref()) {
            return below.clone();
        }
        let below = self.process.head().ancestors_below();
        self.local().below.insert(below).clone()
    }

    /// Forgets them, as they have changed.
    pub(crate) fn forget_below(&mut self) {
        if let Some(local) = &mut self.local {
            local.below = None;
        }
    }

    /// A slot for this type of answer, if one is kept, and whether its waker is the task's own.
    #[inline]
    pub(crate) fn take_slot<T: Send + 'static>(&mut self) -> Option<KeptSlot<Slot<T>>> {
        match self.last_slot.take().map(Arc::downcast) {
            Some(Ok(slot)) => Some((slot, self.wakes_task)),
            Some(Err(other)) => {
                self.last_slot = Some(other);
                self.take_other_slot()
            }
            None => self.take_other_slot(),
        }
    }

    #[cold]
    fn take_other_slot<T: Send + 'static>(&mut self) -> Option<KeptSlot<Slot<T>>> {
        self.local.as_mut()?.other_slots.take()
    }

    /// Keeps a slot for the next call; returns one that there is no room for.
    #[inline]
    pub(crate) fn keep_slot<T: Send + 'static>(
        &mut self,
        slot: Arc<Slot<T>>,
        wakes_task: bool,
    ) -> Option<AnySlot> {
        let woke_task = mem::replace(&mut self.wakes_task, wakes_task);
        let before = self.last_slot.replace(slot)?;
        self.local().other_slots.keep(before, woke_task)
    }

    /// Whether the alarm rings soon enough for a call that the task makes now with the usual limit.
    #[inline]
    pub(crate) fn rings_soon(&self) -> bool {
        self.rings_soon
    }

    /// Whether this is the waker of the task that the process is, and no other executor's inside of it.
    pub(crate) fn is_woken_by(&self, waker: &Waker) -> bool {
        self.process.is_woken_by(waker)
    }

    /// Whether the alarm has had a timer, which not every runtime has.
    pub(crate) fn has_timer(&self) -> bool {
        let local = self.local.as_ref();
        local.is_some_and(|local| local.alarm.has_timer())
    }

    /// Whether the alarm has needed a timer and got none.
    pub(crate) fn lacks_timer(&self) -> bool {
        let local = self.local.as_ref();
        local.is_some_and(|local| local.alarm.lacks_timer())
    }

    /// Has the alarm ring soon enough for a call that the task makes now with this limit.
    #[cold]
    pub(crate) fn ring_soon(&mut self, limit: Duration) {
        if self.local().alarm.ring_soon(limit) {
            self.process.head().note_alarm();
        }
        self.rings_soon = true;
    }

    /// Has the task polled at this instant.
    pub(crate) fn wake_at(&mut self, at: Instant) {
        if self.local().alarm.wake_at(at) {
            self.process.head().note_alarm();
        }
    }

    /// The processes that have asked for this task, the nearest first; empty if this is no task.
    pub(crate) fn callers(&self) -> Vec<Pid> {
        if self.is_starters {
            return Vec::from_iter(self.process.head().starter());
        }
        let local = self.local.as_ref();
        local
            .and_then(|local| local.callers.as_ref())
            .map_or_else(Vec::new, |callers| callers.to_vec())
    }

    pub(crate) fn is_task(&self) -> bool {
        self.is_starters
            || self
                .local
                .as_ref()
                .is_some_and(|local| local.callers.is_some())
    }

    /// Notes that the process is a task for these callers; `None` means its starter, which has no callers itself.
    pub(crate) fn set_callers(&mut self, callers: Option<Arc<[Pid]>>) {
        match callers {
            None => self.is_starters = true,
            callers => self.local().callers = callers,
        }
    }

    pub(crate) fn take_abandoned(&mut self) -> FewList<Answer> {
        let further = self.local.as_mut();
        FewList::new(
            self.abandoned.take(),
            further.map_or_else(Vec::new, |local| mem::take(&mut local.abandoned)),
        )
    }
}

/// Makes a process the current one while `f` runs.
#[inline(always)]
pub(crate) fn enter<T>(current: &RefCell<Current>, f: impl FnOnce() -> T) -> T {
    CURRENT.set(current, f)
}

/// Sees to the current process's alarm, in its task, before and after the body is polled: see [`Alarm`]. Timers of the node
/// that have no runtime move to this one.
#[cold]
pub(crate) fn see_to_alarm(cx: &Context<'_>) {
    let taken = with(|current| {
        current.process.head().clear_alarm();
        let local = current.local.as_mut();
        let alarm = local.map(|local| mem::take(&mut local.alarm));
        (alarm, current.process.clone())
    });
    let Some((alarm, process)) = taken else {
        return;
    };
    process.head().node.timers().find_home();
    if let Some(mut alarm) = alarm {
        // Not in the current process: a runtime without a timer panics, and the panic's report asks for that.
        let rings_soon = alarm.see_to(&process, cx);
        with(|current| {
            current.rings_soon = rings_soon;
            current.local().alarm = alarm;
        });
    }
}

/// Runs `f` on the current process, if there is one.
///
/// `f` must not run code of the user's: that may ask for the current process, too.
#[inline]
pub(crate) fn with<T>(f: impl FnOnce(&mut Current) -> T) -> Option<T> {
    CURRENT
        .is_set()
        .then(|| CURRENT.with(|current| f(&mut current.borrow_mut())))
}

/// The ancestors of a process that this one starts, which is mostly the current one.
#[inline]
pub(crate) fn ancestors_below(parent: &Arc<dyn Process>) -> Arc<Ancestors> {
    let of_current = with(|current| {
        let is_parent = Arc::ptr_eq(&current.process, parent);
        is_parent.then(|| current.ancestors_below())
    });
    of_current
        .flatten()
        .unwrap_or_else(|| parent.head().ancestors_below())
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
/// So a process whose end is caused by the thing that it waits for does not continue with the failure. The flag is
/// always seen: a process that dies, or a server that reports a failure to a starter or a caller after its death,
/// delivers its EXITs first and publishes the failure after that. An EXIT sets the flag of its target, and publishing
/// and seeing the failure synchronise, by a lock or by a release and an acquire. So a process that sees the failure
/// sees the flag.
///
/// Outside of processes it passes every result on: there is no process whose end could be decided.
#[inline]
pub(crate) fn unless_ending<T>(polled: Poll<T>) -> Poll<T> {
    if polled.is_pending() || with(|current| current.process.head().is_exiting()) != Some(true) {
        return polled;
    }
    // The sender of the value gets no error: for others the process was dead before it came. It is dropped here, where
    // nothing of the process is borrowed.
    drop(polled);
    Poll::Pending
}

/// Ready for a process that continues; a process whose end is decided does not get past this. Futures that act in their
/// first poll begin with it.
pub(crate) fn goes_on() -> impl Future<Output = ()> + Send {
    poll_fn(poll_goes_on)
}

/// See [`goes_on`].
pub(crate) fn poll_goes_on(cx: &mut Context<'_>) -> Poll<()> {
    ready!(poll_share(cx));
    unless_ending(Poll::Ready(()))
}

/// Takes a share of the task's budget in tokio, as each operation of tokio's does. For operations that may end without a
/// wait: a loop of them, such as one that calls until the server is there, lets others run in between, and can be killed.
/// A call that is answered needs none of it.
pub(crate) fn poll_share(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed(cx).map(|share| share.made_progress())
}

/// A future whose result is given only [`unless_ending`]: for those that may be ready at once, or in several ways.
pub(crate) async fn guarded<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| unless_ending(future.as_mut().poll(cx))).await
}

/// Polls a future of tokio's, which others wake in their own code or where the runtime looks at its timers. A waker
/// that is not the process's own is made harmless for that.
pub(crate) fn poll_harmlessly<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
    harmless: &mut HarmlessWaker,
) -> Poll<F::Output> {
    if with(|current| current.is_woken_by(cx.waker())) == Some(true) {
        return future.poll(cx);
    }
    future.poll(&mut Context::from_waker(&harmless.of(cx.waker())))
}

/// Waits for a future of tokio's, as [`poll_harmlessly`].
pub(crate) async fn harmless<F: Future>(future: F) -> F::Output {
    let (mut future, mut harmless) = (pin!(future), HarmlessWaker::default());
    poll_fn(|cx| poll_harmlessly(future.as_mut(), cx, &mut harmless)).await
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

/// Abandons a call. Inside of a process its caller learns of it later: the reason of the failure is certain only when
/// the callback is over or the process is dead.
///
/// Not inlined: then the answer of a callback that gives one stays in registers.
#[cold]
#[inline(never)]
pub(crate) fn abandon(answer: Answer) {
    let mut answer = Some(answer);
    with(|current| {
        if let Some(answer) = answer.take() {
            match current.abandoned {
                None => current.abandoned = Some(answer),
                Some(_) => current.local().abandoned.push(answer),
            }
        }
        current.process.head().note_abandoned();
    });
    if let Some(answer) = answer {
        answer.abandon();
    }
}

/// Settles the calls that this process has abandoned.
pub(crate) fn tell_abandoned() {
    let answers = with(|current| {
        current.process.head().clear_abandoned();
        current.take_abandoned()
    });
    // An answer without a waiting caller is dropped with its call, and has a destructor.
    panic::each_taken(answers.into_iter().flatten(), Answer::abandon);
}
