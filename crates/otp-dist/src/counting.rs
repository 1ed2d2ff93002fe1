//! The count of what processes do, for a while after a tool of another node has asked.

use std::sync::{Arc, Weak};
use std::time::Duration;

use otp_core::process::{self, Observation};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::core::Core;

/// The count that goes on, if there is one.
#[derive(Default)]
pub(crate) struct Counting(Mutex<Weak<Count>>);

/// A process holds it until its time is over.
struct Count {
    end: End,
    _counted: Observation,
}

/// When a count ends; nothing once that is decided.
struct End(Mutex<Option<Instant>>);

impl Core {
    /// Lets processes count for so long from now on. One process sees to it, however often this is called.
    pub(crate) fn count_for(self: &Arc<Self>, time: Duration) {
        let end = Instant::now() + time;
        let mut counting = self.counting.0.lock();
        if let Some(count) = counting.upgrade()
            && count.end.put_off(end)
        {
            return;
        }
        let count = Arc::new(Count {
            end: End(Mutex::new(Some(end))),
            _counted: self.node.observe(),
        });
        *counting = Arc::downgrade(&count);
        self.spawn_apart(async move {
            process::set_label("counts for a tool of another node");
            while let Some(end) = count.end.after(Instant::now()) {
                sleep_until(end).await;
            }
        });
    }
}

impl End {
    /// Makes it a later one; false if the end is decided.
    fn put_off(&self, later: Instant) -> bool {
        let mut end = self.0.lock();
        *end = end.map(|end| end.max(later));
        end.is_some()
    }

    /// The end, if it comes after `now`; otherwise it is decided.
    fn after(&self, now: Instant) -> Option<Instant> {
        let mut end = self.0.lock();
        *end = end.filter(|end| *end > now);
        *end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_is_decided_is_not_put_off() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let end = End(Mutex::new(Some(now + second)));
        assert!(end.put_off(now + 3 * second));
        assert!(
            end.put_off(now + 2 * second),
            "an earlier one changes nothing"
        );
        assert_eq!(end.after(now + 2 * second), Some(now + 3 * second));
        assert_eq!(end.after(now + 3 * second), None);
        assert!(!end.put_off(now + 9 * second), "its process goes");
        assert_eq!(end.after(now), None);
    }
}
