//! Waiting for an answer: of a call, of a request that was sent earlier, of a system request.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::call::CallFailure;
use super::error::Address;
use crate::process::block::Process;
use crate::process::current;
use crate::process::limits::Limit;
use crate::process::meter;
use crate::process::slot::Slot;
use crate::process::telemetry::Waits;
use crate::process::watch::Watch;
use crate::time_limit::TimeLimit;

/// The state of a wait whose answer was not there at the first poll.
pub(crate) struct Wait {
    server: Arc<dyn Process>,
    /// Present once the answer has been waited for.
    watch: Option<Watch>,
    /// Inside of a process, this shows other processes which one it waits for.
    seen: Option<Waits>,
    pub(crate) limit: Limit,
    /// The failure of a call whose caller had to yield first.
    failed: Option<CallFailure>,
}

impl Wait {
    pub(crate) fn new(server: Arc<dyn Process>) -> Self {
        Self {
            server,
            watch: None,
            seen: None,
            limit: Limit::default(),
            failed: None,
        }
    }

    /// A wait that ends with this failure when it is polled again.
    pub(super) fn failed(server: Arc<dyn Process>, failure: CallFailure) -> Self {
        Self {
            failed: Some(failure),
            ..Self::new(server)
        }
    }

    /// Waits for the answer or for a failure: the call was dropped, the server has ended, or the time is over.
    ///
    /// A process that is bound to end gets neither the answer nor the failure. If it is linked with the server and traps no
    /// exits, the exit came first, even if it came in the middle of this very poll.
    pub(crate) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        slot: &Slot<T>,
        limit: TimeLimit,
    ) -> Poll<Result<T, CallFailure>> {
        if let Some(failure) = self.failed.take() {
            return current::unless_ending(Poll::Ready(Err(failure)));
        }
        let polled = match self.poll_answer(cx, slot) {
            Poll::Pending => self.poll_limit(cx, limit).map(Err),
            ended => ended,
        };
        current::unless_ending(polled)
    }

    fn poll_answer<T>(&mut self, cx: &Context<'_>, slot: &Slot<T>) -> Poll<Result<T, CallFailure>> {
        match slot.poll(cx) {
            Poll::Ready(Some(answer)) => Poll::Ready(Ok(answer)),
            Poll::Ready(None) => Poll::Ready(Err(no_answer(&*self.server))),
            Poll::Pending => {
                let server = &self.server;
                if self.watch.is_none() {
                    self.seen = Waits::note(server.head().pid);
                    if let Some(cycle) = self.seen.as_ref().and_then(Waits::cycle) {
                        let named = cycle.into_iter().map(Address::from);
                        return Poll::Ready(Err(CallFailure::Cycle(named.collect())));
                    }
                }
                let watch = self.watch.get_or_insert_with(|| Watch::new(server.clone()));
                let reason = ready!(watch.poll(cx));
                // The last thing that it did may have been to answer.
                match slot.poll(cx) {
                    Poll::Ready(Some(answer)) => Poll::Ready(Ok(answer)),
                    _ => Poll::Ready(Err(CallFailure::Exited(reason))),
                }
            }
        }
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>, limit: TimeLimit) -> Poll<CallFailure> {
        let over = self.limit.poll(cx, limit.duration());
        over.map(|over| match (over, limit) {
            (Ok(()), TimeLimit::After(limit)) => {
                meter::timed_out((self.server.head().initial_call)());
                CallFailure::Timeout(limit)
            }
            (Ok(()), TimeLimit::Infinity) => unreachable!("it has no end"),
            // It was moved out of the runtime in which it was made.
            (Err(no_timer), _) => no_timer.into(),
        })
    }
}

/// The caller's error for a call whose reply handle was dropped.
pub(super) fn no_answer(server: &dyn Process) -> CallFailure {
    let reason = server.head().ended();
    reason.map_or(CallFailure::ReplyDropped, CallFailure::Exited)
}
