//! `tournament`: many games at once.

use super::bar::Bar;
use crate::api::{Policy, ScopedNode, Settings, Tournament};
use crate::core::Probability;
use otp_shell::{Failure, Shell};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number of games
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    games: u32,
    /// The treatment of crashed games
    #[arg(long, value_enum, default_value_t = Policy::Temporary)]
    policy: Policy,
    /// The probability that a game crashes once
    #[arg(long, value_name = "N/M", default_value_t = Probability::ZERO)]
    crash: Probability,
    /// The seed that selects the choices and the games that crash; it does not select the pairs of players
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// How many restarts of games within five seconds their supervisor allows [default: the number of games]
    #[arg(long, value_name = "N")]
    max_crashes: Option<usize>,
}

/// Plays on a separate node, with a separate lobby.
pub(super) async fn run(args: Args, shell: &mut Shell) -> Result<(), Failure> {
    let games = args.games as usize;
    let settings = Settings {
        policy: args.policy,
        max_restarts: args.max_crashes.unwrap_or(games),
        crash: args.crash,
        seed: args.seed,
        ..Settings::default()
    };
    let bar = Bar::new(games);
    let shown = bar.clone();
    let tournament = Tournament { games, settings };
    let node = ScopedNode::default();
    let played = tournament
        .run(node.node(), move |ended| shown.show(ended))
        .await;
    bar.clear();
    let summary = played.map_err(|reason| {
        Failure::new(format_args!(
            "the service ended before the tournament: {reason}"
        ))
    })?;
    shell.print_lines(summary)?;
    match summary.is_consistent() {
        true => Ok(()),
        false => Err(Failure::new("at least one game is disputed or stranded")),
    }
}
