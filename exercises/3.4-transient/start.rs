//! Exercise 3.4: questions about a transient child. The task is in `TASK.md`.

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

/// A transient child is killed.
pub const KILLED: Outcome = Outcome::Unanswered;

/// A transient child panics.
pub const PANICS: Outcome = Outcome::Unanswered;

/// A transient child stops by itself, with the reason `normal`.
pub const STOPS: Outcome = Outcome::Unanswered;

/// A transient child stops by itself, with the reason `shutdown`.
pub const SHUTS_DOWN: Outcome = Outcome::Unanswered;

/// A transient child stops by itself, with the reason `oops`.
pub const STOPS_WITH_OOPS: Outcome = Outcome::Unanswered;
