//! The command line. The first command that needs the lobby opens it, and the lobby runs until the session ends.
//!
//! Only this file and its folder print.

mod bar;
mod crash;
mod duel;
mod tournament;

use crate::api::{HumanPlayer, Policy, RequestError, Service, Settings};
use crate::boundary::Listener;
use crate::core::Choice;
use clap::{Args, Subcommand};
use otp_core::{CallError, StartError};
use otp_shell::rig::Rig;
use otp_shell::value::{duration, name};
use otp_shell::{Failure, NoOptions, Program, Shell};
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// Runs the program with its command-line arguments, and returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Session>()
}

/// The program for tests that run it in their own process.
pub fn rig() -> Rig {
    Rig::of::<Session>()
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the lobby, linked with the shell; other commands open it when they need it
    #[command(after_help = "Example:\n  open --policy saved")]
    Open(Open),
    /// Close the lobby, and abort all games
    #[command(after_help = "Example:\n  close")]
    Close,
    /// Let a player join the lobby, and print the player's events from then on
    #[command(after_help = "Example:\n  join ann")]
    Join(Player),
    /// Let the waiting player leave the lobby
    #[command(after_help = "Example:\n  leave ann")]
    Leave(Player),
    /// Make the choice of a player
    #[command(after_help = "Example:\n  play 1 ann rock")]
    Play(Play),
    /// Print the waiting player and the running games
    #[command(after_help = "Example:\n  games")]
    Games,
    /// Crash a game, a player, the lobby or a part of the supervision tree
    #[command(subcommand)]
    Crash(crash::Part),
    /// Play one game against the computer
    #[command(after_help = "Example:\n  rock-paper-scissors duel rock")]
    Duel(duel::Args),
    /// Let computer players play many games at once
    #[command(
        after_help = "Example:\n  rock-paper-scissors --log off tournament 1000 --policy saved --crash 1/10"
    )]
    Tournament(tournament::Args),
}

#[derive(Debug, Args)]
struct Open {
    /// The treatment of crashed games
    #[arg(long, value_enum, default_value_t = Policy::Temporary)]
    policy: Policy,
    /// How many restarts of games within five seconds their supervisor allows
    #[arg(long, value_name = "N", default_value = "3")]
    max_crashes: usize,
    /// The time limit for the choices in a game
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    limit: Duration,
}

#[derive(Debug, Args)]
struct Player {
    /// The name of the player
    #[arg(value_parser = name)]
    player: String,
}

#[derive(Debug, Args)]
struct Play {
    /// The number of the game
    game: u64,
    /// The name of the player
    #[arg(value_parser = name)]
    player: String,
    /// The choice: rock, paper or scissors
    choice: Choice,
}

/// The state of a session: the service and the players by their names.
#[derive(Default)]
struct Session {
    service: Option<Service>,
    players: BTreeMap<String, HumanPlayer>,
}

impl Program for Session {
    const NAME: &'static str = "rock-paper-scissors";
    const ABOUT: &'static str = "Rock-paper-scissors: a lobby, and a game for each two players";
    const EXAMPLE: &'static str = "Example:\n  rock-paper-scissors duel rock";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Open(open) => self.open(&open, shell).await,
            Command::Close => self.close(shell).await,
            Command::Join(Player { player }) => self.join(player, shell).await,
            Command::Leave(Player { player }) => self.leave(&player, shell).await,
            Command::Play(play) => self.play(&play, shell).await,
            Command::Games => self.games(shell).await,
            Command::Crash(part) => crash::run(part, self, shell).await,
            Command::Duel(args) => duel::run(args, shell).await,
            Command::Tournament(args) => tournament::run(args, shell).await,
        }
    }

    fn hint(&self, _: &Shell) -> Option<&'static str> {
        let open = self.service.as_ref().is_some_and(Service::is_alive);
        (!open).then_some("`open` opens the lobby")
    }

    fn names(&self) -> Vec<String> {
        self.players.keys().cloned().collect()
    }
}

impl Session {
    async fn open(&mut self, open: &Open, shell: &mut Shell) -> Result<(), Failure> {
        if self.service.as_ref().is_some_and(Service::is_alive) {
            return Err(Failure::new("the lobby is open already: `close` closes it"));
        }
        let settings = Settings {
            policy: open.policy,
            max_restarts: open.max_crashes,
            limit: open.limit,
            ..Settings::default()
        };
        self.service = Some(start_service(settings, shell).await?);
        Ok(())
    }

    async fn close(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let service = self.service.take().filter(Service::is_alive);
        let service = service.ok_or_else(|| Failure::missing("the lobby is not open"))?;
        service.stop().await?;
        self.settle().await;
        shell.print("closed the lobby")
    }

    async fn join(&mut self, name: String, shell: &mut Shell) -> Result<(), Failure> {
        let service = self.service(shell).await?;
        let player = match self.players.get(&name).filter(|player| player.is_alive()) {
            Some(player) => player.clone(),
            None => {
                let player = start_player(&name, shell).await?;
                self.players.insert(name.clone(), player.clone());
                player
            }
        };
        let joined = service
            .join(&player)
            .await
            .map_err(|error| request_failed(&name, error))?;
        self.settle().await;
        match joined {
            Some(game) => shell.print(format_args!("{name} plays game {game}")),
            None => shell.print(format_args!("{name} waits")),
        }
    }

    async fn leave(&mut self, name: &str, shell: &mut Shell) -> Result<(), Failure> {
        let service = self.service(shell).await?;
        let left = service.leave(self.player(name)?).await;
        left.map_err(|error| request_failed(name, error))?;
        shell.print(format_args!("{name} leaves"))
    }

    async fn play(&mut self, play: &Play, shell: &mut Shell) -> Result<(), Failure> {
        let service = self.service(shell).await?;
        let Play {
            game,
            player,
            choice,
        } = play;
        let played = service.play(*game, self.player(player)?, *choice).await;
        self.settle().await;
        played.map_err(|error| match error {
            RequestError::Call(CallError::NoProcess { .. }) => no_game(*game),
            other => request_failed(player, other),
        })?;
        shell.print(format_args!("{player} plays {choice}"))
    }

    async fn games(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let service = self.service(shell).await?;
        match service.waiting().await? {
            Some(waiting) => shell.print(format_args!("{waiting} waits"))?,
            None => shell.print("no player waits")?,
        }
        for game in service.games() {
            // A game may end in the meantime.
            if let Ok([first, second]) = service.players(game).await {
                shell.print(format_args!("game {game}: {first} against {second}"))?;
            }
        }
        Ok(())
    }

    /// The service. Starts it if it does not run.
    async fn service(&mut self, shell: &mut Shell) -> Result<Service, Failure> {
        match self.service.as_ref().filter(|service| service.is_alive()) {
            Some(service) => Ok(service.clone()),
            None => {
                let service = start_service(Settings::default(), shell).await?;
                Ok(self.service.insert(service).clone())
            }
        }
    }

    fn player(&self, name: &str) -> Result<&HumanPlayer, Failure> {
        let player = self.players.get(name);
        player.ok_or_else(|| {
            Failure::new(format_args!(
                "there is no player {name}: `join {name}` adds the player"
            ))
        })
    }

    /// Waits until the players have passed on all events so far.
    async fn settle(&self) {
        for player in self.players.values() {
            // A player that has ended has no events to pass on.
            let _ = player.settle().await;
        }
    }
}

async fn start_player(name: &str, shell: &mut Shell) -> Result<HumanPlayer, StartError> {
    let printer = shell.printer();
    let start = || {
        let printer = printer.clone();
        let listener = Listener::new(move |event| printer.line(event));
        HumanPlayer::start(name.to_owned(), listener)
    };
    shell.start_linked(start).await
}

async fn start_service(settings: Settings, shell: &mut Shell) -> Result<Service, StartError> {
    shell.start_linked(|| Service::start_link(settings)).await
}

fn no_game(game: u64) -> Failure {
    Failure::new(format_args!(
        "there is no game {game}: `games` prints the running games"
    ))
}

/// The message for a player's request that failed.
fn request_failed<E: Error>(player: &str, error: RequestError<E>) -> Failure {
    match error {
        RequestError::Refused(error) => Failure::new(format_args!("{player}: {error}")),
        RequestError::Call(error) => error.into(),
    }
}
