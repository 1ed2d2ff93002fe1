//! A tracer: the events of chosen servers.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures_util::stream::{FuturesUnordered, Stream, StreamExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Keep, SysEvent, install, remove};
use crate::exit::ExitReason;
use crate::gen_server::CallError;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::process_ref::wait;

/// The events of chosen servers, up to a number of events: messages that they take, answers, and how they end.
///
/// A traced server sends each event to the tracer and does not wait. When the tracer has reached its number of events,
/// or is dropped, each server stops sending at its next event. So a tracer on a busy system costs only its own events,
/// and the memory for them.
///
/// # OTP
///
/// `dbg:tracer/2` and `dbg:p/2` with `[m, p]`, for servers.
///
/// # Differences from OTP
///
/// Functions are not traced, and neither are processes that are no servers. A tracer has a limit; there it has none.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{TraceEvent, Tracer};
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ExitReason> {
/// # let node = Node::new();
/// # node.clone().try_run(async move {
/// let counter = Counter::start_link(40).await?;
/// let mut tracer = Tracer::new(&node, 1000);
/// tracer.add(&counter).await?;
/// counter.cast(2);
/// counter.stop().await?;
///
/// let mut seen = Vec::new();
/// while let Some(traced) = tracer.next().await {
///     seen.push(traced.event.to_string());
///     if let TraceEvent::Exited(_) = traced.event {
///         break;
///     }
/// }
/// assert_eq!(seen, ["got cast", "returned", "exited with normal"]);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Tracer {
    node: Node,
    /// The id of this tracer's hook in a server.
    hook: String,
    events: UnboundedReceiver<Traced>,
    teller: Teller,
    ends: FuturesUnordered<TraceEnd>,
    /// How many events have been taken.
    seen: usize,
}

/// An event of a server that is traced.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::sys::Tracer;
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
/// let counter = Counter::start_link(0).await?;
/// let mut tracer = Tracer::new(&process::node(), 100);
/// tracer.add(&counter).await?;
/// counter.cast(2);
/// let traced = tracer.next().await.expect("it takes the cast");
/// assert_eq!((traced.number, traced.pid), (1, counter.pid()));
/// assert_eq!(traced.event.to_string(), "got cast");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Traced {
    /// The number of the event among the tracer's events, counted from 1.
    pub number: usize,
    /// When it was, by the wall clock.
    pub at: SystemTime,
    /// The server.
    pub pid: Pid,
    /// The event.
    pub event: TraceEvent,
}

/// An event of a traced server.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// use otp_core::sys::{TraceEvent, Tracer};
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
/// let counter = Counter::start_link(0).await?;
/// let mut tracer = Tracer::new(&process::node(), 100);
/// tracer.add(&counter).await?;
/// counter.stop().await?;
/// let traced = tracer.next().await.expect("it ends");
/// assert!(matches!(traced.event, TraceEvent::Exited(ExitReason::Normal)));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TraceEvent {
    /// It has taken a message, or handled one.
    Sys(SysEvent),
    /// It has ended.
    Exited(ExitReason),
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sys(event) => event.fmt(f),
            Self::Exited(reason) => write!(f, "exited with {reason}"),
        }
    }
}

/// The servers' end.
#[derive(Clone)]
struct Teller {
    events: UnboundedSender<Traced>,
    told: Arc<AtomicUsize>,
    limit: usize,
}

impl Teller {
    /// Sends an event. `Keep::No` if the next one is not wanted.
    fn tell(&self, pid: Pid, event: TraceEvent) -> Keep {
        // An event that comes after the limit does not use up a number.
        let next = |told: usize| (told < self.limit).then(|| told + 1);
        let Ok(told) = self
            .told
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
        else {
            return Keep::No;
        };
        let traced = Traced {
            number: told + 1,
            at: SystemTime::now(),
            pid,
            event,
        };
        match self.events.send(traced) {
            Ok(()) if told + 1 < self.limit => Keep::Yes,
            _ => Keep::No,
        }
    }
}

impl Tracer {
    /// A tracer of servers of `node`, for at most `limit` events.
    #[must_use]
    pub fn new(node: &Node, limit: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (sender, events) = unbounded_channel();
        Self {
            node: node.clone(),
            hook: format!("tracer {}", NEXT.fetch_add(1, Ordering::Relaxed)),
            events,
            teller: Teller {
                events: sender,
                told: Arc::default(),
                limit,
            },
            ends: FuturesUnordered::new(),
            seen: 0,
        }
    }

    /// Traces a server from now on. This has no effect on a server that is traced already.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the server may be traced nevertheless, without the event of its end.
    ///
    /// # Errors
    ///
    /// [`CallError`], as for [`install`].
    pub async fn add(&mut self, server: impl Into<Pid>) -> Result<(), CallError> {
        let pid = server.into();
        // One that has ended is an error of the request.
        let process = self.node.find(pid);
        let teller = self.teller.clone();
        let hook = move |event: &SysEvent| teller.tell(pid, TraceEvent::Sys(event.clone()));
        install(pid, self.hook.clone(), hook).await?;
        if let Some(process) = process
            && !self.ends.iter().any(|end| end.pid == pid)
        {
            let wait = Box::pin(wait(process));
            self.ends.push(TraceEnd { pid, wait });
        }
        Ok(())
    }

    /// The next event, as soon as there is one. `None` after the last event that the limit allows.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn next(&mut self) -> Option<Traced> {
        StreamExt::next(self).await
    }

    /// Stops tracing a server.
    ///
    /// # Cancel safety
    ///
    /// As [`remove`].
    ///
    /// # Errors
    ///
    /// [`CallError`], as for [`remove`].
    pub async fn remove(&mut self, server: impl Into<Pid>) -> Result<(), CallError> {
        let pid = server.into();
        let ends = mem::take(&mut self.ends);
        self.ends = ends.into_iter().filter(|end| end.pid != pid).collect();
        remove(pid, self.hook.clone()).await
    }
}

/// The end of a server.
struct TraceEnd {
    pid: Pid,
    wait: Pin<Box<dyn Future<Output = ExitReason> + Send>>,
}

impl Future for TraceEnd {
    type Output = (Pid, ExitReason);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.wait.as_mut().poll(cx).map(|reason| (self.pid, reason))
    }
}

/// The events, each as soon as it is there. The stream ends after the last event that the limit allows.
impl Stream for Tracer {
    type Item = Traced;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Traced>> {
        loop {
            // The events of a server come before its end.
            if let Poll::Ready(traced) = self.events.poll_recv(cx) {
                self.seen += 1;
                return Poll::Ready(traced);
            }
            if self.seen == self.teller.limit {
                return Poll::Ready(None);
            }
            match Pin::new(&mut self.ends).poll_next(cx) {
                Poll::Ready(Some((pid, reason))) => {
                    let _ = self.teller.tell(pid, TraceEvent::Exited(reason));
                }
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<_> = self.ends.iter().map(|end| end.pid).collect();
        f.debug_struct("Tracer")
            .field("servers", &servers)
            .field("limit", &self.teller.limit)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}
