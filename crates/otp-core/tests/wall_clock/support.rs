//! A process with a clock that the test sets.

use std::future::Future;
use std::time::{Duration, SystemTime};

use otp_core::prelude::*;
use otp_core::timer::{ManualClock, WallClock};

use crate::clocks::under_each_clock;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A moment in 2024, not at the beginning of a second.
pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_709_164_207_900)
}

/// What a test works with.
pub(crate) struct Desk {
    pub(crate) mailbox: Mailbox<&'static str>,
    pub(crate) hands: ManualClock,
    pub(crate) clock: WallClock,
}

impl Desk {
    /// Waits for a message; what the clock shows then. One that does not come in time, so that a test that waits in vain ends.
    pub(crate) async fn hears(&mut self, expected: &str) -> SystemTime {
        let heard = self.mailbox.receive().timeout(10 * HOUR).await;
        assert_eq!(heard, Some(expected));
        self.clock.now()
    }

    /// Nothing comes while the clock is looked at once at least.
    pub(crate) async fn hears_nothing(&mut self) {
        let look = Duration::from_millis(1100);
        assert_eq!(self.mailbox.receive().timeout(look).await, None);
    }
}

/// Runs a test in a process, under each clock.
pub(crate) fn at_a_desk<F, R>(test: F)
where
    F: FnOnce(Desk) -> R + Clone + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    under_each_clock(|| {
        let test = test.clone();
        async move {
            let body = |mailbox| async move {
                let hands = ManualClock::new(start());
                let clock = hands.clock();
                test(Desk {
                    mailbox,
                    hands,
                    clock,
                })
                .await;
            };
            let ended = Node::new().run_with(body).await;
            ended.expect("the test's process ends well");
        }
    });
}
