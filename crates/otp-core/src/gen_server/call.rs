//! The caller's end of a call.
//!
//! A call allocates nothing as long as its process keeps calling: the slot for the answer and the
//! alarm of the time limit are kept with the process from one call to the next.

use std::borrow::Borrow;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::GenServer;
use super::envelope::{Client, Content, Envelope};
use super::error::{Address, CallError, Timeout};
use super::reply_to::ReplyTo;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::alarm::Alarm;
use crate::process::block::{Block, Head, Phase};
use crate::process::current;
use crate::process::queue::NotTaken;
use crate::process::slot::Slot;
use crate::process::slots::Cover;
use crate::process::watch::Watch;
use crate::timer::after;

/// Why a call failed, before it is known what the caller calls the server.
pub(crate) enum Failure {
    NoProcess,
    Timeout(Duration),
    ReplyDropped,
    CallingSelf,
    MailboxFull(usize),
    Exited(ExitReason),
}

impl Failure {
    pub(crate) fn at(self, server: Address) -> CallError {
        match self {
            Self::NoProcess => CallError::NoProcess { server },
            Self::Timeout(limit) => CallError::Timeout { server, limit },
            Self::ReplyDropped => CallError::ReplyDropped { server },
            Self::CallingSelf => CallError::CallingSelf { server },
            Self::MailboxFull(messages) => CallError::MailboxFull { server, messages },
            Self::Exited(reason) => CallError::Exited { server, reason },
        }
    }
}

/// Makes a call and waits for the answer. `address` is how an error names the server.
///
/// One future, and not one inside another: each would copy the answer once more.
#[inline]
pub(crate) fn call<S: GenServer, T: Send + 'static>(
    server: impl Borrow<Arc<Block<Envelope<S>>>>,
    address: impl FnOnce() -> Address,
    limit: Timeout,
    request: impl FnOnce(ReplyTo<T>) -> S::Call,
) -> impl Future<Output = Result<T, CallError>> {
    let mut request = Some(request);
    let mut address = Some(address);
    let mut waiting = None;
    poll_fn(move |cx| {
        let server = server.borrow();
        let failure = if let Some(request) = request.take() {
            match Call::make(cx, server, limit, request) {
                Ok(call) => {
                    waiting = Some(call);
                    return Poll::Pending;
                }
                Err(failure) => failure,
            }
        } else {
            let call = waiting.as_mut();
            let call = call.expect("a finished call is not polled again");
            if let Some(answer) = call.take_answer() {
                waiting = None;
                return Poll::Ready(Ok(answer));
            }
            let answer = ready!(call.poll_answer(cx, server, limit));
            waiting = None;
            match answer {
                Ok(answer) => return Poll::Ready(Ok(answer)),
                Err(failure) => failure,
            }
        };
        let address = address.take().expect("a call fails once");
        Poll::Ready(Err(failure.at(address())))
    })
}

/// Queues a request, unless the server has ended, or is bound to, or cannot take more.
#[inline]
pub(crate) fn send<S: GenServer>(
    server: &Arc<Block<Envelope<S>>>,
    request: S::Call,
    client: Option<Pid>,
) -> Result<(), Failure> {
    let client = client.and_then(|pid| Client::of(pid, server.head.pid));
    match server.send(Envelope(Content::Call { request, client })) {
        Ok(()) => Ok(()),
        Err(NotTaken::Closed(_)) => Err(Failure::NoProcess),
        Err(NotTaken::Full { limit, .. }) => Err(Failure::MailboxFull(limit.messages)),
    }
}

/// Waits for an answer, or for what ends the hope of one. From the first time that there is none the
/// caller watches over the server's end.
#[inline]
pub(crate) fn poll_answer<S: GenServer, T: Send + 'static>(
    cx: &Context<'_>,
    slot: &Slot<T>,
    server: &Arc<Block<Envelope<S>>>,
    watch: &mut Option<Box<Watch>>,
) -> Poll<Result<T, Failure>> {
    match slot.poll(cx) {
        Poll::Ready(Some(answer)) => Poll::Ready(Ok(answer)),
        Poll::Ready(None) => failed(no_answer(&server.head)),
        Poll::Pending => {
            let watch = watch.get_or_insert_with(|| Box::new(Watch::new(server.clone())));
            let reason = ready!(watch.poll(cx));
            // The last thing it did may have been to answer.
            match slot.poll(cx) {
                Poll::Ready(Some(answer)) => Poll::Ready(Ok(answer)),
                _ => failed(Failure::Exited(reason)),
            }
        }
    }
}

/// The failure, unless the caller ends over the same end, as it is linked with the server and traps no
/// exits: the exit came first, even if it came in the middle of this very poll.
pub(crate) fn failed<T>(failure: Failure) -> Poll<Result<T, Failure>> {
    match current::with(|current| current.process.head().is_exiting()) {
        Some(true) => Poll::Pending,
        _ => Poll::Ready(Err(failure)),
    }
}

/// What a caller makes of a call that was given up.
pub(crate) fn no_answer(server: &Head) -> Failure {
    server.ties.with(|ties| match &ties.phase {
        Phase::Dead { reason, .. } => Failure::Exited(reason.clone()),
        Phase::Alive | Phase::Exiting(_) => Failure::ReplyDropped,
    })
}

/// A call in progress. What few calls need is in boxes: a call is moved about.
struct Call<T: Send + 'static> {
    /// Present until the call is over.
    slot: Option<Arc<Slot<T>>>,
    /// Present once the call's time has needed attention.
    alarm: Option<Pin<Box<Alarm>>>,
    /// Present once the call has taken longer than calls use to.
    watch: Option<Box<Watch>>,
    /// What covers the calls that use the slot.
    cover: Cover,
    /// The answer, or that there is none, has been seen, and the slot is ready for another call.
    over: bool,
}

impl<T: Send + 'static> Call<T> {
    #[inline]
    fn make<S: GenServer>(
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<S>>>,
        limit: Timeout,
        request: impl FnOnce(ReplyTo<T>) -> S::Call,
    ) -> Result<Self, Failure> {
        let kept = current::with(|current| {
            let client = current.process.head().pid;
            let (slot, cover) = current.take_slot::<T>();
            let waker = cx.waker();
            let cover = match &slot {
                Some(slot) if slot.wakes(waker) => cover,
                _ => Cover::NONE,
            };
            let measure = measure(limit);
            let covered = measure == Alarm::USUAL_LIMIT && current.is_covered(cover)
                || current.look_at_alarm(measure, waker);
            (Some(client), slot, cover, covered)
        });
        let (client, slot, cover, covered) = kept.unwrap_or((None, None, Cover::NONE, false));
        if client == Some(server.head.pid) {
            return Err(Failure::CallingSelf);
        }
        // The answer finds the waker in the slot, so it need not be looked for after the sending.
        let slot = slot
            .and_then(|slot| slot.aim(cx.waker()))
            .unwrap_or_else(|| Arc::new(Slot::new(cx.waker())));
        let request = request(ReplyTo::new(slot.clone()));
        let mut call = Self {
            slot: Some(slot),
            alarm: None,
            watch: None,
            cover,
            over: false,
        };
        send(server, request, client)?;
        if limit == Timeout::After(Duration::ZERO) {
            return Err(Failure::Timeout(Duration::ZERO));
        }
        if !covered {
            call.set_alarm(cx, limit);
        }
        Ok(call)
    }

    /// The answer, if it is there and its callee has let go of the slot: how nearly all calls end.
    #[inline]
    fn take_answer(&mut self) -> Option<T> {
        let answer = self.slot().take();
        self.over = answer.is_some();
        answer
    }

    #[cold]
    fn poll_answer<S: GenServer>(
        &mut self,
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<S>>>,
        limit: Timeout,
    ) -> Poll<Result<T, Failure>> {
        let slot = self.slot.as_ref().expect(HAS_SLOT);
        match poll_answer(cx, slot, server, &mut self.watch) {
            Poll::Pending => self.poll_limit(cx, limit).map(Err),
            answer => {
                self.over = is_end(&answer);
                if self.over {
                    slot.start_over();
                }
                answer
            }
        }
    }

    #[inline]
    fn slot(&mut self) -> &mut Arc<Slot<T>> {
        self.slot.as_mut().expect(HAS_SLOT)
    }

    /// Makes the alarm ring soon, for the sake of this call and of those that follow.
    #[cold]
    fn set_alarm(&mut self, cx: &mut Context<'_>, limit: Timeout) {
        let now = Instant::now();
        // One that runs for someone else, in another branch of a `select!` say, is left to it.
        let kept = current::with(|current| current.take_alarm(|alarm| alarm.is_free(cx.waker())));
        let mut alarm = match kept.flatten() {
            None => Alarm::new(now, measure(limit)),
            Some(mut alarm) => {
                alarm.as_mut().set_for(now, measure(limit));
                alarm
            }
        };
        alarm.as_mut().set_deadline(deadline(now, limit));
        alarm.as_mut().watch(cx);
        self.alarm = Some(alarm);
    }

    /// Ready when the time is over; else sees to it that the call is polled then.
    #[cold]
    fn poll_limit(&mut self, cx: &mut Context<'_>, limit: Timeout) -> Poll<Failure> {
        let now = Instant::now();
        let alarm = self.alarm.get_or_insert_with(|| {
            let kept = kept_alarm();
            let mut alarm = kept.unwrap_or_else(|| Alarm::new(now, measure(limit)));
            alarm.as_mut().set_deadline(deadline(now, limit));
            alarm
        });
        match (limit, alarm.deadline()) {
            (Timeout::After(limit), Some(deadline)) if now >= deadline => {
                Poll::Ready(Failure::Timeout(limit))
            }
            _ => {
                alarm.as_mut().watch(cx);
                Poll::Pending
            }
        }
    }
}

const HAS_SLOT: &str = "the slot stays until the call is dropped";

/// Whether the callee has said how the call ends, and so has done with the slot.
fn is_end<T>(answer: &Poll<Result<T, Failure>>) -> bool {
    matches!(answer, Poll::Ready(Ok(_) | Err(Failure::ReplyDropped)))
}

/// What the alarm's haste is measured by.
fn measure(limit: Timeout) -> Duration {
    match limit {
        Timeout::After(limit) => limit.min(Alarm::USUAL_LIMIT),
        Timeout::Infinity => Alarm::USUAL_LIMIT,
    }
}

fn deadline(now: Instant, limit: Timeout) -> Option<Instant> {
    match limit {
        Timeout::After(limit) => Some(after(now, limit)),
        Timeout::Infinity => None,
    }
}

impl<T: Send + 'static> Drop for Call<T> {
    #[inline]
    fn drop(&mut self) {
        // Kept only by a call that has its answer: a late one must find nobody.
        let slot = self.slot.take().filter(|_| self.over);
        let alarm = self.alarm.take();
        if slot.is_none() && alarm.is_none() {
            return;
        }
        let cover = self.cover;
        // What falls out is dropped when nothing is borrowed any more.
        let _evicted = current::with(|current| {
            let alarm = alarm.and_then(|alarm| current.keep_alarm(alarm));
            let slot = slot.and_then(|slot| current.keep_slot(slot, cover));
            (alarm, slot)
        });
    }
}

/// The alarm that the process has kept from an earlier call.
fn kept_alarm() -> Option<Pin<Box<Alarm>>> {
    current::with(|current| current.take_alarm(|_| true)).flatten()
}
