//! Exercise 4.5: a lobby that pairs players. The task is in `TASK.md`.

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
    // Write this.
    let _ = (mine, theirs);
    Outcome::Draw
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
    waiting: Option<Player>,
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
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        match self.waiting.take() {
            // Correct this: the waiting player may have died in the meantime.
            Some(opponent) => {
                let game = Game::start(()).await.expect("a game's init cannot fail");
                opponent.send(game.clone());
                player.send(game);
            }
            None => self.waiting = Some(player),
        }
        from.reply(())
    }
}
