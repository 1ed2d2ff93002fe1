//! Other nodes, which a page shows as well as its own.

use std::pin::Pin;
use std::time::Duration;

use otp_core::Pid;
use serde::Serialize;

use crate::trace::Trace;

/// What comes later.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The cluster that the page's node belongs to.
pub(crate) trait Far: Send + Sync {
    /// The name of the page's own node.
    fn name(&self) -> &str;
    /// What a process is called in traces: by its number, and by its node.
    fn named(&self, pid: Pid) -> Option<String>;
    /// What the connected nodes show of their traces.
    fn traces(&self) -> Later<Vec<FarTrace>>;
    /// The connected nodes.
    fn nodes(&self) -> Later<Vec<FarNode>>;
    /// What a view of another node shows, and how long to rest before the next look. The query is that of the page.
    fn look(&self, node: &str, query: String) -> Later<Result<(String, Duration), String>>;
    /// What a page has to know of another node.
    fn hello(&self, node: &str) -> Later<Result<String, String>>;
    /// Has another node do something.
    fn act(&self, node: &str, act: String) -> Later<Result<(), String>>;
}

/// A connected node.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FarNode {
    pub(crate) name: String,
    /// Whether it can be looked at from here.
    pub(crate) shown: bool,
    /// What it runs: the program of a node of ours, or the release of OTP.
    pub(crate) runs: Option<String>,
    pub(crate) processes: Option<u64>,
    /// In bytes.
    pub(crate) memory: Option<u64>,
}

/// What another node shows of its traces, by the clock of this one's.
pub(crate) struct FarTrace {
    pub(crate) node: String,
    pub(crate) trace: Trace,
    /// By how much its times may be wrong, in microseconds.
    pub(crate) within: i64,
}
