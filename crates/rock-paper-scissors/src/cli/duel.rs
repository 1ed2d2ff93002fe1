//! `rps duel`: one game of a person against the computer.

use super::refused;
use crate::api::{Event, House, News, Participant, Plan, World};
use crate::boundary::Ear;
use crate::core::{Choice, Luck, Outcome, Verdict};
use otp_shell::{Failure, Shell};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to play: rock, paper or scissors
    choice: Choice,
    /// The luck of the computer, for one who wants to have the same game again
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Plays in a house of its own, on a node of its own, so that nobody else comes in.
pub(super) async fn run(args: Args, shell: &mut Shell) -> Result<(), Failure> {
    let luck = Luck::new(args.seed.unwrap_or_else(any_seed), 0);
    let world = World::default();
    let played = world.node().run(duel(args.choice, luck)).await;
    let verdict = played.map_err(Failure::new)??;
    let Verdict::Result {
        outcome,
        mine,
        theirs,
    } = verdict
    else {
        return Err(Failure::new(format_args!(
            "the game came to nothing: {verdict}"
        )));
    };
    shell.print(format_args!("you: {mine}, computer: {theirs}"))?;
    shell.print(match outcome {
        Outcome::Win => "you win",
        Outcome::Lose => "the computer wins",
        Outcome::Draw => "nobody wins",
    })
}

async fn duel(choice: Choice, luck: Luck) -> Result<Verdict, Failure> {
    let house = House::start_link(Plan::default()).await?;
    let (heard, mut events) = mpsc::unbounded_channel();
    let ear = Ear::new(move |event| {
        // Whoever does not listen any more has heard the verdict.
        let _ = heard.send(event);
    });
    let you = Participant::start("you".to_owned(), ear).await?;
    house
        .join(&you)
        .await
        .map_err(|error| refused("you", error))?;
    house
        .invite_computer("computer".to_owned(), luck, Ear::new(|_| ()))
        .await?;
    let mut told = None;
    while let Some(Event { news, .. }) = events.recv().await {
        match news {
            News::Paired { game, .. } => {
                let played = house.play(game, &you, choice).await;
                played.map_err(|error| refused("you", error))?;
            }
            News::Over { verdict, .. } => {
                told = Some(verdict);
                break;
            }
            News::Again { .. } | News::GoesOn { .. } | News::PlaceLost => {}
        }
    }
    house.stop().await?;
    told.ok_or_else(|| Failure::new("the game came to nothing"))
}

/// Another one each time.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as u64)
}
