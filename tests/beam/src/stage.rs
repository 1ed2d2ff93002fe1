//! Plays histories on otp-core; `interpreter.exs` is its twin.

mod actor;
mod child;
mod director;
mod look;
mod puppet;
mod requests;
mod visor;
mod words;
mod world;

use std::sync::{Arc, OnceLock};

use tokio::runtime::Builder;

use crate::history::History;
use crate::reports;
use director::Director;
use otp_core::Node;
use world::World;

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
    // A history has one world, and the runtime has this one thread.
    let world = Arc::new(OnceLock::<World>::new());
    let told = world.clone();
    let _listening = reports::listen(move |report| {
        if let Some(world) = told.get() {
            world.tell(report);
        }
    });
    let steps = history.steps.clone();
    let played = runtime.block_on(Node::new().run(async move {
        let world = world.get_or_init(World::new).clone();
        Director::new(world).play(&steps).await
    }));
    played.expect("nobody ends the director")
}
