//! Addresses by name: local, global and via names.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::sync::Arc;

use super::via::{NameRegistry, Via};
use crate::pid::NodeId;

/// A name that a process can be registered and found under.
///
/// Text converts into a local name, so most calls take `"egg_timer"` as it is.
///
/// # OTP
///
/// `Name`, `{global, Name}` and `{via, Module, Name}`. On one node a global name behaves like
/// a local one, in a name space of its own.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::process;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// process::register("baker", process::current()).expect("the name is free");
/// assert_eq!(process::whereis("baker"), Some(process::current()));
/// assert_eq!(process::whereis(Name::global("baker")), None, "another name space");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Name {
    /// A name on this node.
    Local(Cow<'static, str>),
    /// A name in a name space of its own, as those of OTP's `global`. Other nodes do not know it by itself: the crate `otp-dist` writes it as
    /// `{global, Name}` in messages, and its `register_global` makes the name known to a node and to those that this one knows.
    Global(Cow<'static, str>),
    /// A key in a registry of its own.
    Via(Via),
    /// A name on another node: `{Name, Node}`. Processes there are monitored by it.
    Remote(RemoteName),
}

/// A name on another node.
///
/// # OTP
///
/// `{Name, Node}`.
///
/// # Examples
///
/// ```
/// use otp_core::{Name, Node, RemoteName};
///
/// // A distribution has a node for each connection.
/// let kitchen = Node::new();
/// let stove = RemoteName { name: "stove".into(), node: kitchen.id() };
/// assert_ne!(Name::Remote(stove), Name::local("stove"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemoteName {
    /// The name on that node.
    pub name: Cow<'static, str>,
    /// The other node.
    pub node: NodeId,
}

impl Name {
    /// A name on this node.
    pub fn local(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Local(name.into())
    }

    /// A name in the name space of [`Global`](Self::Global).
    pub fn global(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Global(name.into())
    }

    /// A key in `registry`.
    pub fn via(registry: Arc<dyn NameRegistry>, key: impl Into<Cow<'static, str>>) -> Self {
        Self::Via(Via::of_registry(registry, key.into()))
    }

    /// Hashes it, a via name with its key: that may run code of the user's.
    pub(crate) fn hash_with_key(&self, hasher: &mut impl Hasher) {
        self.hash(hasher);
        if let Self::Via(via) = self {
            via.hash_key(hasher);
        }
    }

    /// Whether this is a clone of the other one, without asking a registry of the user's whether they are equal.
    pub(crate) fn is_same_value(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) | (Self::Global(a), Self::Global(b)) => a == b,
            (Self::Remote(a), Self::Remote(b)) => a == b,
            (Self::Via(Via(a)), Self::Via(Via(b))) => {
                Arc::as_ptr(a).cast::<()>() == Arc::as_ptr(b).cast::<()>()
            }
            _ => false,
        }
    }

    /// Whether this is the empty text, which means "no name".
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Local(text) | Self::Global(text) => text.is_empty(),
            Self::Via(via) => via.0.is_empty(),
            Self::Remote(remote) => remote.name.is_empty(),
        }
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self::local(name)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self::local(name)
    }
}

/// Same kind, same key and, for via names, the very same registry.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) | (Self::Global(a), Self::Global(b)) => a == b,
            (Self::Via(Via(a)), Self::Via(Via(b))) => a.is(&**b),
            (Self::Remote(a), Self::Remote(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        mem::discriminant(self).hash(state);
        match self {
            Self::Local(text) | Self::Global(text) => text.hash(state),
            // Via names are compared by their registries, which know how their keys are hashed.
            Self::Via(_) => {}
            Self::Remote(remote) => remote.hash(state),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(text) => f.write_str(text),
            Self::Global(text) => write!(f, "global:{text}"),
            Self::Via(via) => write!(f, "via:{via:?}"),
            Self::Remote(remote) => write!(f, "{{{}, node {}}}", remote.name, remote.node),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
