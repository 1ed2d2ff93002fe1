//! Where a timer's message goes.

use std::fmt;
use std::sync::Arc;

use crate::name::Name;
use crate::node::Node;
use crate::process::block::{Entry, Process};
use crate::process::{self, ProcessRef};

/// Where a timer's message goes: a [`ProcessRef`], a [`ServerRef`](crate::ServerRef) or a [`Name`].
///
/// A name is looked up when the timer fires. It finds raw processes only. A timer for the server that has a name by then is
/// [`apply_after`](super::apply_after) with [`ServerName::send`](crate::ServerName::send).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use otp_core::prelude::*;
/// use otp_core::timer::{self, Destination};
/// use otp_core::process;
///
/// /// Wakes a process, or the process that has a name by then.
/// fn wake_up(sleeper: impl Into<Destination<&'static str>>) {
///     timer::send_after(sleeper, Duration::from_secs(60), "get up");
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// wake_up(&mailbox.me());
/// wake_up("sleeper");
/// process::register("sleeper", mailbox.me())?;
/// assert_eq!(mailbox.receive().await, "get up");
/// assert_eq!(mailbox.receive().await, "get up");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub struct Destination<M>(TimerTarget<M>);

pub(crate) type Deliver<M> = Box<dyn FnMut(M, Entry) + Send>;

enum TimerTarget<M> {
    Process {
        owner: Arc<dyn Process>,
        send: Deliver<M>,
    },
    Name(Name),
}

impl<M> Destination<M> {
    /// A process, with the function that sends to it.
    pub(crate) fn process(
        owner: Arc<dyn Process>,
        send: impl FnMut(M, Entry) + Send + 'static,
    ) -> Self {
        Self(TimerTarget::Process {
            owner,
            send: Box::new(send),
        })
    }
}

impl<M> Destination<M> {
    /// The node of the process; for a name, the current node.
    #[track_caller]
    pub(crate) fn node(&self) -> Node {
        match &self.0 {
            TimerTarget::Process { owner, .. } => owner.head().node.clone(),
            TimerTarget::Name(_) => process::node(),
        }
    }
}

impl<M: Send + 'static> Destination<M> {
    /// The process that the destination leads to at this moment, and the function that sends to it.
    pub(crate) fn resolve(self, node: &Node) -> Option<(Arc<dyn Process>, Deliver<M>)> {
        match self.0 {
            TimerTarget::Process { owner, send } => Some((owner, send)),
            TimerTarget::Name(name) => {
                let process: ProcessRef<M> = node.process_ref(name)?;
                let owner = process.block().clone();
                Some((
                    owner,
                    Box::new(move |message, entry| process.block().deliver(message, entry)),
                ))
            }
        }
    }
}

impl<M> fmt::Debug for Destination<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TimerTarget::Process { owner, .. } => write!(f, "Destination({})", owner.head().pid),
            TimerTarget::Name(name) => write!(f, "Destination({name})"),
        }
    }
}

impl<M: Send + 'static> From<ProcessRef<M>> for Destination<M> {
    fn from(to: ProcessRef<M>) -> Self {
        Self::process(to.block().clone(), move |message, entry| {
            to.block().deliver(message, entry);
        })
    }
}

impl<M: Send + 'static> From<&ProcessRef<M>> for Destination<M> {
    fn from(process: &ProcessRef<M>) -> Self {
        process.clone().into()
    }
}

impl<M> From<Name> for Destination<M> {
    fn from(name: Name) -> Self {
        Self(TimerTarget::Name(name))
    }
}

impl<M> From<&'static str> for Destination<M> {
    fn from(name: &'static str) -> Self {
        Self(TimerTarget::Name(name.into()))
    }
}

/// The function that sends to the destination, and its process, if that is known at the start. The timer ends with
/// this process.
pub(crate) fn sender<M: Send + 'static>(
    node: &Node,
    destination: Destination<M>,
) -> (Option<Arc<dyn Process>>, Deliver<M>) {
    match destination.0 {
        TimerTarget::Process { owner, send } => (Some(owner), send),
        TimerTarget::Name(name) => {
            // The timer is the node's, and must not keep it.
            let node = node.downgrade();
            let send = move |message, _| {
                if let Some(node) = node.upgrade() {
                    // No process is left that could get an error.
                    let _ = node.send(name.clone(), message);
                }
            };
            (None, Box::new(send))
        }
    }
}
