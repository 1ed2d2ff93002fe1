//! The matrix of endings.

use crate::kitchen::in_process;
use ch2_egg_timer::endings::api::{End, Ending, Signals, Way, end, ways};
use otp_core::{prelude::*, process};

fn oops() -> ExitReason {
    ExitReason::other("oops")
}

fn ending(exit: Option<ExitReason>, terminate: bool, down: Option<ExitReason>) -> Ending {
    let terminate = down.clone().filter(|_| terminate);
    Ending {
        exit,
        terminate,
        down,
    }
}

/// What a signal with this reason leaves behind.
fn seen(reason: &ExitReason) -> ExitReason {
    match reason {
        ExitReason::Kill => ExitReason::Killed,
        other => other.clone(),
    }
}

// S37
#[tokio::test(start_paused = true)]
async fn terminate_runs_for_every_end_from_within_and_for_trapped_parents() {
    in_process(async |_: Mailbox<Never>| {
        for signals in [Signals::Obeyed, Signals::Trapped] {
            for way in ways() {
                let found = end(way.clone(), signals).await.expect("a server");
                let expected = match (&way, signals) {
                    (Way::Callback(End::Panic), _) => {
                        let Some(ExitReason::Panic(panic)) = &found.down else {
                            panic!("{found:?}")
                        };
                        assert_eq!(panic.message, "boom");
                        ending(None, true, found.down.clone())
                    }
                    (Way::Callback(End::ExitSelf(reason) | End::Stop(reason)), _)
                    | (Way::Stop(reason), _) => ending(None, true, Some(reason.clone())),
                    // From outside, `kill` cannot be trapped; from a link it is `killed`, which can.
                    (Way::Signal(ExitReason::Kill), _) => {
                        ending(None, false, Some(ExitReason::Killed))
                    }
                    (
                        Way::Signal(ExitReason::Normal)
                        | Way::Link(ExitReason::Normal)
                        | Way::Parent(ExitReason::Normal),
                        Signals::Obeyed,
                    ) => ending(None, false, None),
                    (Way::Parent(reason), Signals::Trapped) => {
                        ending(None, true, Some(seen(reason)))
                    }
                    (Way::Signal(reason) | Way::Link(reason), Signals::Trapped) => {
                        ending(Some(seen(reason)), false, None)
                    }
                    (
                        Way::Signal(reason) | Way::Link(reason) | Way::Parent(reason),
                        Signals::Obeyed,
                    ) => ending(None, false, Some(seen(reason))),
                };
                assert_eq!(found, expected, "{way:?}, {signals:?}");
            }
        }
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

#[test]
fn all_ways_are_different() {
    let ways = ways();
    assert_eq!(ways.len(), 19);
    assert!(ways.contains(&Way::Parent(oops())));
    for (at, way) in ways.iter().enumerate() {
        assert!(!ways[..at].contains(way), "{way:?} is there twice");
    }
}
