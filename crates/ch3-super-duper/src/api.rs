//! The API of the characters and of their tree.
//!
//! Only this file calls and casts, so its users see no messages. A [`Hero`] is a name and not a process, so that it finds the
//! new process after a restart.

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
/// A handle to a character. It looks up the name at each use.
#[derive(Debug, Clone)]
pub struct Hero(ServerName<Character>);

impl Hero {
    /// The character with this name.
    pub fn named(name: impl Into<Name>) -> Self {
        Self(ServerName::new(name))
    }

    /// Asks for its line, by a call.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the name has no process, or the process does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process, as all functions of this type.
    pub async fn say(&self) -> Result<String, CallError> {
        self.0.call(Call::Say).await
    }

    /// Makes it panic, by a cast. Without a process the cast has no effect.
    pub fn die(&self) {
        self.0.cast(Cast::Die);
    }

    /// Makes it panic, by a call, which gets no answer.
    ///
    /// # Errors
    ///
    /// [`CallError`], always: with the exit reason, if the name had a process.
    pub async fn die_by_call(&self) -> Result<(), CallError> {
        self.0.call(Call::Die).await
    }

    /// Stops it, and waits until it has ended. Its supervisor may restart it.
    ///
    /// # Errors
    ///
    /// [`StopError`] if the name has no process, or the process has not ended after five seconds.
    pub async fn stop(&self, reason: ExitReason) -> Result<(), StopError> {
        let limit = Duration::from_secs(5);
        self.0.stop_with(reason).timeout(limit).await
    }

    /// The pid that is registered under the name.
    pub fn whereis(&self) -> Option<Pid> {
        Some(self.0.whereis()?.pid())
    }

    /// Starts it without a supervisor, linked with the calling process.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the name is registered, or the character has no line.
    pub async fn start_link(&self, line: Option<String>, plan: &Plan) -> Result<Pid, StartError> {
        let name = self.0.name().clone();
        let args = plan.character_args(&name.to_string(), line);
        let started = Character::options().name(name).start_link(args).await;
        Ok(after_exit_signals(started).await?.pid())
    }
}
// ANCHOR_END: hero

// ANCHOR: tree
/// Starts the tree, linked with the calling process.
///
/// # Errors
///
/// [`StartError`] if the tree runs already, or a child does not start. The children before it are stopped again.
pub async fn start_link(plan: &Plan) -> Result<SupervisorRef, StartError> {
    after_exit_signals(supervision::start_link(plan).await).await
}

/// The top supervisor, if it runs on this node.
pub fn super_visor(node: &Node) -> Option<SupervisorRef> {
    SupervisorRef::find(node, Name::local(SUPER_VISOR))
}

/// The dynamic supervisor, if it runs on this node.
pub fn crowd(node: &Node) -> Option<DynamicSupervisorRef> {
    DynamicSupervisorRef::find(node, Name::local(CROWD))
}
// ANCHOR_END: tree

/// Stops the tree, the last child first, and waits until all processes of it have ended.
///
/// # Errors
///
/// [`StopError`] if the tree does not run.
pub async fn stop(visor: &SupervisorRef, reason: ExitReason) -> Result<(), StopError> {
    after_exit_signals(visor.stop_with(reason).await).await
}

/// Runs the tree as an application until it ends or `signal` is ready. Returns the exit status of the program.
///
/// The `main` function of a service would call this.
pub async fn run(node: &Node, plan: &Plan, signal: impl Future<Output = ()> + Send) -> ExitStatus {
    let spec = ApplicationSpec::new::<SuperDuper>("super_duper", plan.clone());
    application::run(node, spec, stream::once(signal)).await
}

/// Returns the result after a yield. If an exit signal of a link has ended the calling process, it ends at this yield.
async fn after_exit_signals<T>(result: T) -> T {
    tokio::task::yield_now().await;
    result
}
