//! A solution of exercise 3.3: dead and forgotten, whatever the reason; and a signal `normal` ends nobody.

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

/// A temporary child is killed.
pub const KILLED: Fate = Fate::Forgotten;

/// A temporary child panics.
pub const PANICS: Fate = Fate::Forgotten;

/// A temporary child stops by itself, with the reason `normal`.
pub const STOPS: Fate = Fate::Forgotten;

/// A temporary child gets an exit signal `normal` from another process.
pub const SIGNAL_NORMAL: Fate = Fate::LivesOn;
