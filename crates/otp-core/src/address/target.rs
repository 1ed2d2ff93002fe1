//! What a monitor is set on.

use super::name::Name;
use crate::pid::Pid;

/// What a monitor was set on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A process.
    Pid(Pid),
    /// Whatever process had this name when the monitor was made.
    Name(Name),
}

impl From<Pid> for Target {
    fn from(pid: Pid) -> Self {
        Self::Pid(pid)
    }
}

impl From<Name> for Target {
    fn from(name: Name) -> Self {
        Self::Name(name)
    }
}

impl From<&'static str> for Target {
    fn from(name: &'static str) -> Self {
        Self::Name(name.into())
    }
}

impl From<String> for Target {
    fn from(name: String) -> Self {
        Self::Name(name.into())
    }
}
