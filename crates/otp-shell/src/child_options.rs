//! Options of programs that have a supervisor.

use crate::value;
use clap::Args;
use otp_core::{Restart, Shutdown};
use otp_text::limit::Limit;

/// How children are restarted and stopped. A program flattens them into its options.
#[derive(Debug, Clone, Default, Args)]
pub struct ChildOptions {
    /// When a character is started again; permanent unless given
    #[arg(long, global = true, value_parser = value::restart())]
    restart: Option<Restart>,
    /// How long a character may take to stop: a duration (5s unless given), brutal-kill or infinity
    #[arg(long, global = true, value_name = "TIME", value_parser = value::shutdown)]
    shutdown: Option<Shutdown>,
    /// How many restarts, within how much time, a supervisor makes before it gives up; 3/5s unless given
    #[arg(long, global = true, value_name = "N/DURATION", value_parser = value::limit)]
    max_restarts: Option<Limit>,
}

impl ChildOptions {
    /// These, and the others where nothing is said.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        Self {
            restart: self.restart.or(others.restart),
            shutdown: self.shutdown.or(others.shutdown),
            max_restarts: self.max_restarts.or(others.max_restarts),
        }
    }

    /// When a child is started again.
    #[must_use]
    pub fn restart(&self) -> Restart {
        self.restart.unwrap_or(Restart::Permanent)
    }

    /// How a child is stopped.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.unwrap_or(Shutdown::DEFAULT)
    }

    /// How many restarts are too many.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.max_restarts.unwrap_or_default()
    }
}
