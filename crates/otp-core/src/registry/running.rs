//! Something that is shared by handles and works while its process lives.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::pid::Pid;
use crate::process::block::Process;

/// The process by which something runs.
#[derive(Default)]
pub(crate) struct Running(RwLock<Option<Arc<dyn Process>>>);

impl Running {
    /// The process, if it lives.
    pub(crate) fn process(&self) -> Option<Arc<dyn Process>> {
        let process = self.0.read();
        process
            .as_ref()
            .filter(|process| !process.head().is_exiting())
            .cloned()
    }

    /// From here on it runs by this process, once `reset` has made it as new. What `reset` returns is to be dropped
    /// by the caller, when nothing is locked any more.
    ///
    /// # Errors
    ///
    /// The process by which it runs already.
    pub(crate) fn open<T>(
        &self,
        process: &Arc<dyn Process>,
        reset: impl FnOnce() -> T,
    ) -> Result<T, Pid> {
        let mut running = self.0.write();
        if let Some(other) = running.as_ref().filter(|it| !it.head().is_exiting()) {
            return Err(other.head().pid);
        }
        // A predecessor that is about to end has not come to it.
        let former = reset();
        *running = Some(process.clone());
        Ok(former)
    }

    /// This process ends; if it was the one, `clear` removes what it leaves and returns it.
    pub(crate) fn close<T>(&self, pid: Pid, clear: impl FnOnce() -> T) -> Option<T> {
        let mut running = self.0.write();
        if running.as_ref().is_none_or(|it| it.head().pid != pid) {
            return None;
        }
        *running = None;
        Some(clear())
    }
}
