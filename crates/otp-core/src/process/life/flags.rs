//! The flags that a process checks before each message, in one byte.

use std::sync::atomic::Ordering;

use super::block::Head;

pub(super) const EXITING: u8 = 1;
pub(super) const TRAPS_EXITS: u8 = 1 << 1;
const ABANDONED: u8 = 1 << 2;
const HOLDS_ABANDONED: u8 = 1 << 3;
pub(super) const TIMED: u8 = 1 << 4;
const URGENT: u8 = 1 << 5;
const UNNAMED: u8 = 1 << 6;
pub(super) const COUNTED: u8 = 1 << 7;

impl Head {
    /// From now on the process itself chooses the moment at which abandoned calls are settled.
    pub(crate) fn hold_abandoned(&self) {
        self.flags.fetch_or(HOLDS_ABANDONED, Ordering::Relaxed);
    }

    /// Notes that this process has abandoned calls that are not settled yet.
    pub(crate) fn note_abandoned(&self) {
        self.flags.fetch_or(ABANDONED, Ordering::Relaxed);
    }

    pub(crate) fn clear_abandoned(&self) {
        self.flags.fetch_and(!ABANDONED, Ordering::Relaxed);
    }

    /// The task has to see to the alarm: it has rung, or something is wanted of it.
    pub(crate) fn note_alarm(&self) {
        self.alarm.store(true, Ordering::Release);
    }

    /// Whether the task has to see to the alarm.
    #[inline]
    pub(crate) fn has_alarm(&self) -> bool {
        self.alarm.load(Ordering::Acquire)
    }

    /// The task handles the alarm now. A later request sets the flag again.
    pub(crate) fn clear_alarm(&self) {
        self.alarm.swap(false, Ordering::Acquire);
    }

    /// One load for the four things that a process checks before each message.
    #[inline]
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | ABANDONED | COUNTED | URGENT) == 0
    }

    /// A message with priority has come. To be noted before the owner is woken.
    pub(crate) fn note_urgent(&self) {
        self.flags.fetch_or(URGENT, Ordering::Release);
    }

    /// Whether messages with priority have come. The owner takes them now; what comes later sets the flag again.
    pub(crate) fn take_urgent(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & URGENT != 0
            && self.flags.fetch_and(!URGENT, Ordering::Acquire) & URGENT != 0
    }

    /// Whether the process has abandoned calls that are not settled yet.
    pub(crate) fn has_abandoned(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & ABANDONED != 0
    }

    /// Turns the counting of the process's work on or off.
    pub(crate) fn set_counted(&self, on: bool) {
        match on {
            true => self.flags.fetch_or(COUNTED, Ordering::Relaxed),
            false => self.flags.fetch_and(!COUNTED, Ordering::Relaxed),
        };
    }

    /// Whether the process counts its work.
    pub(crate) fn is_counted(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & COUNTED != 0
    }

    /// Notes that a name is being taken back from the process, which lives on. This must come before the node forgets
    /// the name: a thread that finds the next holder must find this noted.
    pub(crate) fn note_unnamed(&self) {
        self.flags.fetch_or(UNNAMED, Ordering::Release);
    }

    /// Whether the process still has each name that it was ever found by, other than those in registries of the user's.
    #[inline]
    pub(crate) fn has_its_names(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | UNNAMED) == 0
    }

    /// The watchdog has nothing to do with the process.
    pub(crate) fn set_untimed(&self) {
        self.flags.fetch_and(!TIMED, Ordering::Relaxed);
    }

    /// One load for what a poll begins with: the process does not end, the node's watchdog does not look how long its polls
    /// take, and it does not count them itself.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | TIMED | COUNTED) == 0
    }

    /// The same for the end of a poll: the process does not end, and has no abandoned calls.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.flags.load(Ordering::Acquire) & (EXITING | ABANDONED) == 0
    }

    /// True if the wrapper settles the abandoned calls; a GenServer chooses the moment itself.
    #[inline]
    pub(crate) fn must_tell_abandoned(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & (ABANDONED | HOLDS_ABANDONED) == ABANDONED
    }
}
