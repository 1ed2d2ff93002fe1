//! Identities: of nodes, processes and monitors.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use thiserror::Error;

/// Identifies a [`Node`](crate::Node) within this program.
///
/// The first node is number 0, as the local node is in a printed Erlang pid.
///
/// # Examples
///
/// ```
/// use otp_core::{Node, NodeId};
///
/// let (one, other) = (Node::new(), Node::new());
/// assert_ne!(one.id(), other.id());
/// assert_eq!(Node::find_node(one.id()), Some(one));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({})", self.0)
    }
}

/// Identifies a process; shown as `<0.42.0>`.
///
/// A pid is a plain value: keep it, compare it, print it, send it along. It says nothing about
/// the type of the process's messages; a [`ProcessRef`](crate::ProcessRef) or a
/// [`ServerRef`](crate::ServerRef) does. Pids are never reused within a node.
///
/// # OTP
///
/// `pid()`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let pid = process::current();
/// assert_eq!(pid.to_string().parse(), Ok(pid));
/// assert!(process::node().is_alive(pid));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid {
    node: NodeId,
    id: NonZeroU64,
}

impl Pid {
    pub(crate) fn new(node: NodeId, id: NonZeroU64) -> Self {
        Self { node, id }
    }

    /// The pid with this number on a node; `None` for the number 0.
    pub(crate) fn of(node: NodeId, id: u64) -> Option<Self> {
        Some(Self::new(node, NonZeroU64::new(id)?))
    }

    /// The node that the process lives on.
    #[must_use]
    pub fn node(self) -> NodeId {
        self.node
    }

    /// The process's number on its node, counted from 1.
    #[must_use]
    pub fn id(self) -> u64 {
        self.id.get()
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As on the BEAM: the number is printed in two halves, of which the second is nearly always 0.
        let (id, serial) = (self.id.get() & u64::from(u32::MAX), self.id.get() >> 32);
        write!(f, "<{}.{id}.{serial}>", self.node)
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no pid.
///
/// # Examples
///
/// ```
/// use otp_core::Pid;
///
/// let pid: Pid = "<0.42.0>".parse().expect("it is written as a pid is");
/// assert_eq!(pid.to_string(), "<0.42.0>");
/// assert!("<0.42>".parse::<Pid>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is no pid: one looks like <0.42.0>")]
pub struct ParsePidError {
    text: String,
}

/// Parses the text of [`Display`](fmt::Display), `<0.42.0>`. The process need not exist, and neither need its node.
///
/// # OTP
///
/// `list_to_pid/1`.
///
/// # Examples
///
/// ```
/// use otp_core::Pid;
///
/// let pid: Pid = "<0.42.0>".parse().expect("it is a pid");
/// assert_eq!((pid.id(), pid.to_string().as_str()), (42, "<0.42.0>"));
/// assert!("42".parse::<Pid>().is_err());
/// ```
impl FromStr for Pid {
    type Err = ParsePidError;

    fn from_str(text: &str) -> Result<Self, ParsePidError> {
        let parse = || {
            let mut parts = text.strip_prefix('<')?.strip_suffix('>')?.split('.');
            let mut number = || {
                let digits = parts.next()?;
                // `parse` takes a sign, too.
                let all = digits.bytes().all(|digit| digit.is_ascii_digit());
                all.then(|| digits.parse::<u32>().ok()).flatten()
            };
            let (node, id, serial) = (number()?, number()?, number()?);
            let id = u64::from(serial) << 32 | u64::from(id);
            parts.next().is_none().then(|| Self::of(NodeId(node), id))?
        };
        parse().ok_or_else(|| ParsePidError {
            text: text.to_owned(),
        })
    }
}

/// Identifies one monitor; unique within a program.
///
/// # OTP
///
/// The reference that `erlang:monitor/2` returns.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let worker = process::spawn(|_: Mailbox<()>| std::future::pending::<()>());
/// let (one, other) = (process::monitor(&worker), process::monitor(&worker));
/// assert_ne!(one, other, "each monitor is its own");
/// assert!(process::demonitor(one));
/// assert!(!process::demonitor(one), "it is gone");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonitorRef(pub(crate) NonZeroU64);

impl MonitorRef {
    /// The monitor's number in this program, counted from 1.
    #[must_use]
    pub fn id(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#Ref<{}>", self.0)
    }
}

impl fmt::Debug for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
