//! The characters and their tree, for users.
//!
//! This is the only file that calls and casts: a user of a character need not know that there are messages. A [`Hero`] is
//! a name and not a process, so that it finds the new process after a restart.

use crate::boundary::{Call, Cast, Character};
use crate::supervision::{self, SuperDuper};
use futures_util::stream;
use otp_core::application::{self, ApplicationSpec, ExitStatus};
use otp_core::prelude::*;
use otp_core::{DynamicSupervisorRef, StopError, SupervisorRef};
use std::time::Duration;

pub use crate::boundary::{Event, Stage};
pub use crate::core::{Role, UnknownCharacter};
pub use crate::supervision::{CROWD, DUO, Plan, SUPER_VISOR, character};

// ANCHOR: hero
/// A character by its name, which is looked up at each use.
#[derive(Debug, Clone)]
pub struct Hero(ServerName<Character>);

impl Hero {
    /// The character of this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self(ServerName::new(name))
    }

    /// Calls for its line.
    ///
    /// # Errors
    ///
    /// [`CallError`] if there is no such process, or it does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process, as everything here.
    pub async fn say(&self) -> Result<String, CallError> {
        self.0.call(Call::Say).await
    }

    /// Tells it to die, and returns at once. Without such a process nothing happens.
    pub fn die(&self) {
        self.0.cast(Cast::Die);
    }

    /// Tells it to die by a call. It panics, so no answer comes.
    ///
    /// # Errors
    ///
    /// [`CallError`], always: with the reason of its end, if there was such a process.
    pub async fn die_by_call(&self) -> Result<(), CallError> {
        self.0.call(Call::Die).await
    }

    /// Stops it from outside, and waits until it has ended. Its supervisor may restart it.
    ///
    /// # Errors
    ///
    /// [`StopError`] if there is no such process, or it has not ended after five seconds.
    pub async fn stop(&self, reason: ExitReason) -> Result<(), StopError> {
        let limit = Duration::from_secs(5);
        self.0.stop_with(reason).timeout(limit).await
    }

    /// The process that has the name now.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.0.whereis()?.pid())
    }

    /// Starts it without a supervisor, linked with the calling process: a crash of the one ends the other.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is taken, or if no line is known or given.
    pub async fn start_link(&self, line: Option<String>, plan: &Plan) -> Result<Pid, StartError> {
        let name = self.0.name().clone();
        let entrance = plan.entrance(&name.to_string(), line);
        let started = Character::options().name(name).start_link(entrance).await;
        Ok(settled(started).await?.pid())
    }
}
// ANCHOR_END: hero

// ANCHOR: tree
/// Starts the tree, linked with the calling process.
///
/// # Errors
///
/// [`StartError`] if it runs already, or if a child does not start; then those before it have been stopped again.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    settled(supervision::start_link(plan).await).await
}

/// The supervisor at the top of the tree, if it runs on this node.
pub fn super_visor(node: &Node) -> Option<SupervisorRef> {
    SupervisorRef::find(node, Name::local(SUPER_VISOR))
}

/// The dynamic supervisor, if it runs on this node.
pub fn crowd(node: &Node) -> Option<DynamicSupervisorRef> {
    DynamicSupervisorRef::find(node, Name::local(CROWD))
}
// ANCHOR_END: tree

/// Stops the tree, last child first, and waits until all of it has ended.
///
/// # Errors
///
/// [`StopError`] if it has ended already.
pub async fn stop(visor: &SupervisorRef, reason: ExitReason) -> Result<(), StopError> {
    settled(visor.stop_with(reason).await).await
}

/// Runs the tree as an application, linked with no process, until it ends or `signal` does, and says how it went.
///
/// This is what the `main` function of a service does.
pub async fn run(node: &Node, plan: &Plan, signal: impl Future<Output = ()> + Send) -> ExitStatus {
    let spec = ApplicationSpec::new::<SuperDuper>("super_duper", plan.clone());
    application::run(node, spec, stream::once(signal)).await
}

/// Hands on what has come of something that may have ended the calling process by its link: then this is where it ends.
async fn settled<T>(result: T) -> T {
    tokio::task::yield_now().await;
    result
}
