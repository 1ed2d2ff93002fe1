//! A clock as its users see it.

use crate::clock::boundary::{Call, Message, Server, Settings};
use otp_core::StopError;
use otp_core::prelude::*;
use std::time::Duration;

pub use crate::clock::boundary::Chain;
pub use crate::clock::core::Tick;

/// The time from one tick to the next, unless another is wanted.
pub const PERIOD: Duration = Duration::from_secs(60);

/// Whichever clock has a name, looked up each time.
#[derive(Debug, Clone)]
pub struct ClockServer {
    server: ServerName<Server>,
}

impl ClockServer {
    /// The clock of this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self {
            server: ServerName::new(name),
        }
    }

    /// Starts it, linked to the calling process. The first tick comes after one period, and `tell` hears each; it runs
    /// in the clock's process, and should pass the tick on and return.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn start_link(
        &self,
        every: Duration,
        chain: Chain,
        tell: impl FnMut(Tick) + Send + 'static,
    ) -> Result<Pid, StartError> {
        let settings = Settings {
            every,
            chain,
            tell: Box::new(tell),
        };
        let options = Server::options().name(self.server.name().clone());
        Ok(options.start_link(settings).await?.pid())
    }

    /// Makes it tick now, and does not wait for it.
    ///
    /// # Errors
    ///
    /// [`CallError::NoProcess`] if there is no clock.
    pub fn tick(&self) -> Result<(), CallError> {
        self.server.send(Message::Tick)
    }

    /// How often it has ticked.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no clock, or no answer.
    pub async fn state(&self) -> Result<u64, CallError> {
        self.server.call(Call::State).await
    }

    /// Stops it. A tick that was on its way does not arrive.
    ///
    /// # Errors
    ///
    /// [`StopError`] if there is no clock, or it ends otherwise.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.server.stop().await
    }
}
