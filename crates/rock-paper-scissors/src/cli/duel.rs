//! `duel`: one game of a human player against the computer.

use super::request_failed;
use crate::api::{Event, EventKind, HumanPlayer, ScopedNode, Service, Settings};
use crate::boundary::Listener;
use crate::core::{Choice, Outcome, Random, Verdict};
use otp_core::Mailbox;
use otp_shell::{Failure, Shell};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The choice: rock, paper or scissors
    choice: Choice,
    /// The seed of the computer's choice; with the same seed the computer makes the same choice
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Plays on a separate node, with a separate lobby, so that no other player joins.
pub(super) async fn run(args: Args, shell: &mut Shell) -> Result<(), Failure> {
    let random = Random::new(args.seed.unwrap_or_else(seed_from_clock), 0);
    let node = ScopedNode::default();
    let duel = async move |me: Mailbox<Event>| duel(me, args.choice, random).await;
    let played = node.node().run_with(duel).await;
    let verdict = played.map_err(Failure::new)??;
    let Verdict::Result {
        outcome,
        mine,
        theirs,
    } = verdict
    else {
        return Err(Failure::new(format_args!(
            "the game has no result: {verdict}"
        )));
    };
    shell.print(format_args!("you: {mine}, computer: {theirs}"))?;
    shell.print(match outcome {
        Outcome::Win => "you win",
        Outcome::Lose => "the computer wins",
        Outcome::Draw => "a draw",
    })
}

async fn duel(mut me: Mailbox<Event>, choice: Choice, random: Random) -> Result<Verdict, Failure> {
    let service = Service::start_link(Settings::default()).await?;
    let receiver = me.me();
    let listener = Listener::new(move |event| receiver.send(event));
    let you = HumanPlayer::start("you".to_owned(), listener).await?;
    let joined = service.join(&you).await;
    joined.map_err(|error| request_failed("you", error))?;
    service
        .start_computer("computer".to_owned(), random, Listener::new(|_| ()))
        .await?;
    let verdict = loop {
        match me.receive().await.kind {
            EventKind::GameStarted { game, .. } => {
                let played = service.play(game, &you, choice).await;
                played.map_err(|error| request_failed("you", error))?;
            }
            EventKind::GameEnded { verdict, .. } => break verdict,
            EventKind::GameRestarted { .. }
            | EventKind::GameResumed { .. }
            | EventKind::PlaceLost => {}
        }
    };
    service.stop().await?;
    Ok(verdict)
}

fn seed_from_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as u64)
}
