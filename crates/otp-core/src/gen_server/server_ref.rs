//! A reference to a running server, and the messages that are sent with it.

use std::fmt;
use std::mem;
use std::sync::Arc;

use super::GenServer;
use super::call::{CallFuture, Callee, Client, IntoCall};
use super::error::{Address, CallError, StopError};
use super::limited::{Begin, Limited};
use super::permit::{ServerPermit, into_cast, into_info};
use super::request::Request;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::{Block, Process};
use crate::process::meter::{self, Sent};
use crate::process::process_ref::wait;
use crate::process::span::Origin;
use crate::process::{self, ProcessRef, current, relations};
use crate::time_limit::TimeLimit;
use crate::timer::Destination;
use crate::util::handle::handle;

/// A reference to one running server of type `S`.
///
/// It addresses one process, so it does not find the server after a restart.
/// A [`ServerName`](crate::ServerName) does.
///
/// # OTP
///
/// A server's pid, with the types of its messages.
///
/// # Examples
///
/// ```
/// # use otp_core::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     type Args = u64;
/// #     type Call = ReplyTo<u64>;
/// #     type Cast = u64;
/// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
/// #         Ok(Init::state(Self(first)))
/// #     }
/// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
/// #         from.reply(self.0)
/// #     }
/// #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
/// #         self.0 += n;
/// #         Next::NoReply
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let counter = Counter::start_link(1).await?;
/// counter.cast(2);
/// assert_eq!(counter.call(|from| from).await?, 3);
/// counter.stop().await?;
/// assert!(!counter.is_alive());
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct ServerRef<S: GenServer> {
    block: Arc<Block<Envelope<S>>>,
}

impl<S: GenServer> ServerRef<S> {
    pub(crate) fn new(block: Arc<Block<Envelope<S>>>) -> Self {
        Self { block }
    }

    #[inline]
    pub(crate) fn block(&self) -> &Arc<Block<Envelope<S>>> {
        &self.block
    }

    pub(crate) fn into_block(self) -> Arc<Block<Envelope<S>>> {
        self.block
    }

    /// The server's pid.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
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
    /// let info = process::node().process_info(counter.pid()).expect("it lives");
    /// assert!(info.initial_call.ends_with("Counter"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.block.head.pid
    }

    /// Whether the server lives. A server whose end is decided does not.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start(0).await?;
    /// assert!(counter.is_alive());
    /// counter.stop().await?;
    /// assert!(!counter.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.block.head.is_exiting()
    }

    /// How many messages wait in its mailbox; also those that it has taken out and not handled.
    ///
    /// # OTP
    ///
    /// `process_info(Pid, message_queue_len)`.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start_link(0).await?;
    /// counter.cast(1);
    /// counter.cast(2);
    /// // The server has not run yet.
    /// assert_eq!(counter.message_queue_len(), 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn message_queue_len(&self) -> usize {
        self.block.queued()
    }

    /// Calls the server and waits for its answer, for at most 5 s, or for another limit that [`timeout`](CallFuture::timeout) sets.
    ///
    /// `request` makes the call from a [`ReplyTo`](crate::ReplyTo): `Call::Total` for a variant with no other field,
    /// `|from| Call::Divide(2, from)` for a variant with more fields.
    ///
    /// The limit counts from the first poll and is never too short. It may be longer:
    ///
    /// - If a process itself awaits the call, also within `join!` or `select!`: by 1/256 of the limit, at least 1 ms and at most
    ///   20 ms, because a call that is answered at once reads no clock; and by twice the resolution of tokio's timers, 1 ms.
    /// - With another waker than the process's, as in `FuturesUnordered`, or outside of processes: by that resolution.
    /// - In any case, by the time for which the runtime is too busy to fire timers or to poll the caller.
    ///
    /// The time of a future that is polled once and then not polled for a while may count from the second poll.
    ///
    /// A message of more than 32 KiB does not compile: see [large messages](crate::Mailbox#large-messages).
    ///
    /// # OTP
    ///
    /// `gen_server:call/2`; with a limit, `gen_server:call/3`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped before its first poll, nothing has been sent. If it is dropped later, the server
    /// still handles the request, and the answer is lost.
    ///
    /// # Errors
    ///
    /// [`CallError`], at once if the server does not live, and as soon as it ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Stack(Vec<u32>);
    ///
    /// enum Call {
    ///     Push(u32, ReplyTo<usize>),
    ///     Pop(ReplyTo<Option<u32>>),
    /// }
    /// # #[gen_server]
    /// # impl GenServer for Stack {
    /// #     type Call = Call;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self(vec![]))) }
    /// #     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
    /// #         match call {
    /// #             Call::Push(n, from) => { self.0.push(n); from.reply(self.0.len()) }
    /// #             Call::Pop(from) => from.reply(self.0.pop()),
    /// #         }
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let stack = Stack::start_link(()).await?;
    /// assert_eq!(stack.call(|from| Call::Push(7, from)).await?, 1);
    /// assert_eq!(stack.call(Call::Pop).await?, Some(7));
    /// assert_eq!(stack.call(Call::Pop).await?, None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[inline]
    pub fn call<T: Send + 'static, R: IntoCall<S, T>>(
        &self,
        request: R,
    ) -> CallFuture<&Self, T, R> {
        CallFuture::new(self, request)
    }

    /// Calls the server from a thread that runs no async code, as `call(request).blocking()`.
    ///
    /// # Errors
    ///
    /// As for [`CallFuture::blocking`].
    ///
    /// # Examples
    ///
    /// ```
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
    /// let (sender, answer) = tokio::sync::oneshot::channel();
    /// // A thread outside of the runtime.
    /// std::thread::spawn(move || sender.send(counter.call_blocking(|from| from)));
    /// assert_eq!(answer.await?, Ok(7));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn call_blocking<T: Send + 'static, R: IntoCall<S, T>>(
        &self,
        request: R,
    ) -> Result<T, CallError> {
        self.call(request).blocking()
    }

    /// Sends a request now and returns its future answer. The caller may wait for it later, with or
    /// without a limit. Sending never fails: if the server is dead, the wait returns the error.
    ///
    /// # OTP
    ///
    /// `gen_server:send_request/2`.
    ///
    /// # Cancel safety
    ///
    /// The request has been sent when this returns. If the [`Request`] is dropped, the server still handles it, and the answer is
    /// lost.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counters = [Counter::start_link(40).await?, Counter::start_link(2).await?];
    /// // Both servers work at the same time.
    /// let [one, other] = counters.map(|counter| counter.send_request(|from| from));
    /// assert_eq!(one.await? + other.await?, 42);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn send_request<T: Send + 'static>(&self, request: impl IntoCall<S, T>) -> Request<S, T> {
        Request::send(self.address(), Ok(self.block.clone()), request)
    }

    /// Sends a cast: a request without an answer. It never fails and never waits; if the server has ended,
    /// or its mailbox is [full](crate::MailboxLimit), it is lost.
    ///
    /// # OTP
    ///
    /// `gen_server:cast/2`.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start_link(0).await?;
    /// for n in 1..=4 {
    ///     counter.cast(n);
    /// }
    /// // Messages of one process are handled in their order.
    /// assert_eq!(counter.call(|from| from).await?, 10);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn cast(&self, request: S::Cast) {
        let origin = Origin::here();
        let make = |request| Envelope::new(Content::Cast(request), origin);
        drop(self.block.send_made(request, make));
    }

    /// Sends a plain message, for [`GenServer::handle_info`]. It never fails and never waits.
    ///
    /// # OTP
    ///
    /// `Server ! Message`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Relay(ProcessRef<u32>);
    ///
    /// #[gen_server]
    /// impl GenServer for Relay {
    ///     type Args = ProcessRef<u32>;
    ///     type Info = u32;
    ///
    /// #     async fn init(to: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, Stop> { Ok(Init::state(Self(to))) }
    ///     // …
    ///     async fn handle_info(&mut self, info: Info<u32>, _: &mut Context<Self>) -> Next<Self> {
    ///         if let Info::Message(number) = info {
    ///             self.0.send(2 * number);
    ///         }
    ///         Next::NoReply
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let relay = Relay::start_link(mailbox.me()).await?;
    /// relay.send(21);
    /// assert_eq!(mailbox.receive().await, 42);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn send(&self, message: S::Info) {
        let origin = Origin::here();
        let make = |message| Envelope::new(Content::Info(message), origin);
        drop(self.block.send_made(message, make));
    }

    /// Sends a cast, or gives it back if the server has ended or its mailbox is [full](crate::MailboxLimit). The server may
    /// still end before it handles the cast.
    ///
    /// # Errors
    ///
    /// The request.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start(0).await?;
    /// assert_eq!(counter.try_cast(1), Ok(()));
    /// counter.stop().await?;
    /// assert_eq!(counter.try_cast(1), Err(1), "the server has ended");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn try_cast(&self, request: S::Cast) -> Result<(), S::Cast> {
        let sent = self
            .block
            .try_send(Envelope::new(Content::Cast(request), Origin::here()));
        sent.map_err(into_cast)
    }

    /// As [`try_cast`](Self::try_cast), for a plain message.
    ///
    /// # Errors
    ///
    /// The message.
    pub fn try_send(&self, message: S::Info) -> Result<(), S::Info> {
        let sent = self
            .block
            .try_send(Envelope::new(Content::Info(message), Origin::here()));
        sent.map_err(into_info)
    }

    /// Waits until there is room for one message in the server's mailbox, and keeps that room. Without a
    /// [limit](crate::MailboxLimit) there always is.
    ///
    /// # Cancel safety
    ///
    /// As for [`ProcessRef::reserve`].
    ///
    /// # Errors
    ///
    /// The reason with which the server has ended.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start_link(0).await?;
    /// let permit = counter.reserve().await?;
    /// assert_eq!(permit.cast(7), Ok(()));
    /// assert_eq!(counter.call(|from| from).await?, 7);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn reserve(&self) -> Result<ServerPermit<S>, ExitReason> {
        process::reserve(&self.block).await.map(ServerPermit)
    }

    /// Sends a cast when there is room for it in the server's mailbox.
    ///
    /// # Cancel safety
    ///
    /// As for [`ProcessRef::send_wait`].
    ///
    /// # Errors
    ///
    /// The request, if the server has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::MailboxLimit;
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
    /// let counter = Counter::options().mailbox_limit(MailboxLimit::refuse(1)).start_link(0).await?;
    /// for _ in 0..100 {
    ///     // Waits for room, so no cast is lost.
    ///     assert_eq!(counter.cast_wait(1).await, Ok(()));
    /// }
    /// assert_eq!(counter.send_request(|from| from).await.unwrap_or(100), 100);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn cast_wait(&self, request: S::Cast) -> Result<(), S::Cast> {
        let sent = process::send_wait(
            &self.block,
            Envelope::new(Content::Cast(request), Origin::here()),
        )
        .await;
        sent.map_err(into_cast)
    }

    /// Sends a plain message when there is room for it in the server's mailbox.
    ///
    /// # Cancel safety
    ///
    /// As for [`ProcessRef::send_wait`].
    ///
    /// # Errors
    ///
    /// The message, if the server has ended.
    pub async fn send_wait(&self, message: S::Info) -> Result<(), S::Info> {
        let sent = process::send_wait(
            &self.block,
            Envelope::new(Content::Info(message), Origin::here()),
        )
        .await;
        sent.map_err(into_info)
    }

    /// Stops the server with `Normal` and waits until it is dead, without a limit unless [`timeout`](Limited::timeout)
    /// sets one.
    ///
    /// The server first handles the messages that were sent before.
    ///
    /// # OTP
    ///
    /// `gen_server:stop/1`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped after its first poll, it no longer waits; the server stops nevertheless.
    ///
    /// # Errors
    ///
    /// [`StopError`]: it does not live, or ends with another reason.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start(0).await?;
    /// counter.stop().await?;
    /// assert_eq!(counter.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        self.stop_with(ExitReason::Normal)
    }

    /// As [`stop`](Self::stop), with another reason.
    ///
    /// # OTP
    ///
    /// `gen_server:stop/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// [`StopError`]; after a timeout the server may still be stopping.
    ///
    /// # Examples
    ///
    /// ```
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
    /// let counter = Counter::start(0).await?;
    /// counter.stop_with(ExitReason::Shutdown).await?;
    /// assert_eq!(counter.wait().await, ExitReason::Shutdown);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn stop_with(
        &self,
        reason: impl Into<ExitReason>,
    ) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        let reason = reason.into();
        Limited::new(TimeLimit::Infinity, |limit| {
            self.stop_as(self.address(), reason, limit)
        })
    }

    /// Stops the server, which the caller knows by this address.
    ///
    /// A caller that is ended by its link with the server gets no result. If the caller is linked and the server is
    /// already dying, the exit signal is still to come: the caller waits for it first.
    pub(crate) async fn stop_as(
        &self,
        server: Address,
        reason: ExitReason,
        limit: TimeLimit,
    ) -> Result<(), StopError> {
        current::goes_on().await;
        current::guarded(self.try_stop(server, reason, limit)).await
    }

    async fn try_stop(
        &self,
        server: Address,
        reason: ExitReason,
        limit: TimeLimit,
    ) -> Result<(), StopError> {
        if process::try_current() == Some(self.pid()) {
            return Err(StopError::CallingSelf { server });
        }
        if limit.check().is_err() {
            return Err(StopError::NoRuntime { server });
        }
        if !self.block.stop(reason.clone()) {
            if relations::is_linked(self.pid()) {
                self.wait().await;
            }
            return Err(StopError::NoProcess { server });
        }
        let ended = wait(self.block.clone());
        let ended = match limit {
            TimeLimit::Infinity => ended.await,
            TimeLimit::After(limit) => match TimeLimit::After(limit).on(ended).await {
                Some(ended) => ended,
                None => return Err(StopError::Timeout { server, limit }),
            },
        };
        match ended == reason {
            true => Ok(()),
            false => Err(StopError::Exited {
                server,
                reason: ended,
            }),
        }
    }

    /// Waits until the server is dead and all of its links and monitors have fired. Returns its exit reason.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process;
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
    /// let counter = Counter::start(0).await?;
    /// process::exit(&counter, ExitReason::Kill);
    /// assert_eq!(counter.wait().await, ExitReason::Killed);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn wait(&self) -> ExitReason {
        wait(self.block.clone()).await
    }

    pub(crate) fn address(&self) -> Address {
        Address::Pid(self.pid())
    }
}

impl<S: GenServer> Callee for &ServerRef<S> {
    type Server = S;

    #[inline]
    fn find(&mut self) -> Result<&ServerRef<S>, CallError> {
        Ok(self)
    }

    #[inline]
    fn found(&self) -> &ServerRef<S> {
        self
    }

    fn address(&self) -> Address {
        (**self).address()
    }
}

impl<S: GenServer> Clone for ServerRef<S> {
    fn clone(&self) -> Self {
        Self {
            block: self.block.clone(),
        }
    }
}

handle!(ServerRef<S: GenServer>, self.block.head.pid);

impl<S: GenServer> From<ServerRef<S>> for Destination<S::Info> {
    fn from(to: ServerRef<S>) -> Self {
        Self::process(to.block.clone(), move |message, entry| {
            to.block
                .deliver(Envelope::new(Content::Info(message), Origin::here()), entry);
        })
    }
}

impl<S: GenServer> From<&ServerRef<S>> for Destination<S::Info> {
    fn from(server: &ServerRef<S>) -> Self {
        server.clone().into()
    }
}

/// A process that enters the server loop by itself is addressed as a server from then on.
impl<S: GenServer> From<ProcessRef<Envelope<S>>> for ServerRef<S> {
    fn from(process: ProcessRef<Envelope<S>>) -> Self {
        Self::new(process.block().clone())
    }
}

/// A message to a server: the type of the mailbox of its process. Its content is private; a
/// [`ServerRef`](crate::ServerRef) makes it.
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::{Envelope, enter_loop};
/// use otp_core::prelude::*;
/// use otp_core::proc_lib;
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
/// // A process that does something else first, and becomes a server then.
/// let process = proc_lib::start_link(|mailbox: Mailbox<Envelope<Counter>>, ack| async move {
///     ack.ok();
///     enter_loop(mailbox, Counter(7), Next::NoReply, None).await
/// });
/// let counter = ServerRef::from(process.await?);
/// assert_eq!(counter.call(|from| from).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct Envelope<S: GenServer> {
    pub(crate) content: Content<S>,
    /// The span that the sender was in.
    origin: Origin,
    sent: Sent,
}

impl<S: GenServer> Envelope<S> {
    #[inline(always)]
    pub(crate) fn new(content: Content<S>, origin: Origin) -> Self {
        Self {
            content,
            origin,
            sent: Sent::now(),
        }
    }

    /// Takes the span of the sender, as the message leaves the queue.
    #[inline(always)]
    pub(crate) fn take_origin(&mut self) -> Origin {
        meter::taken(S::behaviour().server_type, self.sent);
        mem::take(&mut self.origin)
    }
}

pub(crate) enum Content<S: GenServer> {
    Call {
        request: S::Call,
        /// For the report, should the server fail over it.
        client: Option<Client>,
    },
    Cast(S::Cast),
    Info(S::Info),
}

impl<S: GenServer> fmt::Debug for Envelope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.content {
            Content::Call { .. } => "Envelope(call)",
            Content::Cast(_) => "Envelope(cast)",
            Content::Info(_) => "Envelope(info)",
        })
    }
}
