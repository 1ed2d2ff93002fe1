//! Looking at a process from outside.

use super::telemetry::{Activity, nanos};
use crate::address::name::Name;
use crate::pid::Pid;
use crate::process::life::block::Process;

/// Information on a process at one moment.
///
/// # OTP
///
/// `erlang:process_info/1`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::set_label("baker");
/// let info = process::node().process_info(process::current()).expect("it runs");
/// assert_eq!(info.label.as_deref(), Some("baker"));
/// assert_eq!(info.message_queue_len, 0);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// The process.
    pub pid: Pid,
    /// The type of its body or of its server.
    pub initial_call: &'static str,
    /// The type of the messages that it receives.
    pub message_type: &'static str,
    /// Its label in reports and lists, if it has one.
    pub label: Option<String>,
    /// The names it is registered under.
    pub names: Vec<Name>,
    /// Its status.
    pub status: ProcessStatus,
    /// Whether it waits for a message, however many there are: it takes one as soon as it runs. It counts as waiting for one
    /// before it has run.
    ///
    /// A server that neither runs nor waits for a message is in a callback, and may be stuck there; this is known without
    /// an observation. A raw process that has given up to receive, as in `select!`, counts as receiving until it has
    /// taken a message.
    pub is_receiving: bool,
    /// Messages that wait in its mailbox.
    pub message_queue_len: usize,
    /// How many bytes these messages take in the mailbox. What they point to is not known from outside, and neither is the size of
    /// the process's state, which a server [tells](crate::sys::get_status) itself.
    pub mailbox_size: usize,
    /// Messages that were lost since the present [limit](crate::MailboxLimit) of the mailbox was set, because of it.
    pub messages_lost: u64,
    /// Whether exit signals become messages.
    pub trap_exit: bool,
    /// Processes linked with it, sorted.
    pub links: Vec<Pid>,
    /// Processes it monitors, sorted, once for each monitor.
    pub monitors: Vec<Pid>,
    /// Names on other nodes that it monitors, once for each monitor.
    pub monitored_names: Vec<Name>,
    /// Processes that monitor it, sorted, once for each monitor.
    pub monitored_by: Vec<Pid>,
    /// The process that started it, the one that started that, and so on: the nearest 32.
    ///
    /// # Differences from OTP
    ///
    /// There the list has no bound, and grows with a line of processes that each start their successor.
    pub ancestors: Vec<Pid>,
    /// The server whose answer it waits for, once it has waited for longer than most calls take: about 20 ms, less if the
    /// call has a short limit. Of several that it waits for at a time it is the last.
    pub waiting_for: Option<Pid>,
    /// The counts of its work while the node is [observed](crate::Node::observe); `None` without an observation, and
    /// before the process has run since its begin.
    pub activity: Option<Activity>,
}

impl ProcessInfo {
    /// The process that started it.
    ///
    /// # OTP
    ///
    /// `erlang:process_info(Pid, parent)`.
    #[must_use]
    pub fn parent(&self) -> Option<Pid> {
        self.ancestors.first().copied()
    }

    /// What it is doing, in one word.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::prelude::*;
    /// use otp_core::process::{self, ProcessState};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let info = process::node().process_info(process::current()).expect("it runs");
    /// assert_eq!(info.state(), ProcessState::Running);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn state(&self) -> ProcessState {
        ProcessState::of(
            self.status == ProcessStatus::Running,
            self.waiting_for.is_some(),
            self.is_server()
                .then_some((self.is_receiving, self.message_queue_len)),
        )
    }

    /// Whether it is a server, which answers [system requests](crate::sys). Others would keep them in their mailboxes.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::Agent;
    /// use otp_core::prelude::*;
    /// use otp_core::process;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let agent = Agent::start_link(|| 0).await?;
    /// let node = process::node();
    /// let is_server = |pid| node.process_info(pid).is_some_and(|info| info.is_server());
    /// assert_eq!(agent.pid().map(is_server), Some(true));
    /// assert!(!is_server(process::current()));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn is_server(&self) -> bool {
        is_server(self.message_type)
    }
}

/// Whether these are the messages of a server.
pub(crate) fn is_server(message_type: &str) -> bool {
    message_type.starts_with("otp_core::gen_server::server_ref::Envelope<")
}

/// The status of a process.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessStatus};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let node = process::node();
/// let worker = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
/// # tokio::task::yield_now().await;
/// let status = |pid| node.process_info(pid).map(|info| info.status);
/// assert_eq!(status(worker.pid()), Some(ProcessStatus::Waiting));
/// assert_eq!(status(process::current()), Some(ProcessStatus::Running));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessStatus {
    /// Waiting for a message or for something else.
    Waiting,
    /// Running at this moment.
    Running,
    /// Its end is decided.
    Exiting,
}

/// What a process is doing, as [`ProcessInfo::state`] tells, also without an observation.
///
/// # Examples
///
/// ```
/// use otp_core::Agent;
/// use otp_core::prelude::*;
/// use otp_core::process::{self, ProcessQuery, ProcessState};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let agent = Agent::start_link(|| 0).await?;
/// let idle = ProcessQuery::new().in_state(ProcessState::Idle);
/// let page = process::node().process_page(&idle);
/// assert_eq!(page.processes.first().map(|info| info.pid), agent.pid());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProcessState {
    /// It runs at this moment.
    Running,
    /// It waits for the answer to a call, and has done so for longer than most calls take.
    Calling,
    /// A server that awaits something else in a callback, and takes no message meanwhile.
    Handling,
    /// A server that would take its messages if it could run: it is suspended, or other processes have the threads.
    Behind,
    /// It waits for a message; of a process that is no server, for anything.
    Idle,
}

impl ProcessState {
    /// Of a server it is known whether it waits for a message, and how many there are.
    fn of(runs: bool, calls: bool, server: Option<(bool, usize)>) -> Self {
        match server {
            _ if runs => Self::Running,
            _ if calls => Self::Calling,
            Some((false, _)) => Self::Handling,
            Some((true, 1..)) => Self::Behind,
            _ => Self::Idle,
        }
    }

    pub(super) fn now(process: &dyn Process) -> Self {
        let head = process.head();
        let server = is_server(process.message_type());
        Self::of(
            head.is_polled(),
            head.node.telemetry().waits_for(head.pid).is_some(),
            server.then(|| (head.is_receiving(), process.queued())),
        )
    }
}

pub(crate) fn snapshot(process: &dyn Process) -> ProcessInfo {
    let head = process.head();
    let status = if head.is_exiting() {
        ProcessStatus::Exiting
    } else if head.is_polled() {
        ProcessStatus::Running
    } else {
        ProcessStatus::Waiting
    };
    let queued = process.queued();
    let mut info = ProcessInfo {
        pid: head.pid,
        initial_call: (head.initial_call)(),
        message_type: process.message_type(),
        label: None,
        names: Vec::new(),
        status,
        is_receiving: head.is_receiving(),
        message_queue_len: queued,
        mailbox_size: queued.saturating_mul(process.item_size()),
        messages_lost: process.lost(),
        trap_exit: head.traps_exits(),
        links: Vec::new(),
        monitors: Vec::new(),
        monitored_names: Vec::new(),
        monitored_by: Vec::new(),
        ancestors: head.ancestors.iter().flat_map(|it| it.iter()).collect(),
        waiting_for: head.node.telemetry().waits_for(head.pid),
        activity: head.node.telemetry().activity(process, nanos()),
    };
    head.ties.with(|ties| {
        info.links
            .extend(ties.links().map(|linked| linked.head().pid));
        info.names.extend(ties.names().cloned());
        let Some(more) = ties.peek() else { return };
        info.label.clone_from(&more.label);
        for (_, monitored) in more.monitors.iter() {
            match monitored.process.far_name() {
                Some(name) => info.monitored_names.push(name),
                None => info.monitors.push(monitored.process.head().pid),
            }
        }
        info.monitored_by.extend(
            more.watchers
                .iter()
                .map(|(_, watcher)| watcher.process.head().pid),
        );
    });
    info.links.sort_unstable();
    info.monitors.sort_unstable();
    info.monitored_by.sort_unstable();
    info
}
