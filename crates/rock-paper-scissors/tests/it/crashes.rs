//! Rock-paper-scissors when a player, a game, the lobby or a supervisor crashes, under each policy.

use crate::house::Person;
use crate::session;
use otp_core::prelude::*;
use otp_core::process;
use rock_paper_scissors::api::{GAMES, House, Plan, Policy, SAVES};
use rock_paper_scissors::core::Choice;
use std::time::Duration;

const POLICIES: [Policy; 3] = [Policy::Temporary, Policy::Transient, Policy::Saved];

fn plan(policy: Policy) -> Plan {
    Plan {
        policy,
        ..Plan::default()
    }
}

/// Ann and bob in game 1.
async fn game(policy: Policy) -> (House, Person, Person) {
    let house = House::start_link(plan(policy))
        .await
        .expect("the house is open");
    let (mut ann, mut bob) = (Person::start("ann").await, Person::start("bob").await);
    house.join(&ann.player).await.expect("the house is open");
    assert_eq!(house.join(&bob.player).await, Ok(Some(1)));
    ann.hears().await;
    bob.hears().await;
    (house, ann, bob)
}

/// Waits until another process than this one has a name.
async fn back(name: &'static str, before: Option<Pid>) {
    while process::whereis(name).is_none_or(|now| Some(now) == before) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_player_that_crashes_loses_and_the_other_is_told() {
    for policy in POLICIES {
        session(async move {
            let (_house, ann, mut bob) = game(policy).await;
            ann.player.crash();
            assert_eq!(bob.hears().await, "bob: game 1: win by forfeit");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_temporary_game_that_crashes_is_aborted_and_both_are_told() {
    session(async {
        let (house, mut ann, mut bob) = game(Policy::Temporary).await;
        house.play(1, &ann.player, Choice::Rock).await.unwrap();
        house.crash_game(1);
        assert_eq!(ann.hears().await, "ann: game 1: aborted");
        assert_eq!(bob.hears().await, "bob: game 1: aborted");
        assert!(house.games().is_empty());
    })
    .await;
}

// S90
#[tokio::test(start_paused = true)]
async fn a_transient_game_that_crashes_begins_once_more() {
    session(async {
        let (house, mut ann, mut bob) = game(Policy::Transient).await;
        house.play(1, &ann.player, Choice::Rock).await.unwrap();
        house.crash_game(1);
        assert_eq!(
            ann.hears().await,
            "ann: game 1 begins once more: play again"
        );
        assert_eq!(
            bob.hears().await,
            "bob: game 1 begins once more: play again"
        );
        house.play(1, &ann.player, Choice::Paper).await.unwrap();
        house.play(1, &bob.player, Choice::Scissors).await.unwrap();
        assert_eq!(
            ann.hears().await,
            "ann: game 1: lose, paper against scissors"
        );
        assert_eq!(
            bob.hears().await,
            "bob: game 1: win, scissors against paper"
        );
    })
    .await;
}

// S90
#[tokio::test(start_paused = true)]
async fn a_saved_game_that_crashes_goes_on() {
    session(async {
        let (house, mut ann, mut bob) = game(Policy::Saved).await;
        house.play(1, &ann.player, Choice::Rock).await.unwrap();
        house.crash_game(1);
        assert_eq!(ann.hears().await, "ann: game 1 goes on");
        assert_eq!(bob.hears().await, "bob: game 1 goes on: play");
        assert!(house.play(1, &ann.player, Choice::Paper).await.is_err());
        house.play(1, &bob.player, Choice::Scissors).await.unwrap();
        assert_eq!(ann.hears().await, "ann: game 1: win, rock against scissors");
        assert_eq!(
            bob.hears().await,
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
            let (house, mut ann, mut bob) = game(policy).await;
            for _ in 0..4 {
                let before = house.game_pid(1);
                house.crash_game(1);
                while house.game_pid(1) == before {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            for person in [&mut ann, &mut bob] {
                let mut last = String::new();
                while !last.ends_with("aborted") {
                    last = person.hears().await;
                }
            }
            // The next ones find another supervisor.
            back(GAMES, None).await;
            house.join(&ann.player).await.unwrap();
            assert!(house.join(&bob.player).await.is_ok());
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn games_whose_supervisor_is_killed_are_aborted() {
    for policy in POLICIES {
        session(async move {
            let (_house, mut ann, mut bob) = game(policy).await;
            process::exit(process::whereis(GAMES).unwrap(), ExitReason::Kill);
            assert_eq!(ann.hears().await, "ann: game 1: aborted");
            assert_eq!(bob.hears().await, "bob: game 1: aborted");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn a_lobby_that_crashes_forgets_who_waits_unless_the_room_is_saved() {
    for policy in POLICIES {
        session(async move {
            let (house, mut ann, bob) = game(policy).await;
            let (mut cat, dan) = (Person::start("cat").await, Person::start("dan").await);
            house.join(&cat.player).await.unwrap();
            let lobby = house.lobby_pid();
            house.crash_lobby();
            back("lobby", lobby).await;
            match policy {
                Policy::Temporary | Policy::Transient => {
                    assert_eq!(
                        cat.hears().await,
                        "cat: the lobby has forgotten me: join again"
                    );
                    assert_eq!(house.join(&cat.player).await, Ok(None));
                }
                Policy::Saved => {
                    assert_eq!(house.waiting().await, Ok(Some("cat".to_owned())));
                    cat.player.settle().await.unwrap();
                    assert!(cat.heard_nothing());
                }
            }
            // The next game has a number of its own, and the one that runs is none the worse for it.
            assert_eq!(house.join(&dan.player).await, Ok(Some(2)));
            assert_eq!(cat.hears().await, "cat: game 2 against dan");
            house.play(1, &ann.player, Choice::Rock).await.unwrap();
            house.play(1, &bob.player, Choice::Rock).await.unwrap();
            assert_eq!(ann.hears().await, "ann: game 1: draw, rock against rock");
        })
        .await;
    }
}

// S90
#[tokio::test(start_paused = true)]
async fn without_its_tables_a_house_goes_on_and_saves_nothing() {
    session(async {
        let (house, mut ann, mut bob) = game(Policy::Saved).await;
        house.play(1, &ann.player, Choice::Rock).await.unwrap();
        let saves = process::whereis(SAVES);
        process::exit(saves.unwrap(), ExitReason::Kill);
        back(SAVES, saves).await;
        house.crash_game(1);
        // What had been saved is gone, and so both are to play.
        assert_eq!(ann.hears().await, "ann: game 1 goes on: play");
        assert_eq!(bob.hears().await, "bob: game 1 goes on: play");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_player_goes_with_the_process_that_it_plays_for() {
    let node = Node::new();
    let pid = node.run(async { Person::start("ann").await.player.pid() });
    let pid = pid.await.expect("it ends by itself");
    while node.is_alive(pid) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let again = node.run(async { Person::start("ann").await.player.is_alive() });
    assert_eq!(again.await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_house_that_closes_aborts_its_games() {
    session(async {
        let (house, mut ann, mut bob) = game(Policy::Transient).await;
        house.stop().await.unwrap();
        assert_eq!(ann.hears().await, "ann: game 1: aborted");
        assert_eq!(bob.hears().await, "bob: game 1: aborted");
        assert!(house.join(&ann.player).await.is_err());
    })
    .await;
}
