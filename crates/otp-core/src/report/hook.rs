//! When the panic hook that a program had before its first node runs for a panic inside a process.

use std::sync::atomic::{AtomicU8, Ordering};

/// The panics for which the panic hook runs that was installed before the first node: the standard library's, which
/// prints to standard error, or one of your own.
///
/// # Examples
///
/// ```
/// use otp_core::report::PanicHook;
///
/// // Something that collects panics is to see all of them.
/// std::panic::set_hook(Box::new(|info| eprintln!("collected: {info}")));
/// PanicHook::Always.choose();
/// assert_eq!(PanicHook::present(), PanicHook::Always);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum PanicHook {
    /// For all panics, except those inside processes whose report a subscriber gets.
    #[default]
    Unheard = UNHEARD,
    /// For all panics.
    Always = ALWAYS,
    /// For panics outside of processes only. If no subscriber gets the report of a panic inside a process, its only
    /// trace is the exit reason.
    Outside = OUTSIDE,
}

const UNHEARD: u8 = 0;
const ALWAYS: u8 = 1;
const OUTSIDE: u8 = 2;

static CHOSEN: AtomicU8 = AtomicU8::new(UNHEARD);

impl PanicHook {
    /// Makes this the rule for the whole program, from the next panic on.
    pub fn choose(self) {
        CHOSEN.store(self as u8, Ordering::Relaxed);
    }

    /// The rule in force.
    #[must_use]
    pub fn present() -> Self {
        match CHOSEN.load(Ordering::Relaxed) {
            ALWAYS => Self::Always,
            OUTSIDE => Self::Outside,
            _ => Self::Unheard,
        }
    }
}
