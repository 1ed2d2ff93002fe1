//! How a supervisor stops a process.

use std::sync::Arc;

use crate::child_spec::Shutdown;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::process_ref::wait;
use crate::process::signal::{self, Via};

/// Tells a process to stop, waits until it is dead, and returns why it ended.
///
/// It waits for the end itself and not for the EXIT, so that a child that has unlinked itself cannot
/// make its supervisor hang.
pub(crate) async fn stop(supervisor: Pid, process: &Arc<dyn Process>, how: Shutdown) -> ExitReason {
    let tell = |reason| signal::exit(process, supervisor, reason, Via::Hand);
    match how {
        Shutdown::BrutalKill => tell(ExitReason::Kill),
        Shutdown::Infinity => tell(ExitReason::Shutdown),
        Shutdown::Timeout(limit) => {
            tell(ExitReason::Shutdown);
            let ended = tokio::time::timeout(limit, wait(process.clone()));
            if let Ok(reason) = ended.await {
                return reason;
            }
            tell(ExitReason::Kill);
        }
    }
    wait(process.clone()).await
}
