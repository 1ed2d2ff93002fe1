//! The process of the lobby: the first player waits, and the second one starts a game with it.

use super::messages::{Notification, PlayerHandle};
use super::saved_state::SavedState;
use crate::core::{AlreadyWaiting, Joined, NotWaiting, Side, Verdict, WaitingRoom};
use otp_core::MonitorRef;
use otp_core::prelude::*;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The arguments of the lobby. A restart passes the same values again.
#[derive(Debug, Clone)]
pub struct LobbyArgs {
    /// Starts a game.
    pub start_game: StartGame,
    /// The tables that store the waiting player, if the policy saves it.
    pub saved: Option<SavedState>,
    /// The number of games started so far. A restarted lobby continues this count, so game numbers are unique.
    pub games: Arc<AtomicU64>,
}

/// The function that starts the game with this number for these players.
#[derive(Clone)]
pub struct StartGame(Arc<dyn Fn(u64, [PlayerHandle; 2]) -> Starting + Send + Sync>);

type Starting = Pin<Box<dyn Future<Output = Result<(), ExitReason>> + Send>>;

/// The lobby.
#[derive(Debug)]
pub struct Lobby {
    room: WaitingRoom<PlayerHandle>,
    args: LobbyArgs,
    /// The monitor on the waiting player.
    monitor: Option<MonitorRef>,
}

/// Calls of the lobby.
#[derive(Debug)]
pub enum Call {
    /// Add a player. The answer is the number of its game, or `None` if it waits.
    Join(PlayerHandle, ReplyTo<Result<Option<u64>, JoinError>>),
    /// Remove the waiting player.
    Leave(PlayerHandle, ReplyTo<Result<(), NotWaiting>>),
    /// The name of the waiting player.
    Waiting(ReplyTo<Option<String>>),
}

/// Casts of the lobby.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// A player could not join.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JoinError {
    /// The player is waiting already.
    #[error(transparent)]
    AlreadyWaiting(#[from] AlreadyWaiting),
    /// The game did not start.
    #[error("game {game} did not start: {reason}")]
    GameNotStarted {
        /// The game's number.
        game: u64,
        /// The reason of the failure.
        reason: ExitReason,
    },
}

impl StartGame {
    /// Wraps a function that starts games.
    pub fn new<F>(start: impl Fn(u64, [PlayerHandle; 2]) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), ExitReason>> + Send + 'static,
    {
        Self(Arc::new(move |game, players| {
            Box::pin(start(game, players))
        }))
    }
}

impl fmt::Debug for StartGame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartGame")
    }
}

#[gen_server]
impl GenServer for Lobby {
    type Args = LobbyArgs;
    type Call = Call;
    type Cast = Cast;
    type Info = PlayerHandle;

    async fn init(args: LobbyArgs, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let waiting = args.saved.and_then(SavedState::waiting_player);
        let mut lobby = Self {
            room: WaitingRoom::new(waiting),
            args,
            monitor: None,
        };
        lobby.waiting_changed(ctx);
        Ok(Init::state(lobby))
    }

    async fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Join(player, from) => from.reply(self.join(player, ctx).await),
            Call::Leave(player, from) => {
                let left = self.room.leave(&player);
                if left.is_ok() {
                    self.waiting_changed(ctx);
                }
                from.reply(left)
            }
            Call::Waiting(from) => {
                let waiting = self.room.waiting();
                from.reply(waiting.map(|player| player.name.clone()))
            }
        }
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(
        &mut self,
        info: Info<PlayerHandle>,
        ctx: &mut Context<Self>,
    ) -> Next<Self> {
        match info {
            // A computer player joins with a message, and gets notifications instead of an answer.
            Info::Message(player) => {
                let _ = self.join(player, ctx).await;
            }
            Info::Down(down) if self.monitor == Some(down.monitor) => {
                self.room = WaitingRoom::new(None);
                self.waiting_changed(ctx);
            }
            Info::Down(_) | Info::Timeout | Info::Exit(_) => {}
        }
        Next::NoReply
    }
}

impl Lobby {
    async fn join(
        &mut self,
        player: PlayerHandle,
        ctx: &Context<Self>,
    ) -> Result<Option<u64>, JoinError> {
        let joined = self.room.join(player)?;
        self.waiting_changed(ctx);
        let Joined::Paired(first, second) = joined else {
            return Ok(None);
        };
        let game = self.args.games.fetch_add(1, Ordering::Relaxed) + 1;
        let players = [first, second];
        match (self.args.start_game.0)(game, players.clone()).await {
            Ok(()) => Ok(Some(game)),
            Err(reason) => {
                // Without a verdict the player that waited would wait for ever.
                for (side, player) in Side::BOTH.into_iter().zip(players) {
                    let verdict = Verdict::Aborted;
                    player.server.send(Notification::GameEnded {
                        game,
                        side,
                        verdict,
                    });
                }
                Err(JoinError::GameNotStarted { game, reason })
            }
        }
    }

    /// Saves, monitors and notifies the player that waits now.
    fn waiting_changed(&mut self, ctx: &Context<Self>) {
        if let Some(monitor) = self.monitor.take() {
            ctx.demonitor(monitor);
        }
        let waiting = self.room.waiting();
        if let Some(saved) = self.args.saved {
            saved.save_waiting_player(waiting.cloned());
        }
        if let Some(player) = waiting {
            self.monitor = Some(ctx.monitor(&player.server));
            player.server.send(Notification::Waiting {
                lobby: ctx.pid(),
                saved: self.args.saved.is_some(),
            });
        }
    }
}
