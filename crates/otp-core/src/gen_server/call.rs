//! The caller's end of a call.
//!
//! A call allocates nothing as long as its process keeps calling: the slot for the answer is kept with the process from
//! one call to the next, and so is the alarm that wakes the process when the time limit is near.

use std::borrow::Borrow;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::GenServer;
use super::envelope::{Client, Content, Envelope};
use super::error::{Address, CallError, Timeout};
use super::reply_to::ReplyTo;
use super::wait::Wait;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::alarm::{USUAL_LIMIT, measure};
use crate::process::block::Block;
use crate::process::current;
use crate::process::limits::NoTimer;
use crate::process::queue::NotTaken;
use crate::process::slot::Slot;

/// Why a call failed, before it is known what the caller calls the server.
pub(crate) enum Failure {
    NoProcess,
    Timeout(Duration),
    ReplyDropped,
    CallingSelf,
    MailboxFull(usize),
    Exited(ExitReason),
    NoRuntime,
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
            Self::NoRuntime => CallError::NoRuntime { server },
        }
    }
}

impl From<NoTimer> for Failure {
    fn from(NoTimer: NoTimer) -> Self {
        Self::NoRuntime
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
    let mut waiting: Option<Call<T>> = None;
    poll_fn(move |cx| {
        let server = server.borrow();
        let failure = if let Some(call) = &mut waiting {
            let ended = match call.slot.take() {
                Some(answer) => Ok(answer),
                None => ready!(call.poll(cx, server, limit)),
            };
            match ended {
                Ok(answer) if Call::keep(&mut waiting) => return Poll::Ready(Ok(answer)),
                Ok(_) => return Poll::Pending,
                Err(failure) => failure,
            }
        } else {
            ready!(Call::make(cx, server, limit, &mut request, &mut waiting))
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
    let make = |request| Envelope(Content::Call { request, client });
    match server.send_made(request, make) {
        Ok(()) => Ok(()),
        Err(NotTaken::Closed(_)) => Err(Failure::NoProcess),
        Err(NotTaken::Full { limit, .. }) => Err(Failure::MailboxFull(limit.messages)),
    }
}

/// A call in progress. What few calls need is in a box: a call is moved about.
struct Call<T: Send + 'static> {
    slot: Arc<Slot<T>>,
    /// Present once the call has needed more than the slot.
    wait: Option<Box<Wait>>,
    /// The slot's waker is the one of the caller's task.
    wakes_task: bool,
}

impl<T: Send + 'static> Call<T> {
    /// Makes the call, in `place`. Ready if it fails at once.
    #[inline]
    fn make<S: GenServer, R: FnOnce(ReplyTo<T>) -> S::Call>(
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<S>>>,
        limit: Timeout,
        request: &mut Option<R>,
        place: &mut Option<Self>,
    ) -> Poll<Failure> {
        let caller = current::with(|current| {
            let head = current.process.head();
            let (client, is_exiting) = (head.pid, head.is_exiting());
            let kept = current.take_slot::<T>();
            (Some(client), is_exiting, kept, current.rings_soon())
        });
        let (client, is_exiting, kept, rings_soon) = caller.unwrap_or((None, false, None, false));
        if is_exiting {
            // The process ends when this poll returns: it does not come as far as its next call.
            return Poll::Pending;
        }
        if client == Some(server.head.pid) {
            return Poll::Ready(Failure::CallingSelf);
        }
        let (mut kept, mut wakes_task) = match kept {
            Some((slot, wakes_task)) => (Some(slot), wakes_task),
            None => (None, false),
        };
        let mut wait = None;
        let aimed = kept.as_ref().is_some_and(|slot| slot.wakes(cx.waker()));
        if !(aimed && wakes_task && rings_soon && measured(limit) == USUAL_LIMIT) {
            match begin(cx, server, limit) {
                Ok(begun) => (wait, wakes_task) = (begun.0, begun.1),
                Err(failure) => return Poll::Ready(failure),
            }
            kept = kept.and_then(|slot| slot.aim(cx.waker()));
        }
        // The answer finds the waker in the slot, so it need not be looked for after the sending.
        let slot = kept.unwrap_or_else(|| Arc::new(Slot::new(cx.waker())));
        let request = request.take().expect("a finished call is not polled again");
        let request = request(ReplyTo::new(slot.clone()));
        if let Err(failure) = send(server, request, client) {
            return current::unless_ending(Poll::Ready(failure));
        }
        if limit == Timeout::After(Duration::ZERO) {
            return current::unless_ending(Poll::Ready(Failure::Timeout(Duration::ZERO)));
        }
        *place = Some(Self {
            slot,
            wait,
            wakes_task,
        });
        Poll::Pending
    }

    /// Waits for what is not there yet, or is while its callee still holds the slot.
    #[cold]
    fn poll<S: GenServer>(
        &mut self,
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<S>>>,
        limit: Timeout,
    ) -> Poll<Result<T, Failure>> {
        let wait = self
            .wait
            .get_or_insert_with(|| Box::new(Wait::new(server.clone())));
        let polled = wait.poll(cx, &self.slot, limit);
        if let Poll::Ready(Ok(_)) = polled {
            self.slot.start_over();
        }
        polled
    }

    /// Ends a call that has its answer, and keeps the slot for the next one. The slot of a call that failed is not kept: a
    /// late answer must find nobody. False if the process is bound to end: then it does not get the answer.
    #[inline]
    fn keep(waiting: &mut Option<Self>) -> bool {
        // What falls out is dropped when nothing is borrowed any more.
        let kept = current::with(|current| {
            if current.process.head().is_exiting() {
                return None;
            }
            let Self {
                slot,
                wait,
                wakes_task,
            } = waiting.take()?;
            Some((current.keep_slot(slot, wakes_task), wait))
        });
        match kept {
            Some(kept) => kept.is_some(),
            None => {
                *waiting = None;
                true
            }
        }
    }
}

/// Sees to it, before the request is sent, that the caller is polled when its time is over; and soon, so that it begins to
/// watch for the server's end. Returns what it needs for that, and whether the waker is the one of its task. A call whose limit is
/// zero is not polled again.
#[cold]
fn begin<S: GenServer>(
    cx: &mut Context<'_>,
    server: &Arc<Block<Envelope<S>>>,
    limit: Timeout,
) -> Result<(Option<Box<Wait>>, bool), Failure> {
    if limit == Timeout::After(Duration::ZERO) {
        return Ok((None, false));
    }
    let by_task = current::with(|current| {
        let by_task = current.is_woken_by(cx.waker());
        if by_task {
            current.ring_soon(measured(limit));
        }
        by_task
    });
    if by_task == Some(true) {
        return Ok((None, true));
    }
    let mut wait = Box::new(Wait::new(server.clone()));
    wait.limit.begin(cx, limit.duration())?;
    Ok((Some(wait), false))
}

/// What the haste of the alarm is measured by.
#[inline]
fn measured(limit: Timeout) -> Duration {
    limit.duration().map_or(USUAL_LIMIT, measure)
}
