//! Processes that are told of every registration.

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

/// A process, by name, that is told of every registration; see
/// [`RegistryOptions::listener`](super::RegistryOptions::listener).
///
/// `Listener::process` tells a raw process, `Listener::server` a [`GenServer`]. If no process has the name, or a
/// process that takes other messages, the event is dropped.
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
            // Nobody is left to be told.
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
