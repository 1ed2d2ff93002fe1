//! Crashes of a player, a game, the lobby, a supervisor and the owner of the tables, under each policy.

use crate::service::TestPlayer;
use crate::session;
use otp_core::prelude::*;
use otp_core::process;
use rock_paper_scissors::api::{GAMES, Policy, SAVES, Service, Settings};
use rock_paper_scissors::core::Choice;
use std::time::Duration;

const POLICIES: [Policy; 3] = [Policy::Temporary, Policy::Transient, Policy::Saved];

fn settings(policy: Policy) -> Settings {
    Settings {
        policy,
        ..Settings::default()
    }
}

/// The service with ann and bob in game 1.
async fn game(policy: Policy) -> (Service, TestPlayer, TestPlayer) {
    let service = Service::start_link(settings(policy))
        .await
        .expect("the service starts");
    let (mut ann, mut bob) = (
        TestPlayer::start("ann").await,
        TestPlayer::start("bob").await,
    );
    service.join(&ann.player).await.expect("the service starts");
    assert_eq!(service.join(&bob.player).await, Ok(Some(1)));
    ann.event().await;
    bob.event().await;
    (service, ann, bob)
}

/// Waits until a process other than `before` is registered under the name.
async fn restarted(name: &'static str, before: Option<Pid>) {
    while process::whereis(name).is_none_or(|now| Some(now) == before) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_player_that_crashes_loses_by_forfeit() {
    for policy in POLICIES {
        session(async move {
            let (_service, ann, mut bob) = game(policy).await;
            ann.player.crash();
            assert_eq!(bob.event().await, "bob: game 1: win by forfeit");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_temporary_game_that_crashes_is_aborted_for_both() {
    session(async {
        let (service, mut ann, mut bob) = game(Policy::Temporary).await;
        service.play(1, &ann.player, Choice::Rock).await.unwrap();
        service.crash_game(1);
        assert_eq!(ann.event().await, "ann: game 1: aborted");
        assert_eq!(bob.event().await, "bob: game 1: aborted");
        assert!(service.games().is_empty());
    })
    .await;
}

// S90
#[tokio::test(start_paused = true)]
async fn a_transient_game_that_crashes_is_restarted_without_choices() {
    session(async {
        let (service, mut ann, mut bob) = game(Policy::Transient).await;
        service.play(1, &ann.player, Choice::Rock).await.unwrap();
        service.crash_game(1);
        assert_eq!(
            ann.event().await,
            "ann: game 1 crashed and was restarted: play again"
        );
        assert_eq!(
            bob.event().await,
            "bob: game 1 crashed and was restarted: play again"
        );
        service.play(1, &ann.player, Choice::Paper).await.unwrap();
        service
            .play(1, &bob.player, Choice::Scissors)
            .await
            .unwrap();
        assert_eq!(
            ann.event().await,
            "ann: game 1: lose, paper against scissors"
        );
        assert_eq!(
            bob.event().await,
            "bob: game 1: win, scissors against paper"
        );
    })
    .await;
}

// S90
#[tokio::test(start_paused = true)]
async fn a_saved_game_that_crashes_is_resumed() {
    session(async {
        let (service, mut ann, mut bob) = game(Policy::Saved).await;
        service.play(1, &ann.player, Choice::Rock).await.unwrap();
        service.crash_game(1);
        assert_eq!(ann.event().await, "ann: game 1 crashed and was resumed");
        assert_eq!(
            bob.event().await,
            "bob: game 1 crashed and was resumed: play"
        );
        assert!(service.play(1, &ann.player, Choice::Paper).await.is_err());
        service
            .play(1, &bob.player, Choice::Scissors)
            .await
            .unwrap();
        assert_eq!(ann.event().await, "ann: game 1: win, rock against scissors");
        assert_eq!(
            bob.event().await,
            "bob: game 1: lose, scissors against rock"
        );
    })
    .await;
}

// S90
#[tokio::test(start_paused = true)]
async fn games_whose_supervisor_gives_up_are_aborted() {
    for policy in [Policy::Transient, Policy::Saved] {
        session(async move {
            let (service, mut ann, mut bob) = game(policy).await;
            for _ in 0..4 {
                let before = service.game_pid(1);
                service.crash_game(1);
                while service.game_pid(1) == before {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            for player in [&mut ann, &mut bob] {
                let mut last = String::new();
                while !last.ends_with("aborted") {
                    last = player.event().await;
                }
            }
            // The next game starts under the restarted supervisor.
            restarted(GAMES, None).await;
            service.join(&ann.player).await.unwrap();
            assert!(service.join(&bob.player).await.is_ok());
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn games_whose_supervisor_is_killed_are_aborted() {
    for policy in POLICIES {
        session(async move {
            let (_service, mut ann, mut bob) = game(policy).await;
            process::exit(process::whereis(GAMES).unwrap(), ExitReason::Kill);
            assert_eq!(ann.event().await, "ann: game 1: aborted");
            assert_eq!(bob.event().await, "bob: game 1: aborted");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_lobby_that_crashes_loses_the_waiting_player_unless_it_is_saved() {
    for policy in POLICIES {
        session(async move {
            let (service, mut ann, bob) = game(policy).await;
            let (mut cat, dan) = (
                TestPlayer::start("cat").await,
                TestPlayer::start("dan").await,
            );
            service.join(&cat.player).await.unwrap();
            let lobby = service.lobby_pid();
            service.crash_lobby();
            restarted("lobby", lobby).await;
            match policy {
                Policy::Temporary | Policy::Transient => {
                    assert_eq!(
                        cat.event().await,
                        "cat: the lobby crashed and lost the place: join again"
                    );
                    assert_eq!(service.join(&cat.player).await, Ok(None));
                }
                Policy::Saved => {
                    assert_eq!(service.waiting().await, Ok(Some("cat".to_owned())));
                    cat.player.settle().await.unwrap();
                    assert!(cat.has_no_event());
                }
            }
            // The next game has a new number, and game 1 is not affected.
            assert_eq!(service.join(&dan.player).await, Ok(Some(2)));
            assert_eq!(cat.event().await, "cat: game 2 against dan");
            service.play(1, &ann.player, Choice::Rock).await.unwrap();
            service.play(1, &bob.player, Choice::Rock).await.unwrap();
            assert_eq!(ann.event().await, "ann: game 1: draw, rock against rock");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_saved_game_without_its_tables_is_restarted_without_choices() {
    session(async {
        let (service, mut ann, mut bob) = game(Policy::Saved).await;
        service.play(1, &ann.player, Choice::Rock).await.unwrap();
        let saves = process::whereis(SAVES);
        process::exit(saves.unwrap(), ExitReason::Kill);
        restarted(SAVES, saves).await;
        service.crash_game(1);
        // The saved choice was lost with the tables, so both players must play.
        assert_eq!(
            ann.event().await,
            "ann: game 1 crashed and was resumed: play"
        );
        assert_eq!(
            bob.event().await,
            "bob: game 1 crashed and was resumed: play"
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_player_stops_when_its_owner_ends() {
    let node = Node::new();
    let pid = node.run(async { TestPlayer::start("ann").await.player.pid() });
    let pid = pid.await.expect("the process does not panic");
    while node.is_alive(pid) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let again = node.run(async { TestPlayer::start("ann").await.player.is_alive() });
    assert_eq!(again.await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stops_aborts_its_games() {
    session(async {
        let (service, mut ann, mut bob) = game(Policy::Transient).await;
        service.stop().await.unwrap();
        assert_eq!(ann.event().await, "ann: game 1: aborted");
        assert_eq!(bob.event().await, "bob: game 1: aborted");
        assert!(service.join(&ann.player).await.is_err());
    })
    .await;
}
