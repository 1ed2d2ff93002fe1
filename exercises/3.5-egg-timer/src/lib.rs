//! Exercise 3.5: the egg timer under a supervisor. The task is in `TASK.md`.

use std::sync::{Arc, Mutex};

use ch2_egg_timer::api::EggTimer;
use otp_core::prelude::*;
use otp_core::timer::WallClock;

/// A slot with a handle to the running egg timer. A restart replaces the handle.
pub type Current = Arc<Mutex<Option<EggTimer>>>;

/// Starts the egg timer of chapter 2, linked with the calling process, and stores its handle.
async fn egg_timer(current: Current) -> Result<Pid, StartError> {
    let timer = EggTimer::start_link("egg_timer", WallClock::system(), |_| ()).await?;
    let pid = timer.pid();
    *current.lock().expect("no thread panics with this lock") = Some(timer);
    Ok(pid)
}

/// Starts an egg timer.
pub async fn start(current: Current) -> Result<Pid, StartError> {
    egg_timer(current).await
}

/// The state of the alarms after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarms {
    Kept,
    Lost,
    /// Not answered yet.
    Unanswered,
}

/// The question: an egg timer with eggs pending crashes and is restarted. Are the eggs still pending?
pub const AFTER_A_CRASH: Alarms = Alarms::Unanswered;
