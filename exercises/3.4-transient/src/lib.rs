//! Exercise 3.4: a transient child, answered by trying. The task is in `TASK.md`.

/// What becomes of a child whose supervisor runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The supervisor has started it again: another process is there.
    Restarted,
    /// It is dead and is still a child: it can be started again by its id.
    Stopped,
    /// It is dead, and the supervisor has forgotten it.
    Forgotten,
    /// It is alive, and the same process as before.
    LivesOn,
    /// Not answered yet.
    Unknown,
}

/// A transient child is killed.
pub const KILLED: Fate = Fate::Unknown;

/// A transient child panics.
pub const PANICS: Fate = Fate::Unknown;

/// A transient child stops by itself, with the reason `normal`.
pub const STOPS: Fate = Fate::Unknown;

/// A transient child stops by itself, with the reason `shutdown`.
pub const SHUTS_DOWN: Fate = Fate::Unknown;

/// A transient child stops by itself, with the reason `oops`.
pub const STOPS_WITH_OOPS: Fate = Fate::Unknown;
