//! Plays histories on otp-core; `interpreter.exs` is its twin.

mod actor;
mod child;
mod director;
mod look;
mod puppet;
mod reports;
mod requests;
mod visor;
mod words;
mod world;

use tokio::runtime::Builder;

use crate::history::History;
use director::Director;
use otp_core::Node;
use reports::Reports;

/// What happens in a history; see [`trace`](crate::trace).
///
/// # Panics
///
/// When a step is no command, or when otp-core fails in a way that no history can bring about.
#[must_use]
pub fn play(history: &History) -> Vec<String> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without input and output needs nothing");
    let reports = Reports::default();
    // The runtime has this one thread.
    let _guard = reports.listen();
    let steps = history.steps.clone();
    let played = runtime
        .block_on(Node::new().run(async move { Director::new(&reports).play(&steps).await }));
    played.expect("nobody ends the director")
}
