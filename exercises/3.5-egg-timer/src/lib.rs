//! Exercise 3.5: the egg timer under a supervisor. The task is in `TASK.md`.

use std::sync::{Arc, Mutex};

use ch2_egg_timer::api::EggTimer;
use otp_core::prelude::*;
use otp_core::timer::WallClock;

/// Where the egg timer of the moment is found. A new one takes the place of the old one.
pub type Place = Arc<Mutex<Option<EggTimer>>>;

/// Starts the egg timer of chapter 2, linked with the calling process, and puts it into its place.
async fn egg_timer(place: Place) -> Result<Pid, StartError> {
    let timer = EggTimer::start_link("egg_timer", WallClock::system(), |_| ()).await?;
    let pid = timer.pid();
    *place.lock().expect("no thread panics with the lock") = Some(timer);
    Ok(pid)
}

/// Starts an egg timer.
pub async fn start(place: Place) -> Result<Pid, StartError> {
    egg_timer(place).await
}

/// What has become of the alarms once the egg timer is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarms {
    Kept,
    Forgotten,
    /// Not answered yet.
    Unknown,
}

/// The question: an egg timer with eggs pending crashes, and its supervisor starts it again. What about the eggs?
pub const AFTER_A_CRASH: Alarms = Alarms::Unknown;
