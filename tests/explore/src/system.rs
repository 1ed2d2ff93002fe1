//! A system and its exploration.

use std::collections::HashSet;

use otp_core::explore::{Explored, Failure, Trace};
use thiserror::Error;

use crate::systems::ALL;

/// A small system and what must hold in it.
#[derive(Debug, Clone, Copy)]
pub struct System {
    /// What it is called.
    pub name: &'static str,
    /// Plays it in the order of a seed.
    pub replay: fn(u64) -> Result<Trace, Failure>,
}

/// An order in which a system fails.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "{system} fails with seed {seed}: {failure}\n`OTP_SEED={seed} cargo test -p otp-explore-tests {system}` plays that again"
)]
pub struct Found {
    /// The system's name.
    pub system: &'static str,
    /// The order.
    pub seed: u64,
    /// What was wrong.
    pub failure: Failure,
}

impl System {
    /// The system with this name.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().find(|system| system.name == name).copied()
    }

    /// Plays it once for each seed, up to the first one that fails.
    ///
    /// # Errors
    ///
    /// [`Found`].
    pub fn explore(&self, seeds: impl IntoIterator<Item = u64>) -> Result<Explored, Found> {
        let (mut runs, mut traces) = (0, HashSet::new());
        for seed in seeds {
            let trace = (self.replay)(seed).map_err(|failure| Found {
                system: self.name,
                seed,
                failure,
            })?;
            runs += 1;
            traces.insert(trace);
        }
        Ok(Explored {
            runs,
            traces: traces.len(),
        })
    }
}
