//! Signals for programs that a test starts.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_default;

/// Programs that are started after this are stopped by SIGINT, SIGTERM and SIGHUP.
///
/// A script's background job and `nohup` ignore some of them. An ignored signal stays ignored in a new program, and
/// the programs of the chapters leave it so. A handled signal has its default in a new program. Therefore this process
/// handles them; its handler ends it, as the default does.
///
/// # Panics
///
/// Panics if the system lets none of them be handled.
pub fn stop_programs() {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let always = Arc::new(AtomicBool::new(true));
        register_conditional_default(signal, always).expect("it can be handled");
    }
}
