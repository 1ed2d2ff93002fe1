//! Backpressure: where the work waits.

use crate::kitchen::in_process;
use ch2_egg_timer::flood::api::{self as flood, Flood};
use otp_core::{prelude::*, process};

// S40
#[tokio::test(start_paused = true)]
async fn casts_pile_up_and_calls_wait_with_their_clients() {
    in_process(async |_: Mailbox<Never>| {
        let check = |flood: Result<Flood, ExitReason>, waiting, handled| {
            let Flood {
                waiting: found,
                longest,
                handled: done,
                left,
            } = flood.expect("the worker lives");
            assert_eq!((found, done, left), (waiting, handled, 0));
            longest
        };

        assert_eq!(check(flood::casts(100).await, 100, 100), 100);
        assert_eq!(check(flood::calls(100, 1).await, 1, 100), 1);
        // S18: four clients, four requests.
        let longest = check(flood::calls(25, 4).await, 4, 100);
        assert!((1..=4).contains(&longest), "{longest}");
        assert_eq!(check(flood::casts(0).await, 0, 0), 0);
        // Nobody stays behind.
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}
