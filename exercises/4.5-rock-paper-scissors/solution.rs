//! A solution of exercise 4.5: the lobby monitors the waiting player.

use otp_core::MonitorRef;
use otp_core::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Rock,
    Paper,
    Scissors,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Win,
    Lose,
    Draw,
}

// The core.

/// The outcome of `mine` against `theirs`.
pub fn outcome(mine: Hand, theirs: Hand) -> Outcome {
    match (mine, theirs) {
        (Hand::Rock, Hand::Scissors)
        | (Hand::Paper, Hand::Rock)
        | (Hand::Scissors, Hand::Paper) => Outcome::Win,
        _ if mine == theirs => Outcome::Draw,
        _ => Outcome::Lose,
    }
}

// The game: one process for each pair.

/// A game between two players. It answers both when both have played.
#[derive(Default)]
pub struct Game {
    first: Option<(Hand, ReplyTo<Outcome>)>,
}

pub struct Play(pub Hand, pub ReplyTo<Outcome>);

#[gen_server]
impl GenServer for Game {
    type Call = Play;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, Play(hand, from): Play, _: &mut Context<Self>) -> Reply<Self> {
        match self.first.take() {
            None => {
                self.first = Some((hand, from));
                Reply::later()
            }
            Some((other, other_from)) => {
                other_from.send(outcome(other, hand));
                from.reply(outcome(hand, other))
                    .then(Next::Stop(ExitReason::Normal))
            }
        }
    }
}

// The lobby.

/// A player. Its mailbox gets the game when it is paired.
pub type Player = ProcessRef<ServerRef<Game>>;

#[derive(Default)]
pub struct Lobby {
    /// The waiting player, and the monitor on it.
    waiting: Option<(Player, MonitorRef)>,
}

pub struct Join(pub Player, pub ReplyTo<()>);

#[gen_server]
impl GenServer for Lobby {
    type Call = Join;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(
        &mut self,
        Join(player, from): Join,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        match self.waiting.take() {
            Some((opponent, monitor)) => {
                context.demonitor(monitor);
                let game = Game::start(()).await.expect("a game's init cannot fail");
                opponent.send(game.clone());
                player.send(game);
            }
            None => {
                let monitor = context.monitor(&player);
                self.waiting = Some((player, monitor));
            }
        }
        from.reply(())
    }

    async fn handle_info(&mut self, info: Info<Never>, _: &mut Context<Self>) -> Next<Self> {
        if let Info::Down(down) = info {
            self.waiting
                .take_if(|(_, monitor)| *monitor == down.monitor);
        }
        Next::NoReply
    }
}
