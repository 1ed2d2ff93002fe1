//! Many games at once, some of which crash.

use otp_core::{ExitReason, Node};
use rock_paper_scissors::api::{Policy, Settings, Tournament};
use rock_paper_scissors::core::Summary;

const GAMES: usize = 1000;

async fn play(policy: Policy, crash: &str, max_restarts: usize) -> Summary {
    let settings = Settings {
        policy,
        max_restarts,
        crash: crash.parse().expect("it is a probability"),
        seed: 42,
        ..Settings::default()
    };
    let tournament = Tournament {
        games: GAMES,
        settings,
    };
    let mut last = 0;
    let progress = move |ended| {
        assert!(ended == last || ended == last + 1, "{ended} after {last}");
        last = ended;
    };
    tournament
        .run(&Node::new(), progress)
        .await
        .expect("the service starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporary_game_that_crashes_is_aborted_for_both() {
    let summary = play(Policy::Temporary, "1/10", 3).await;
    assert!(summary.is_consistent(), "{summary}");
    assert!((50..150).contains(&summary.aborted), "{summary}");
    assert_eq!(summary.ended(), GAMES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transient_game_that_crashes_is_played_to_its_end() {
    for policy in [Policy::Transient, Policy::Saved] {
        let summary = play(policy, "1/10", GAMES).await;
        assert!(summary.is_consistent(), "{summary}");
        assert_eq!(summary.decided + summary.drawn, GAMES, "{summary}");
    }
}

/// The games' supervisor reaches its limit a few times, but not often enough for the top supervisor to reach its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_player_is_stranded_when_every_game_crashes_and_the_supervisor_gives_up() {
    for policy in [Policy::Temporary, Policy::Transient, Policy::Saved] {
        let summary = play(policy, "1/1", GAMES / 3).await;
        assert!(summary.is_consistent(), "{policy:?}: {summary}");
        assert_eq!(summary.ended(), GAMES);
        assert!(summary.aborted > 0, "{policy:?}: {summary}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_gives_up_ends_the_tournament() {
    let settings = Settings {
        policy: Policy::Transient,
        max_restarts: 0,
        crash: "1/1".parse().expect("it is a probability"),
        ..Settings::default()
    };
    let tournament = Tournament {
        games: GAMES,
        settings,
    };
    let ended = tournament.run(&Node::new(), |_| ()).await;
    assert_eq!(ended, Err(ExitReason::Shutdown));
}
