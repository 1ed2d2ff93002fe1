//! A solution of exercise 3.3: a temporary child is deleted after each end. An exit signal `normal` does not end a process.

/// The state of a child after an event, under a running supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The supervisor has restarted the child: it has a new process.
    Restarted,
    /// The process is dead, and the supervisor still has the child: it can be restarted by its id.
    Stopped,
    /// The process is dead, and the supervisor has deleted the child.
    Deleted,
    /// The child has the same process as before.
    Unaffected,
    /// Not answered yet.
    Unanswered,
}

/// A temporary child is killed.
pub const KILLED: Outcome = Outcome::Deleted;

/// A temporary child panics.
pub const PANICS: Outcome = Outcome::Deleted;

/// A temporary child stops by itself, with the reason `normal`.
pub const STOPS: Outcome = Outcome::Deleted;

/// A temporary child gets an exit signal `normal` from another process.
pub const SIGNAL_NORMAL: Outcome = Outcome::Unaffected;
