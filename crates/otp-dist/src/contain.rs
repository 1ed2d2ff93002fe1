//! Panics of the user's code, where a connection would end with them.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the user's code. A panic is an error with its message.
pub(crate) fn contained<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("it has panicked: {}", text.unwrap_or("no text"));
        // The value of the panic may panic in turn as it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        message
    })
}
