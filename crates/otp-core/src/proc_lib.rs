//! Raw processes whose start is acknowledged.
//!
//! A [`process::spawn_link`](crate::process::spawn_link) returns at once: the new process has not run yet, and may fail long
//! after its starter went on. The functions of this module return when the process has said through its [`InitAck`] that it is
//! up, or why it is not, as the start of a [`GenServer`](crate::GenServer) does. So the process does the slow part first,
//! and acknowledges then.
//!
//! A process that traps exits should be started in this way as a child of a supervisor. An exit signal that comes
//! before the process traps exits ends it without cleaning up. A process that acknowledges its start after that always
//! cleans up.
//!
//! # OTP
//!
//! `proc_lib:start_link/3,4` with `proc_lib:init_ack/1` and `proc_lib:init_fail/2`.
//!
//! # Differences from OTP
//!
//! - The acknowledgement says only that the process is up. A value for the starter is sent to it as a message, or put
//!   where both see it.
//! - A handle that is dropped unused fails the start at once, and the process is killed. There the starter waits until
//!   the process ends.
//! - A process acknowledges once: doing it consumes the handle. There each further time is a message to the starter.
//!
//! # Examples
//!
//! ```
//! use otp_core::prelude::*;
//! use otp_core::proc_lib;
//! # use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let done = Node::new().run(async {
//! let cache = ChildSpec::worker("cache", || {
//!     proc_lib::start_link(|mut mailbox: Mailbox<Exit>, started| async move {
//!         mailbox.trap_exit(|exit| exit);
//!         let file = "the slow part"; // whatever takes its time
//!         started.ok();
//!         let exit = mailbox.receive().await;
//!         drop(file); // always comes to this
//!         exit.reason
//!     })
//! });
//! let supervisor = Supervisor::new(Strategy::OneForOne).child(cache).start_link().await?;
//! supervisor.stop().await?;
//! # Ok::<_, ExitReason>(())
//! # });
//! # done.await.expect("it does not crash").expect("all of it works");
//! # }
//! ```

use std::any::type_name;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Poll, Waker};

use tokio::runtime::Handle;

use crate::address::error::RegisterError;
use crate::exit::{ExitReason, Outcome};
use crate::gen_server::{ReplyTo, StartError, TimeLimit};
use crate::name::Name;
use crate::node::Node;
use crate::pid::MonitorRef;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::slot::Slot;
use crate::process::watch::Watch;
use crate::process::{Birth, Mailbox, MailboxLimit, ProcessRef, Tie, birth, current, signal};
use crate::scope;

/// Starts a process; returns when it has acknowledged its start. See [`ProcessOptions::start`].
///
/// # OTP
///
/// `proc_lib:start/3`.
///
/// # Cancel safety
///
/// Dropped while it waits, it leaves the process to itself.
///
/// # Errors
///
/// [`StartError`]; then the process is gone.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::proc_lib;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let started = proc_lib::start(|mut mailbox: Mailbox<u32>, ack| async move {
///     // Initialization, for which the starter waits.
///     ack.ok();
///     mailbox.receive().await;
/// });
/// assert!(started.await?.is_alive());
/// # Ok(())
/// # }).await
/// # }
/// ```
pub async fn start<M, B, F>(body: B) -> Result<ProcessRef<M>, StartError>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    options().start(body).await
}

/// Starts a process that is linked with the current one; returns when it has acknowledged its start. See
/// [`ProcessOptions::start_link`].
///
/// # OTP
///
/// `proc_lib:start_link/3`.
///
/// # Cancel safety
///
/// Dropped while it waits, it leaves the process linked.
///
/// # Errors
///
/// [`StartError`]; then the process is gone.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::proc_lib::{self, InitAck};
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let starter = process::spawn(|_: Mailbox<Never>| async {
///     let body = |_: Mailbox<Never>, ack: InitAck| async move { ack.fail(ExitReason::other("no disk")) };
///     proc_lib::start_link(body).await?;
///     Ok::<_, Stop>(())
/// });
/// // The link ends the starter, too.
/// assert_eq!(starter.wait().await, ExitReason::other("no disk"));
/// # Ok(())
/// # }).await
/// # }
/// ```
pub async fn start_link<M, B, F>(body: B) -> Result<ProcessRef<M>, StartError>
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
    F: Future<Output: Outcome> + Send + 'static,
{
    options().start_link(body).await
}

/// Options for a start. By default the process has no name, no time limit, and runs on the node of the current process.
pub fn options() -> ProcessOptions {
    ProcessOptions {
        name: None,
        limit: TimeLimit::Infinity,
        node: None,
        mailbox: None,
    }
}

/// Options for the start of a process; [`options`] makes them.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use std::time::Duration;
/// use otp_core::proc_lib;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let started = proc_lib::options()
///     .name("reader")
///     .timeout(Duration::from_secs(2))
///     .start(|mut mailbox: Mailbox<&str>, ack| async move {
///         // Its starter waits until here.
///         ack.ok();
///         assert_eq!(mailbox.receive().await, "page 1");
///     })
///     .await?;
/// started.send("page 1");
/// assert_eq!(started.wait().await, ExitReason::Normal);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing starts until one of the start methods is called"]
pub struct ProcessOptions {
    name: Option<Name>,
    limit: TimeLimit,
    node: Option<Node>,
    mailbox: Option<MailboxLimit>,
}

impl ProcessOptions {
    /// Registers the process under a name, before it runs.
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Kills the process if it has not acknowledged its start within this time, as
    /// [`gen_server::StartOptions::timeout`](crate::gen_server::StartOptions::timeout) does.
    ///
    /// # OTP
    ///
    /// The `Time` of `proc_lib:start_link/4`.
    pub fn timeout(self, limit: impl Into<TimeLimit>) -> Self {
        Self {
            limit: limit.into(),
            ..self
        }
    }

    /// Starts the process on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// Limits how many messages may wait in the process's mailbox.
    pub fn mailbox_limit(self, limit: MailboxLimit) -> Self {
        Self {
            mailbox: Some(limit),
            ..self
        }
    }

    /// Starts the process; returns when it has acknowledged its start.
    ///
    /// # OTP
    ///
    /// `proc_lib:start/3,4`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the process to itself.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then the process is gone, and the name is free.
    pub async fn start<M, B, F>(self, body: B) -> Result<ProcessRef<M>, StartError>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let (process, _) = current::guarded(self.begin(body, Tie::None)).await?;
        Ok(process)
    }

    /// Starts the process linked with the current one; returns when it has acknowledged its start.
    ///
    /// If it fails, a starter that does not trap exits gets the exit signal; for one that traps them, the error is all.
    ///
    /// # OTP
    ///
    /// `proc_lib:start_link/3,4`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the process linked.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub async fn start_link<M, B, F>(self, body: B) -> Result<ProcessRef<M>, StartError>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let (process, _) = current::guarded(self.begin(body, Tie::Link)).await?;
        Ok(process)
    }

    /// Starts the process monitored by the current one; returns when it has acknowledged its start.
    ///
    /// # OTP
    ///
    /// `proc_lib:start_monitor/3,4`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the process monitored.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start); then no DOWN comes.
    #[allow(clippy::missing_panics_doc, reason = "it does not panic")]
    pub async fn start_monitor<M, B, F>(
        self,
        body: B,
    ) -> Result<(ProcessRef<M>, MonitorRef), StartError>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let (process, monitor) = current::guarded(self.begin(body, Tie::Monitor)).await?;
        Ok((process, monitor.expect("a monitor was asked for")))
    }

    async fn begin<M, B, F>(
        self,
        body: B,
        tie: Tie,
    ) -> Result<(ProcessRef<M>, Option<MonitorRef>), StartError>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>, InitAck) -> F + Send + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        current::goes_on().await;
        let starter = current::try_process();
        if starter.is_none() && tie != Tie::None {
            return Err(StartError::Outside);
        }
        let node = match (self.node, &starter) {
            (Some(node), _) => node,
            (None, Some(starter)) => starter.head().node.clone(),
            (None, None) => scope::current_node().ok_or(StartError::Outside)?,
        };
        let has_runtime = starter.is_some() || Handle::try_current().is_ok();
        if !has_runtime || self.limit.check().is_err() {
            return Err(StartError::NoRuntime);
        }
        let birth = Birth::of_server(node, starter.as_ref(), tie, type_name::<B>);
        let birth = birth.prepare(self.name, self.mailbox);
        let birth = birth.map_err(|error| match error {
            RegisterError::NameTaken { pid, .. } => StartError::AlreadyStarted(pid),
            other => StartError::Name(other),
        })?;
        let monitor = birth.tie(tie, starter.as_ref());
        let slot = Arc::new(Slot::new(Waker::noop()));
        let ack = InitAck(ReplyTo::new(slot.clone()));
        let process = birth.run(|mailbox| body(mailbox, ack));
        let block: Arc<dyn Process> = process.block().clone();
        let started = outcome(&block, &slot);
        let started = match (self.limit.on(started).await, self.limit) {
            (Some(started), _) => started,
            (None, TimeLimit::After(limit)) => {
                birth::kill(&block, starter.as_ref()).await;
                Err(StartError::Timeout(limit))
            }
            (None, TimeLimit::Infinity) => {
                unreachable!("only a limit ends the wait without an outcome")
            }
        };
        match started {
            Ok(()) => Ok((process, monitor)),
            Err(failed) => {
                birth::forget(&block, starter.as_ref(), monitor);
                Err(failed)
            }
        }
    }
}

/// The handle by which a new process acknowledges its start: [`start`] and the similar functions pass it to the body.
///
/// Dropping it unused fails the start, and the process is killed.
///
/// # OTP
///
/// `proc_lib:init_ack/1`, `proc_lib:init_fail/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::proc_lib;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let failed = proc_lib::start(|_: Mailbox<()>, ack| async move {
///     match "full".parse::<u8>() {
///         Ok(_) => {
///             ack.ok();
///             ExitReason::Normal
///         }
///         Err(error) => ack.fail(ExitReason::error(error)),
///     }
/// });
/// assert!(matches!(failed.await, Err(StartError::Init(ExitReason::Error(_)))));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "the start fails when it is dropped"]
pub struct InitAck(ReplyTo<Result<(), Refusal>>);

enum Refusal {
    Ignored,
    Failed(ExitReason),
}

impl InitAck {
    /// The process is up: its start returns.
    ///
    /// # OTP
    ///
    /// `proc_lib:init_ack({ok, self()})`.
    pub fn ok(self) {
        self.0.send(Ok(()));
    }

    /// The process cannot start. Its starter gets [`StartError::Init`] with this reason once the process has ended. The
    /// body returns the result of this function, and so ends with the reason.
    ///
    /// # OTP
    ///
    /// `proc_lib:init_fail({error, Reason}, {exit, Reason})`.
    #[must_use = "return it from the body: the starter waits for the end of the process"]
    pub fn fail(self, reason: impl Into<ExitReason>) -> ExitReason {
        let reason = reason.into();
        self.0.send(Err(Refusal::Failed(reason.clone())));
        reason
    }

    /// The process chooses not to start. Its starter gets [`StartError::Ignored`] once the process has ended. The body
    /// returns the result of this function, and so ends normally.
    ///
    /// # OTP
    ///
    /// `proc_lib:init_fail(ignore, {exit, normal})`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::proc_lib;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let ignored = proc_lib::start(|_: Mailbox<Never>, ack| async move { ack.ignore() });
    /// assert_eq!(ignored.await.err(), Some(StartError::Ignored));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use = "return it from the body: the starter waits for the end of the process"]
    pub fn ignore(self) -> ExitReason {
        self.0.send(Err(Refusal::Ignored));
        ExitReason::Normal
    }
}

impl fmt::Debug for InitAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitAck")
    }
}

/// The result of a start. If it is an error, the process has ended and its links and monitors have fired when this is
/// ready.
async fn outcome(
    process: &Arc<dyn Process>,
    slot: &Slot<Result<(), Refusal>>,
) -> Result<(), StartError> {
    let mut watch = Watch::new(process.clone());
    let said = poll_fn(|cx| match slot.poll(cx) {
        Poll::Pending => match watch.poll(cx) {
            // The last thing it did may have been to acknowledge.
            Poll::Ready(_) => match slot.poll(cx) {
                Poll::Ready(said) => Poll::Ready(said),
                Poll::Pending => Poll::Ready(None),
            },
            Poll::Pending => Poll::Pending,
        },
        said => said,
    });
    let said = said.await;
    if let Some(Ok(())) = said {
        return Ok(());
    }
    if said.is_none() {
        // The handle was dropped unused.
        signal::kill(process);
    }
    let ended = wait(process.clone()).await;
    Err(match said {
        Some(Err(Refusal::Ignored)) => StartError::Ignored,
        Some(Err(Refusal::Failed(reason))) => StartError::Init(reason),
        _ => StartError::Init(ended),
    })
}
