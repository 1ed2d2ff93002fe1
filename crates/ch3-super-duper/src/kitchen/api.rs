//! The egg timer by its name: whichever has it now.

use crate::kitchen::supervision::EGG_TIMER;
use ch2_egg_timer::api::WaitError;
use ch2_egg_timer::boundary::{Call, Cast, Clock, OnRing, Server};
use otp_core::TimeLimit;
use otp_core::prelude::*;

pub use ch2_egg_timer::core::{AlarmName, Length, Status};

/// The egg timer under the supervisor. Alarms belong to one life of it; this does not.
#[derive(Debug, Clone)]
pub struct EggTimer {
    server: ServerName<Server>,
}

impl Default for EggTimer {
    fn default() -> Self {
        Self {
            server: ServerName::new(EGG_TIMER),
        }
    }
}

impl EggTimer {
    /// Sets an alarm.
    pub fn schedule(&self, name: AlarmName, length: Length) {
        let start = Clock::system().now();
        self.server
            .cast(Cast::Schedule(name, length, start, OnRing::Tell(None)));
    }

    /// How the alarms stand that are pending.
    ///
    /// # Errors
    ///
    /// [`CallError`] if no egg timer runs.
    pub async fn status(&self) -> Result<Vec<Status>, CallError> {
        self.server.call(Call::Status).await
    }

    /// Stops it for this reason, and returns at once. The supervisor may have another opinion.
    pub fn stop_because(&self, reason: ExitReason) {
        self.server.cast(Cast::Stop(reason));
    }

    /// Waits until an alarm has rung or is cancelled; `None` if there is none of this name, or no egg timer.
    ///
    /// # Errors
    ///
    /// [`WaitError`] if the egg timer ends meanwhile: then the alarm will not ring.
    pub async fn wait(&self, name: &str) -> Option<Result<(), WaitError>> {
        let name: AlarmName = name.parse().ok()?;
        let pending = self.status().await.ok()?;
        if !pending.iter().any(|alarm| alarm.name == name) {
            return None;
        }
        let rung = self
            .server
            .call(|from| Call::Wait(name, from))
            .timeout(TimeLimit::Infinity);
        Some(match rung.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(unknown)) => Err(unknown.into()),
            Err(error) => Err(error.into()),
        })
    }

    /// The process that is the egg timer now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.server.whereis()?.pid())
    }
}
