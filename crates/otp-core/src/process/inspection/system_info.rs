//! Counts of the contents of a node.

use crate::node::Node;

/// The number of processes, names, links, monitors, timers and tables of a node at one moment.
///
/// All of it ends with the processes to which it belongs: a node without processes holds nothing, except timers without
/// an owner. So the difference between two counts, before and after some work, shows what the work has left behind.
///
/// # OTP
///
/// `erlang:system_info/1` with `process_count` and `ets_count`; there is no counterpart for the rest.
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
/// let before = process::node().system_info();
/// let other = process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>());
/// process::register("other", &other)?;
/// let after = process::node().system_info();
/// assert_eq!(after.process_count, before.process_count + 1);
/// assert_eq!((after.links, after.local_names), (before.links + 1, before.local_names + 1));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SystemInfo {
    /// Processes, with those whose end is decided and not over.
    pub process_count: usize,
    /// Local names.
    pub local_names: usize,
    /// Global names.
    pub global_names: usize,
    /// Links, each counted once.
    pub links: usize,
    /// Monitors that have been set and have not fired.
    pub monitors: usize,
    /// Timers that run.
    pub timers: usize,
    /// Tables, named or not.
    pub table_count: usize,
}

impl SystemInfo {
    /// Counts the contents of a node.
    pub(crate) fn of(node: &Node) -> Self {
        let (local_names, global_names) = node.names_in_use();
        let (mut process_count, mut links, mut table_count) = (0, 0, 0);
        let (mut monitors, mut watchers) = (0, 0);
        node.each(|process| {
            process_count += 1;
            process.head().ties.with(|ties| {
                links += ties.links().count();
                let Some(more) = ties.peek() else { return };
                monitors += more.monitors.len();
                watchers += more.watchers.len();
                table_count += more.estate.as_ref().map_or(0, |estate| estate.len());
            });
        });
        Self {
            process_count,
            local_names,
            global_names,
            // Each link is in two control blocks. A link that is in one of them only, which happens for a short time,
            // counts as one.
            links: links.div_ceil(2),
            monitors: monitors.max(watchers),
            timers: node.timers().len(),
            table_count,
        }
    }
}
