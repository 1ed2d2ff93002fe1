//! Panics as crashes: where they come from, and ending a process by unwinding.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Once};

use super::current;
use crate::exit::{ExitReason, PanicInfo};

thread_local! {
    /// What the hook saw of the panic that is now unwinding this thread.
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

struct Seen {
    location: Option<String>,
    backtrace: Option<String>,
}

/// Puts our panic hook in front of the present one, once.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();

    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if current::with(|_| ()).is_some() {
                remember(info);
            } else {
                before(info);
            }
        }));
    });
}

fn remember(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let asked_for = backtrace.status() == BacktraceStatus::Captured;
    let seen = Seen {
        location: info.location().map(ToString::to_string),
        backtrace: asked_for.then(|| backtrace.to_string()),
    };
    SEEN.with(|cell| *cell.borrow_mut() = Some(seen));
}

/// Unwinds the process to end it with exactly this reason; no panic, so no hook runs.
pub(crate) fn unwind_with(reason: ExitReason) -> ! {
    panic::resume_unwind(Box::new(ExitWith(reason)))
}

struct ExitWith(ExitReason);

/// The exit reason that a caught unwinding stands for.
pub(crate) fn reason(payload: Box<dyn Any + Send>) -> ExitReason {
    let payload = match payload.downcast::<ExitWith>() {
        Ok(exit) => return exit.0,
        Err(payload) => payload,
    };
    let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic whose payload is no text".to_owned()
    };
    run_quietly(|| drop(payload));
    let seen = SEEN.with(|cell| cell.borrow_mut().take());
    let (location, backtrace) = seen.map_or((None, None), |seen| (seen.location, seen.backtrace));
    ExitReason::Panic(Arc::new(PanicInfo {
        message,
        location,
        backtrace,
    }))
}

/// Runs destructors of the user's. If one panics, the process is ending anyway.
pub(crate) fn run_quietly(destructors: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(destructors)) {
        // Dropping the payload may panic in turn; there is no end to that but forgetting it.
        std::mem::forget(payload);
    }
}
