//! How an agent is started.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use super::Agent;
use super::keeper::{self, AgentServer};
use crate::gen_server::{GenServer, StartError, StartOptions, TimeLimit};
use crate::name::Name;
use crate::node::Node;

/// Options for the start of an agent; [`Agent::options`] makes them.
///
/// By default it has no name, its first function may take as long as it wants, and it starts on the node
/// of the current process.
///
/// # OTP
///
/// The options of `Agent.start_link/2`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::Agent;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// Agent::options().name("settings").start_link(|| vec!["dark"]).await?;
/// let settings = Agent::<Vec<&str>>::named("settings");
/// settings.update(|list| list.push("large")).await?;
/// assert_eq!(settings.get(Vec::len).await?, 2);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nothing starts until one of the start methods is called"]
pub struct AgentOptions<T: Send + 'static> {
    server: StartOptions<AgentServer>,
    state: PhantomData<fn() -> T>,
}

impl<T: Send + 'static> AgentOptions<T> {
    pub(super) fn new() -> Self {
        Self::with(AgentServer::options())
    }

    fn with(server: StartOptions<AgentServer>) -> Self {
        Self {
            server,
            state: PhantomData,
        }
    }

    /// Registers the agent under a name, before its first function runs.
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self::with(self.server.name(name))
    }

    /// Kills the agent if its first function does not return within this time.
    pub fn timeout(self, limit: impl Into<TimeLimit>) -> Self {
        Self::with(self.server.timeout(limit))
    }

    /// Starts the agent on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self::with(self.server.on(node))
    }

    /// As [`Agent::start`].
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `state`, the agent starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn start(
        self,
        state: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<Agent<T>, StartError>> + Send {
        let started = self.server.start(keeper::first(state));
        async { started.await.map(Agent::from) }
    }

    /// As [`Agent::start_link`].
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits for `state`, the agent starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn start_link(
        self,
        state: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<Agent<T>, StartError>> + Send {
        let started = self.server.start_link(keeper::first(state));
        async { started.await.map(Agent::from) }
    }
}

impl<T: Send + 'static> Clone for AgentOptions<T> {
    fn clone(&self) -> Self {
        Self::with(self.server.clone())
    }
}

impl<T: Send + 'static> fmt::Debug for AgentOptions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentOptions").field(&self.server).finish()
    }
}
