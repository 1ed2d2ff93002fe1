//! Signals for programs that a test starts.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_default;

/// Makes SIGINT, SIGTERM and SIGHUP stop the programs that are started after this call.
///
/// Background jobs of a script and `nohup` ignore some of these signals. A new program inherits an ignored signal, and the programs of
/// the chapters keep it ignored. A handled signal has its default in a new program. Therefore this process handles the signals. Its
/// handler ends the process, as the default does.
///
/// # Panics
///
/// The system does not allow a handler.
pub fn stop_programs() {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let always = Arc::new(AtomicBool::new(true));
        register_conditional_default(signal, always).expect("the signal can be handled");
    }
}
