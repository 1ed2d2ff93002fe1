//! Panics as crashes: where they come from, and ending a process by unwinding.

mod hook;
mod told;

use std::any::Any;
use std::panic;
use std::sync::Arc;

use crate::exit::{ExitReason, PanicInfo};

pub(crate) use hook::install as install_hook;
pub(crate) use told::Told;

/// Unwinds the process to end it with exactly this reason; no panic, so no hook runs.
pub(crate) fn unwind_with(reason: ExitReason) -> ! {
    panic::resume_unwind(Box::new(ExitWith(reason)))
}

struct ExitWith(ExitReason);

/// The exit reason that an unwinding stands for which
/// [`catch_unwind`](std::panic::catch_unwind) has caught: a panic, or the reason given to
/// [`exit_self`](super::exit_self). For code that must survive what it runs, and tell of it.
///
/// Call it on the thread that caught it, before anything else panics there: the place of the panic is
/// known until then.
///
/// OTP: `catch` around an `exit/1` or an error.
#[must_use]
pub fn caught(payload: Box<dyn Any + Send>) -> ExitReason {
    reason(payload)
}

/// The exit reason that a caught unwinding stands for.
pub(crate) fn reason(payload: Box<dyn Any + Send>) -> ExitReason {
    let payload = match payload.downcast::<ExitWith>() {
        Ok(exit) => return exit.0,
        Err(payload) => payload,
    };
    let message = text(&*payload);
    run_quietly(|| drop(payload));
    let seen = hook::seen(message.as_deref());
    let mut info = PanicInfo {
        message: message.unwrap_or_else(|| "a panic whose payload is no text".to_owned()),
        location: None,
        backtrace: None,
    };
    if let Some(mut seen) = seen {
        info.location = seen.location.take();
        info.backtrace = seen.backtrace.take();
        seen.make_heard(&info);
    }
    ExitReason::Panic(Arc::new(info))
}

fn text(payload: &(dyn Any + Send)) -> Option<String> {
    let literal = payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned());
    literal.or_else(|| payload.downcast_ref::<String>().cloned())
}

/// Text made by code of the user's, which must not break what it is made for.
pub(crate) fn quietly(make: impl FnOnce() -> String) -> String {
    let mut text = "not shown: its formatting panicked".to_owned();
    run_quietly(|| text = make());
    text
}

/// Runs destructors of the user's. If one panics, the process is ending anyway; only the panic hook tells of it.
pub(crate) fn run_quietly(destructors: impl FnOnce()) {
    if let Err(payload) = Told::Nowhere.catch(destructors) {
        // Dropping the payload may panic in turn; there is no end to that but forgetting it.
        std::mem::forget(payload);
    }
}
