//! `crash`: crashes a process of the program.

use super::{Session, no_game};
use crate::api::{GAMES, SAVES};
use clap::Subcommand;
use otp_core::{ExitReason, Pid, process};
use otp_shell::value::name;
use otp_shell::{Aftermath, Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum Part {
    /// Make a game panic
    #[command(after_help = "Example:\n  crash game 1")]
    Game {
        /// The number of the game
        game: u64,
    },
    /// Make a player panic
    #[command(after_help = "Example:\n  crash player ann")]
    Player {
        /// The name of the player
        #[arg(value_parser = name)]
        player: String,
    },
    /// Make the lobby panic
    #[command(after_help = "Example:\n  crash lobby")]
    Lobby,
    /// Kill the supervisor of the games
    #[command(after_help = "Example:\n  crash games")]
    Games,
    /// Kill the owner of the tables
    #[command(after_help = "Example:\n  crash saves")]
    Saves,
}

pub(super) async fn run(
    part: Part,
    session: &mut Session,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let service = session.service(shell).await?;
    match part {
        Part::Game { game } => {
            let pid = service.game_pid(game);
            let pid = pid.ok_or_else(|| no_game(game))?;
            crash(pid, || service.crash_game(game)).await;
        }
        Part::Player { player } => {
            let player = session.player(&player)?;
            let games = service.games();
            crash(player.pid(), || player.crash()).await;
            // Each game of the player has the DOWN in its mailbox, and answers this call after it. A game that has ended
            // does not answer.
            for game in games {
                let _ = service.players(game).await;
            }
        }
        Part::Lobby => {
            let pid = service
                .lobby_pid()
                .ok_or_else(|| Failure::new("the lobby does not run"))?;
            crash(pid, || service.crash_lobby()).await;
        }
        Part::Games => kill(GAMES, shell).await?,
        Part::Saves => kill(SAVES, shell).await?,
    }
    session.settle().await;
    Ok(())
}

async fn kill(name: &str, shell: &mut Shell) -> Result<(), Failure> {
    let pid = shell.target(name)?;
    crash(pid, || process::exit(pid, ExitReason::Kill)).await;
    Ok(())
}

/// Crashes a process, and waits until the supervisors above it have handled its end.
async fn crash(pid: Pid, crash: impl FnOnce()) {
    Aftermath::of_end(pid, async { crash() }).await;
}
