//! Every way to end a character.

use crate::session;
use ch3_super_duper::endings::api::{Ending, Fate};
use otp_core::prelude::*;

// S56
#[tokio::test(start_paused = true)]
async fn the_restart_type_decides_what_becomes_of_each_end() {
    use Fate::{Forgotten, LivesOn, Restarted, Stopped};

    let table = [
        ("panics", [Restarted, Restarted, Forgotten]),
        ("stops itself: normal", [Restarted, Stopped, Forgotten]),
        ("stops itself: shutdown", [Restarted, Stopped, Forgotten]),
        (
            "stops itself: shutdown: done",
            [Restarted, Stopped, Forgotten],
        ),
        ("stops itself: oops", [Restarted, Restarted, Forgotten]),
        ("is stopped: normal", [Restarted, Stopped, Forgotten]),
        ("exit signal: kill", [Restarted, Restarted, Forgotten]),
        ("exit signal: shutdown", [Restarted, Stopped, Forgotten]),
        ("exit signal: normal", [LivesOn, LivesOn, LivesOn]),
        ("exit signal: oops", [Restarted, Restarted, Forgotten]),
    ];
    assert_eq!(
        Ending::ALL.map(|ending| ending.to_string()),
        table.map(|(ending, _)| ending)
    );
    session(async move |_| {
        for (ending, (_, fates)) in Ending::ALL.into_iter().zip(table) {
            let types = [Restart::Permanent, Restart::Transient, Restart::Temporary];
            for (restart, fate) in types.into_iter().zip(fates) {
                assert_eq!(ending.fate(restart).await, Ok(fate), "{ending}, {restart}");
            }
        }
    })
    .await;
}
