//! A server addressed by name.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use super::GenServer;
use super::call::{CallFuture, Callee, IntoCall};
use super::error::{Address, CallError, StopError};
use super::limited::{Begin, Limited};
use super::request::Request;
use super::server_ref::{Envelope, ServerRef};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;
use crate::process::Target;
use crate::process::block::{self, Block, Process};
use crate::process::current;
use crate::process::lock::Lock;
use crate::process::sync::AtomicBool;
use crate::scope::{self, NoNode};
use crate::time_limit::TimeLimit;
use crate::util::handle::unwind_safe;

/// The name of a server of type `S`, looked up at every use, so that it finds the server again
/// after a restart.
///
/// A `ServerName` that is used again remembers the process that it has found, and asks its node again after that process has
/// ended or has lost the name. So keep a `ServerName` rather than making one for each use. It does not keep the process alive.
///
/// The look-up is on the current node: that of the process that uses it, or one that was [entered](Node::enter). Elsewhere,
/// bind the name to a node with [`on`](Self::on) first. A via name is found everywhere.
///
/// # OTP
///
/// A registered name, `{global, Name}` or `{via, Module, Name}` as a server's address.
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
/// Counter::options().name("counter").start_link(1).await?;
/// let counter = ServerName::<Counter>::new("counter");
/// counter.cast(2);
/// assert_eq!(counter.call(|from| from).await?, 3);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct ServerName<S: GenServer> {
    name: Name,
    node: Option<Node>,
    /// It has been used before. One that is made for a single use need not remember anything.
    used: AtomicBool,
    /// The server that had the name at an earlier use, unless that was in a registry of the user's own.
    found: Lock<Weak<Block<Envelope<S>>>>,
}

impl<S: GenServer> ServerName<S> {
    /// Addresses the server that has this name.
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
    /// let named = ServerName::<Counter>::new("counter");
    /// // The name is looked up at each use, so the server may start later.
    /// Counter::options().name("counter").start_link(7).await?;
    /// assert_eq!(named.call(|from| from).await?, 7);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            node: None,
            used: AtomicBool::new(false),
            found: Lock::default(),
        }
    }

    /// Looks the name up on this node, wherever it is used.
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
    /// # async fn main() {
    /// let node = Node::new();
    /// Counter::options().name("counter").on(&node).start(7).await.expect("it starts");
    /// // Outside of processes the name needs a node.
    /// let named = ServerName::<Counter>::new("counter").on(&node);
    /// assert_eq!(named.call(|from| from).await, Ok(7));
    /// # }
    /// ```
    #[must_use]
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Whether a server that lives has the name now.
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
    /// let named = ServerName::<Counter>::new("counter");
    /// assert!(!named.is_alive());
    /// Counter::options().name("counter").start_link(0).await?;
    /// assert!(named.is_alive());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.whereis().is_some()
    }

    /// The server that has the name now. Outside of a process this is `None`, unless the name is bound to a node, is a via
    /// name, or a node was [entered](Node::enter).
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
    /// let named = ServerName::<Counter>::new("counter");
    /// assert_eq!(named.whereis(), None);
    /// let counter = Counter::options().name("counter").start_link(0).await?;
    /// assert_eq!(named.whereis(), Some(counter));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn whereis(&self) -> Option<ServerRef<S>> {
        self.find().ok()
    }

    /// The server that has the name now, for what is done with one process: to wait for its end, or to
    /// [reserve](ServerRef::reserve) room in its mailbox.
    ///
    /// # Errors
    ///
    /// As for a [`call`](Self::call): [`CallError::NoProcess`], [`CallError::WrongServer`], or [`CallError::Outside`].
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
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let named = ServerName::<Counter>::new("counter");
    /// assert!(matches!(named.find(), Err(CallError::NoProcess { .. })));
    /// let counter = Counter::options().name("counter").start_link(7).await?;
    /// assert_eq!(named.find()?, counter);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn find(&self) -> Result<ServerRef<S>, CallError> {
        self.block().map(ServerRef::new)
    }

    /// The pid of the server that has the name now.
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
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let named = ServerName::<Counter>::new("counter");
    /// assert_eq!(named.pid(), None);
    /// let counter = Counter::options().name("counter").start_link(7).await?;
    /// assert_eq!(named.pid(), Some(counter.pid()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.whereis().map(|server| server.pid())
    }

    /// As [`ServerRef::call`]. The name is looked up at the first poll.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`].
    ///
    /// # Errors
    ///
    /// [`CallError`]; also if a server of another type has the name.
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
    /// let named = ServerName::<Counter>::new("counter");
    /// assert!(matches!(named.call(|from| from).await, Err(CallError::NoProcess { .. })));
    /// Counter::options().name("counter").start_link(7).await?;
    /// assert_eq!(named.call(|from| from).await?, 7);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[inline]
    pub fn call<T: Send + 'static, R: IntoCall<S, T>>(
        &self,
        request: R,
    ) -> CallFuture<NamedCallee<'_, S>, T, R> {
        let server = NamedCallee {
            name: self,
            found: None,
        };
        CallFuture::new(server, request)
    }

    /// As [`ServerRef::call_blocking`]. A thread has no current node, so that the name has to be [bound](Self::on) to one, or
    /// to be a via name.
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
    /// #
    /// #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(first)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
    /// #         from.reply(self.0)
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// Counter::options().name("counter").start_link(7).await?;
    /// let named = ServerName::<Counter>::new("counter").on(&otp_core::process::node());
    /// let (sender, answer) = tokio::sync::oneshot::channel();
    /// // A thread outside of the runtime.
    /// std::thread::spawn(move || sender.send(named.call_blocking(|from| from)));
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

    /// As [`ServerRef::send_request`].
    ///
    /// # Cancel safety
    ///
    /// The request has been sent when this returns. If the [`Request`] is dropped, the server still handles it, and the answer is lost.
    pub fn send_request<T: Send + 'static>(&self, request: impl IntoCall<S, T>) -> Request<S, T> {
        Request::send(self.address(), self.block(), request)
    }

    /// As [`ServerRef::cast`]. The cast is lost if no process has the name.
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
    /// let named = ServerName::<Counter>::new("counter");
    /// named.cast(1); // No server has the name: the cast is lost.
    /// Counter::options().name("counter").start_link(0).await?;
    /// named.cast(2);
    /// assert_eq!(named.call(|from| from).await?, 2);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn cast(&self, request: S::Cast) {
        if let Some(server) = self.whereis() {
            server.cast(request);
        }
    }

    /// As [`ServerRef::try_cast`]. The cast is also given back if no process has the name.
    ///
    /// # Errors
    ///
    /// The request.
    pub fn try_cast(&self, request: S::Cast) -> Result<(), S::Cast> {
        match self.whereis() {
            Some(server) => server.try_cast(request),
            None => Err(request),
        }
    }

    /// As [`ServerRef::cast_wait`], to the server that has the name when the wait begins. The cast is also given back if no
    /// process has the name.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::cast_wait`].
    ///
    /// # Errors
    ///
    /// The request.
    pub async fn cast_wait(&self, request: S::Cast) -> Result<(), S::Cast> {
        match self.whereis() {
            Some(server) => server.cast_wait(request).await,
            None => {
                current::goes_on().await;
                Err(request)
            }
        }
    }

    /// As [`ServerRef::send`], but it returns an error if no process has the name.
    ///
    /// # Errors
    ///
    /// [`CallError::NoProcess`], or [`CallError::WrongServer`].
    pub fn send(&self, message: S::Info) -> Result<(), CallError> {
        ServerRef::new(self.block()?).send(message);
        Ok(())
    }

    /// As [`ServerRef::try_send`]. The message is also given back if no process has the name.
    ///
    /// # Errors
    ///
    /// The message.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Ear(Option<ReplyTo<String>>);
    /// #
    /// # #[gen_server]
    /// # impl GenServer for Ear {
    /// #     type Call = ReplyTo<String>;
    /// #     type Info = String;
    /// #
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(None)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    /// #         self.0 = Some(from);
    /// #         Reply::later()
    /// #     }
    /// #
    /// #     async fn handle_info(&mut self, info: otp_core::Info<String>, _: &mut Context<Self>) -> Next<Self> {
    /// #         if let (otp_core::Info::Message(heard), Some(from)) = (info, self.0.take()) {
    /// #             from.send(heard);
    /// #         }
    /// #         Next::NoReply
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let named = ServerName::<Ear>::new("ear");
    /// assert_eq!(named.try_send("hello".to_owned()), Err("hello".to_owned()));
    /// Ear::options().name("ear").start_link(()).await?;
    /// let heard = named.send_request(|from| from);
    /// assert_eq!(named.try_send("hello".to_owned()), Ok(()));
    /// assert_eq!(heard.await?, "hello");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn try_send(&self, message: S::Info) -> Result<(), S::Info> {
        match self.whereis() {
            Some(server) => server.try_send(message),
            None => Err(message),
        }
    }

    /// As [`ServerRef::send_wait`], to the server that has the name when the wait begins. The message is also given back if
    /// no process has the name.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::send_wait`].
    ///
    /// # Errors
    ///
    /// The message.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// # struct Ear(Option<ReplyTo<String>>);
    /// #
    /// # #[gen_server]
    /// # impl GenServer for Ear {
    /// #     type Call = ReplyTo<String>;
    /// #     type Info = String;
    /// #
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    /// #         Ok(Init::state(Self(None)))
    /// #     }
    /// #
    /// #     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    /// #         self.0 = Some(from);
    /// #         Reply::later()
    /// #     }
    /// #
    /// #     async fn handle_info(&mut self, info: otp_core::Info<String>, _: &mut Context<Self>) -> Next<Self> {
    /// #         if let (otp_core::Info::Message(heard), Some(from)) = (info, self.0.take()) {
    /// #             from.send(heard);
    /// #         }
    /// #         Next::NoReply
    /// #     }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let named = ServerName::<Ear>::new("ear");
    /// assert_eq!(named.send_wait("hello".to_owned()).await, Err("hello".to_owned()));
    /// Ear::options().name("ear").start_link(()).await?;
    /// let heard = named.send_request(|from| from);
    /// assert_eq!(named.send_wait("hello".to_owned()).await, Ok(()));
    /// assert_eq!(heard.await?, "hello");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn send_wait(&self, message: S::Info) -> Result<(), S::Info> {
        match self.whereis() {
            Some(server) => server.send_wait(message).await,
            None => {
                current::goes_on().await;
                Err(message)
            }
        }
    }

    /// As [`ServerRef::stop`].
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    ///
    /// # Errors
    ///
    /// [`StopError`].
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
    /// let counter = Counter::options().name("counter").start(0).await?;
    /// ServerName::<Counter>::new("counter").stop().await?;
    /// assert_eq!(counter.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn stop(&self) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        self.stop_with(ExitReason::Normal)
    }

    /// As [`ServerRef::stop_with`].
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::stop`].
    pub fn stop_with(
        &self,
        reason: impl Into<ExitReason>,
    ) -> Limited<impl Begin<Output = Result<(), StopError>>> {
        let reason = reason.into();
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            match self.find() {
                Ok(server) => server.stop_as(self.address(), reason, limit).await,
                Err(CallError::Outside { server }) => Err(StopError::Outside { server }),
                Err(_) => {
                    let server = self.address();
                    current::goes_on().await;
                    Err(StopError::NoProcess { server })
                }
            }
        })
    }

    fn block(&self) -> Result<Arc<Block<Envelope<S>>>, CallError> {
        match self.found_before() {
            Some(block) => Ok(block),
            None => self.look_up(),
        }
    }

    /// The server that an earlier use has found, if it still has the name. The check is cheap: it reads memory of the
    /// process that the send is going to use next.
    #[inline]
    fn found_before(&self) -> Option<Arc<Block<Envelope<S>>>> {
        if !self.used.load(Ordering::Relaxed) {
            return None;
        }
        // No thread waits for another one here: the second one asks the node.
        let block = self.found.try_with(|found| found.upgrade())??;
        let node = match &self.node {
            Some(node) => node.id(),
            None => current::with(|current| current.process.head().pid.node())?,
        };
        let has_it = block.head.pid.node() == node && block.head.has_its_names();
        has_it.then_some(block)
    }

    fn look_up(&self) -> Result<Arc<Block<Envelope<S>>>, CallError> {
        let found = match (&self.node, &self.name) {
            (Some(node), name) => node.resolve(name),
            (None, name @ Name::Via(..)) => self.look_up_outside(name)?,
            (None, name) => {
                let found = current::with(|current| current.process.head().node.resolve(name));
                match found {
                    Some(found) => found,
                    None => self.look_up_outside(name)?,
                }
            }
        };
        let Some(process) = found else {
            return Err(CallError::NoProcess {
                server: self.address(),
            });
        };
        let Some(block) = block::downcast(process) else {
            return Err(CallError::WrongServer {
                server: self.address(),
                expected: std::any::type_name::<S>(),
            });
        };
        if self.used.load(Ordering::Relaxed) {
            self.remember(&block);
        } else {
            self.used.store(true, Ordering::Relaxed);
        }
        Ok(block)
    }

    /// Where nothing of the current process may be borrowed, or there is none: a registry is the user's code, which may ask for
    /// the current process, too.
    fn look_up_outside(&self, name: &Name) -> Result<Option<Arc<dyn Process>>, CallError> {
        scope::resolve(name).map_err(|NoNode| CallError::Outside {
            server: self.address(),
        })
    }

    fn remember(&self, block: &Arc<Block<Envelope<S>>>) {
        // A registry of the user's own need not say the same the next time.
        if !matches!(self.name, Name::Via(..)) && block.head.has_its_names() {
            let mut new = Arc::downgrade(block);
            self.found.try_with(|found| mem::swap(found, &mut new));
        }
    }

    pub(crate) fn address(&self) -> Address {
        Address::Name(self.name.clone())
    }
}

/// A server that is called by its name: the [`Callee`] of [`ServerName::call`].
///
/// # Examples
///
/// ```
/// use otp_core::gen_server::{CallFuture, NamedCallee};
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
/// Counter::options().name("counter").start_link(7).await?;
/// let named = ServerName::<Counter>::new("counter");
/// let call: CallFuture<NamedCallee<'_, Counter>, u64, _> = named.call(|from| from);
/// assert_eq!(call.await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub struct NamedCallee<'a, S: GenServer> {
    name: &'a ServerName<S>,
    /// Present from the first poll.
    found: Option<ServerRef<S>>,
}

impl<S: GenServer> fmt::Debug for NamedCallee<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, f)
    }
}

impl<S: GenServer> Callee for NamedCallee<'_, S> {
    type Server = S;

    #[inline]
    fn find(&mut self) -> Result<&ServerRef<S>, CallError> {
        let found = self.name.find()?;
        Ok(self.found.insert(found))
    }

    #[inline]
    fn found(&self) -> &ServerRef<S> {
        let found = self.found.as_ref();
        found.expect("a call that waits has found its server")
    }

    fn address(&self) -> Address {
        self.name.address()
    }
}

impl<S: GenServer> Clone for ServerName<S> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            node: self.node.clone(),
            used: AtomicBool::new(false),
            found: Lock::default(),
        }
    }
}

impl<S: GenServer> fmt::Debug for ServerName<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerName({})", self.name)
    }
}

impl<S: GenServer> From<&ServerName<S>> for Target {
    fn from(server: &ServerName<S>) -> Self {
        Self::Name(server.name.clone())
    }
}

impl<S: GenServer> From<ServerName<S>> for Target {
    fn from(server: ServerName<S>) -> Self {
        Self::Name(server.name)
    }
}

unwind_safe!(ServerName<S: GenServer>);

/// Two are equal if they have the same name and, if they are bound to a node, the same node.
impl<S: GenServer> PartialEq for ServerName<S> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.node == other.node
    }
}

impl<S: GenServer> Eq for ServerName<S> {}

impl<S: GenServer> Hash for ServerName<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
