//! Addresses by name: local, global and via names, and what can go wrong with them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::pid::Pid;

/// A name that a process can be registered and found under.
///
/// Text converts into a local name, so most calls take `"egg_timer"` as it is.
///
/// OTP: `Name`, `{global, Name}` and `{via, Module, Name}`. On one node a global name behaves like
/// a local one, in a name space of its own.
#[derive(Clone)]
pub enum Name {
    /// A name on this node.
    Local(Cow<'static, str>),
    /// A name for all connected nodes.
    Global(Cow<'static, str>),
    /// A key in a registry of its own.
    Via(Arc<dyn NameRegistry>, Cow<'static, str>),
}

impl Name {
    /// A name on this node.
    pub fn local(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Local(name.into())
    }

    /// A name for all connected nodes.
    pub fn global(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Global(name.into())
    }

    /// A key in `registry`.
    pub fn via(registry: Arc<dyn NameRegistry>, key: impl Into<Cow<'static, str>>) -> Self {
        Self::Via(registry, key.into())
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Local(text) | Self::Global(text) | Self::Via(_, text) => text,
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

/// Same kind, same text and, for via names, the very same registry.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) | (Self::Global(a), Self::Global(b)) => a == b,
            (Self::Via(r, a), Self::Via(s, b)) => Arc::ptr_eq(r, s) && a == b,
            _ => false,
        }
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(text) => f.write_str(text),
            Self::Global(text) => write!(f, "global:{text}"),
            Self::Via(_, text) => write!(f, "via:{text}"),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A place of one's own where names of processes are kept.
///
/// Its entries are pids; how long they live, and what a key means, is the registry's affair. A
/// start function registers before `init` runs and takes the key back when the process ends.
///
/// OTP: the callbacks of a via module, `register_name/2`, `unregister_name/1`, `whereis_name/1`.
pub trait NameRegistry: Send + Sync {
    /// Registers `pid` under `key`.
    ///
    /// # Errors
    ///
    /// Returns the pid that holds the key already.
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid>;

    /// Removes `key` if `pid` holds it.
    ///
    /// It is called as `pid` ends; another process may hold the key by then.
    fn unregister_name(&self, key: &str, pid: Pid);

    /// The pid that holds `key`.
    fn whereis_name(&self, key: &str) -> Option<Pid>;
}

/// A registration that was refused; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another process holds the name.
    #[error("name {name} is taken by {pid}")]
    NameTaken {
        /// The name asked for.
        name: Name,
        /// Its holder.
        pid: Pid,
    },
    /// The process has a name already.
    #[error("process {pid} already has the name {name}")]
    HasName {
        /// The process.
        pid: Pid,
        /// The name that it has.
        name: Name,
    },
    /// The process does not exist or is ending.
    #[error("cannot name {pid}: no such process")]
    NoProcess {
        /// The process asked for.
        pid: Pid,
    },
    /// The empty text, which stands for "no name".
    #[error("the empty name is reserved: give a name of at least one character")]
    Reserved,
}

/// No process is registered under the name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no process is registered as {name}")]
pub struct NoSuchName {
    /// The name asked for.
    pub name: Name,
}

/// A send by name that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// No process has the name.
    #[error(transparent)]
    NoSuchName(#[from] NoSuchName),
    /// The process that has the name takes messages of another type.
    #[error("the process registered as {name} does not take messages of type {expected}")]
    WrongType {
        /// The name asked for.
        name: Name,
        /// The type of the message.
        expected: &'static str,
    },
}
