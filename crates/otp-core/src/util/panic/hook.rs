//! The panic hook: the facts that it stores of a panic inside a process, and when it calls the former hook.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::thread;

use super::{Told, text};
use crate::exit::PanicInfo;
use crate::report::PanicHook;
use crate::util::backtrace;

thread_local! {
    /// The facts of the panic that is now unwinding this thread.
    static SEEN: RefCell<Option<SeenPanic>> = const { RefCell::new(None) };

    /// A panic that was already left to a report is passed to the former hook after all.
    static IS_REPLAY: Cell<bool> = const { Cell::new(false) };

    /// A function is called whose answer may be a panic.
    static IS_QUESTION: Cell<bool> = const { Cell::new(false) };
}

pub(super) struct SeenPanic {
    pub(super) message: Option<String>,
    pub(super) location: Option<String>,
    pub(super) backtrace: Option<String>,
    /// The report that the hook has left the panic to.
    left_to: Option<Told>,
}

/// Puts our panic hook in front of the present one, once. `in_process` says whether the thread runs a process.
pub(crate) fn install(in_process: fn() -> bool) {
    static INSTALLED: Once = Once::new();

    // A destructor that runs while a thread unwinds may make a node; hooks cannot be changed then.
    if !thread::panicking() {
        INSTALLED.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if IS_QUESTION.get() {
                    return;
                }
                let is_left = !IS_REPLAY.get() && in_process() && see(info);
                if !is_left {
                    before(info);
                }
            }));
        });
    }
}

/// The result of a function of another crate that panics where this one returns `None`. The hook does not report the panic,
/// unless it aborts the program.
pub(crate) fn answer<T>(question: impl FnOnce() -> T) -> Option<T> {
    IS_QUESTION.set(cfg!(panic = "unwind"));
    let answer = panic::catch_unwind(panic::AssertUnwindSafe(question));
    IS_QUESTION.set(false);
    answer.ok()
}

/// Remembers a panic inside a process; whether it is left to a report.
fn see(info: &PanicHookInfo<'_>) -> bool {
    let told = Told::now();
    let is_left = match PanicHook::present() {
        PanicHook::Unheard => told.is_heard(),
        PanicHook::Always => false,
        PanicHook::Outside => true,
    };
    let backtrace = Backtrace::capture();
    let asked_for = backtrace.status() == BacktraceStatus::Captured;
    let seen = SeenPanic {
        message: text(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace: asked_for.then(|| backtrace::of_process(&backtrace.to_string())),
        left_to: (PanicHook::present() == PanicHook::Unheard && is_left).then_some(told),
    };
    SEEN.with(|cell| *cell.borrow_mut() = Some(seen));
    is_left
}

/// The facts of the panic with this message, which has been caught on this thread.
///
/// The last facts may be those of an earlier panic, which the user's code has caught itself. There are none if the
/// program has put another hook in place of this one.
pub(super) fn seen(message: Option<&str>) -> Option<SeenPanic> {
    let seen = SEEN.with(|cell| cell.borrow_mut().take());
    seen.filter(|seen| seen.message.as_deref() == message)
}

impl SeenPanic {
    /// Calls the former hook after all, if the subscriber that was to get the report was set for a part of the
    /// process's code only, and so is no longer the current one.
    pub(super) fn make_heard(&self, info: &PanicInfo) {
        let Some(told) = self.left_to else { return };
        let mut is_heard = true;
        super::run_quietly(|| is_heard = told.is_heard());
        if is_heard || thread::panicking() {
            return;
        }
        let text = info.to_string();
        IS_REPLAY.set(true);
        super::run_quietly(|| panic::panic_any(text));
        IS_REPLAY.set(false);
    }
}
