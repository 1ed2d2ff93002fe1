//! Panics of the user's code, where a connection would end with them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use otp_core::{ExitReason, process};

/// Runs the user's code. A panic is an error with its message, and without its place: the error may go to a peer.
pub(crate) fn contained<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| match process::caught(panic) {
        ExitReason::Panic(info) => format!("it has panicked: {}", info.message),
        reason => format!("it has ended itself: {reason}"),
    })
}
