//! Ctrl-C, and its relatives SIGTERM and SIGHUP.

use super::INTERRUPTED;

/// Calls `first` at the first interrupt. A second one ends the program on the spot.
///
/// # Errors
///
/// Fails when the system refuses to tell us of interrupts.
pub(super) fn on_interrupt(first: impl FnOnce() + Send + 'static) -> Result<(), ctrlc::Error> {
    let mut first = Some(first);
    ctrlc::set_handler(move || match first.take() {
        Some(first) => first(),
        None => end_at_once(),
    })
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "whoever asks twice does not want to wait for destructors"
)]
fn end_at_once() {
    std::process::exit(i32::from(INTERRUPTED));
}
