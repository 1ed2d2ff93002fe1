//! How a manager is started.

use std::fmt;
use std::future::Future;

use super::EventManager;
use super::server::EventServer;
use crate::gen_server::{GenServer, StartError, StartOptions};
use crate::name::Name;
use crate::node::Node;
use crate::process::MailboxLimit;
use crate::util::Boxed;

/// Options for the start of an event manager; [`EventManager::options`] makes them.
///
/// By default it has no name and starts on the node of the current process.
///
/// # OTP
///
/// The name and the options of `gen_event:start_link/2`.
///
/// # Examples
///
/// ```
/// use otp_core::event_manager::EventManager;
/// use otp_core::prelude::*;
/// use otp_core::{MailboxLimit, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let options = EventManager::<u32>::options().name("alarms").mailbox_limit(MailboxLimit::refuse(1000));
/// let alarms = options.start_link().await?;
/// assert_eq!(process::whereis("alarms"), alarms.pid());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nothing starts until one of the start methods is called"]
pub struct EventManagerOptions<E: Send + Sync + 'static>(StartOptions<EventServer<E>>);

impl<E: Send + Sync + 'static> EventManagerOptions<E> {
    pub(super) fn new() -> Self {
        Self(EventServer::options())
    }

    /// Registers the manager under a name.
    pub fn name(self, name: impl Into<Name>) -> Self {
        Self(self.0.name(name))
    }

    /// Starts the manager on this node; needed outside of a process.
    pub fn on(self, node: &Node) -> Self {
        Self(self.0.on(node))
    }

    /// Limits how many messages may wait in the manager's mailbox.
    pub fn mailbox_limit(self, limit: MailboxLimit) -> Self {
        Self(self.0.mailbox_limit(limit))
    }

    /// As [`EventManager::start`].
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits, the manager starts nevertheless.
    ///
    /// # Errors
    ///
    /// [`StartError`]; without a node, [`StartError::Outside`].
    pub fn start(self) -> impl Future<Output = Result<EventManager<E>, StartError>> + Send {
        let started: Boxed<'static, _> = Box::pin(self.0.start(()));
        async { started.await.map(EventManager::from) }
    }

    /// As [`EventManager::start_link`].
    ///
    /// # Cancel safety
    ///
    /// If this future is dropped while it waits, the manager starts nevertheless, linked.
    ///
    /// # Errors
    ///
    /// [`StartError`]; outside of a process, [`StartError::Outside`].
    pub fn start_link(self) -> impl Future<Output = Result<EventManager<E>, StartError>> + Send {
        let started: Boxed<'static, _> = Box::pin(self.0.start_link(()));
        async { started.await.map(EventManager::from) }
    }
}

impl<E: Send + Sync + 'static> Clone for EventManagerOptions<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for EventManagerOptions<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventManagerOptions").field(&self.0).finish()
    }
}
