//! The check of exercise 4.5.

#![allow(dead_code)]

#[cfg(feature = "solution")]
#[path = "solution.rs"]
mod exercise;
#[cfg(feature = "start")]
#[path = "start.rs"]
mod exercise;
#[cfg(not(any(feature = "solution", feature = "start")))]
#[path = "src/lib.rs"]
mod exercise;

use std::time::Duration;

use exercise::{Game, Hand, Join, Lobby, Outcome, Play, Player, outcome};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

/// Starts a player that joins, plays one hand, and reports the outcome.
fn player(
    lobby: &ServerRef<Lobby>,
    name: &'static str,
    hand: Hand,
    reports: &Probe<(&'static str, Outcome)>,
) -> Player {
    let (lobby, reports) = (lobby.clone(), reports.clone());
    process::spawn(async move |mut mailbox: Mailbox<ServerRef<Game>>| {
        let me = mailbox.me();
        lobby
            .call(|from| Join(me, from))
            .await
            .expect("the lobby runs");
        let game = mailbox.receive().await;
        let outcome = game
            .call(|from| Play(hand, from))
            .await
            .expect("the game runs");
        reports.report((name, outcome));
    })
}

async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[test]
fn the_rules() {
    use Hand::{Paper, Rock, Scissors};
    assert_eq!(
        outcome(Rock, Scissors),
        Outcome::Win,
        "rock wins against scissors"
    );
    assert_eq!(
        outcome(Scissors, Rock),
        Outcome::Lose,
        "scissors lose against rock"
    );
    assert_eq!(
        outcome(Paper, Rock),
        Outcome::Win,
        "paper wins against rock"
    );
    assert_eq!(
        outcome(Rock, Paper),
        Outcome::Lose,
        "rock loses against paper"
    );
    assert_eq!(
        outcome(Scissors, Paper),
        Outcome::Win,
        "scissors win against paper"
    );
    assert_eq!(
        outcome(Paper, Scissors),
        Outcome::Lose,
        "paper loses against scissors"
    );
    assert_eq!(
        outcome(Rock, Rock),
        Outcome::Draw,
        "rock against rock is a draw"
    );
}

#[otp_core::test]
async fn two_pairs_play_two_games() {
    let lobby = Lobby::start(()).await.expect("the lobby starts");
    let reports = Probe::new();
    let mut players = Vec::new();
    let hands = [Hand::Rock, Hand::Scissors, Hand::Paper, Hand::Paper];
    for (name, hand) in ["ann", "bob", "cat", "dan"].into_iter().zip(hands) {
        players.push(player(&lobby, name, hand, &reports));
        settle().await;
    }
    let mut reports = reports.drain();
    reports.sort_by_key(|(name, _)| *name);
    let expected = [
        ("ann", Outcome::Win),
        ("bob", Outcome::Lose),
        ("cat", Outcome::Draw),
        ("dan", Outcome::Draw),
    ];
    assert_eq!(
        reports, expected,
        "ann plays rock against bob's scissors, cat and dan both paper"
    );
}

#[otp_core::test]
async fn a_player_that_dies_while_it_waits_gets_no_opponent() {
    let lobby = Lobby::start(()).await.expect("the lobby starts");
    let reports = Probe::new();
    let ann = player(&lobby, "ann", Hand::Rock, &reports);
    settle().await;
    process::exit(&ann, ExitReason::Kill);
    settle().await;
    let _bob = player(&lobby, "bob", Hand::Rock, &reports);
    settle().await;
    let _cat = player(&lobby, "cat", Hand::Scissors, &reports);
    settle().await;
    let mut reports = reports.drain();
    reports.sort_by_key(|(name, _)| *name);
    let expected = [("bob", Outcome::Win), ("cat", Outcome::Lose)];
    assert_eq!(
        reports, expected,
        "ann has died while she waited, so bob must play against cat"
    );
}
