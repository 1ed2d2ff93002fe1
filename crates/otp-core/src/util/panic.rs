//! Panics as crashes: where they come from, and ending a process by unwinding.

mod hook;
mod together;
mod told;

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use super::lock;
use crate::exit::{ExitReason, PanicInfo};

pub(crate) use hook::{answer, install as install_hook};
pub(crate) use together::{
    Alone, CallbackFuture, Contained, HarmlessWaker, OneByOne, OneOfMany, Pair, Shared, Spent,
    shared,
};
pub(crate) use told::Told;

/// Unwinds the process to end it with exactly this reason; no panic, so no hook runs.
pub(crate) fn unwind_with(reason: ExitReason) -> ! {
    panic::resume_unwind(Box::new(ExitWith(reason)))
}

/// The same, where a thread can unwind: not in a destructor that runs because it unwinds already, nor in a program whose
/// panics abort it.
pub(crate) fn try_unwind_with(reason: ExitReason) {
    if cfg!(panic = "unwind") && !std::thread::panicking() {
        unwind_with(reason);
    }
}

struct ExitWith(ExitReason);

/// The exit reason for an unwinding that [`catch_unwind`](std::panic::catch_unwind) has caught: a panic, or the reason
/// given to [`exit_self`](crate::process::exit_self). For code that must survive the code that it runs, and report its
/// end.
///
/// Call it on the thread that caught it, before anything else panics there: the place of the panic is
/// known until then.
///
/// # OTP
///
/// `catch` around an `exit/1` or an error.
#[must_use]
pub fn caught(payload: Box<dyn Any + Send>) -> ExitReason {
    reason(payload)
}

/// The exit reason for a caught unwinding.
pub(crate) fn reason(payload: Box<dyn Any + Send>) -> ExitReason {
    let payload = match payload.downcast::<ExitWith>() {
        Ok(exit) => return exit.0,
        Err(payload) => payload,
    };
    let message = text(&*payload);
    let seen = hook::seen(message.as_deref());
    run_quietly(|| drop(payload));
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

/// A text made by code of the user's. A panic in it must not break the operation that needs the text.
pub(crate) fn quietly(make: impl FnOnce() -> String) -> String {
    quietly_if_any(|| Some(make())).unwrap_or_default()
}

/// The same, where the user's code need not make any.
#[inline(always)]
pub(crate) fn quietly_if_any(make: impl FnOnce() -> Option<String>) -> Option<String> {
    match Told::Nowhere.catch(make) {
        Ok(text) => text,
        Err(payload) => {
            discard(payload);
            Some("not shown: its formatting panicked".to_owned())
        }
    }
}

/// Runs code of the user's whose panic must not stop the code after it: only the panic hook is called.
pub(crate) fn run_quietly(foreign: impl FnOnce()) {
    Told::Nowhere.tell_of(|| forget_panic(foreign));
}

/// Runs `f` on each item in this way, independent of the items before it, and drops the item separately: both `f` and
/// the destructor may panic.
pub(crate) fn each<T>(items: impl IntoIterator<Item = T>, mut foreign: impl FnMut(&mut T)) {
    Told::Nowhere.tell_of(|| {
        for mut item in items {
            forget_panic(|| foreign(&mut item));
            forget_panic(|| drop(item));
        }
    });
}

/// The same for items that are used up by it.
#[inline(always)]
pub(crate) fn each_taken<T>(items: impl IntoIterator<Item = T>, mut foreign: impl FnMut(T)) {
    Told::Nowhere.tell_of(|| {
        for item in items {
            forget_panic(|| foreign(item));
        }
    });
}

#[inline(always)]
fn forget_panic(foreign: impl FnOnce()) {
    lock::assert_outside();
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(foreign)) {
        discard(payload);
    }
}

/// Drops the payload of a panic, which may panic in turn. The payload of the second panic is leaked, because this could
/// go on without end.
#[cold]
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(payload);
    }
}

/// Drops values of the user's one by one.
///
/// Left to the collection that they are in, they end the program if two of them panic: the second does so while the
/// first one unwinds.
pub(crate) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    each_taken(values, drop);
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::Arc;

    use super::run_quietly;

    /// A payload that panics when it is dropped, after it has dropped the other one.
    struct Payload(Option<Arc<()>>);

    impl Drop for Payload {
        fn drop(&mut self) {
            self.0 = None;
            panic_any("once more");
        }
    }

    #[test]
    fn the_payload_of_a_contained_panic_is_dropped() {
        let counted = Arc::new(());
        let (plain, hostile) = (counted.clone(), counted.clone());
        run_quietly(|| panic_any(plain));
        run_quietly(|| panic_any(Payload(Some(hostile))));
        assert_eq!(Arc::strong_count(&counted), 1);
    }
}
