//! `crash`: whatever can crash, does.

use super::{Table, no_game};
use crate::api::{GAMES, SAVES};
use clap::Subcommand;
use otp_core::{ExitReason, Pid, process};
use otp_shell::value::name;
use otp_shell::{Aftermath, Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum Part {
    /// A game panics
    #[command(after_help = "Example:\n  crash game 1")]
    Game {
        /// Its number
        game: u64,
    },
    /// A player panics
    #[command(after_help = "Example:\n  crash player ann")]
    Player {
        /// Its name
        #[arg(value_parser = name)]
        player: String,
    },
    /// The lobby panics
    #[command(after_help = "Example:\n  crash lobby")]
    Lobby,
    /// The supervisor of the games is killed
    #[command(after_help = "Example:\n  crash games")]
    Games,
    /// The owner of the tables is killed
    #[command(after_help = "Example:\n  crash saves")]
    Saves,
}

pub(super) async fn run(part: Part, table: &mut Table, shell: &mut Shell) -> Result<(), Failure> {
    let house = table.house(shell).await?;
    match part {
        Part::Game { game } => {
            let pid = house.game_pid(game);
            let pid = pid.ok_or_else(|| no_game(game))?;
            crash(pid, || house.crash_game(game)).await;
        }
        Part::Player { player } => {
            let player = table.player(&player)?;
            let games = house.games();
            crash(player.pid(), || player.crash()).await;
            // Its games learn of it by a message, and answer after it; if they are over, not at all.
            for game in games {
                let _ = house.players(game).await;
            }
        }
        Part::Lobby => {
            let pid = house
                .lobby_pid()
                .ok_or_else(|| Failure::new("there is no lobby"))?;
            crash(pid, || house.crash_lobby()).await;
        }
        Part::Games => kill(GAMES, shell).await?,
        Part::Saves => kill(SAVES, shell).await?,
    }
    table.settle().await;
    Ok(())
}

async fn kill(name: &str, shell: &mut Shell) -> Result<(), Failure> {
    let pid = shell.target(name)?;
    crash(pid, || process::exit(pid, ExitReason::Kill)).await;
    Ok(())
}

/// Waits until a process has crashed, and the supervisors above it have done what they do about it.
async fn crash(pid: Pid, crash: impl FnOnce()) {
    Aftermath::of_end(pid, async { crash() }).await;
}
