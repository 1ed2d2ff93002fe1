//! A call from both ends: the future of its caller, and the handle with which the server answers.
//!
//! A call allocates nothing as long as its process keeps calling: the slot for the answer is kept with the process from
//! one call to the next, and so is the alarm that wakes the process when the time limit is near.

use std::fmt;
use std::mem;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::GenServer;
use super::error::{Address, CallError};
use super::outcome::Next;
use super::server_ref::{Content, Envelope, ServerRef};
use crate::exit::ExitReason;
use crate::pid::{NodeId, Pid};
use crate::process::block::{Block, Process};
use crate::process::current;
use crate::process::meter;
use crate::process::queue::NotTaken;
use crate::process::slot::{Answer, Limit, NoTimer, Slot, USUAL_LIMIT, measure};
use crate::process::span::Origin;
use crate::process::telemetry::Waits;
use crate::process::watch::Watch;
use crate::time_limit::TimeLimit;

/// Why a call failed, without the address by which the caller knows the server.
pub(crate) enum CallFailure {
    NoProcess,
    Timeout(Duration),
    ReplyDropped,
    CallingSelf,
    MailboxFull(usize),
    Exited(ExitReason),
    NoRuntime,
    Cycle(Box<[Address]>),
}

impl CallFailure {
    pub(crate) fn at(self, server: Address) -> CallError {
        match self {
            Self::NoProcess => CallError::NoProcess { server },
            Self::Timeout(limit) => CallError::Timeout { server, limit },
            Self::ReplyDropped => CallError::ReplyDropped { server },
            Self::CallingSelf => CallError::CallingSelf { server },
            Self::MailboxFull(messages) => CallError::MailboxFull { server, messages },
            Self::Exited(reason) => CallError::Exited { server, reason },
            Self::NoRuntime => CallError::NoRuntime { server },
            Self::Cycle(through) => CallError::Cycle {
                server,
                through: through.into_vec(),
            },
        }
    }
}

impl From<NoTimer> for CallFailure {
    fn from(NoTimer: NoTimer) -> Self {
        Self::NoRuntime
    }
}

/// Makes the message of a call from the call's [`ReplyTo`]: the argument of [`ServerRef::call`](crate::ServerRef::call).
///
/// It is a function: the name of a variant with only a `ReplyTo`, such as `Call::Total`, or a closure, such as `|from|
/// Call::Divide(2, from)`.
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::IntoCall;
/// use otp_core::prelude::*;
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// /// Asks several servers the same question.
/// async fn sum<R>(counters: &[ServerRef<Counter>], request: R) -> Result<u64, CallError>
/// where
///     R: IntoCall<Counter, u64> + Clone + Send,
/// {
///     let mut sum = 0;
///     for counter in counters {
///         sum += counter.call(request.clone()).await?;
///     }
///     Ok(sum)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let counters = [Counter::start_link(40).await?, Counter::start_link(2).await?];
/// assert_eq!(sum(&counters, |from| from).await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` makes no call: pass the name of a variant with a `ReplyTo` (`Call::Total`), or a closure (`|from| Call::Add(2, from)`)"
)]
pub trait IntoCall<S: GenServer, T: Send + 'static>: FnOnce(ReplyTo<T>) -> S::Call {}

#[diagnostic::do_not_recommend]
impl<S: GenServer, T: Send + 'static, F: FnOnce(ReplyTo<T>) -> S::Call> IntoCall<S, T> for F {}

/// Addresses the server of a call: a [`ServerRef`](crate::ServerRef) or a [`ServerName`](crate::ServerName).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::gen_server::{CallFuture, Callee};
/// use otp_core::prelude::*;
/// # struct Counter(u64);
/// #
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// /// Gives a call of a reference or of a name a minute.
/// async fn patiently<A: Callee, T: Send + 'static, R>(call: CallFuture<A, T, R>) -> Result<T, CallError>
/// where
///     CallFuture<A, T, R>: Future<Output = Result<T, CallError>>,
/// {
///     call.timeout(Duration::from_secs(60)).await
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let counter = Counter::options().name("counter").start_link(7).await?;
/// assert_eq!(patiently(counter.call(|from| from)).await?, 7);
/// let named = ServerName::<Counter>::new("counter");
/// assert_eq!(patiently(named.call(|from| from)).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Callee: Sized {
    /// The type of the server.
    type Server: GenServer;

    /// Whether a call overtakes all that waits for the server.
    const HAS_PRIORITY: bool = false;

    /// Finds the server; called at the first poll, and once more if there is none and the task has to let others run.
    ///
    /// # Errors
    ///
    /// There is none, or one of another type.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::Callee;
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// #
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Args = u64;
    /// #     type Call = ReplyTo<u64>;
    /// #     type Cast = u64;
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0 += n;
    /// #         Next::NoReply
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let counter = Counter::start_link(7).await?;
    /// let mut callee = &counter;
    /// assert_eq!(callee.find()?.pid(), counter.pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn find(&mut self) -> Result<&ServerRef<Self::Server>, CallError>;

    /// The server that [`find`](Self::find) has found.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::Callee;
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// #
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Args = u64;
    /// #     type Call = ReplyTo<u64>;
    /// #     type Cast = u64;
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0 += n;
    /// #         Next::NoReply
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let counter = Counter::start_link(7).await?;
    /// let mut callee = &counter;
    /// callee.find()?;
    /// assert_eq!(callee.found().pid(), counter.pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn found(&self) -> &ServerRef<Self::Server>;

    /// How an error names the server.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::{Address, Callee};
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// #
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Args = u64;
    /// #     type Call = ReplyTo<u64>;
    /// #     type Cast = u64;
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// #
    /// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
    /// #         self.0 += n;
    /// #         Next::NoReply
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let counter = Counter::start_link(7).await?;
    /// assert_eq!(Callee::address(&&counter), Address::Pid(counter.pid()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn address(&self) -> Address;
}

type Message<A> = <<A as Callee>::Server as GenServer>::Call;

/// The future of a call's answer, with a time limit of 5 s unless [`timeout`](Self::timeout) sets another.
///
/// See [`ServerRef::call`](crate::ServerRef::call).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// # struct Counter(u64);
/// # enum Call { Total(ReplyTo<u64>) }
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = Call;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
/// #         let Call::Total(from) = call;
/// #         from.reply(self.0)
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let counter = Counter::start_link(42).await?;
/// let total = counter.call(Call::Total).timeout(Duration::from_secs(1)).await?;
/// assert_eq!(total, 42);
/// # Ok(())
/// # }).await.expect("the counter lives");
/// # }
/// ```
#[must_use = "a call is made when it is awaited"]
pub struct CallFuture<A: Callee, T: Send + 'static, R> {
    server: A,
    limit: TimeLimit,
    request: Option<R>,
    /// Calls the request. It is a function pointer, so that the future's type has no bound on the request. With a bound
    /// the compiler would report a wrong request a second time, at the `.await`.
    make: fn(R, ReplyTo<T>) -> Message<A>,
    waiting: Option<Waiting<T>>,
}

impl<A: Callee, T: Send + 'static, R> CallFuture<A, T, R> {
    #[inline]
    pub(super) fn new(server: A, request: R) -> Self
    where
        R: IntoCall<A::Server, T>,
    {
        Self {
            server,
            limit: TimeLimit::DEFAULT,
            request: Some(request),
            make: |request, from| request(from),
            waiting: None,
        }
    }

    /// Sets the time limit, counted from the first poll: a [`Duration`], or [`TimeLimit::Infinity`].
    ///
    /// # OTP
    ///
    /// The last argument of `gen_server:call/3`.
    #[inline]
    pub fn timeout(mut self, limit: impl Into<TimeLimit>) -> Self {
        self.limit = limit.into();
        self
    }
}

impl<A: Callee, T: Send + 'static, R> CallFuture<A, T, R> {
    /// Makes the call from a thread that runs no async code, and blocks the thread until the answer arrives.
    ///
    /// The thread needs no tokio runtime, not even for a time limit. It must not be inside of one: it must not be a
    /// worker or a blocking thread of a runtime, and must not have entered one. In a blocking thread, such as that of
    /// `spawn_blocking`, `Handle::current().block_on(call)` does the same.
    ///
    /// # Errors
    ///
    /// As for [`ServerRef::call`](crate::ServerRef::call); [`CallError::WouldBlock`], at once, inside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    /// # struct Counter(u64);
    /// # enum Call { Total(ReplyTo<u64>) }
    /// # #[gen_server]
    /// # impl GenServer for Counter {
    /// #     type Args = u64;
    /// #     type Call = Call;
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
    /// #         let Call::Total(from) = call;
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main]
    /// # async fn main() {
    /// # Node::new().try_run(async {
    /// let counter = Counter::start_link(42).await?;
    /// # let (done, end) = tokio::sync::oneshot::channel();
    /// let thread = thread::spawn(move || {
    ///     let total = counter.call(Call::Total).timeout(Duration::from_secs(1)).blocking();
    ///     assert_eq!(total, Ok(42));
    ///     # done.send(()).expect("the main thread waits");
    /// });
    /// # end.await.expect("the thread has got its answer");
    /// # drop(thread);
    /// # Ok(())
    /// # }).await.expect("the counter lives");
    /// # }
    /// ```
    pub fn blocking(mut self) -> Result<T, CallError> {
        if current::try_process().is_some() || Handle::try_current().is_ok() {
            let server = self.server.address();
            return Err(CallError::WouldBlock { server });
        }
        // A limit needs a timer, which is the thread's own here. One of zero needs none.
        let deadline = match self.limit {
            TimeLimit::After(limit) if !limit.is_zero() => {
                self.limit = TimeLimit::Infinity;
                Some((limit, Instant::now().checked_add(limit)))
            }
            TimeLimit::After(_) | TimeLimit::Infinity => None,
        };
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut cx = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(answer) = Pin::new(&mut self).poll(&mut cx) {
                return answer;
            }
            let Some((limit, Some(deadline))) = deadline else {
                thread::park();
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(CallFailure::Timeout(limit).at(self.server.address()));
            }
            thread::park_timeout(left);
        }
    }
}

/// Wakes a thread that waits in a blocking call.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Nothing in it is pinned.
impl<A: Callee, T: Send + 'static, R> Unpin for CallFuture<A, T, R> {}

impl<A: Callee, T: Send + 'static, R> Future for CallFuture<A, T, R> {
    type Output = Result<T, CallError>;

    /// One future, and not one inside another: each would copy the answer once more.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let failure = if let Some(call) = &mut this.waiting {
            let ended = match call.slot.take() {
                Some(answer) => Ok(answer),
                None => ready!(call.poll(cx, this.server.found().block(), this.limit)),
            };
            match ended {
                Ok(answer) if Waiting::keep(&mut this.waiting) => return Poll::Ready(Ok(answer)),
                Ok(_) => return Poll::Pending,
                Err(failure) => {
                    Waiting::keep_abandoned(&mut this.waiting);
                    failure
                }
            }
        } else {
            let server = match this.server.find() {
                Ok(server) => server.block(),
                Err(error) => {
                    ready!(current::poll_goes_on(cx));
                    return Poll::Ready(Err(error));
                }
            };
            let (request, make) = (&mut this.request, this.make);
            ready!(Waiting::make::<A, R>(
                cx,
                server,
                this.limit,
                request,
                make,
                &mut this.waiting
            ))
        };
        if current::poll_share(cx).is_pending() {
            this.waiting = Some(Waiting::failed(
                cx,
                this.server.found().block().clone(),
                failure,
            ));
            return Poll::Pending;
        }
        Poll::Ready(Err(failure.at(this.server.address())))
    }
}

impl<A: Callee, T: Send + 'static, R> fmt::Debug for CallFuture<A, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture")
            .field("server", &self.server.address())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Queues a request, unless the server has ended, or is bound to, or cannot take more.
#[inline]
pub(crate) fn send<S: GenServer>(
    server: &Arc<Block<Envelope<S>>>,
    request: S::Call,
    client: Option<Pid>,
    has_priority: bool,
) -> Result<(), CallFailure> {
    let client = client.and_then(|pid| Client::of(pid, server.head.pid));
    send_of(server, request, client, has_priority)
}

/// The same, of a client that may be on another node.
#[inline]
pub(crate) fn send_of<S: GenServer>(
    server: &Arc<Block<Envelope<S>>>,
    request: S::Call,
    client: Option<Client>,
    has_priority: bool,
) -> Result<(), CallFailure> {
    let origin = Origin::of_call();
    meter::called(S::behaviour().server_type);
    let make = |request| Envelope::new(Content::Call { request, client }, origin);
    if has_priority {
        let is_sent = server.send_urgent(make(request));
        return is_sent.then_some(()).ok_or(CallFailure::NoProcess);
    }
    match server.send_made(request, make) {
        Ok(()) => Ok(()),
        Err(NotTaken::Closed(_)) => Err(CallFailure::NoProcess),
        Err(NotTaken::Full { limit, .. }) => Err(CallFailure::MailboxFull(limit.messages)),
    }
}

/// A call in progress. The parts that few calls need are in a box, because a call is moved several times.
struct Waiting<T: Send + 'static> {
    slot: Arc<Slot<T>>,
    /// Present once the call has needed more than the slot.
    wait: Option<Box<Wait>>,
    /// The slot's waker is the one of the caller's task.
    wakes_task: bool,
}

impl<T: Send + 'static> Waiting<T> {
    /// Makes the call, in `place`. Ready if it fails at once.
    #[inline]
    fn make<A: Callee, R>(
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<A::Server>>>,
        limit: TimeLimit,
        request: &mut Option<R>,
        make: fn(R, ReplyTo<T>) -> Message<A>,
        place: &mut Option<Self>,
    ) -> Poll<CallFailure> {
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
            return Poll::Ready(CallFailure::CallingSelf);
        }
        let (mut kept, mut wakes_task) = match kept {
            Some((slot, wakes_task)) => (Some(slot), wakes_task),
            None => (None, false),
        };
        let mut wait = None;
        let aimed = kept.as_ref().is_some_and(|slot| slot.wakes(cx.waker()));
        let is_usual = limit == TimeLimit::After(USUAL_LIMIT);
        let is_measured = is_usual || measured(limit) == USUAL_LIMIT;
        if !(aimed && wakes_task && rings_soon && is_measured) {
            match begin(cx, server, limit) {
                Ok(begun) => (wait, wakes_task) = (begun.0, begun.1),
                Err(failure) => return Poll::Ready(failure),
            }
            kept = kept.and_then(|slot| slot.aim(client, cx.waker()));
        }
        // The answer finds the waker in the slot, so it need not be looked for after the sending.
        let slot = kept.unwrap_or_else(|| Arc::new(Slot::of(client, cx.waker())));
        let request = request.take().expect("a finished call is not polled again");
        let request = make(request, ReplyTo::new(slot.clone()));
        if let Err(failure) = send(server, request, client, A::HAS_PRIORITY) {
            return current::unless_ending(Poll::Ready(failure));
        }
        if !is_usual && limit == TimeLimit::After(Duration::ZERO) {
            return current::unless_ending(Poll::Ready(CallFailure::Timeout(Duration::ZERO)));
        }
        let waiting = Self {
            slot,
            wait,
            wakes_task,
        };
        // The place is empty. To drop that takes more time than this.
        mem::forget(place.replace(waiting));
        Poll::Pending
    }

    /// A call that has failed, and whose caller has to let others run before it learns of that.
    #[cold]
    fn failed(cx: &Context<'_>, server: Arc<dyn Process>, failure: CallFailure) -> Self {
        Self {
            slot: Arc::new(Slot::of(None, cx.waker())),
            wait: Some(Box::new(Wait::failed(server, failure))),
            wakes_task: false,
        }
    }

    /// Waits for an answer that is not there yet, or for which the callee still holds the slot.
    #[cold]
    fn poll<S: GenServer>(
        &mut self,
        cx: &mut Context<'_>,
        server: &Arc<Block<Envelope<S>>>,
        limit: TimeLimit,
    ) -> Poll<Result<T, CallFailure>> {
        if self.slot.is_abandoned() {
            let failure = no_answer(&**server);
            return current::unless_ending(Poll::Ready(Err(failure)));
        }
        let wait = self
            .wait
            .get_or_insert_with(|| Box::new(Wait::new(server.clone())));
        let polled = wait.poll(cx, &self.slot, limit);
        if let Poll::Ready(Ok(_)) = polled {
            self.slot.start_over();
        }
        polled
    }

    /// Ends a call that has its answer, and keeps the slot for the next one. The slot of a failed call is not kept, so
    /// that a late answer goes into a slot that is no longer read. False if the end of the process is decided: then it
    /// does not get the answer.
    #[inline]
    fn keep(waiting: &mut Option<Self>) -> bool {
        // The value that is returned is dropped when nothing is borrowed any more.
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

    /// Ends a call that has failed, and keeps its slot if there will be no answer in it.
    #[cold]
    fn keep_abandoned(waiting: &mut Option<Self>) {
        if let Some(Self {
            mut slot,
            wakes_task,
            ..
        }) = waiting.take()
            && slot.is_abandoned()
            && slot.reuse()
        {
            // The value that is returned is dropped when nothing is borrowed any more.
            drop(current::with(|current| current.keep_slot(slot, wakes_task)));
        }
    }
}

/// Arranges, before the request is sent, that the caller is polled when its time is over, and also soon, so that it
/// begins to monitor the server. Returns the state that it needs for that, and whether the waker is the one of its
/// task. A call whose limit is zero is not polled again.
#[cold]
fn begin<S: GenServer>(
    cx: &mut Context<'_>,
    server: &Arc<Block<Envelope<S>>>,
    limit: TimeLimit,
) -> Result<(Option<Box<Wait>>, bool), CallFailure> {
    if limit == TimeLimit::After(Duration::ZERO) {
        return Ok((None, false));
    }
    let by_alarm = current::with(|current| {
        let by_task = current.is_woken_by(cx.waker());
        let has_timer = by_task && current.has_timer();
        if has_timer {
            current.ring_soon(measured(limit));
        }
        (by_task, has_timer)
    });
    if let Some((true, has_timer)) = by_alarm {
        if !has_timer {
            match Limit::check() {
                Ok(()) => drop(current::with(|current| current.ring_soon(measured(limit)))),
                // It can begin to watch at once.
                Err(NoTimer) if limit == TimeLimit::Infinity => cx.waker().wake_by_ref(),
                Err(no_timer) => return Err(no_timer.into()),
            }
        }
        return Ok((None, true));
    }
    let mut wait = Box::new(Wait::new(server.clone()));
    wait.limit.begin(cx, limit.duration())?;
    Ok((Some(wait), false))
}

/// The unit in which the precision of the alarm is measured.
#[inline]
fn measured(limit: TimeLimit) -> Duration {
    limit.duration().map_or(USUAL_LIMIT, measure)
}

/// The state of a wait whose answer was not there at the first poll: of a call, of a request that was sent earlier, or of a
/// system request.
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
    fn failed(server: Arc<dyn Process>, failure: CallFailure) -> Self {
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
fn no_answer(server: &dyn Process) -> CallFailure {
    let reason = server.head().ended();
    reason.map_or(CallFailure::ReplyDropped, CallFailure::Exited)
}

/// The caller. To keep messages small this is one number: that of the process, and above it that of its node, counted from 1,
/// if that is not the server's.
#[derive(Clone, Copy)]
pub(crate) struct Client(NonZeroU64);

/// The bits of the number of a process. A node that spawns a million processes a second has used them all after nine years.
const PROCESS: u32 = 48;

impl Client {
    /// A caller of the server's own node; of another caller nothing is kept.
    #[inline]
    pub(crate) fn of(pid: Pid, server: Pid) -> Option<Self> {
        let id = NonZeroU64::new(pid.id()).filter(|_| pid.node() == server.node());
        id.map(Self)
    }

    /// A caller of any node, if both numbers have room.
    #[cfg(feature = "serde")]
    pub(crate) fn of_any(pid: Pid, server: Pid) -> Option<Self> {
        if pid.node() == server.node() {
            return Self::of(pid, server);
        }
        let node = u16::try_from(pid.node().0.checked_add(1)?).ok()?;
        let has_room = pid.id() >> PROCESS == 0;
        let number = NonZeroU64::new(u64::from(node) << PROCESS | pid.id());
        number.filter(|_| has_room).map(Self)
    }

    pub(crate) fn pid(self, server: Pid) -> Pid {
        let number = self.0.get();
        let node = u32::try_from(number >> PROCESS).unwrap_or_default();
        let other = node.checked_sub(1).map(NodeId);
        let other = other.and_then(|node| Pid::of(node, number & !(!0 << PROCESS)));
        other.unwrap_or_else(|| Pid::new(server.node(), self.0))
    }
}

/// The handle that takes the answer to one call; part of each call variant.
///
/// An answer consumes the handle, so no call is answered twice. A handler answers with
/// [`reply`](Self::reply) and returns the result of that, or keeps the handle, returns
/// [`Reply::later`], and answers later with [`send`](Self::send).
///
/// A handle that is dropped without an answer fails the call with
/// [`CallError::ReplyDropped`](crate::CallError::ReplyDropped), or with the server's exit reason if
/// the server ends at the same time.
///
/// # OTP
///
/// The `From` of `handle_call/3`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// enum Ask {
///     Enter(ReplyTo<&'static str>),
///     Open(ReplyTo<usize>),
/// }
///
/// /// Callers that ask to enter get their answers when the door is opened.
/// struct Gate(Vec<ReplyTo<&'static str>>);
///
/// #[gen_server]
/// impl GenServer for Gate {
///     type Call = Ask;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self(Vec::new())))
///     }
///
///     async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
///         match ask {
///             Ask::Enter(from) => {
///                 self.0.push(from);
///                 Reply::later()
///             }
///             Ask::Open(from) => {
///                 let count = self.0.len();
///                 self.0.drain(..).for_each(|waits| waits.send("welcome"));
///                 from.reply(count)
///             }
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let gate = Gate::start_link(()).await?;
/// let waits = gate.send_request(Ask::Enter);
/// assert_eq!(gate.call(Ask::Open).await?, 1, "one was let in");
/// assert_eq!(waits.timeout(std::time::Duration::from_secs(1)).await?, "welcome");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "a call that is not answered fails its caller"]
pub struct ReplyTo<T: Send + 'static> {
    /// Present until the handle is used or dropped.
    slot: Option<Arc<Slot<T>>>,
}

impl<T: Send + 'static> ReplyTo<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>) -> Self {
        Self { slot: Some(slot) }
    }

    /// Answers the call when the callback returns. It is no error if the caller no longer waits.
    ///
    /// # OTP
    ///
    /// `{reply, Answer, State}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Length;
    ///
    /// #[gen_server]
    /// impl GenServer for Length {
    ///     type Call = (String, ReplyTo<usize>);
    ///
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self)) }
    ///     // …
    ///     async fn handle_call(&mut self, (text, from): Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         from.reply(text.len())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let length = Length::start_link(()).await?;
    /// assert_eq!(length.call(|from| ("eggs".to_owned(), from)).await?, 4);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn reply<S: GenServer>(self, answer: T) -> Reply<S> {
        Reply {
            answer: self.pending(answer),
            next: Next::NoReply,
        }
    }

    /// The answer, to be published later.
    #[inline]
    pub(crate) fn pending(mut self, answer: T) -> Pending {
        Pending::new(self.take().store(answer))
    }

    /// Answers the call now, from any code. It is no error if the caller no longer waits.
    ///
    /// # OTP
    ///
    /// `gen_server:reply/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::Task;
    ///
    /// /// Answers from a task, so that it is free for other calls.
    /// struct Slow;
    ///
    /// #[gen_server]
    /// impl GenServer for Slow {
    ///     type Call = ReplyTo<u32>;
    ///
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self)) }
    ///     // …
    ///     async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
    ///         otp_core::task::start(async move { from.send(42) });
    ///         Reply::later()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let slow = Slow::start_link(()).await?;
    /// assert_eq!(slow.call(|from| from).await?, 42);
    /// # let _ = Task::completed(1);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn send(mut self, answer: T) {
        self.take().store(answer).publish();
    }

    /// Whether the caller still waits for the answer. A call may be postponed, or wait in a mailbox, for longer than its caller
    /// waits; then the server can skip its work. A caller of another node counts as waiting.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use otp_core::prelude::*;
    ///
    /// struct Slow;
    ///
    /// #[gen_server]
    /// impl GenServer for Slow {
    ///     type Call = ReplyTo<bool>;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         tokio::time::sleep(Duration::from_secs(1)).await;
    ///         println!("a caller waits: {}", from.is_wanted());
    ///         from.reply(true)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let slow = Slow::start_link(()).await?;
    /// let given_up = slow.call(|from| from).timeout(Duration::from_millis(10)).await;
    /// assert!(matches!(given_up, Err(CallError::Timeout { .. })));
    /// assert_eq!(slow.call(|from| from).await, Ok(true));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let slot = self.slot.as_ref();
        // The slot of a caller that waits elsewhere is held by its waker, and weakly.
        slot.is_some_and(|slot| Arc::strong_count(slot) > 1 || Arc::weak_count(slot) > 0)
    }

    fn take(&mut self) -> Arc<Slot<T>> {
        self.slot
            .take()
            .expect("the handle is consumed by its first use")
    }
}

impl<T: Send + 'static> Drop for ReplyTo<T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            current::abandon(Answer::none(slot));
        }
    }
}

impl<T: Send + 'static> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

/// The result of [`GenServer::handle_call`]: the call has been answered, or will be answered
/// later.
///
/// Only [`ReplyTo::reply`](crate::ReplyTo::reply) and [`Reply::later`] make it.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// struct Bell;
///
/// #[gen_server]
/// impl GenServer for Bell {
///     type Call = ReplyTo<&'static str>;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply("ding").then(Next::Stop(ExitReason::Normal))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let bell = Bell::start(()).await?;
/// assert_eq!(bell.call(|from| from).await?, "ding");
/// assert_eq!(bell.wait().await, ExitReason::Normal, "it rings once");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "return it from handle_call: only then is the answer sent"]
pub struct Reply<S: GenServer> {
    /// The answer that waits to be published.
    pub(crate) answer: Pending,
    pub(crate) next: Next<S>,
}

impl<S: GenServer> Reply<S> {
    /// The call is answered later, by code that keeps its [`ReplyTo`](crate::ReplyTo): OTP's
    /// `{noreply, State}` from a call.
    pub fn later() -> Self {
        Self {
            answer: Pending::none(),
            next: Next::NoReply,
        }
    }

    /// The next step of the server. The answer goes out before it. With `Stop`, the answer goes out
    /// after [`GenServer::terminate`], before the process ends.
    pub fn then(self, next: Next<S>) -> Self {
        Self { next, ..self }
    }
}

impl<S: GenServer> fmt::Debug for Reply<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("answered", &self.answer.0.is_some())
            .field("next", &self.next)
            .finish()
    }
}

/// An answer that was stored and is published unless the callback fails: then the caller gets the exit reason instead.
pub(crate) struct Pending(Option<Answer>);

impl Pending {
    pub(crate) fn new(answer: Answer) -> Self {
        Self(Some(answer))
    }

    /// No answer.
    #[inline]
    pub(crate) fn none() -> Self {
        Self(None)
    }

    #[inline]
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The process that gets the answer, if that is known.
    pub(crate) fn client(&self) -> Option<Pid> {
        self.0.as_ref()?.client()
    }

    /// Publishes the answer; false if there is none.
    #[inline]
    pub(crate) fn publish(mut self) -> bool {
        let answer = self.0.take();
        // Nothing is left to drop, and so the answer stays in registers.
        mem::forget(self);
        match answer {
            Some(answer) => {
                answer.publish();
                true
            }
            None => false,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            current::abandon(answer);
        }
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn a_client_of_any_node_comes_back_if_it_has_room() {
        let pid = |node, id| Pid::of(NodeId(node), id).expect("it is not 0");
        let server = pid(3, 7);
        for client in [
            pid(3, 1),
            pid(0, 1),
            pid(4, (1 << PROCESS) - 1),
            pid(65_534, 9),
        ] {
            let kept = Client::of_any(client, server).map(|it| it.pid(server));
            assert_eq!(kept, Some(client));
        }
        for client in [pid(65_535, 9), pid(u32::MAX, 9), pid(4, 1 << PROCESS)] {
            assert!(Client::of_any(client, server).is_none(), "{client}");
        }
        assert!(Client::of(pid(0, 1), server).is_none());
    }
}
