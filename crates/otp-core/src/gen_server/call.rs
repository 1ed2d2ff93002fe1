//! The caller's end of a call.
//!
//! A call allocates nothing as long as its process keeps calling: the slot for the answer is kept with the process from
//! one call to the next, and so is the alarm that wakes the process when the time limit is near.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::GenServer;
use super::envelope::{Client, Content, Envelope};
use super::error::{Address, CallError};
use super::reply_to::ReplyTo;
use super::server_ref::ServerRef;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::{Block, Process};
use crate::process::current;
use crate::process::meter;
use crate::process::queue::NotTaken;
use crate::process::slot::{Limit, NoTimer, Slot, USUAL_LIMIT, measure};
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
        if !(aimed && wakes_task && rings_soon && measured(limit) == USUAL_LIMIT) {
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
        if limit == TimeLimit::After(Duration::ZERO) {
            return current::unless_ending(Poll::Ready(CallFailure::Timeout(Duration::ZERO)));
        }
        *place = Some(Self {
            slot,
            wait,
            wakes_task,
        });
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
