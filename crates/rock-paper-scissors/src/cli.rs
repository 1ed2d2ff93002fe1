//! The command line: a lobby that is opened when a command needs it, and lives through a session.
//!
//! Only these files print.

mod bar;
mod crash;
mod duel;
mod tournament;

use crate::api::{House, Participant, Plan, Policy, Refused};
use crate::boundary::Ear;
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

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Table>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Table>()
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the lobby, linked with the shell; other commands do it on their own
    #[command(after_help = "Example:\n  open --policy saved")]
    Open(Open),
    /// Close the lobby, and abort all games
    #[command(after_help = "Example:\n  close")]
    Close,
    /// Have a player join, who is told what happens from then on
    #[command(after_help = "Example:\n  join ann")]
    Join(Player),
    /// Have a player leave who waits
    #[command(after_help = "Example:\n  leave ann")]
    Leave(Player),
    /// Have a player make its choice
    #[command(after_help = "Example:\n  play 1 ann rock")]
    Play(Play),
    /// Tell who waits, and which games run
    #[command(after_help = "Example:\n  games")]
    Games,
    /// Have a part of it crash
    #[command(subcommand)]
    Crash(crash::Part),
    /// Play one game against the computer
    #[command(after_help = "Example:\n  rock-paper-scissors duel rock")]
    Duel(duel::Args),
    /// Have the computer play very many games against itself at once
    #[command(
        after_help = "Example:\n  rock-paper-scissors --log off tournament 1000 --policy saved --crash 1/10"
    )]
    Tournament(tournament::Args),
}

#[derive(Debug, Args)]
struct Open {
    /// What becomes of a game that crashes
    #[arg(long, value_enum, default_value_t = Policy::Temporary)]
    policy: Policy,
    /// How many crashes of games within five seconds are too many
    #[arg(long, value_name = "N", default_value = "3")]
    max_crashes: usize,
    /// How long players have for their choices
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
    /// What to play: rock, paper or scissors
    choice: Choice,
}

/// What has been opened in a session, and who plays.
#[derive(Default)]
struct Table {
    house: Option<House>,
    players: BTreeMap<String, Participant>,
}

impl Program for Table {
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
        let open = self.house.as_ref().is_some_and(House::is_alive);
        (!open).then_some("`open` opens the lobby")
    }

    fn names(&self) -> Vec<String> {
        self.players.keys().cloned().collect()
    }
}

impl Table {
    async fn open(&mut self, open: &Open, shell: &mut Shell) -> Result<(), Failure> {
        if self.house.as_ref().is_some_and(House::is_alive) {
            return Err(Failure::new("the lobby is open already: close it first"));
        }
        let plan = Plan {
            policy: open.policy,
            max_restarts: open.max_crashes,
            limit: open.limit,
            ..Plan::default()
        };
        self.house = Some(start(plan, shell).await?);
        Ok(())
    }

    async fn close(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house.take().filter(House::is_alive);
        let house = house.ok_or_else(|| Failure::missing("the lobby is not open"))?;
        house.stop().await?;
        self.settle().await;
        shell.print("closed the lobby")
    }

    async fn join(&mut self, name: String, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house(shell).await?;
        let player = match self.players.get(&name).filter(|player| player.is_alive()) {
            Some(player) => player.clone(),
            None => {
                let player = enter(&name, shell).await?;
                self.players.insert(name.clone(), player.clone());
                player
            }
        };
        let joined = house
            .join(&player)
            .await
            .map_err(|error| refused(&name, error))?;
        self.settle().await;
        match joined {
            Some(game) => shell.print(format_args!("{name} plays game {game}")),
            None => shell.print(format_args!("{name} waits")),
        }
    }

    async fn leave(&mut self, name: &str, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house(shell).await?;
        let left = house.leave(self.player(name)?).await;
        left.map_err(|error| refused(name, error))?;
        shell.print(format_args!("{name} leaves"))
    }

    async fn play(&mut self, play: &Play, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house(shell).await?;
        let Play {
            game,
            player,
            choice,
        } = play;
        let played = house.play(*game, self.player(player)?, *choice).await;
        self.settle().await;
        played.map_err(|error| match error {
            Refused::Call(CallError::NoProcess { .. }) => no_game(*game),
            other => refused(player, other),
        })?;
        shell.print(format_args!("{player} plays {choice}"))
    }

    async fn games(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house(shell).await?;
        let waiting = house.waiting().await?;
        let waiting = waiting.unwrap_or_else(|| "nobody".to_owned());
        shell.print(format_args!("{waiting} waits"))?;
        for game in house.games() {
            // One that has ended meanwhile does not run.
            if let Ok([first, second]) = house.players(game).await {
                shell.print(format_args!("game {game}: {first} against {second}"))?;
            }
        }
        Ok(())
    }

    /// The house, which is opened unless it is open.
    async fn house(&mut self, shell: &mut Shell) -> Result<House, Failure> {
        match self.house.as_ref().filter(|house| house.is_alive()) {
            Some(house) => Ok(house.clone()),
            None => {
                let house = start(Plan::default(), shell).await?;
                Ok(self.house.insert(house).clone())
            }
        }
    }

    fn player(&self, name: &str) -> Result<&Participant, Failure> {
        let player = self.players.get(name);
        player.ok_or_else(|| Failure::new(format_args!("there is no player {name}: join first")))
    }

    /// Waits until the players have told what they have been told.
    async fn settle(&self) {
        for player in self.players.values() {
            // The dead have nothing to tell.
            let _ = player.settle().await;
        }
    }
}

/// Starts a player.
async fn enter(name: &str, shell: &mut Shell) -> Result<Participant, StartError> {
    let printer = shell.printer();
    let start = || {
        let printer = printer.clone();
        let ear = Ear::new(move |event| printer.line(event));
        Participant::start(name.to_owned(), ear)
    };
    shell.start_linked(start).await
}

/// Opens a house.
async fn start(plan: Plan, shell: &mut Shell) -> Result<House, StartError> {
    shell.start_linked(|| House::start_link(plan)).await
}

fn no_game(game: u64) -> Failure {
    Failure::new(format_args!("there is no game {game}"))
}

/// Why a player's request has come to nothing.
fn refused<E: Error>(player: &str, error: Refused<E>) -> Failure {
    match error {
        Refused::By(error) => Failure::new(format_args!("{player}: {error}")),
        Refused::Call(error) => error.into(),
    }
}
