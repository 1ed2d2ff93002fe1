//! Who is told of a panic: by which report, if any.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::report::{CRASH_TARGET, SUPERVISOR_TARGET, TARGET};

/// Which report tells of a panic in code of the user's.
///
/// The panic hook runs before the stack unwinds, and cannot see what will catch the panic. So the function that calls code of the
/// user's in a special way says here what becomes of a panic in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The report of the process, or of the server, that it ends.
    Process,
    /// The crash report alone, as of a failed `init`.
    Crash,
    /// The report of the supervisor whose child does not start.
    Supervisor,
    /// None: what comes after it goes on as if there had been no panic.
    Nowhere,
}

thread_local! {
    static TOLD: Cell<Told> = const { Cell::new(Told::Process) };
}

impl Told {
    /// What becomes of a panic of the code that runs now.
    pub(super) fn now() -> Self {
        TOLD.get()
    }

    /// Runs code of the user's whose panic is told so. The payload is for [`reason`](super::reason), or is to be
    /// forgotten: its destructor is the user's code, too.
    #[inline(always)]
    pub(crate) fn catch<T>(self, run: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
        self.tell_of(|| catch_unwind(AssertUnwindSafe(run)))
    }

    /// Runs what itself catches the panics of code of the user's that are told so.
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

    /// Whether the subscriber that is in force on this thread lets the report through.
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
