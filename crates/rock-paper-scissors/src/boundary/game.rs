//! A game of two players.

use super::news::{Letter, Seat, Turn};
use super::saves::Saves;
use crate::core::{AlreadyPlayed, Choice, Game, Moment, Side, Verdict};
use otp_core::prelude::*;
use otp_core::{Target, process};
use std::future::pending;
use std::time::Duration;

/// Two players, and how their game is to go.
#[derive(Debug, Clone)]
pub struct Match {
    /// The game's number.
    pub number: u64,
    /// Who plays: the one who waited, and the one who came.
    pub seats: [Seat; 2],
    /// The supervisor that brings it back after a crash, if it does.
    pub keeper: Option<Pid>,
    /// Where what has been played outlives a crash, if it does.
    pub saves: Option<Saves>,
    /// How often it has crashed.
    pub lives: u64,
    /// When it crashes by itself.
    pub crash: Option<Moment>,
    /// How long the players have.
    pub limit: Duration,
}

/// A game that runs. It ends when it is over.
#[derive(Debug)]
pub struct GameServer {
    table: Match,
    game: Game,
}

/// What a game is asked.
#[derive(Debug)]
pub enum Call {
    /// To take a player's choice.
    Play(Pid, Choice, ReplyTo<Result<(), PlayError>>),
    /// The names of its players.
    Players(ReplyTo<[String; 2]>),
}

/// What a game is told.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// What comes to a game by itself.
#[derive(Debug)]
pub enum Message {
    /// A computer's choice.
    Move(Move),
    /// The players have had their time.
    TimeIsUp,
}

/// A choice, of a player who knows its side.
#[derive(Debug)]
pub struct Move {
    pub(super) side: Side,
    pub(super) choice: Choice,
}

impl From<Move> for Message {
    fn from(played: Move) -> Self {
        Self::Move(played)
    }
}

/// A choice that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// Whoever plays has no part in this game.
    #[error("not a player of this game")]
    NotAPlayer,
    /// The player has played already.
    #[error(transparent)]
    AlreadyPlayed(#[from] AlreadyPlayed),
}

#[gen_server]
impl GenServer for GameServer {
    type Args = Match;
    type Call = Call;
    type Cast = Cast;
    type Info = Message;
    type Continue = ();

    async fn init(table: Match, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(format!("game {}", table.number));
        let saved = table.saves.and_then(|saves| saves.game(table.number));
        let server = Self {
            game: saved.unwrap_or_default(),
            table,
        };
        for side in Side::BOTH {
            ctx.monitor(&server.seat(side).player);
            server.invite(side, ctx);
        }
        ctx.send_after(server.table.limit, Message::TimeIsUp);
        Ok(Init::state(server).then(Next::Continue(())))
    }

    async fn handle_continue(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        self.maybe_crash(Moment::Begun).await;
        // Of one that is back, both may have played.
        self.next()
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Play(player, choice, from) => match self.play_as(player, choice).await {
                Ok(next) => from.reply(Ok(())).then(next),
                Err(refused) => from.reply(Err(refused)),
            },
            Call::Players(from) => {
                let players = self.table.seats.each_ref();
                from.reply(players.map(|seat| seat.name.clone()))
            }
        }
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            // The first choice stays.
            Info::Message(Message::Move(Move { side, choice })) => {
                self.play(side, choice).await.unwrap_or(Next::NoReply)
            }
            Info::Message(Message::TimeIsUp) => self.end(Game::overdue),
            Info::Down(down) => match self.side_of(&down.target) {
                Some(gone) => self.end(|_, side| match side == gone {
                    true => Verdict::LostByForfeit,
                    false => Verdict::WonByForfeit,
                }),
                None => Next::NoReply,
            },
            Info::Timeout | Info::Exit(_) => Next::NoReply,
        }
    }
}

impl GameServer {
    async fn play_as(&mut self, player: Pid, choice: Choice) -> Result<Next<Self>, PlayError> {
        let mut sides = Side::BOTH.into_iter();
        let side = sides.find(|side| self.seat(*side).player.pid() == player);
        let side = side.ok_or(PlayError::NotAPlayer)?;
        Ok(self.play(side, choice).await?)
    }

    async fn play(&mut self, side: Side, choice: Choice) -> Result<Next<Self>, AlreadyPlayed> {
        self.game.play(side, choice)?;
        if let Some(saves) = self.table.saves {
            saves.save(self.table.number, self.game);
        }
        self.maybe_crash(match self.game.has_played(side.other()) {
            true => Moment::Played,
            false => Moment::HalfPlayed,
        })
        .await;
        Ok(self.next())
    }

    /// Ends if both have played.
    fn next(&self) -> Next<Self> {
        match Side::BOTH.map(|side| self.game.result(side)) {
            [Some(first), Some(second)] => self.end(|_, side| match side {
                Side::First => first,
                Side::Second => second,
            }),
            _ => Next::NoReply,
        }
    }

    /// Tells both sides what has come of it, and stops. Nothing waits in between, so a game that is killed has told
    /// both or none.
    fn end(&self, verdict: impl Fn(&Game, Side) -> Verdict) -> Next<Self> {
        let game = self.table.number;
        if let Some(saves) = self.table.saves {
            saves.forget(game);
        }
        for side in Side::BOTH {
            let verdict = verdict(&self.game, side);
            self.seat(side).player.send(Letter::Over {
                game,
                side,
                verdict,
            });
        }
        Next::Stop(ExitReason::Normal)
    }

    /// Tells a player where to play, and whether to.
    fn invite(&self, side: Side, ctx: &Context<Self>) {
        let turn = match self.game.has_played(side) {
            true => Turn::Done,
            false if self.table.lives == 0 => Turn::First,
            false if self.table.saves.is_some() => Turn::Still,
            false => Turn::Again,
        };
        self.seat(side).player.send(Letter::Table {
            game: self.table.number,
            side,
            opponent: self.seat(side.other()).name.clone(),
            server: ctx.me(),
            keeper: self.table.keeper,
            turn,
        });
    }

    /// In its first life a game may have an accident, as if somebody killed it.
    async fn maybe_crash(&self, moment: Moment) {
        if self.table.crash == Some(moment) && self.table.lives == 0 {
            process::exit(process::current(), ExitReason::Kill);
            pending::<()>().await;
        }
    }

    fn seat(&self, side: Side) -> &Seat {
        let [first, second] = &self.table.seats;
        match side {
            Side::First => first,
            Side::Second => second,
        }
    }

    fn side_of(&self, target: &Target) -> Option<Side> {
        let mut sides = Side::BOTH.into_iter();
        sides.find(|side| Target::from(&self.seat(*side).player) == *target)
    }
}
