//! The lobby: whoever comes first waits, and with the second a game begins.

use super::news::{Letter, Seat};
use super::saves::Saves;
use crate::core::{AlreadyWaiting, Joined, NotWaiting, Room, Side, Verdict};
use otp_core::MonitorRef;
use otp_core::prelude::*;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the lobby stands in, and what outlives it.
#[derive(Debug, Clone)]
pub struct Premises {
    /// How a game is begun.
    pub open: Open,
    /// Where who waits is kept, if it is.
    pub saves: Option<Saves>,
    /// How many games have been begun. It outlives the lobby, so that no two games ever have one number.
    pub games: Arc<AtomicU64>,
}

/// Begins the game with this number between these two.
#[derive(Clone)]
pub struct Open(Arc<dyn Fn(u64, [Seat; 2]) -> Opening + Send + Sync>);

type Opening = Pin<Box<dyn Future<Output = Result<(), ExitReason>> + Send>>;

/// The lobby.
#[derive(Debug)]
pub struct Lobby {
    room: Room<Seat>,
    premises: Premises,
    /// Watches who waits.
    watch: Option<MonitorRef>,
}

/// What the lobby is asked.
#[derive(Debug)]
pub enum Call {
    /// A player comes.
    Join(Seat, ReplyTo<Result<Option<u64>, JoinError>>),
    /// A player goes.
    Leave(Seat, ReplyTo<Result<(), NotWaiting>>),
    /// The name of the one who waits.
    Waiting(ReplyTo<Option<String>>),
}

/// What the lobby is told.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// A player who was not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JoinError {
    /// It waits already.
    #[error(transparent)]
    AlreadyWaiting(#[from] AlreadyWaiting),
    /// Nothing came of the game.
    #[error("game {game} did not begin: {reason}")]
    NoGame {
        /// Its number.
        game: u64,
        /// Why.
        reason: ExitReason,
    },
}

impl Open {
    /// Begins games by this function.
    pub fn new<F>(open: impl Fn(u64, [Seat; 2]) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), ExitReason>> + Send + 'static,
    {
        Self(Arc::new(move |game, seats| Box::pin(open(game, seats))))
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open")
    }
}

#[gen_server]
impl GenServer for Lobby {
    type Args = Premises;
    type Call = Call;
    type Cast = Cast;
    type Info = Seat;

    async fn init(premises: Premises, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let waiting = premises.saves.and_then(Saves::waiting);
        let mut lobby = Self {
            room: Room::new(waiting),
            premises,
            watch: None,
        };
        lobby.remember(ctx);
        Ok(Init::state(lobby))
    }

    async fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Join(seat, from) => from.reply(self.join(seat, ctx).await),
            Call::Leave(seat, from) => {
                let left = self.room.leave(&seat);
                if left.is_ok() {
                    self.remember(ctx);
                }
                from.reply(left)
            }
            Call::Waiting(from) => from.reply(self.room.waiting().map(|seat| seat.name.clone())),
        }
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(&mut self, info: Info<Seat>, ctx: &mut Context<Self>) -> Next<Self> {
        match info {
            // A player that joins by itself is told by letter.
            Info::Message(seat) => {
                let _ = self.join(seat, ctx).await;
            }
            Info::Down(down) if self.watch == Some(down.monitor) => {
                self.room = Room::new(None);
                self.remember(ctx);
            }
            Info::Down(_) | Info::Timeout | Info::Exit(_) => {}
        }
        Next::NoReply
    }
}

impl Lobby {
    /// The number of the game, or nothing if the player waits.
    async fn join(&mut self, seat: Seat, ctx: &Context<Self>) -> Result<Option<u64>, JoinError> {
        let joined = self.room.join(seat)?;
        self.remember(ctx);
        let Joined::Pair(first, second) = joined else {
            return Ok(None);
        };
        let game = self.premises.games.fetch_add(1, Ordering::Relaxed) + 1;
        let seats = [first, second];
        match (self.premises.open.0)(game, seats.clone()).await {
            Ok(()) => Ok(Some(game)),
            Err(reason) => {
                // Who waited would wait for ever.
                for (side, seat) in Side::BOTH.into_iter().zip(seats) {
                    let verdict = Verdict::Aborted;
                    seat.player.send(Letter::Over {
                        game,
                        side,
                        verdict,
                    });
                }
                Err(JoinError::NoGame { game, reason })
            }
        }
    }

    /// Watches who waits now, tells it, and keeps it where a crash cannot reach.
    fn remember(&mut self, ctx: &Context<Self>) {
        if let Some(watch) = self.watch.take() {
            ctx.demonitor(watch);
        }
        let waiting = self.room.waiting();
        if let Some(saves) = self.premises.saves {
            saves.keep_waiting(waiting.cloned());
        }
        if let Some(seat) = waiting {
            self.watch = Some(ctx.monitor(&seat.player));
            seat.player.send(Letter::Waits {
                lobby: ctx.pid(),
                kept: self.premises.saves.is_some(),
            });
        }
    }
}
