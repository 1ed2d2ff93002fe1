//! GenServer: a process that keeps state and answers calls.
//!
//! A server is a type that implements [`GenServer`]. Its state is `self`, and its messages are
//! enums. Each call variant carries a [`ReplyTo`] of the answer's type, so a
//! message without a handler and a call without an answer are compile errors.
//!
//! # When (not) to use a GenServer
//!
//! Use a server for state that several processes share, for a resource that only one process may use
//! at a time, or for work that goes on in the background. To organise code, use
//! modules and functions; a process would only add a queue.
//!
//! # Generic servers
//!
//! A server may be generic: `impl<T: Send + 'static> GenServer for Cache<T>`. A reference in its type, as in `Cache<&'static str>`, does
//! not compile where a future that uses the server has to be [`Send`], as in [`Node::run`](crate::Node::run): "implementation of `Send`
//! is not general enough". It is a limitation of rustc, [#110338](https://github.com/rust-lang/rust/issues/110338). Use a type without
//! a lifetime, such as a `String`, or a type of your own around the reference:
//!
//! ```
//! use otp_core::prelude::*;
//!
//! struct Cache<T>(T);
//!
//! #[gen_server]
//! impl<T: Clone + Send + 'static> GenServer for Cache<T> {
//!     type Args = T;
//!     type Call = ReplyTo<T>;
//!
//!     async fn init(value: T, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
//!         Ok(Init::state(Self(value)))
//!     }
//!
//!     async fn handle_call(&mut self, from: ReplyTo<T>, _: &mut Context<Self>) -> Reply<Self> {
//!         from.reply(self.0.clone())
//!     }
//! }
//!
//! #[derive(Clone)]
//! struct Word(&'static str);
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), ExitReason> {
//! Node::new().try_run(async {
//!     let cache = Cache::start_link(Word("eggs")).await?;
//!     assert_eq!(cache.call(|from| from).await?.0, "eggs");
//!     Ok(())
//! }).await
//! # }
//! ```
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//!
//! struct Counter(u64);
//!
//! enum Call {
//!     Value(ReplyTo<u64>),
//! }
//!
//! enum Cast {
//!     Add(u64),
//! }
//!
//! #[gen_server]
//! impl GenServer for Counter {
//!     type Args = u64;
//!     type Call = Call;
//!     type Cast = Cast;
//!
//!     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::state(Self(first)))
//!     }
//!
//!     async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
//!         let Call::Value(from) = call;
//!         from.reply(self.0)
//!     }
//!
//!     async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
//!         let Cast::Add(n) = cast;
//!         self.0 += n;
//!         Next::NoReply
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let node = Node::new();
//! let value = node.run(async {
//!     let counter = Counter::start_link(40).await?;
//!     counter.cast(Cast::Add(2));
//!     let value = counter.call(Call::Value).await?;
//!     Ok::<_, ExitReason>(value)
//! });
//! assert_eq!(value.await, Ok(Ok(42)));
//! # }
//! ```

#[cfg(feature = "serde")]
pub mod answering;
#[doc(hidden)]
pub mod attribute;
mod behaviour;
mod call;
pub(crate) mod callback;
mod context;
pub(crate) mod debug;
mod error;
mod limited;
mod multi;
mod outcome;
mod permit;
mod priority;
pub(crate) mod report;
mod request;
pub(crate) mod serve;
mod server_name;
mod server_ref;
mod start;
mod status;
pub(crate) mod system;
mod trace;

use std::future::Future;

#[doc(hidden)]
pub use behaviour::{Behaviour, End, Plain, Serving};
pub use call::{CallFuture, Callee, IntoCall, Reply, ReplyTo};
pub(crate) use call::{Client, Pending};
pub use context::Context;
pub use error::{Address, CallError, StartError, StopError};
pub use limited::{Begin, Limited};
pub use multi::{abcast, multi_call};
pub use outcome::{Info, Init, Next};
pub use permit::ServerPermit;
pub use priority::Priority;
pub use request::{Request, RequestSet};
pub use serve::enter_loop;
pub use server_name::{NamedCallee, ServerName};
pub(crate) use server_ref::Content;
pub use server_ref::{Envelope, ServerRef};
pub use start::StartOptions;
pub(crate) use start::start_detached;
pub use status::{MessageView, Status};

pub use crate::time_limit::TimeLimit;

use crate::exit::ExitReason;
use crate::pid::MonitorRef;
use crate::process::panic;

/// A server: its state is the implementing type, its behaviour these callbacks.
///
/// Write the callbacks as plain `async fn`. While one of them waits, the server handles no other message. A callback
/// that panics ends the server with [`ExitReason::Panic`]; a call of [`exit_self`](crate::process::exit_self) ends it
/// with that reason. In both cases [`terminate`](Self::terminate) runs.
///
/// # OTP
///
/// The behaviour `gen_server`.
///
/// # Differences from OTP
///
/// - A callback changes its state in place. So after a panic `terminate` and the report see the state
///   as the callback left it, not as it was before.
/// - A message of a kind that the server does not know cannot be sent; where OTP crashes on one, this does not compile. Nor
///   does a kind of message without its callback:
///
/// ```compile_fail
/// use otp_core::prelude::*;
///
/// struct Forgetful;
///
/// impl GenServer for Forgetful {
///     type Args = ();
///     type Call = Never;
///     type Cast = u32; // and no handle_cast
///     type Info = Never;
///     type Continue = Never;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         Ok(Init::state(Self))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let _ = Node::new().run(Forgetful::start(())).await;
/// # }
/// ```
///
/// # Cancel safety
///
/// The runtime polls the future of a callback until it returns. Only an end that comes from outside, such as a kill or an exit signal
/// that the server does not trap, drops the future, at the `await` where it waits.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
///
/// /// Adds numbers, and counts them.
/// #[derive(Default)]
/// struct Adder {
///     sum: u64,
///     count: usize,
/// }
///
/// #[gen_server]
/// impl GenServer for Adder {
///     type Call = ReplyTo<(u64, usize)>;
///     type Cast = u64;
///
///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
///         Ok(Init::state(Self::default()))
///     }
///
///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
///         from.reply((self.sum, self.count))
///     }
///
///     async fn handle_cast(&mut self, number: u64, _: &mut Context<Self>) -> Next<Self> {
///         self.sum += number;
///         self.count += 1;
///         Next::NoReply
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let adder = Adder::start_link(()).await?;
/// adder.cast(40);
/// adder.cast(2);
/// assert_eq!(adder.call(|from| from).await?, (42, 2));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait GenServer: Sized + Send + 'static {
    /// The argument of a start, for [`init`](Self::init).
    type Args: Send + 'static;
    /// Requests with an answer; each variant carries a [`ReplyTo`].
    type Call: Send + 'static;
    /// Requests without an answer.
    type Cast: Send + 'static;
    /// Plain messages: from timers, or sent with [`ServerRef::send`].
    type Info: Send + 'static;
    /// The messages for [`handle_continue`](Self::handle_continue).
    type Continue: Send + 'static;

    /// Makes the state. The starter waits for it.
    ///
    /// # Returns
    ///
    /// - [`Init::state`]: the server runs. [`Init::then`] sets its first step.
    /// - [`Init::ignore`]: it does not start, which is no error.
    /// - [`Init::error`]: it cannot start. The starter gets the reason, and there is no report.
    /// - `Err(reason)`: the process ends with this reason, which a linked starter gets, and which is
    ///   reported if it is abnormal.
    ///
    /// # OTP
    ///
    /// `Module:init/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Port(u16);
    ///
    /// #[gen_server]
    /// impl GenServer for Port {
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self("4369".parse()?)))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let port = Port::start(()).await;
    /// assert!(port.is_ok(), "4369 is a number");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn init(
        args: Self::Args,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send;

    /// Handles a call.
    ///
    /// # Returns
    ///
    /// - [`ReplyTo::reply`]: the answer goes out when this returns.
    /// - [`Reply::later`]: the caller goes on waiting; keep the `ReplyTo` and
    ///   [`send`](ReplyTo::send) the answer later, from any code.
    /// - either, with [`Reply::then`]: the next step of the server, [`Next::Stop`] included. A server that
    ///   stops sends the answer after [`terminate`](Self::terminate). A caller without an
    ///   answer gets the reason.
    ///
    ///
    /// A server leaves this method out if `Call` is [`Never`](crate::Never); with any other type that does not compile. With the
    /// attribute [`gen_server`](macro@crate::gen_server) the method may return `Result<Reply<Self>, Stop>`, so that `?` stops
    /// the server. Its caller gets the reason.
    ///
    /// # OTP
    ///
    /// `Module:handle_call/3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Divider;
    ///
    /// #[gen_server]
    /// impl GenServer for Divider {
    ///     type Call = (u32, u32, ReplyTo<Option<u32>>);
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_call(&mut self, call: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         let (dividend, divisor, from) = call;
    ///         from.reply(dividend.checked_div(divisor))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let divider = Divider::start_link(()).await?;
    /// assert_eq!(divider.call(|from| (10, 4, from)).await?, Some(2));
    /// assert_eq!(divider.call(|from| (10, 0, from)).await?, None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_call(
        &mut self,
        call: Self::Call,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Reply<Self>> + Send {
        const {
            assert!(
                is_uninhabited::<Self::Call>(),
                "`type Call` has messages, but there is no `handle_call`"
            );
        }
        let _ = (call, context);
        std::future::pending()
    }

    /// Handles a cast. It returns the [`Next`] step of the server.
    ///
    /// A server leaves this method out if `Cast` is [`Never`](crate::Never); with any other type that does not compile. With the
    /// attribute [`gen_server`](macro@crate::gen_server) the method may return `Result<Next<Self>, Stop>`.
    ///
    /// # OTP
    ///
    /// `Module:handle_cast/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Count(u32);
    ///
    /// #[gen_server]
    /// impl GenServer for Count {
    ///     type Cast = u32;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self(0)))
    ///     }
    ///
    ///     async fn handle_cast(&mut self, n: u32, _: &mut Context<Self>) -> Next<Self> {
    ///         self.0 += n;
    ///         match self.0 {
    ///             0..10 => Next::NoReply,
    ///             _ => Next::Stop(ExitReason::Normal),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let count = Count::start_link(()).await?;
    /// count.cast(3);
    /// count.cast(7);
    /// assert_eq!(count.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_cast(
        &mut self,
        cast: Self::Cast,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        const {
            assert!(
                is_uninhabited::<Self::Cast>(),
                "`type Cast` has messages, but there is no `handle_cast`"
            );
        }
        let _ = (cast, context);
        std::future::pending()
    }

    /// Handles everything else: timeouts, DOWNs, trapped exits and plain messages. It returns the [`Next`]
    /// step of the server.
    ///
    /// Without this method such a message is reported as a warning and dropped.
    ///
    /// # OTP
    ///
    /// `Module:handle_info/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Watcher(Pid);
    ///
    /// #[gen_server]
    /// impl GenServer for Watcher {
    ///     type Args = Pid;
    ///
    ///     async fn init(watched: Pid, ctx: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         ctx.monitor(watched);
    ///         Ok(Init::state(Self(watched)))
    ///     }
    ///
    ///     async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
    ///         match info {
    ///             Info::Down(down) if down.target == self.0.into() => Next::Stop(down.reason),
    ///             _ => Next::NoReply,
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let watched = otp_core::process::spawn(|mut mailbox: Mailbox<&str>| async move {
    ///     ExitReason::other(mailbox.receive().await)
    /// });
    /// let watcher = Watcher::start(watched.pid()).await?;
    /// watched.send("burnt");
    /// assert_eq!(watcher.wait().await, ExitReason::other("burnt"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_info(
        &mut self,
        info: Info<Self::Info>,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        let what = match &info {
            Info::Timeout => "timeout".to_owned(),
            Info::Down(down) => panic::quietly(|| down.to_string()),
            Info::Exit(exit) => panic::quietly(|| exit.to_string()),
            Info::Message(_) => {
                panic::quietly_if_any(|| Self::format_message(MessageView::Info(&info)))
                    .unwrap_or_else(|| std::any::type_name::<Self::Info>().to_owned())
            }
        };
        report::unexpected_info(context, &what);
        async { Next::NoReply }
    }

    /// Handles the value of a [`Next::Continue`], before any other message. It
    /// returns the [`Next`] step of the server.
    ///
    /// A server leaves this method out if `Continue` is [`Never`](crate::Never); with any other type that does not compile. With
    /// the attribute [`gen_server`](macro@crate::gen_server) the method may return `Result<Next<Self>, Stop>`.
    ///
    /// # OTP
    ///
    /// `Module:handle_continue/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Cache(Vec<u32>);
    ///
    /// struct Load;
    ///
    /// #[gen_server]
    /// impl GenServer for Cache {
    ///     type Call = ReplyTo<Vec<u32>>;
    ///     type Continue = Load;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self(vec![])).then(Next::Continue(Load)))
    ///     }
    ///
    ///     async fn handle_continue(&mut self, _: Load, _: &mut Context<Self>) -> Next<Self> {
    ///         self.0 = vec![1, 2, 3];
    ///         Next::NoReply
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
    ///         from.reply(self.0.clone())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// // The start does not wait for `Load`, and the first call comes after it.
    /// let cache = Cache::start_link(()).await?;
    /// assert_eq!(cache.call(|from| from).await?, [1, 2, 3]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn handle_continue(
        &mut self,
        with: Self::Continue,
        context: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        const {
            assert!(
                is_uninhabited::<Self::Continue>(),
                "`type Continue` has messages, but there is no `handle_continue`"
            );
        }
        let _ = (with, context);
        std::future::pending()
    }

    /// Cleans up before the server ends.
    ///
    /// It runs when a callback stops the server or fails, on [`ServerRef::stop`], and, only if the server
    /// traps exits, on an exit signal from its parent. It does not run on a kill, nor on any exit
    /// signal when the server does not trap exits: then only destructors run.
    ///
    /// If it panics, the server's exit reason is that panic.
    ///
    /// # OTP
    ///
    /// `Module:terminate/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct File;
    ///
    /// #[gen_server]
    /// impl GenServer for File {
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
    ///         println!("closed: {reason}");
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let file = File::start_link(()).await?;
    /// file.stop().await?;
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn terminate(
        &mut self,
        reason: &ExitReason,
        context: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (reason, context);
        async {}
    }

    /// Sets the texts that reports and the status of [`sys`](crate::sys) show. By default they show neither state nor
    /// last message, because the types may not be printable or may hold secrets. A common implementation is
    /// `status.state = Some(format!("{self:?}"))`.
    ///
    /// If it panics, the report says so in place of state and message. For a report that no `tracing` subscriber listens
    /// to it is not called.
    ///
    /// # OTP
    ///
    /// `Module:format_status/1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::Status;
    /// use otp_core::prelude::*;
    ///
    /// struct Login{ user: String, password: String }
    ///
    /// #[gen_server]
    /// impl GenServer for Login {
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self { user: "joe".to_owned(), password: "egg".to_owned() }))
    ///     }
    ///
    ///     fn format_status(&self, status: &mut Status) {
    ///         status.state = Some(format!("{} with a password of {} bytes", self.user, self.password.len()));
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let login = Login::start_link(()).await?;
    /// let status = otp_core::sys::get_status(&login).await?;
    /// assert_eq!(status.state.as_deref(), Some("joe with a password of 3 bytes"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn format_status(&self, status: &mut Status) {
        let _ = status;
    }

    /// The text of a message that is about to be handled, for the report if the callback fails.
    /// It runs before every callback, so a server that handles very many messages should leave it
    /// out. If it panics, the report shows the panic in place of the text, and nothing else changes.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::MessageView;
    /// use otp_core::prelude::*;
    ///
    /// struct Eggs;
    ///
    /// #[gen_server]
    /// impl GenServer for Eggs {
    ///     type Cast = u32;
    ///
    ///     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
    ///         Ok(Init::state(Self))
    ///     }
    ///
    ///     async fn handle_cast(&mut self, _: u32, _: &mut Context<Self>) -> Next<Self> {
    ///         panic!("it fell");
    ///     }
    ///
    ///     // The report of the crash shows it.
    ///     fn format_message(message: MessageView<'_, Self>) -> Option<String> {
    ///         match message {
    ///             MessageView::Cast(eggs) => Some(format!("{eggs} eggs")),
    ///             _ => None,
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let eggs = Eggs::start(()).await?;
    /// eggs.cast(6);
    /// assert!(matches!(eggs.wait().await, ExitReason::Panic(_)));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        let _ = message;
        None
    }

    /// Starts a server without a link; see [`StartOptions::start`].
    ///
    /// # OTP
    ///
    /// `gen_server:start/3`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone.
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
    /// let counter = Counter::start(40).await?;
    /// counter.cast(2);
    /// assert_eq!(counter.call(|from| from).await?, 42);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn start(args: Self::Args) -> impl Future<Output = Result<ServerRef<Self>, StartError>> + Send {
        Self::options().start(args)
    }

    /// Starts a server that is linked with the current process; see [`StartOptions::start_link`].
    ///
    /// # OTP
    ///
    /// `gen_server:start_link/3`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone.
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
    /// let owner = process::spawn(|mut mailbox: Mailbox<ProcessRef<Pid>>| async move {
    ///     let counter = Counter::start_link(0).await?;
    ///     mailbox.receive().await.send(counter.pid());
    ///     Ok::<_, Stop>(std::future::pending::<()>().await)
    /// });
    /// let counter = process::spawn(move |mut mailbox: Mailbox<Pid>| async move {
    ///     owner.send(mailbox.me());
    ///     let counter = mailbox.receive().await;
    ///     // The end of the owner ends its server.
    ///     process::exit(&owner, ExitReason::Shutdown);
    ///     assert_eq!(process::node().wait(counter).await, Some(ExitReason::Shutdown));
    /// });
    /// assert_eq!(counter.wait().await, ExitReason::Normal);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn start_link(
        args: Self::Args,
    ) -> impl Future<Output = Result<ServerRef<Self>, StartError>> + Send {
        Self::options().start_link(args)
    }

    /// Starts a server that the current process monitors; see [`StartOptions::start_monitor`].
    ///
    /// # OTP
    ///
    /// `gen_server:start_monitor/3`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless, monitored.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone, and no DOWN comes.
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
    /// # Node::new().run_with(|mut mailbox: Mailbox<Down>| async move {
    /// let (counter, monitor) = Counter::start_monitor(0).await?;
    /// mailbox.on_down(monitor, |down| down);
    /// counter.stop().await?;
    /// assert_eq!(mailbox.receive().await.reason, ExitReason::Normal);
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    fn start_monitor(
        args: Self::Args,
    ) -> impl Future<Output = Result<(ServerRef<Self>, MonitorRef), StartError>> + Send {
        Self::options().start_monitor(args)
    }

    /// Options for a start: a name, a limit for `init`, a node.
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
    /// let counter = Counter::options().name("counter").start_link(7).await?;
    /// let named = ServerName::<Counter>::new("counter");
    /// assert_eq!(named.call(|from| from).await?, 7);
    /// assert_eq!(named.whereis(), Some(counter));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn options() -> StartOptions<Self> {
        StartOptions::new()
    }

    /// The callbacks that never wait, as the attribute has seen.
    #[doc(hidden)]
    const PLAIN: Plain = Plain::NONE;

    /// The names of the server in reports, for behaviours of this library that are built on a server.
    #[doc(hidden)]
    #[must_use]
    fn behaviour() -> Behaviour {
        Behaviour::gen_server::<Self>()
    }

    /// The receive loop, which a behaviour of this library may have instead of that of a server.
    #[doc(hidden)]
    fn receive_loop(serving: Serving<'_, Self>) -> impl Future<Output = End> + Send {
        serve::handle_messages(serving)
    }

    /// Called for a state that replaces the former one in a running server, before the former one is dropped: moves the
    /// parts that belong to the server and not to the state. For the library's own behaviours.
    #[doc(hidden)]
    fn take_over(&mut self, former: &mut Self) {
        let _ = former;
    }
}

/// Whether a type has no values. Then `None` is the only value of its `Option`, which takes no memory.
const fn is_uninhabited<T>() -> bool {
    size_of::<Option<T>>() == 0
}
