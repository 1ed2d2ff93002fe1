//! System requests: to look into a server that runs, to suspend it, to give it another state.
//!
//! For debugging and for tests, and for programs that inspect others: a server of any type answers them, between two
//! callbacks, and its code need not know of them. They are in its mailbox in the order of their arrival, like calls. A
//! server that waits with [`Next::Timeout`](crate::Next::Timeout) begins that wait again after each.
//!
//! [`suspend`], [`resume`], [`terminate`] and [`get_status`] take any address, a pid too. [`get_state`], [`update_state`] and
//! [`replace_state`] need the type of the state, so they take a typed address. Processes that are no servers drop these
//! requests, which fails with [`CallError::ReplyDropped`].
//!
//! The work of a server can also be observed while it runs: [`statistics`] count, a [`log`] keeps the last events, a
//! [`trace`] logs each, and [`install`] adds a hook that is called with each. A [`Tracer`] collects the events of
//! several servers, up to a limit. A server that is not observed pays nothing for it. [`change_code`] adapts the state
//! of a suspended server.
//!
//! # OTP
//!
//! The module `sys`.
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::sys;
//! # struct Counter(u64);
//! # #[gen_server]
//! # impl GenServer for Counter {
//! #     type Args = u64;
//! #     type Cast = u64;
//! #     async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//! #         Ok(Init::state(Self(first)))
//! #     }
//! #     async fn handle_cast(&mut self, n: u64, _: &mut Context<Self>) -> Next<Self> {
//! #         self.0 += n;
//! #         Next::NoReply
//! #     }
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().run(async {
//! let counter = Counter::start_link(40).await?;
//! sys::suspend(&counter).await?;
//! counter.cast(2);
//! assert_eq!(sys::get_state(&counter, |counter| counter.0).await, Ok(40));
//! sys::resume(&counter).await?;
//! assert_eq!(sys::get_state(&counter, |counter| counter.0).await, Ok(42));
//! # Ok::<_, ExitReason>(())
//! # }).await.expect("the example does not crash").expect("the counter lives");
//! # }
//! ```

mod code;
mod debug;
mod error;
pub(crate) mod event;
pub(crate) mod hook;
pub(crate) mod statistics;
pub(crate) mod status;
mod tracer;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use self::code::change_code;
pub use self::debug::{
    Switch, get_log, get_statistics, install, log, no_debug, remove, statistics, trace,
};
pub use self::error::{ChangeCodeError, StateError};
pub use self::event::{MessageKind, SysEvent};
pub use self::hook::Keep;
pub use self::statistics::Statistics;
pub use self::status::{Mode, ServerStatus};
pub use self::tracer::{TraceEvent, Traced, Tracer};

use crate::exit::ExitReason;
use crate::gen_server::system::{self, System};
use crate::gen_server::{
    Address, Begin, CallError, GenServer, Limited, ReplyTo, ServerName, ServerRef, TimeLimit,
};
use crate::process::block::Process;
use crate::process::{Target, current, panic};
use crate::scope::{self, NoNode};

/// An address that contains the type of its server: a [`ServerRef`] or a [`ServerName`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Server, StateError};
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
/// /// Reads the counter behind a reference or a name.
/// async fn peek<A: Server<State = Counter>>(server: &A) -> Result<u64, StateError> {
///     sys::get_state(server, |counter| counter.0).await
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let counter = Counter::options().name("counter").start_link(7).await?;
/// assert_eq!(peek(&counter).await?, 7);
/// assert_eq!(peek(&ServerName::<Counter>::new("counter")).await?, 7);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub trait Server: Sync {
    /// The type of the server, and of its state.
    type State: GenServer;

    /// The server that has this address now.
    ///
    /// # Errors
    ///
    /// [`CallError::NoProcess`] or [`CallError::WrongServer`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::sys::Server;
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
    /// assert!(matches!(Server::find(&named), Err(CallError::NoProcess { .. })));
    /// let counter = Counter::options().name("counter").start_link(7).await?;
    /// assert_eq!(Server::find(&named)?.pid(), counter.pid());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn find(&self) -> Result<ServerRef<Self::State>, CallError>;

    /// The server's address in errors.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::gen_server::Address;
    /// use otp_core::prelude::*;
    /// use otp_core::sys::Server;
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
    /// let named = ServerName::<Counter>::new("counter");
    /// assert_eq!(Server::address(&named), Address::Name("counter".into()));
    /// ```
    fn address(&self) -> Address;
}

impl<S: GenServer> Server for ServerRef<S> {
    type State = S;

    fn find(&self) -> Result<ServerRef<S>, CallError> {
        Ok(self.clone())
    }

    fn address(&self) -> Address {
        self.address()
    }
}

impl<S: GenServer> Server for ServerName<S> {
    type State = S;

    fn find(&self) -> Result<ServerRef<S>, CallError> {
        self.find()
    }

    fn address(&self) -> Address {
        self.address()
    }
}

/// Runs `read` in the server, on its state, and returns its result. It waits for at most 5 s, or for as long as
/// [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:get_state/1`.
///
/// # Differences from OTP
///
/// OTP copies the state. Here a function runs on the state in the server, and returns the part that the caller needs.
/// To get all of a state that can be cloned, pass `Clone::clone`.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; `read` may still run.
///
/// # Errors
///
/// [`StateError`]; if `read` panics, the server goes on.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
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
/// let counter = Counter::start_link(42).await?;
/// assert_eq!(sys::get_state(&counter, |counter| counter.0).await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn get_state<A: Server, T: Send + 'static>(
    server: &A,
    read: impl FnOnce(&A::State) -> T + Send + 'static,
) -> Limited<impl Begin<Output = Result<T, StateError>>> {
    let read = |state: &mut A::State, _| guarded(|| read(state)).map_err(StateError::Function);
    Limited::new(TimeLimit::DEFAULT, |limit| with_state(server, limit, read))
}

/// Changes the server's state in place; returns what `change` returns. It waits for at most 5 s, or for as long as
/// [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:replace_state/2`.
///
/// # Differences from OTP
///
/// If `change` panics, the server goes on with the state as it has left it. [`replace_state`] keeps the former state then.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the state may still change.
///
/// # Errors
///
/// [`StateError`].
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
/// # struct Counter { count: u64, steps: Vec<u64> }
/// # #[gen_server]
/// # impl GenServer for Counter {
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self { count: 1, steps: Vec::new() }))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().try_run(async {
/// let counter = Counter::start_link(()).await?;
/// sys::update_state(&counter, |state| state.count += 41).await?;
/// assert_eq!(sys::get_state(&counter, |state| state.count).await?, 42);
/// # Ok(())
/// # }).await.expect("the counter lives");
/// # }
/// ```
pub fn update_state<A: Server, T: Send + 'static>(
    server: &A,
    change: impl FnOnce(&mut A::State) -> T + Send + 'static,
) -> Limited<impl Begin<Output = Result<T, StateError>>> {
    let change = |state: &mut A::State, _| guarded(|| change(state)).map_err(StateError::Function);
    Limited::new(TimeLimit::DEFAULT, |limit| {
        with_state(server, limit, change)
    })
}

/// Replaces the server's state: `replace` runs in the server and makes the new state from the present one. Returns
/// the former state. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:replace_state/2`.
///
/// # Differences from OTP
///
/// It returns the former state, as [`std::mem::replace`] does. OTP returns the new one.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the state may still be replaced.
///
/// # Errors
///
/// [`StateError`]; if `replace` panics, the server goes on with the state that it has.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
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
/// let counter = Counter::start_link(1).await?;
/// let former = sys::replace_state(&counter, |counter| Counter(counter.0 + 41)).await?;
/// assert_eq!(former.0, 1);
/// assert_eq!(counter.call(|from| from).await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn replace_state<A: Server>(
    server: &A,
    replace: impl FnOnce(&A::State) -> A::State + Send + 'static,
) -> Limited<impl Begin<Output = Result<A::State, StateError>>> {
    let replace = |state: &mut A::State, _| {
        // The server keeps its state until it is certain that there is another.
        let mut next = guarded(|| replace(state)).map_err(StateError::Function)?;
        next.take_over(state);
        Ok(std::mem::replace(state, next))
    };
    Limited::new(TimeLimit::DEFAULT, |limit| {
        with_state(server, limit, replace)
    })
}

/// Suspends a server: until it is resumed it handles system requests, orders to stop and its parent's exit,
/// and no messages, which stay in its mailbox. Suspending it twice is the same as once. It waits
/// for at most 5 s.
///
/// # OTP
///
/// `sys:suspend/1`.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the server is suspended nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::sys;
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
/// let counter = Counter::start_link(42).await?;
/// sys::suspend(&counter).await?;
/// let call = counter.call(|from| from).timeout(Duration::from_secs(1));
/// assert!(matches!(call.await, Err(CallError::Timeout { .. })));
/// sys::resume(&counter).await?;
/// assert_eq!(counter.call(|from| from).await?, 42);
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn suspend(server: impl Into<Target>) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    ask(server.into(), System::Suspend)
}

/// Resumes a suspended server, which handles its messages again, beginning with those that have come meanwhile. It has
/// no effect on a server that is not suspended. It waits for at most 5 s, or for as long as
/// [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:resume/1`.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the server is resumed nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
pub fn resume(server: impl Into<Target>) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    ask(server.into(), System::Resume)
}

/// Orders a server of any type to end, through [`terminate`](GenServer::terminate): unlike for [`ServerRef::stop`],
/// the caller need not know the server's type. It waits until the server has taken the order, for at most 5 s, or for
/// as long as [`timeout`](Limited::timeout) says. A suspended server ends, too.
///
/// # OTP
///
/// `sys:terminate/2,3`.
///
/// # Differences from OTP
///
/// Messages that came into the mailbox before the order are handled first; there the server ends at once.
///
/// # Cancel safety
///
/// Dropped after its first poll it no longer waits; the server ends nevertheless.
///
/// # Errors
///
/// [`CallError`], as for a call.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys;
/// # struct Idle;
/// # #[gen_server]
/// # impl GenServer for Idle {
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::state(Self))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # Node::new().run(async {
/// let server = Idle::start(()).await?;
/// sys::suspend(server.pid()).await?;
/// sys::terminate(server.pid(), ExitReason::Shutdown).await?;
/// assert_eq!(server.wait().await, ExitReason::Shutdown);
/// # Ok::<_, ExitReason>(())
/// # }).await.expect("the example does not crash").expect("it starts");
/// # }
/// ```
pub fn terminate(
    server: impl Into<Target>,
    reason: impl Into<ExitReason>,
) -> Limited<impl Begin<Output = Result<(), CallError>>> {
    let reason = reason.into();
    ask(server.into(), |from| System::Terminate(reason, from))
}

/// Returns the status of a server. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
///
/// # OTP
///
/// `sys:get_status/1`.
///
/// # Cancel safety
///
/// May be dropped and called again.
///
/// # Errors
///
/// [`CallError`], as for a call.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::sys::{self, Mode};
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
/// let counter = Counter::start_link(42).await?;
/// let status = sys::get_status(&counter).await?;
/// assert_eq!((status.pid, status.mode), (counter.pid(), Mode::Running));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub fn get_status(
    server: impl Into<Target>,
) -> Limited<impl Begin<Output = Result<ServerStatus, CallError>>> {
    ask(server.into(), System::Status)
}

/// Sends a request to the process that has this address now.
fn ask<T: Send + 'static>(
    target: Target,
    request: impl FnOnce(ReplyTo<T>) -> System + Send,
) -> Limited<impl Begin<Output = Result<T, CallError>>> {
    Limited::new(TimeLimit::DEFAULT, |limit| async move {
        let (found, address) = match target {
            Target::Pid(pid) => {
                let found = scope::node_of(pid).and_then(|node| node.find(pid));
                (found, Address::Pid(pid))
            }
            Target::Name(name) => match scope::resolve(&name) {
                Ok(found) => (found, Address::Name(name)),
                Err(NoNode) => {
                    let server = Address::Name(name);
                    return Err(CallError::Outside { server });
                }
            },
        };
        match found {
            Some(process) => system::ask(process, address, limit, request).await,
            None => {
                current::goes_on().await;
                Err(CallError::NoProcess { server: address })
            }
        }
    })
}

/// Runs a function in the server, on its state.
async fn with_state<A: Server, T: Send + 'static, E: From<CallError> + Send + 'static>(
    server: &A,
    limit: TimeLimit,
    f: impl FnOnce(&mut A::State, Mode) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    current::goes_on().await;
    let process: Arc<dyn Process> = server.find()?.block().clone();
    let request = |from: ReplyTo<_>| {
        System::State(Box::new(move |state: &mut dyn Any, mode| {
            let state = state.downcast_mut();
            let state = state.expect("a typed address leads to a server of its type");
            from.send(f(state, mode));
        }))
    };
    system::ask(process, server.address(), limit, request).await?
}

/// Runs a function of the user's, whose failure is not the server's.
fn guarded<T>(f: impl FnOnce() -> T) -> Result<T, ExitReason> {
    catch_unwind(AssertUnwindSafe(f)).map_err(panic::reason)
}
