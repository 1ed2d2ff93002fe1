//! The egg timer by its name: the process that has it now.

use crate::kitchen::supervision::EGG_TIMER;
use ch2_egg_timer::api::EggTimer as Timer;
use ch2_egg_timer::boundary::OnRing;
use otp_core::prelude::*;

pub use ch2_egg_timer::core::{AlarmName, Length, Status};

/// The egg timer under the supervisor. Alarms belong to one life of it; this does not.
#[derive(Debug, Clone, Default)]
pub struct EggTimer {}

impl EggTimer {
    /// Sets an alarm, if the egg timer runs.
    pub fn schedule(&self, name: AlarmName, length: Length) {
        if let Some(timer) = Timer::whereis(EGG_TIMER) {
            timer.schedule(name, length, OnRing::Tell(None));
        }
    }

    /// How the alarms stand that are pending; none if no egg timer runs.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the egg timer does not answer.
    pub async fn status(&self) -> Result<Vec<Status>, CallError> {
        match Timer::whereis(EGG_TIMER) {
            Some(timer) => timer.status().await,
            None => Ok(Vec::new()),
        }
    }

    /// Stops it for this reason, and returns at once. The supervisor may have another opinion.
    pub fn stop_because(&self, reason: ExitReason) {
        if let Some(timer) = Timer::whereis(EGG_TIMER) {
            timer.stop_because(reason);
        }
    }

    /// Waits until an alarm has rung or is cancelled; `None` if there is none of this name, or no egg timer.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the egg timer ends meanwhile: then the alarm will not ring.
    pub async fn wait(&self, name: &str) -> Option<Result<(), CallError>> {
        let name: AlarmName = name.parse().ok()?;
        let pending = self.status().await.ok()?;
        if !pending.iter().any(|alarm| alarm.name == name) {
            return None;
        }
        Some(Timer::whereis(EGG_TIMER)?.wait(name).await)
    }

    /// The process that is the egg timer now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(Timer::whereis(EGG_TIMER)?.pid())
    }
}
