//! `rps tournament`: very many games at once.

use super::bar::Bar;
use crate::api::{Plan, Policy, Tournament, World};
use crate::core::Chance;
use otp_shell::{Failure, Shell};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many games
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    games: u32,
    /// What becomes of a game that crashes
    #[arg(long, value_enum, default_value_t = Policy::Temporary)]
    policy: Policy,
    /// How many of the games crash once, at some moment
    #[arg(long, value_name = "N/M", default_value_t = Chance::NEVER)]
    crash: Chance,
    /// What the players play and which games crash; who plays against whom is left to chance
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// How many crashes within five seconds are too many; as many as there are games, unless given
    #[arg(long, value_name = "N")]
    max_crashes: Option<usize>,
}

/// Plays in a house of its own, on a node of its own.
pub(super) async fn run(args: Args, shell: &mut Shell) -> Result<(), Failure> {
    let games = args.games as usize;
    let plan = Plan {
        policy: args.policy,
        max_restarts: args.max_crashes.unwrap_or(games),
        crash: args.crash,
        seed: args.seed,
        ..Plan::default()
    };
    let bar = Bar::new(games);
    let shown = bar.clone();
    let tournament = Tournament { games, plan };
    let world = World::default();
    let played = tournament
        .run(world.node(), move |ended| shown.show(ended))
        .await;
    bar.clear();
    let summary = played.map_err(|reason| {
        Failure::new(format_args!(
            "the tournament has ended before its time: {reason}"
        ))
    })?;
    shell.print_lines(summary)?;
    match summary.is_fair() {
        true => Ok(()),
        false => Err(Failure::new(
            "not every game has ended, or not for both sides alike",
        )),
    }
}
