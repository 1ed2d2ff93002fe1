//! Processes that get every registration as a message.

use std::fmt;

use crate::gen_server::{GenServer, ServerName};
use crate::name::Name;
use crate::node::Node;
use crate::pid::Pid;

/// A registration or an unregistration, for the listeners of a registry.
///
/// # OTP
///
/// `{register, Registry, Key, Pid, Value}` and `{unregister, Registry, Key, Pid}`.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::registry::{Listener, RegistryEvent};
/// use otp_core::{Registry, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<RegistryEvent<&'static str, u32>>| async move {
/// process::register("doorman", &mailbox.me())?;
/// let listener = Listener::process("doorman", |event| event);
/// let rooms = Registry::<&str, u32>::options("rooms").listener(listener).unique();
/// rooms.start_link().await?;
/// rooms.register("blue", 12)?;
/// let pid = mailbox.pid();
/// assert_eq!(mailbox.receive().await, RegistryEvent::Register { key: "blue", pid, value: 12 });
/// rooms.unregister("blue");
/// assert_eq!(mailbox.receive().await, RegistryEvent::Unregister { key: "blue", pid });
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryEvent<K, V> {
    /// A process has registered itself, or has been started under a via name.
    Register {
        /// The key.
        key: K,
        /// The new owner.
        pid: Pid,
        /// The value.
        value: V,
    },
    /// A process has given a key up. There is no event for entries that end with their owner: for
    /// that, monitor the owner.
    Unregister {
        /// The key.
        key: K,
        /// Its former owner.
        pid: Pid,
    },
}

/// A process, by name, that gets every registration as a message; see
/// [`RegistryOptions::listener`](super::RegistryOptions::listener).
///
/// `Listener::process` is for a raw process, `Listener::server` for a [`GenServer`]. If no process has the name, or if
/// the process takes other messages, the event is dropped.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::registry::{Listener, RegistryEvent};
/// use otp_core::{Registry, process};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<String>| async move {
/// process::register("doorman", &mailbox.me())?;
/// let listener = Listener::process("doorman", |event: RegistryEvent<&str, ()>| match event {
///     RegistryEvent::Register { key, .. } => format!("{key} is taken"),
///     RegistryEvent::Unregister { key, .. } => format!("{key} is free"),
/// });
/// let rooms = Registry::options("rooms").listener(listener).unique();
/// rooms.start_link().await?;
/// rooms.register("blue", ())?;
/// assert_eq!(mailbox.receive().await, "blue is taken");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
pub struct Listener<K, V>(Box<ListenerFunction<K, V>>);

type ListenerFunction<K, V> = dyn Fn(&Node, RegistryEvent<K, V>) + Send + Sync;

impl<K, V> Listener<K, V> {
    /// A raw process, which gets `to_message` of each event.
    pub fn process<M: Send + 'static>(
        name: impl Into<Name>,
        to_message: impl Fn(RegistryEvent<K, V>) -> M + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        Self(Box::new(move |node, event| {
            // No process is left that could get an error.
            let _ = node.send(name.clone(), to_message(event));
        }))
    }

    /// A server, which gets `to_message` of each event as a plain message.
    pub fn server<S: GenServer>(
        name: impl Into<Name>,
        to_message: impl Fn(RegistryEvent<K, V>) -> S::Info + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        Self(Box::new(move |node, event| {
            let server = ServerName::<S>::new(name.clone()).on(node);
            let _ = server.send(to_message(event));
        }))
    }

    pub(crate) fn tell(&self, node: &Node, event: RegistryEvent<K, V>) {
        (self.0)(node, event);
    }
}

impl<K, V> fmt::Debug for Listener<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
