//! Monitors of groups.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;

use super::Scope;
use super::event::GroupEvent;
use super::server::{GroupMonitor, PgCall, Watched};
use crate::gen_server::CallError;
use crate::pid::{MonitorRef, Pid};
use crate::timer::Destination;

impl<G> Scope<G>
where
    G: Eq + Hash + Clone + Send + Sync + 'static,
{
    /// Sends a message for each change in a group, from now on, until the destination ends or
    /// [`demonitor`](Self::demonitor) is called. Returns the members that it has at this moment.
    ///
    /// A name is looked up now: the monitor belongs to the holder of the name, and ends with that process. Without a
    /// holder there is no monitor.
    ///
    /// # OTP
    ///
    /// `pg:monitor/2`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the monitor is set nevertheless.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the scope does not run.
    ///
    /// # Panics
    ///
    /// Panics for a name without a current [`node`](crate::process::node).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::pg::{Change, GroupEvent, Scope};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<GroupEvent<&'static str>>| async move {
    /// let crews = Scope::<&str>::new("crews");
    /// crews.start_link().await?;
    /// let (_, members) = crews.monitor("night", &mailbox.me(), |event| event).await?;
    /// assert!(members.is_empty(), "the members at this moment");
    /// crews.join("night", mailbox.pid()).await?;
    /// assert_eq!(mailbox.receive().await.change, Change::Join(vec![mailbox.pid()]));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn monitor<M: Send + 'static>(
        &self,
        group: impl Into<G>,
        destination: impl Into<Destination<M>>,
        to_message: impl Fn(GroupEvent<G>) -> M + Send + 'static,
    ) -> impl Future<Output = Result<(MonitorRef, Vec<Pid>), CallError>> + Send {
        let watched = Watched::Group(self.groups.group(group.into()));
        let destination = destination.into();
        let node = destination.node();
        let to = destination.resolve(&node);
        let tell = GroupMonitor::new(watched, to, to_message);
        let set = self.call(|from| PgCall::Monitor(tell, from));
        async move {
            let (monitor, groups) = set.await?;
            Ok((monitor, groups.into_values().next().unwrap_or_default()))
        }
    }

    /// Sends a message for each change in any group, from now on, until the destination ends or
    /// [`demonitor`](Self::demonitor) is called. Returns the groups and members that there are at this moment.
    ///
    /// # OTP
    ///
    /// `pg:monitor_scope/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`monitor`](Self::monitor).
    ///
    /// # Errors
    ///
    /// As for [`monitor`](Self::monitor).
    ///
    /// # Panics
    ///
    /// Panics for a name without a current [`node`](crate::process::node).
    pub fn monitor_scope<M: Send + 'static>(
        &self,
        destination: impl Into<Destination<M>>,
        to_message: impl Fn(GroupEvent<G>) -> M + Send + 'static,
    ) -> impl Future<Output = Result<(MonitorRef, HashMap<G, Vec<Pid>>), CallError>> + Send {
        let destination = destination.into();
        let node = destination.node();
        let to = destination.resolve(&node);
        let tell = GroupMonitor::new(Watched::Scope, to, to_message);
        self.call(|from| PgCall::Monitor(tell, from))
    }

    /// Takes a monitor back. Returns whether there was one.
    ///
    /// # OTP
    ///
    /// `pg:demonitor/2`.
    ///
    /// # Cancel safety
    ///
    /// As for [`monitor`](Self::monitor).
    ///
    /// # Errors
    ///
    /// As for [`monitor`](Self::monitor).
    ///
    /// # Panics
    ///
    /// Panics for a name without a current [`node`](crate::process::node).
    pub fn demonitor(
        &self,
        monitor: MonitorRef,
    ) -> impl Future<Output = Result<bool, CallError>> + Send {
        self.call(move |from| PgCall::Demonitor(monitor, from))
    }
}
