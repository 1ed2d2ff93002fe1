//! Which moment of a cron expression comes next, by a clock that may jump.

use std::time::SystemTime;

use super::Cron;

/// The moments that have been due. No moment is due twice, wherever the clock jumps: but a clock that was far ahead for a
/// time does not take away the moments that it left out.
#[derive(Default)]
pub(super) struct Moments {
    /// The first and the last one of those that followed each other without a jump over some of them.
    span: Option<(SystemTime, SystemTime)>,
    /// The last one before a jump over some.
    before: Option<SystemTime>,
}

impl Moments {
    /// The next moment when the clock shows `now`. None if the clock shows a time that the calendar does not have.
    pub(super) fn next(&self, cron: &Cron, now: SystemTime) -> Option<SystemTime> {
        let Some((first, last)) = self.span else {
            return cron.next_after(now);
        };
        if now < first {
            let from = self.before.map_or(now, |before| before.max(now));
            if let Some(next) = cron.next_after(from).filter(|next| *next < first) {
                return Some(next);
            }
        }
        cron.next_after(last.max(now))
    }

    /// Notes that a moment has been due.
    pub(super) fn note(&mut self, cron: &Cron, moment: SystemTime) {
        self.span = match self.span {
            Some((first, last)) if cron.next_after(last) == Some(moment) => Some((first, moment)),
            former => {
                self.before = former.map(|(_, last)| last);
                Some((moment, moment))
            }
        };
    }
}
