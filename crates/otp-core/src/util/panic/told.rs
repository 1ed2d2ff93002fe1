//! How a panic is reported: by which report, if any.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::report::{CRASH_TARGET, SUPERVISOR_TARGET, TARGET};

/// The report of a panic in code of the user's.
///
/// The panic hook runs before the stack unwinds, and cannot see where the panic will be caught. So a function that
/// calls code of the user's in a special way declares here how a panic in it is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The report of the process, or of the server, that it ends.
    Process,
    /// The crash report alone, as of a failed `init`.
    Crash,
    /// The report of the supervisor whose child does not start.
    Supervisor,
    /// None: the program continues as if there had been no panic.
    Nowhere,
}

thread_local! {
    static TOLD: Cell<Told> = const { Cell::new(Told::Process) };
}

impl Told {
    /// How a panic of the code that runs now is reported.
    pub(super) fn now() -> Self {
        TOLD.get()
    }

    /// Runs code of the user's whose panic is reported in this way. The payload is for [`reason`](super::reason), or is
    /// to be leaked: its destructor is the user's code, too.
    #[inline(always)]
    pub(crate) fn catch<T>(self, run: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
        self.tell_of(|| catch_unwind(AssertUnwindSafe(run)))
    }

    /// Runs code that itself catches the panics of code of the user's and reports them in this way.
    #[inline(always)]
    pub(super) fn tell_of<T>(self, run: impl FnOnce() -> T) -> T {
        struct BeforeTold(Told);
        impl Drop for BeforeTold {
            fn drop(&mut self) {
                TOLD.set(self.0);
            }
        }

        let _before = BeforeTold(TOLD.replace(self));
        run()
    }

    /// Whether the current subscriber of this thread lets the report through.
    pub(super) fn is_heard(self) -> bool {
        use tracing::{Level, enabled};
        match self {
            Self::Process => enabled!(target: TARGET, Level::ERROR),
            Self::Crash => enabled!(target: CRASH_TARGET, Level::ERROR),
            Self::Supervisor => enabled!(target: SUPERVISOR_TARGET, Level::ERROR),
            Self::Nowhere => false,
        }
    }
}
