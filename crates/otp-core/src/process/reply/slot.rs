//! The wait for the answer to a call: where the answer goes, and how long its caller waits.
//!
//! The answer goes into a [`Slot`]. The caller's process has one [`Alarm`], which wakes it when the time of any of its waits
//! is over. A [`Limit`] is the end of one wait's time: it uses that alarm, or a timer of its own.

use std::mem;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::{self, Handle};

use super::clock::{Instant, Sleep, try_sleep_until};
use crate::pid::Pid;
use crate::process::life::block::Process;
use crate::process::life::current;
use crate::time::{after, can_wait_here};
use crate::util::large;
use crate::util::lock::Lock;
use crate::util::panic::{self, HarmlessWaker, OneOfMany};
use crate::util::sync::{Arc, AtomicU8, let_go, unshared};

/// There is no answer yet.
const AWAITED: u8 = 0;
/// There is no answer yet, and the caller has left another waker.
const REVISITED: u8 = 1;
/// The answer is there.
const READY: u8 = 2;
/// There will be no answer.
const ABANDONED: u8 = 3;

/// The place of the answer to one call, for one value and one waiting caller.
///
/// A slot outlives its call. A caller that has seen the end of its call keeps the slot for the next call, so a call
/// allocates nothing. A caller that has abandoned its call does not keep the slot: a late answer goes into a slot that
/// is no longer read.
///
/// An answer comes in two steps. The callback stores it, and the callee's loop publishes it when the outcome of the
/// callback is decided. In between the caller must not see it.
///
/// # States
///
/// | from | to | by | how |
/// |---|---|---|---|
/// | `AWAITED` | `REVISITED` | the caller, polled with another waker | compare and exchange under the lock, after the waker was put there |
/// | `AWAITED`, `REVISITED` | `READY` or `ABANDONED` | the callee, once a call | swap, without the lock |
/// | any | `AWAITED` | the caller, once it has seen the end of the call | store, for the next call |
///
/// # Why no wake is lost
///
/// A caller that leaves another waker and a callee that settles meet in one atomic. If the swap comes first, the
/// exchange fails and returns the outcome to the caller, which then needs no wake-up. If the exchange comes first, the
/// swap returns `REVISITED`, and the callee takes the lock, under which the waker is already there. In `AWAITED` the
/// waker is the slot's initial one, which was set while the caller was the only holder.
///
/// # Orderings
///
/// The swap releases the answer, and the caller's load acquires it. To take the answer without the lock, or to exchange
/// the initial waker, the caller also has to be the only holder: `Arc::get_mut` acquires the callee's writes before it
/// dropped its reference. A caller that sees the outcome while the callee still holds the slot takes the lock. Such a
/// callee can only wake, so a slot may be reset while it holds it; the worst effect is a superfluous poll.
///
/// The answer, the wakers and their destructors are the user's. None of them runs under the slot's lock. If a
/// destructor panics in the callee, which drops an unwanted answer, the panic is caught there.
pub(crate) struct Slot<T> {
    state: AtomicU8,
    /// The caller's waker. It stays from call to call: nearly always the same task makes them.
    waker: Waker,
    /// The process that calls, if that is known.
    client: Option<Pid>,
    inner: Lock<SlotInner<T>>,
}

struct SlotInner<T> {
    answer: Option<T>,
    /// The waker that the caller has left since, in the state [`REVISITED`].
    other: Option<OneOfMany<Waker>>,
}

/// An answer that its caller did not take, such as a late one, is a value of the callee's: a panic when it is dropped
/// must not end the caller. It is dropped in its place, because answers may be large and debug builds copy moved
/// values.
impl<T> Drop for SlotInner<T> {
    fn drop(&mut self) {
        if self.answer.is_some() {
            panic::run_quietly(|| self.answer = None);
        }
    }
}

/// The other parts of a caller's wait have wakers, too, and any of them may panic as it is dropped.
impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let waker = mem::replace(&mut self.waker, Waker::noop().clone());
            panic::run_quietly(|| drop(waker));
        }
    }
}

impl<T> Slot<T> {
    /// A slot for a call whose caller is woken through `waker`.
    pub(crate) fn new(waker: &Waker) -> Self {
        Self::of(None, waker)
    }

    /// The same, for the calls of a process.
    pub(crate) fn of(client: Option<Pid>, waker: &Waker) -> Self {
        const { large::assert_value::<T>() };
        Self {
            state: AtomicU8::new(AWAITED),
            waker: waker.clone(),
            client,
            inner: Lock::new(SlotInner {
                answer: None,
                other: None,
            }),
        }
    }

    /// Whether the caller is woken through this waker.
    #[inline]
    pub(crate) fn wakes(&self, waker: &Waker) -> bool {
        self.waker.will_wake(waker)
    }

    /// Makes a kept slot that of this caller; `None` if there is another holder after all.
    #[inline]
    pub(crate) fn aim(
        mut self: Arc<Self>,
        client: Option<Pid>,
        waker: &Waker,
    ) -> Option<Arc<Self>> {
        if !self.waker.will_wake(waker) || self.client != client {
            let slot = unshared(&mut self)?;
            slot.waker.clone_from(waker);
            slot.client = client;
        }
        Some(self)
    }

    /// The answer, if it is there and the slot has no other holder. Then no lock is needed, and the slot is ready for
    /// the next call.
    #[inline]
    pub(crate) fn take(self: &mut Arc<Self>) -> Option<T> {
        if self.state.load(Ordering::Acquire) != READY {
            return None;
        }
        unshared(self)?.renew()
    }

    /// Resets the slot for reuse, unless a callee that answers too late still holds it.
    pub(crate) fn reuse(self: &mut Arc<Self>) -> bool {
        let Some(slot) = unshared(self) else {
            return false;
        };
        if let Some(answer) = slot.renew() {
            // It is the callee's, as in `Drop`.
            panic::run_quietly(|| drop(answer));
        }
        true
    }

    /// Resets the slot of a finished call for reuse. The callee may still hold a reference; all it can still do is wake. If it
    /// finds the waker of the next call, it wakes that caller, which leaves its waker again.
    #[cold]
    pub(crate) fn start_over(&self) {
        let left = self.inner.with(|inner| {
            self.state.store(AWAITED, Ordering::Relaxed);
            (inner.answer.take(), inner.other.take())
        });
        drop(left);
    }

    #[inline]
    fn renew(&mut self) -> Option<T> {
        self.state.store(AWAITED, Ordering::Relaxed);
        let inner = self.inner.get_mut();
        inner.other = None;
        inner.answer.take()
    }

    /// Waits for the answer; `None` when there will be none.
    #[inline]
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        match self.state.load(Ordering::Acquire) {
            READY => Poll::Ready(self.inner.with(|inner| inner.answer.take())),
            ABANDONED => Poll::Ready(None),
            AWAITED if self.waker.will_wake(cx.waker()) => Poll::Pending,
            _ => self.revisit(cx),
        }
    }

    /// Whether there will be no answer.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state.load(Ordering::Acquire) == ABANDONED
    }

    /// Leaves the present waker, in a place where a callee looks only in the state [`REVISITED`].
    #[cold]
    fn revisit(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let waker = OneOfMany::new(cx.waker().clone());
        let (polled, _replaced) = self.inner.with(|inner| {
            let replaced = inner.other.replace(waker);
            let left = self.state.compare_exchange(
                AWAITED,
                REVISITED,
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            let polled = match left {
                Err(READY) => Poll::Ready(inner.answer.take()),
                Err(ABANDONED) => Poll::Ready(None),
                _ => Poll::Pending,
            };
            (polled, replaced)
        });
        polled
    }

    /// Puts the answer in, to be published later.
    #[inline]
    pub(crate) fn store(self: Arc<Self>, value: T) -> Answer
    where
        T: Send + 'static,
    {
        self.inner.with(|inner| inner.answer = Some(value));
        Answer(self)
    }

    #[inline]
    fn settle(self: Arc<Self>, state: u8) {
        let other = match self.state.swap(state, Ordering::AcqRel) {
            REVISITED => self.inner.with(|inner| inner.other.take()),
            _ => None,
        };
        // The callee does not end over a waker or a destructor of its caller's.
        panic::run_quietly(|| {
            // By reference, which saves a clone. So the caller may run while the callee still holds the slot.
            self.waker.wake_by_ref();
            // If the caller is gone this drops the answer.
            let_go(self);
        });
        panic::each(other, |waker| waker.wake_by_ref());
    }
}

/// The operations on a slot that do not depend on the type of its answer.
trait Settle: Send + Sync {
    fn client(&self) -> Option<Pid>;
    fn publish(self: Arc<Self>);
    fn abandon(self: Arc<Self>);
}

impl<T: Send> Settle for Slot<T> {
    fn client(&self) -> Option<Pid> {
        self.client
    }

    fn publish(self: Arc<Self>) {
        self.settle(READY);
    }

    fn abandon(self: Arc<Self>) {
        // Retracted here and not with the slot, so that the caller never drops an answer that it must not see.
        let retracted = self.inner.with(|inner| inner.answer.take());
        panic::run_quietly(|| drop(retracted));
        self.settle(ABANDONED);
    }
}

/// The callee's reference to a slot with an answer of any type.
#[must_use]
pub(crate) struct Answer(Arc<dyn Settle>);

impl Answer {
    /// The hold on the slot of a call for which no answer has been stored.
    pub(crate) fn none<T: Send + 'static>(slot: Arc<Slot<T>>) -> Self {
        Self(slot)
    }

    /// The process that gets the answer, if that is known.
    pub(crate) fn client(&self) -> Option<Pid> {
        self.0.client()
    }

    /// Publishes the stored answer.
    #[inline]
    pub(crate) fn publish(self) {
        self.0.publish();
    }

    /// Settles the call without an answer.
    pub(crate) fn abandon(self) {
        self.0.abandon();
    }
}

/// The limit of nearly all calls, and the longest limit that [`soon`] uses.
///
/// For a call with a longer one, or with none, the alarm rings as soon as for this: then its caller begins to watch for the
/// server's end.
pub(crate) const USUAL_LIMIT: Duration = Duration::from_secs(5);

/// A call may be late by this fraction of its limit.
const STRETCH: u32 = 256;

/// The grain of tokio's timers.
const GRAIN: Duration = Duration::from_millis(1);

/// The one timer of a process, for the time limits of all that it waits for.
///
/// Only its task sets it and is woken by it: no call owns it or borrows it. So the wake-up of a pending call does not
/// depend on polls and drops of other calls.
///
/// # How a limit is kept
///
/// A future that waits with the waker of the task requests its next poll ([`Alarm::wake_at`]) each time that it is
/// polled and finds nothing. The alarm keeps the earliest instant. When it rings, the task is woken, the alarm forgets
/// its instant, and the body is polled. The waker is the task's, so the poll reaches every future that waits with it,
/// and each that still waits requests its next poll again. No entry has to be removed: a future that was dropped makes
/// no further request, and has cost one superfluous poll at most.
///
/// To read the clock and to set a timer is a third of the cost of a call, and nearly all calls are answered long before
/// their limit. So a call does neither when it is made, if the alarm is known to ring soon ([`Alarm::ring_soon`]): within a
/// part of the limit of one in [`STRETCH`], and a millisecond at least. If the alarm rings while the call waits, the call
/// reads the clock and counts its time from then. So a limit is never cut short, and is stretched by that part.
///
/// A future that waits with another waker, or outside of a process, has a timer of its own: see [`Limit`].
///
/// # Who does what
///
/// The body's side, in [`wake_at`](Alarm::wake_at) and [`ring_soon`](Alarm::ring_soon), only notes the request and sets
/// a flag of the control block. The task sees the flag after it has polled the body and before it polls it next, and
/// sets the timer ([`Alarm::see_to`]). So the timer is always made in the runtime where the task runs, whatever runtime
/// the body has entered. A ring sets the same flag and then wakes the task. If that happens while the body is polled,
/// the task is polled once more, which is enough for the futures in it.
#[derive(Default)]
pub(crate) struct Alarm {
    /// Made when first needed, and kept.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Notes with the process that the alarm has rung, and wakes its task.
    ringer: Option<Waker>,
    /// When the task has to be polled.
    due: Option<Instant>,
    /// The timer is set to that.
    is_set: bool,
    /// The runtime of the task has no timers.
    lacks_timer: bool,
    /// The shortest limit for which that is soon.
    soon_for: Option<Duration>,
}

impl Alarm {
    /// Whether it has had a timer: the runtime of the task has timers.
    pub(crate) fn has_timer(&self) -> bool {
        self.sleep.is_some()
    }

    /// Whether it has needed a timer, and the runtime of the task has none.
    pub(crate) fn lacks_timer(&self) -> bool {
        self.lacks_timer
    }

    /// The task has to be polled at this instant; true if it has to see to the timer for that.
    pub(crate) fn wake_at(&mut self, at: Instant) -> bool {
        let is_earlier = self.due.is_none_or(|due| at < due);
        if is_earlier {
            self.due = Some(at);
            self.is_set = false;
        }
        is_earlier
    }

    /// The task has to be polled soon, as measured by `limit`; true if it has to see to the timer for that.
    pub(crate) fn ring_soon(&mut self, limit: Duration) -> bool {
        if self.soon_for.is_some_and(|shortest| shortest <= limit) {
            return false;
        }
        self.soon_for = Some(limit);
        self.wake_at(soon(Instant::now(), limit))
    }

    /// Forgets the instant for which the alarm has rung, and sets the timer to the next one. Returns whether it rings
    /// soon.
    pub(crate) fn see_to(&mut self, process: &Arc<dyn Process>, cx: &Context<'_>) -> bool {
        if self.is_set && self.sleep.as_ref().is_some_and(|sleep| sleep.is_elapsed()) {
            self.due = None;
            self.soon_for = None;
        }
        match self.due {
            Some(due) if !self.is_set => self.set(due, process, cx),
            _ => {}
        }
        self.soon_for.is_some()
    }

    fn set(&mut self, due: Instant, process: &Arc<dyn Process>, cx: &Context<'_>) {
        let ringer = self
            .ringer
            .get_or_insert_with(|| Waker::from(Ringer::new(process, cx.waker())));
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(due);
                sleep
            }
            none => {
                let Some(sleep) = try_sleep_until(due) else {
                    // The wait was begun in another runtime, which the task had entered. The poll that is requested
                    // here finds out.
                    self.lacks_timer = true;
                    self.due = None;
                    self.soon_for = None;
                    return cx.waker().wake_by_ref();
                };
                none.insert(Box::pin(sleep))
            }
        };
        // Outside of tokio's budget: with none left the sleep would not be registered at all.
        let mut sleep = tokio::task::unconstrained(sleep.as_mut());
        if Pin::new(&mut sleep)
            .poll(&mut Context::from_waker(ringer))
            .is_ready()
        {
            ringer.wake_by_ref();
        }
        self.is_set = true;
    }
}

/// Notes with a process that its alarm has rung, and wakes its task.
struct Ringer {
    process: Arc<dyn Process>,
    task: Waker,
}

impl Ringer {
    fn new(process: &Arc<dyn Process>, task: &Waker) -> Arc<Self> {
        Arc::new(Self {
            process: process.clone(),
            task: task.clone(),
        })
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

/// The unit of [`soon`] for a call with this limit.
pub(crate) fn measure(limit: Duration) -> Duration {
    limit.min(USUAL_LIMIT)
}

/// An instant that is soon, compared with the limit of the wait.
fn soon(now: Instant, limit: Duration) -> Instant {
    after(now, (measure(limit) / STRETCH).max(GRAIN))
}

/// The end of a wait's time, and the timer that wakes the task at that time.
///
/// Each poll that finds the wait pending leaves a source of waking for the waker of that very poll:
///
/// - The waker of the task that a process is: the process's [alarm](Alarm) is set to the deadline. Nothing of it is here.
/// - Any other waker (of `FuturesUnordered`, of `block_on`, of a task that is no process): a timer of the wait's own, in the
///   runtime where it is polled. A wait that moves to another runtime makes it anew, so that it does not end with the first.
///
/// So a wait may be polled with one waker now and with another one later, be moved from one process to another or out of
/// a process, and rests on nothing that another wait holds.
#[derive(Default)]
pub(crate) struct Limit {
    deadline: Option<Instant>,
    own: Option<Own>,
}

/// A wait's own timer, and the runtime that it is in.
struct Own {
    sleep: Pin<Box<Sleep>>,
    runtime: runtime::Id,
    /// tokio wakes it where it looks at its timers, and a panic there would end a thread of the runtime.
    waker: HarmlessWaker,
}

/// There is no timer here: no runtime, or one that has ended or whose timers are not enabled.
pub(crate) struct NoTimer;

impl Limit {
    /// Whether a limit can be kept here: to be asked before anything is sent whose answer is waited for with a limit. A
    /// process that has had a timer has one.
    ///
    /// # Errors
    ///
    /// It cannot.
    pub(crate) fn check() -> Result<(), NoTimer> {
        let of_alarm = current::with(|current| (current.has_timer(), current.lacks_timer()));
        let can_wait = match of_alarm {
            Some((true, _)) => true,
            Some((_, true)) => false,
            _ => can_wait_here(),
        };
        can_wait.then_some(()).ok_or(NoTimer)
    }

    /// Ready when the time is over, as counted from the first poll. None is for ever, and zero is over at once.
    ///
    /// # Errors
    ///
    /// There is a limit, and no timer to keep it.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Duration>,
    ) -> Poll<Result<(), NoTimer>> {
        let Some(limit) = limit else {
            // It may have been set to watch over the first part of a call.
            self.own = None;
            return Poll::Pending;
        };
        if limit.is_zero() {
            return Poll::Ready(Ok(()));
        }
        let now = Instant::now();
        let deadline = *self.deadline.get_or_insert_with(|| after(now, limit));
        if now >= deadline {
            return Poll::Ready(Ok(()));
        }
        let by_alarm = current::with(|current| {
            let by_task = current.is_woken_by(cx.waker());
            let has_timer = by_task && current.has_timer();
            if has_timer {
                current.wake_at(deadline);
            }
            (by_task, has_timer)
        });
        let kept = match by_alarm {
            Some((true, has_timer)) => {
                self.own = None;
                match has_timer {
                    true => Ok(()),
                    false => first_alarm(deadline),
                }
            }
            _ => self.wake_at(deadline, cx),
        };
        match kept {
            Ok(()) => Poll::Pending,
            Err(no_timer) => Poll::Ready(Err(no_timer)),
        }
    }

    /// Begins the time of a call whose task the alarm of a process does not wake. The first ring comes soon, as the alarm's
    /// does, so that the caller begins to watch over the server.
    ///
    /// # Errors
    ///
    /// There is a limit, and no timer to keep it.
    pub(crate) fn begin(
        &mut self,
        cx: &mut Context<'_>,
        limit: Option<Duration>,
    ) -> Result<(), NoTimer> {
        let now = Instant::now();
        self.deadline = limit.map(|limit| after(now, limit));
        let first = soon(now, limit.unwrap_or(USUAL_LIMIT));
        match self.wake_at(self.deadline.map_or(first, |at| at.min(first)), cx) {
            Err(NoTimer) if limit.is_none() => {
                // It can begin to watch at once.
                cx.waker().wake_by_ref();
                Ok(())
            }
            begun => begun,
        }
    }

    /// Sets the wait's own timer to wake this waker.
    fn wake_at(&mut self, at: Instant, cx: &mut Context<'_>) -> Result<(), NoTimer> {
        let here = Handle::try_current().ok().map(|runtime| runtime.id());
        let moved = |own: &mut Own| here.is_some_and(|here| here != own.runtime);
        drop(self.own.take_if(moved));
        let own = match &mut self.own {
            Some(own) => own,
            none => none.insert(Own {
                runtime: here.ok_or(NoTimer)?,
                sleep: Box::pin(try_sleep_until(at).ok_or(NoTimer)?),
                waker: HarmlessWaker::default(),
            }),
        };
        if own.sleep.deadline() != at {
            own.sleep.as_mut().reset(at);
        }
        // Outside of tokio's budget: with none left the sleep would not be registered at all.
        let mut sleep = tokio::task::unconstrained(own.sleep.as_mut());
        let waker = own.waker.of(cx.waker());
        // A timer of a runtime that has ended panics.
        match panic::answer(|| Pin::new(&mut sleep).poll(&mut Context::from_waker(&waker))) {
            Some(Poll::Ready(())) => cx.waker().wake_by_ref(),
            Some(Poll::Pending) => {}
            None => {
                self.own = None;
                return Err(NoTimer);
            }
        }
        Ok(())
    }
}

/// Sets the alarm of a process that has had no timer yet.
#[cold]
fn first_alarm(deadline: Instant) -> Result<(), NoTimer> {
    Limit::check()?;
    current::with(|current| current.wake_at(deadline));
    Ok(())
}
