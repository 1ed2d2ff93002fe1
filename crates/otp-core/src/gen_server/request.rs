//! Requests with a later wait for the answer, one by one or many at once.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::GenServer;
use super::call::{CallFailure, IntoCall, ReplyTo, Wait, send};
use super::error::{Address, CallError};
use super::server_ref::Envelope;
use crate::process::block::Block;
use crate::process::panic::{Contained, OneOfMany, Pair};
use crate::process::slot::{Limit, Slot};
use crate::process::{self, current};
use crate::time_limit::TimeLimit;

/// The answer to a request that has been sent: a future without a time limit.
///
/// [`wait`](Self::wait) may be repeated; [`timeout`](Self::timeout) abandons the request at its
/// limit. A dropped request is abandoned, too: the server still handles it, and the answer is lost.
///
/// # OTP
///
/// The request id of `gen_server:send_request/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
///
/// # struct Lamp(bool);
/// #
/// # #[gen_server]
/// # impl GenServer for Lamp {
/// #     type Call = ReplyTo<bool>;
/// #     type Cast = bool;
/// #
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(false)))
/// #     }
/// #
/// #     async fn handle_call(&mut self, from: ReplyTo<bool>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #
/// #     async fn handle_cast(&mut self, on: bool, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 = on;
/// #         Next::NoReply
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let (hall, porch) = (Lamp::start_link(()).await?, Lamp::start_link(()).await?);
/// porch.cast(true);
/// // Both work at the same time.
/// let (first, second) = (hall.send_request(|from| from), porch.send_request(|from| from));
/// assert!(!first.timeout(Duration::from_secs(1)).await?);
/// assert!(second.timeout(Duration::from_secs(1)).await?);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "dropping it gives the answer up"]
pub struct Request<S: GenServer, T: Send + 'static> {
    address: Address,
    state: RequestState<S, T>,
}

enum RequestState<S: GenServer, T> {
    Sent {
        slot: Arc<Slot<T>>,
        wait: Wait,
        server: PhantomData<fn() -> S>,
    },
    /// There was no server to send to.
    Failed(CallError),
    Over,
}

impl<S: GenServer, T: Send + 'static> Request<S, T> {
    pub(crate) fn send(
        address: Address,
        server: Result<Arc<Block<Envelope<S>>>, CallError>,
        request: impl IntoCall<S, T>,
    ) -> Self {
        let state = match server {
            Err(error) => RequestState::Failed(error),
            Ok(server) => {
                let client = process::try_current();
                let slot = Arc::new(Slot::of(client, Waker::noop()));
                let request = request(ReplyTo::new(slot.clone()));
                match send(&server, request, client, false) {
                    Ok(()) => RequestState::Sent {
                        slot,
                        wait: Wait::new(server),
                        server: PhantomData,
                    },
                    Err(failure) => RequestState::Failed(failure.at(address.clone())),
                }
            }
        };
        Self { address, state }
    }

    /// Waits for the answer for at most `limit`; `None` if there is none yet. The caller may then wait
    /// again.
    ///
    /// # OTP
    ///
    /// `gen_server:wait_response/2`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Errors
    ///
    /// [`CallError`], as for a call. With [`CallError::NoRuntime`], for a limit outside of a tokio runtime, the request
    /// remains and may be waited for again.
    ///
    /// # Panics
    ///
    /// Panics if the answer has been returned already.
    pub async fn wait(&mut self, limit: impl Into<TimeLimit>) -> Option<Result<T, CallError>> {
        let (limit, mut time) = (limit.into(), Limit::default());
        poll_fn(|cx| {
            if let Poll::Ready(answer) = Pin::new(&mut *self).poll(cx) {
                return Poll::Ready(Some(answer));
            }
            let over = time.poll(cx, limit.duration()).map(|over| {
                let no_timer = over.err()?;
                Some(Err(CallFailure::from(no_timer).at(self.address.clone())))
            });
            if over.is_ready() {
                ready!(current::poll_share(cx));
            }
            current::unless_ending(over)
        })
        .await
    }

    /// Waits for the answer for at most `limit`, and then abandons the request.
    ///
    /// # OTP
    ///
    /// `gen_server:receive_response/2`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped, the request is abandoned: the server still handles it, and the answer is lost.
    ///
    /// # Errors
    ///
    /// [`CallError`], as for a call.
    pub async fn timeout(mut self, limit: impl Into<TimeLimit>) -> Result<T, CallError> {
        let limit = limit.into();
        match (self.wait(limit).await, limit) {
            (Some(answer), _) => answer,
            (None, TimeLimit::After(limit)) => {
                Err(CallFailure::Timeout(limit).at(self.address.clone()))
            }
            (None, TimeLimit::Infinity) => {
                unreachable!("only a limit ends the wait without answer")
            }
        }
    }
}

impl<S: GenServer, T: Send + 'static> Future for Request<S, T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.state {
            RequestState::Sent { slot, wait, .. } => {
                ready!(wait.poll(cx, slot, TimeLimit::Infinity))
            }
            RequestState::Failed(error) => {
                ready!(current::poll_share(cx));
                let failed = ready!(current::unless_ending(Poll::Ready(error.clone())));
                self.state = RequestState::Over;
                return Poll::Ready(Err(failed));
            }
            RequestState::Over => panic!("the answer of a request was taken already"),
        };
        self.state = RequestState::Over;
        Poll::Ready(answer.map_err(|failure| failure.at(self.address.clone())))
    }
}

/// Nothing in it is pinned: the answer's place is behind a pointer.
impl<S: GenServer, T: Send + 'static> Unpin for Request<S, T> {}

impl<S: GenServer, T: Send + 'static> fmt::Debug for Request<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("server", &self.address)
            .finish_non_exhaustive()
    }
}

/// Requests in flight, each with a label of the caller's; answers come out as they arrive.
///
/// # OTP
///
/// A request id collection, `gen_server:reqids_new/0`.
///
/// # Examples
///
/// ```
/// # use otp_core::prelude::*;
/// # use otp_core::gen_server::RequestSet;
/// # struct Echo;
/// # enum Call { Echo(u32, ReplyTo<u32>) }
/// # #[gen_server]
/// # impl GenServer for Echo {
/// #     type Call = Call;
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self))
/// #     }
/// #     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
/// #         let Call::Echo(n, from) = call;
/// #         from.reply(n)
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let sum = Node::new().run(async {
/// # let server = Echo::start(()).await?;
/// let mut requests = RequestSet::new();
/// for n in 0..3 {
///     requests.add(n, server.send_request(move |from| Call::Echo(n * 10, from)));
/// }
/// let mut sum = 0;
/// while let Some((label, answer)) = requests.next().await {
///     assert_eq!(answer, Ok(label * 10));
///     sum += label;
/// }
/// # Ok::<_, ExitReason>(sum)
/// # }).await.expect("the example does not crash");
/// # assert_eq!(sum, Ok(3));
/// # }
/// ```
pub struct RequestSet<L, S: GenServer, T: Send + 'static> {
    requests: FuturesUnordered<Labelled<L, S, T>>,
}

impl<L, S: GenServer, T: Send + 'static> RequestSet<L, S, T> {
    /// Makes an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requests: FuturesUnordered::new(),
        }
    }

    /// Adds a request.
    ///
    /// # OTP
    ///
    /// `gen_server:reqids_add/3`.
    pub fn add(&mut self, label: L, request: Request<S, T>) {
        self.requests.push(Labelled {
            label: Some(Contained::new(label)),
            request,
        });
    }

    /// How many answers are awaited.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether no answer is awaited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Waits for the next answer of any request; `None` when all have come.
    ///
    /// # OTP
    ///
    /// `gen_server:receive_response/3` with `Delete`.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again; no answer is lost.
    pub async fn next(&mut self) -> Option<(L, Result<T, CallError>)> {
        let answered = current::guarded(self.requests.next()).await;
        answered.map(Pair::into_tuple)
    }
}

impl<L, S: GenServer, T: Send + 'static> Default for RequestSet<L, S, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L, S: GenServer, T: Send + 'static> fmt::Debug for RequestSet<L, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSet")
            .field("len", &self.requests.len())
            .finish()
    }
}

struct Labelled<L, S: GenServer, T: Send + 'static> {
    label: Option<Contained<L>>,
    request: Request<S, T>,
}

impl<L, S: GenServer, T: Send + 'static> Unpin for Labelled<L, S, T> {}

impl<L, S: GenServer, T: Send + 'static> Future for Labelled<L, S, T> {
    type Output = Pair<L, Result<T, CallError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.request).poll(cx).map(|answer| {
            let label = self.label.take();
            let label = label.expect("a finished future is not polled again");
            Pair {
                key: OneOfMany::new(label.into_inner()),
                value: OneOfMany::new(answer),
            }
        })
    }
}
