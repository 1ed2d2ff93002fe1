//! The caller's end of a call.
//!
//! A call allocates nothing as long as its process keeps calling: the slot for the answer and the
//! alarm of the time limit are kept with the process from one call to the next.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::GenServer;
use super::envelope::{Content, Envelope};
use super::error::{Address, CallError, Timeout};
use super::reply_to::ReplyTo;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::{Block, Item, Phase};
use crate::process::current::{self, Alarm};
use crate::process::slot::Slot;
use crate::timer::far_future;

/// How many types of answers a process keeps slots for.
const KEPT_SLOTS: usize = 4;

/// Why a call failed, before it is known what the caller calls the server.
pub(crate) enum Failure {
    NoProcess,
    Timeout(Duration),
    ReplyDropped,
    CallingSelf,
    Exited(ExitReason),
}

impl Failure {
    pub(crate) fn at(self, server: Address) -> CallError {
        match self {
            Self::NoProcess => CallError::NoProcess { server },
            Self::Timeout(limit) => CallError::Timeout { server, limit },
            Self::ReplyDropped => CallError::ReplyDropped { server },
            Self::CallingSelf => CallError::CallingSelf { server },
            Self::Exited(reason) => CallError::Exited { server, reason },
        }
    }
}

/// Makes a call and waits for the answer.
pub(crate) async fn call<S: GenServer, T: Send + 'static>(
    server: &Arc<Block<Envelope<S>>>,
    limit: Timeout,
    request: impl FnOnce(ReplyTo<T>) -> S::Call,
) -> Result<T, Failure> {
    let mut request = Some(request);
    let mut call = Call::<T>::take();
    if call.client == Some(server.head.pid) {
        return Err(Failure::CallingSelf);
    }
    poll_fn(|cx| {
        let Some(request) = request.take() else {
            return call.poll_answer(cx, server);
        };
        // The answer finds the waker in the slot, so it need not be looked for after the sending.
        call.slot().prepare(cx.waker());
        let request = request(ReplyTo::new(call.slot().clone()));
        if !send(server, request, call.client) {
            return Poll::Ready(Err(Failure::NoProcess));
        }
        if let Timeout::After(limit) = limit {
            call.set_alarm(cx, limit);
        }
        Poll::Pending
    })
    .await
}

/// Queues a request; false if the server has ended, or is bound to.
pub(crate) fn send<S: GenServer>(
    server: &Block<Envelope<S>>,
    request: S::Call,
    client: Option<Pid>,
) -> bool {
    server
        .queue
        .push(Item::Message(Envelope(Content::Call { request, client })))
        .is_ok()
}

/// What a caller without an answer makes of it.
pub(crate) fn no_answer<S: GenServer>(server: &Block<Envelope<S>>) -> Failure {
    match &server.head.ties.lock().phase {
        Phase::Dead(reason) => Failure::Exited(reason.clone()),
        Phase::Alive | Phase::Exiting(_) => Failure::ReplyDropped,
    }
}

/// A call in progress, with what its process lends it.
struct Call<T: Send + 'static> {
    client: Option<Pid>,
    /// Present until the call is over.
    slot: Option<Arc<Slot<T>>>,
    alarm: Option<Alarm>,
    limit: Option<(Instant, Duration)>,
}

impl<T: Send + 'static> Call<T> {
    fn take() -> Self {
        let mut call = Self {
            client: None,
            slot: None,
            alarm: None,
            limit: None,
        };
        current::with(|current| {
            call.client = Some(current.process.head().pid);
            let local = current.local();
            call.alarm = local.alarm.take();
            let kept = local.slots.iter().position(|slot| slot.is::<Slot<T>>());
            call.slot = kept.and_then(|at| Arc::downcast(local.slots.swap_remove(at)).ok());
        });
        call.slot.get_or_insert_with(|| Arc::new(Slot::new()));
        call
    }

    fn slot(&self) -> &Arc<Slot<T>> {
        self.slot
            .as_ref()
            .expect("the slot stays until the call is dropped")
    }

    /// Sees to it that the call is polled when its time is over.
    ///
    /// The alarm may ring earlier, at the end of a former call's time. It is set forward only then:
    /// moving a timer costs more than the rest of a call, and most calls are long over by then.
    fn set_alarm(&mut self, cx: &mut Context<'_>, limit: Duration) {
        let deadline = far_future(limit);
        self.limit = Some((deadline, limit));
        let alarm = self.alarm.get_or_insert_with(|| Alarm {
            sleep: Box::pin(sleep_until(deadline)),
            waker: None,
        });
        let moved = alarm.sleep.deadline() > deadline || alarm.sleep.is_elapsed();
        if moved {
            alarm.sleep.as_mut().reset(deadline);
        }
        let watched = alarm
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()));
        if moved || !watched {
            alarm.waker = Some(cx.waker().clone());
            if alarm.sleep.as_mut().poll(cx).is_ready() {
                // A limit that is over already: the next poll finds it so.
                cx.waker().wake_by_ref();
            }
        }
    }

    fn poll_answer<S: GenServer>(
        &mut self,
        cx: &mut Context<'_>,
        server: &Block<Envelope<S>>,
    ) -> Poll<Result<T, Failure>> {
        match self.slot().poll(cx) {
            Poll::Ready(Some(answer)) => return Poll::Ready(Ok(answer)),
            Poll::Ready(None) => return Poll::Ready(Err(no_answer(server))),
            Poll::Pending => {}
        }
        let (Some((deadline, limit)), Some(alarm)) = (self.limit, &mut self.alarm) else {
            return Poll::Pending;
        };
        while alarm.sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(Err(Failure::Timeout(limit)));
            }
            alarm.sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

impl<T: Send + 'static> Drop for Call<T> {
    fn drop(&mut self) {
        let slot = self.slot.take();
        let alarm = self.alarm.take();
        current::with(|current| {
            let local = current.local();
            if alarm.is_some() {
                local.alarm = alarm;
            }
            // While the callee holds it, too, an answer may still be written to the slot.
            if let Some(slot) = slot.filter(|slot| Arc::strong_count(slot) == 1)
                && local.slots.len() < KEPT_SLOTS
            {
                local.slots.push(slot);
            }
        });
    }
}
