//! Something that is shared by handles and works while its process lives.

use std::mem;
use std::sync::Arc;

use crate::pid::Pid;
use crate::process::block::Process;
use crate::process::lock::Lock;

/// The process by which something runs.
#[derive(Default)]
pub(crate) struct Running(Lock<Option<Arc<dyn Process>>>);

impl Running {
    /// The process, if it lives.
    pub(crate) fn process(&self) -> Option<Arc<dyn Process>> {
        let process = self.0.with(|process| process.clone());
        process.filter(|process| !process.head().is_exiting())
    }

    /// Makes this process the one by which the registry runs, after `reset`. The caller drops the values that `reset`
    /// has removed.
    ///
    /// # Errors
    ///
    /// The process by which it runs already.
    pub(crate) fn open<T>(
        &self,
        process: &Arc<dyn Process>,
        reset: impl FnOnce() -> T,
    ) -> Result<T, Pid> {
        let mut process = Some(process.clone());
        self.0.with(|running| {
            if let Some(other) = running.as_ref().filter(|it| !it.head().is_exiting()) {
                return Err(other.head().pid);
            }
            // A predecessor that is about to end may not have removed them.
            let former = reset();
            mem::swap(running, &mut process);
            Ok(former)
        })
    }

    /// This process ends. If it was the registry's, `clear` removes the remaining entries and returns them.
    pub(crate) fn close<T>(&self, pid: Pid, clear: impl FnOnce() -> T) -> Option<T> {
        let (left, _process) = self.0.with(|running| {
            if running.as_ref().is_none_or(|it| it.head().pid != pid) {
                return (None, None);
            }
            let process = running.take();
            (Some(clear()), process)
        });
        left
    }
}
