//! `rps`: exercise 4.5.

mod bar;
mod crash;
mod duel;
mod tournament;

use super::value::{duration, name};
use super::{end_of, is_orphan, plain};
use crate::rps::api::{House, Participant, Plan, Policy, Refused};
use crate::rps::boundary::Ear;
use crate::rps::core::Choice;
use clap::{Args, Subcommand, ValueEnum};
use otp_core::{CallError, StartError};
use otp_shell::{Failure, Shell};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(super) enum RpsCommand {
    /// Open the lobby, linked with the shell; other commands do it on their own
    #[command(after_help = "Example:\n  rps open --policy saved")]
    Open(Open),
    /// Close the lobby, and abort all games
    #[command(after_help = "Example:\n  rps close")]
    Close,
    /// Have a player join, who is told what happens from then on
    #[command(after_help = "Example:\n  rps join ann")]
    Join(Player),
    /// Have a player leave who waits
    #[command(after_help = "Example:\n  rps leave ann")]
    Leave(Player),
    /// Have a player make its choice
    #[command(after_help = "Example:\n  rps play 1 ann rock")]
    Play(Play),
    /// Tell who waits, and which games run
    #[command(after_help = "Example:\n  rps games")]
    Games,
    /// Have a part of it crash
    #[command(subcommand)]
    Crash(crash::Part),
    /// Play one game against the computer
    #[command(after_help = "Example:\n  ch4-dynamic rps duel rock")]
    Duel(duel::Args),
    /// Have the computer play very many games against itself at once
    #[command(
        after_help = "Example:\n  ch4-dynamic --log off rps tournament 1000 --policy saved --crash 1/10"
    )]
    Tournament(tournament::Args),
}

#[derive(Debug, Args)]
pub(super) struct Open {
    /// What becomes of a game that crashes
    #[arg(long, value_enum, default_value_t = PolicyChoice::Temporary)]
    policy: PolicyChoice,
    /// How many crashes of games within five seconds are too many
    #[arg(long, value_name = "N", default_value = "3")]
    max_crashes: usize,
    /// How long players have for their choices
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    limit: Duration,
}

#[derive(Debug, Args)]
pub(super) struct Player {
    /// The name of the player
    #[arg(value_parser = name)]
    player: String,
}

#[derive(Debug, Args)]
pub(super) struct Play {
    /// The number of the game
    game: u64,
    /// The name of the player
    #[arg(value_parser = name)]
    player: String,
    /// What to play: rock, paper or scissors
    choice: Choice,
}

/// [`Policy`], as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum PolicyChoice {
    /// The game is gone, and both players are told
    Temporary,
    /// The game begins once more
    Transient,
    /// The game goes on where it was
    Saved,
}

/// What has been opened in a session, and who plays.
#[derive(Default)]
pub(super) struct Table {
    house: Option<House>,
    players: BTreeMap<String, Participant>,
}

impl Table {
    pub(super) async fn run(
        &mut self,
        command: RpsCommand,
        shell: &mut Shell,
    ) -> Result<(), Failure> {
        match command {
            RpsCommand::Open(open) => self.open(&open, shell).await,
            RpsCommand::Close => self.close(shell).await,
            RpsCommand::Join(Player { player }) => self.join(player, shell).await,
            RpsCommand::Leave(Player { player }) => self.leave(&player, shell).await,
            RpsCommand::Play(play) => self.play(&play, shell).await,
            RpsCommand::Games => self.games(shell).await,
            RpsCommand::Crash(part) => crash::run(part, self, shell).await,
            RpsCommand::Duel(args) => duel::run(args, shell).await,
            RpsCommand::Tournament(args) => tournament::run(args, shell).await,
        }
    }

    async fn open(&mut self, open: &Open, shell: &mut Shell) -> Result<(), Failure> {
        if self.house.as_ref().is_some_and(House::is_alive) {
            return Err(Failure::new("the lobby is open already: close it first"));
        }
        let plan = Plan {
            policy: open.policy.into(),
            max_restarts: open.max_crashes,
            limit: open.limit,
            ..Plan::default()
        };
        self.house = Some(start(plan, shell).await?);
        Ok(())
    }

    async fn close(&mut self, shell: &mut Shell) -> Result<(), Failure> {
        let house = self.house.take().filter(House::is_alive);
        let house = house.ok_or_else(|| Failure::new("the lobby is not open"))?;
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
        played.map_err(|error| refused(player, error))?;
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
    pub(super) async fn house(&mut self, shell: &mut Shell) -> Result<House, Failure> {
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

/// Starts a player, when that of a shell which has died is gone.
async fn enter(name: &str, shell: &mut Shell) -> Result<Participant, Failure> {
    loop {
        let printer = shell.printer();
        let ear = Ear::new(move |event| printer.line(event));
        match Participant::start(name.to_owned(), ear).await {
            Err(StartError::AlreadyStarted(pid)) if is_orphan(pid, shell) => {
                end_of(pid, shell).await;
            }
            started => return Ok(started?),
        }
    }
}

/// Opens a house, when that of a shell which has died is closed.
async fn start(plan: Plan, shell: &mut Shell) -> Result<House, Failure> {
    loop {
        match House::start_link(plan).await {
            Err(StartError::AlreadyStarted(pid)) if is_orphan(pid, shell) => {
                end_of(pid, shell).await;
            }
            started => return Ok(started?),
        }
    }
}

impl From<PolicyChoice> for Policy {
    fn from(choice: PolicyChoice) -> Self {
        match choice {
            PolicyChoice::Temporary => Self::Temporary,
            PolicyChoice::Transient => Self::Transient,
            PolicyChoice::Saved => Self::Saved,
        }
    }
}

/// Why a player's request has come to nothing.
fn refused<E: Error>(player: &str, error: Refused<E>) -> Failure {
    match error {
        Refused::By(error) => Failure::new(format_args!("{player}: {error}")),
        Refused::Call(CallError::Exited { server, reason }) => Failure::new(format_args!(
            "{server} ended before it answered: {}",
            plain(&reason)
        )),
        Refused::Call(error) => error.into(),
    }
}
