//! The way out to processes of other nodes: what a distribution puts in.
//!
//! A process of another node has a control block here, a *proxy*, as soon as a process of this node has to do with it. Links and
//! monitors stand in both control blocks, as between two processes of this node. What the proxy is told, its [`Carrier`] sends to
//! the other node, in the order in which it was told. So a death, an unlink or a demonitor needs no second bookkeeping, and the
//! loss of a node is the death of its proxies.

use std::sync::Arc;

use crate::address::Target;
use crate::address::name::RemoteName;
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::Process;

/// Carries the signals of this node's processes to those of one other node.
///
/// Each function is called by the process that acts, or that dies, and must not wait: it queues. Signals from one process to
/// another arrive in the order of the calls.
///
/// # OTP
///
/// The control messages of the distribution protocol.
pub trait Carrier: Send + Sync + 'static {
    /// What the other node is called, for people; none if nodes have no names.
    fn node_name(&self) -> Option<String> {
        None
    }
    /// `from` has linked itself with `to`.
    fn link(&self, from: Pid, to: Pid);
    /// `from` has unlinked itself from `to`.
    fn unlink(&self, from: Pid, to: Pid);
    /// `from` has ended, and was linked with `to`.
    fn linked_exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// `from` has sent an exit signal to `to`, by hand.
    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// `watcher` monitors `target`, which is a pid or a name of the other node.
    fn monitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef);
    /// `watcher` has taken its monitor back, or has ended.
    fn demonitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef);
    /// `target`, which `watcher` of the other node monitors, has ended.
    fn down(&self, target: &Target, watcher: Pid, monitor: MonitorRef, reason: &ExitReason);
}

/// The other nodes that a node knows.
pub(crate) trait Remotes: Send + Sync {
    /// The proxy of a process; none if its node is not connected.
    fn find(&self, pid: Pid) -> Option<Arc<dyn Process>>;
    /// The proxy of whatever process has a name there.
    fn named(&self, name: &RemoteName) -> Option<Arc<dyn Process>>;
}
