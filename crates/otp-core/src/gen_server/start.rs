//! Starting servers.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::Waker;

use tokio::runtime::Handle;

use super::GenServer;
use super::call::ReplyTo;
use super::error::{CallError, StartError};
use super::serve::{self, NotStarted};
use super::server_name::ServerName;
use super::server_ref::{Envelope, ServerRef};
use crate::address::error::RegisterError;
use crate::name::Name;
use crate::node::Node;
use crate::pid::MonitorRef;
use crate::process::block::{Block, Process};
use crate::process::lent::Lent;
use crate::process::slot::{Limit, Slot};
use crate::process::{Birth, MailboxLimit, Tie, birth, current};
use crate::scope;
use crate::time_limit::TimeLimit;

/// The options of a start; [`GenServer::options`] makes them.
///
/// By default the server has no name, its `init` has no time limit, and it starts on the
/// node of the current process.
///
/// # OTP
///
/// The server name and the options of `gen_server:start_link/4`.
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
/// let counter = Counter::options().name("counter").start(1).await?;
/// let again = Counter::options().name("counter").start(1).await;
/// assert!(matches!(again, Err(StartError::AlreadyStarted(pid)) if pid == counter.pid()), "{again:?}");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nothing starts until one of the start methods is called"]
pub struct StartOptions<S: GenServer> {
    name: Option<Name>,
    limit: TimeLimit,
    node: Option<Node>,
    mailbox: Option<MailboxLimit>,
    own_thread: bool,
    /// The server stops other processes with a limit.
    supervises: bool,
    server: PhantomData<fn() -> S>,
}

impl<S: GenServer> StartOptions<S> {
    pub(crate) fn new() -> Self {
        Self {
            name: None,
            limit: TimeLimit::Infinity,
            node: None,
            mailbox: None,
            own_thread: false,
            supervises: false,
            server: PhantomData,
        }
    }

    /// For a supervisor with this name, on this node or that of the current process.
    pub(crate) fn at(name: Option<Name>, node: Option<Node>) -> Self {
        Self {
            name,
            node,
            ..Self::new().supervises()
        }
    }

    /// The server stops others with a limit, so that it needs timers.
    pub(crate) fn supervises(self) -> Self {
        Self {
            supervises: true,
            ..self
        }
    }

    /// Registers the server under a name, before `init` runs.
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Kills the server if `init` does not return within this time; the start then fails with [`StartError::Timeout`].
    ///
    /// An `init` that blocks its thread cannot be ended. The starter is woken on another thread of the runtime, and
    /// gets the error. At that time the server is dead for all others, and its name is free; the process itself ends
    /// when `init` returns control of its thread. If no other thread can wake the starter, `init` may return first, and
    /// then the server has started, however late: on a current_thread runtime, if all threads are blocked, and if the
    /// blocked thread is the one that waits for tokio's timers (see [`timer`](crate::timer)).
    pub fn timeout(self, limit: impl Into<TimeLimit>) -> Self {
        Self {
            limit: limit.into(),
            ..self
        }
    }

    /// Starts the server on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// Limits how many messages may wait in the server's mailbox, from before `init` runs.
    pub fn mailbox_limit(self, limit: MailboxLimit) -> Self {
        Self {
            mailbox: Some(limit),
            ..self
        }
    }

    /// Runs the server on a separate thread, which its callbacks may block: see [`blocking`](crate::blocking).
    pub fn own_thread(self) -> Self {
        Self {
            own_thread: true,
            ..self
        }
    }

    /// Starts the server; returns when its `init` has returned.
    ///
    /// The server is its own parent. If it traps exits, an exit signal from itself ends it, and
    /// [`terminate`](GenServer::terminate) runs; an exit signal from its starter is an [`Info::Exit`](crate::Info::Exit).
    ///
    /// # OTP
    ///
    /// `gen_server:start/3,4`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone, and the name is free.
    pub async fn start(self, args: S::Args) -> Result<ServerRef<S>, StartError> {
        let started = self.begin(args, Tie::None).await;
        started
            .map(|(server, _)| server)
            .map_err(|(error, _)| error)
    }

    /// Starts the server linked with the current process, which is its parent; returns when its
    /// `init` has returned.
    ///
    /// If `init` fails, a starter that does not trap exits gets the exit signal. A starter that traps
    /// exits gets only the error, as from OTP 26 on.
    ///
    /// # OTP
    ///
    /// `gen_server:start_link/3,4`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub async fn start_link(self, args: S::Args) -> Result<ServerRef<S>, StartError> {
        let started = self.begin(args, Tie::Link).await;
        started
            .map(|(server, _)| server)
            .map_err(|(error, _)| error)
    }

    /// Starts the server, which the current process, its parent, monitors. In a GenServer the DOWN arrives as
    /// [`Info::Down`](crate::Info::Down); a raw process turns it into one of its messages with
    /// [`Mailbox::on_down`](crate::Mailbox::on_down).
    ///
    /// # OTP
    ///
    /// `gen_server:start_monitor/3,4`.
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `init`, the server starts nevertheless, monitored.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start); then no DOWN comes.
    #[allow(clippy::missing_panics_doc, reason = "it does not panic")]
    pub async fn start_monitor(
        self,
        args: S::Args,
    ) -> Result<(ServerRef<S>, MonitorRef), StartError> {
        let started = self.begin(args, Tie::Monitor).await;
        let (server, monitor) = started.map_err(|(error, _)| error)?;
        Ok((server, monitor.expect("a monitor was asked for")))
    }

    /// The running server with this name, or a new one without a link. Of several concurrent callers one
    /// starts the server, and all get the same server.
    ///
    /// A server whose `init` still runs counts as running: calls wait for it, and fail if it fails.
    ///
    /// # OTP
    ///
    /// In OTP this is written as `case gen_server:start(…) of {error, {already_started, Pid}} -> {ok, Pid}; …`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start); [`StartError::AlreadyStarted`] if the name belongs to a process that is no server
    /// of this type.
    ///
    /// # Panics
    ///
    /// Panics without a [`name`](Self::name).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    ///
    /// struct Scores(u32);
    ///
    /// #[gen_server]
    /// impl GenServer for Scores {
    ///     type Args = u32;
    ///
    ///     async fn init(first: u32, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::state(Self(first)))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().try_run(async {
    /// let scores = Scores::options().name("scores");
    /// let (one, other) = tokio::join!(
    ///     scores.clone().ensure_started(1),
    ///     scores.clone().ensure_started(2),
    /// );
    /// assert_eq!(one?, other?);
    /// # Ok(())
    /// # }).await.expect("it starts");
    /// # }
    /// ```
    pub async fn ensure_started(self, args: S::Args) -> Result<ServerRef<S>, StartError> {
        let name = self.name.clone();
        let name = name.expect("a server that is found or started has a name: give it with `name`");
        let node = self.node.clone().or_else(scope::current_node);
        let node = node.ok_or(StartError::Outside)?;
        let mut args = args;
        loop {
            let pid = match self.clone().on(&node).begin(args, Tie::None).await {
                Ok((server, _)) => return Ok(server),
                Err((StartError::AlreadyStarted(pid), Some(unused))) => {
                    args = unused;
                    pid
                }
                Err((error, _)) => return Err(error),
            };
            match ServerName::new(name.clone()).on(&node).find() {
                Ok(server) => return Ok(server),
                // It has ended meanwhile.
                Err(CallError::NoProcess { .. }) => {}
                Err(_) => return Err(StartError::AlreadyStarted(pid)),
            }
        }
    }

    /// Starts the server. With an error come the arguments, if they were not used.
    async fn begin(
        self,
        args: S::Args,
        tie: Tie,
    ) -> Result<(ServerRef<S>, Option<MonitorRef>), (StartError, Option<S::Args>)> {
        current::goes_on().await;
        let starter = current::try_process();
        if starter.is_none() && tie != Tie::None {
            return Err((StartError::Outside, Some(args)));
        }
        let node = match (self.node, &starter) {
            (Some(node), _) => node,
            (None, Some(starter)) => starter.head().node.clone(),
            (None, None) => match scope::current_node() {
                Some(node) => node,
                None => return Err((StartError::Outside, Some(args))),
            },
        };
        let has_runtime = starter.is_some() || Handle::try_current().is_ok();
        let lacks_timers =
            self.limit.check().is_err() || (self.supervises && Limit::check().is_err());
        if !has_runtime || lacks_timers {
            return Err((StartError::NoRuntime, Some(args)));
        }
        let StartingServer {
            block,
            monitor,
            mut started,
        } = spawn::<S>(
            args,
            tie,
            node,
            starter.as_ref(),
            self.name,
            (self.mailbox, self.own_thread),
        )?;
        let server = ServerRef::new(block);
        let process = || -> Arc<dyn Process> { server.block().clone() };
        let outcome = match self.limit.duration() {
            None => wait_for(&mut started).await,
            // In a box, as few starts have a limit, and a supervisor keeps room for the future of each.
            Some(limit) => match Box::pin(TimeLimit::After(limit).on(wait_for(&mut started))).await
            {
                Some(outcome) => outcome,
                None => {
                    birth::kill(&process(), starter.as_ref()).await;
                    birth::forget(&process(), starter.as_ref(), monitor);
                    return Err((StartError::Timeout(limit), None));
                }
            },
        };
        if let Some(Ok(())) = outcome {
            return Ok((server, monitor));
        }
        // When the starter gets the result, the name must be free, and all monitors and links must have fired.
        let ended = server.wait().await;
        birth::forget(&process(), starter.as_ref(), monitor);
        let error = match outcome {
            Some(Err(NotStarted::Ignored)) => StartError::Ignored,
            Some(Err(NotStarted::Error(reason))) => StartError::Init(reason),
            _ => StartError::Init(ended),
        };
        Err((error, None))
    }
}

/// Starts a server that belongs to the node and to no process on it: it has no ancestors, and this does not wait for
/// its start.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub(crate) fn start_detached<S: GenServer>(node: Node, args: S::Args) -> ServerRef<S> {
    let birth = Birth::<Envelope<S>>::of_server(node, None, Tie::None, server_type::<S>);
    let nobody = ReplyTo::new(Arc::new(Slot::new(Waker::noop())));
    let block = birth.block().clone();
    ServerRef::new(birth.run_server(move || serve::run::<S>(block, args, false, nobody)))
}

/// Builder for a server's process.
struct StartingServer<S: GenServer> {
    block: Arc<Block<Envelope<S>>>,
    monitor: Option<MonitorRef>,
    started: InitResult,
}

/// The result of `init`.
type InitResult = Lent<Result<(), NotStarted>>;

/// Nothing, if the process is ended from outside meanwhile.
fn wait_for(
    started: &mut InitResult,
) -> impl Future<Output = Option<Result<(), NotStarted>>> + Send {
    poll_fn(|cx| current::unless_ending(started.poll(cx)))
}

/// The type by which a server is known.
fn server_type<S: GenServer>() -> &'static str {
    S::behaviour().server_type
}

/// Makes the process and sets it running.
fn spawn<S: GenServer>(
    args: S::Args,
    tie: Tie,
    node: Node,
    starter: Option<&Arc<dyn Process>>,
    name: Option<Name>,
    (mailbox, own_thread): (Option<MailboxLimit>, bool),
) -> Result<StartingServer<S>, (StartError, Option<S::Args>)> {
    let birth = Birth::<Envelope<S>>::of_server(node, starter, tie, server_type::<S>);
    let birth = match birth.prepare(name, mailbox) {
        Ok(birth) => birth,
        Err(RegisterError::NameTaken { pid, .. }) => {
            return Err((StartError::AlreadyStarted(pid), Some(args)));
        }
        Err(other) => return Err((StartError::Name(other), Some(args))),
    };
    let monitor = birth.tie(tie, starter);
    let started = InitResult::new();
    let ack = ReplyTo::new(started.share());
    let block = birth.block().clone();
    let make = move || serve::run::<S>(block, args, tie != Tie::None, ack);
    let block = match own_thread {
        false => birth.run_server(make),
        true => birth.run_server_on_thread(make),
    };
    Ok(StartingServer {
        block,
        monitor,
        started,
    })
}

impl<S: GenServer> Clone for StartOptions<S> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            limit: self.limit,
            node: self.node.clone(),
            mailbox: self.mailbox,
            own_thread: self.own_thread,
            supervises: self.supervises,
            server: PhantomData,
        }
    }
}

impl<S: GenServer> fmt::Debug for StartOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartOptions")
            .field("name", &self.name)
            .field("timeout", &self.limit)
            .field("node", &self.node)
            .field("mailbox_limit", &self.mailbox)
            .field("own_thread", &self.own_thread)
            .finish()
    }
}
