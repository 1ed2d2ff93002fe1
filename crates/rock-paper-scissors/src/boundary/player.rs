//! The process of a player: a human player passes its events on, a computer player joins and plays by itself.

use super::game;
use super::lobby::Lobby;
use super::messages::{EventKind, GameState, Listener, Notification, PlayerHandle};
use crate::core::{Random, Side, Verdict};
use otp_core::MonitorRef;
use otp_core::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

/// The pause between two attempts to find a lobby that is being restarted, and the number of attempts.
const RETRY_DELAY: Duration = Duration::from_millis(10);
const RETRIES: u32 = 500;

/// The arguments of a player.
#[derive(Debug)]
pub struct PlayerArgs {
    /// The player's name.
    pub name: String,
    /// Human or computer.
    pub kind: PlayerKind,
    /// The listener for the player's events.
    pub listener: Listener,
}

/// The two kinds of players.
#[derive(Debug)]
pub enum PlayerKind {
    /// A human player, which joins and plays by calls of the API.
    Human {
        /// The process that started the player. The player stops when this process ends.
        owner: Pid,
    },
    /// A computer player. It joins, plays one game, and stops.
    Computer {
        /// The generator of its choice.
        random: Random,
        /// The lobby to join.
        lobby: ServerName<Lobby>,
    },
}

/// A player.
#[derive(Debug)]
pub struct Player {
    args: PlayerArgs,
    games: HashMap<u64, RunningGame>,
    /// The place in the lobby, while the player waits.
    place: Option<Place>,
}

/// Calls of a player.
#[derive(Debug)]
pub enum Call {
    /// Answer after all earlier messages.
    Settle(ReplyTo<()>),
}

/// Casts of a player.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// A game of the player that has not ended.
#[derive(Debug)]
struct RunningGame {
    side: Side,
    game: MonitorRef,
    /// The monitor on the supervisor that would restart the game.
    supervisor: Option<MonitorRef>,
    /// Whether the game has crashed and has not been restarted yet.
    crashed: bool,
}

/// A place in the lobby.
#[derive(Debug)]
struct Place {
    lobby: MonitorRef,
    /// Whether a restarted lobby still has the player waiting.
    saved: bool,
}

#[gen_server]
impl GenServer for Player {
    type Args = PlayerArgs;
    type Call = Call;
    type Cast = Cast;
    type Info = Notification;
    type Continue = ServerName<Lobby>;

    async fn init(args: PlayerArgs, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let first = match &args.kind {
            PlayerKind::Human { owner } => {
                ctx.monitor(*owner);
                Next::NoReply
            }
            PlayerKind::Computer { lobby, .. } => Next::Continue(lobby.clone()),
        };
        let player = Self {
            args,
            games: HashMap::new(),
            place: None,
        };
        Ok(Init::state(player).then(first))
    }

    async fn handle_continue(
        &mut self,
        lobby: ServerName<Lobby>,
        ctx: &mut Context<Self>,
    ) -> Next<Self> {
        self.join(lobby, RETRIES, ctx)
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Settle(from) = call;
        from.reply(())
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(
        &mut self,
        info: Info<Notification>,
        ctx: &mut Context<Self>,
    ) -> Next<Self> {
        match info {
            Info::Message(notification) => self.handle_notification(notification, ctx),
            Info::Down(down) => self.handle_down(&down, ctx),
            Info::Timeout | Info::Exit(_) => Next::NoReply,
        }
    }
}

impl Player {
    fn handle_notification(
        &mut self,
        notification: Notification,
        ctx: &Context<Self>,
    ) -> Next<Self> {
        match notification {
            Notification::Waiting { lobby, saved } => {
                self.take_place(lobby, saved, ctx);
                Next::NoReply
            }
            Notification::GameStarted {
                game,
                side,
                opponent,
                server,
                supervisor,
                state,
            } => {
                self.leave_place(ctx);
                self.monitor_game(game, side, server.pid(), supervisor, ctx);
                self.notify(match state {
                    GameState::New => EventKind::GameStarted { game, opponent },
                    GameState::Restarted => EventKind::GameRestarted { game },
                    GameState::ResumedUnplayed => EventKind::GameResumed {
                        game,
                        must_play: true,
                    },
                    GameState::ResumedPlayed => EventKind::GameResumed {
                        game,
                        must_play: false,
                    },
                });
                if let PlayerKind::Computer { random, .. } = &mut self.args.kind
                    && state != GameState::ResumedPlayed
                {
                    server.send(
                        game::Move {
                            side,
                            choice: random.choice(),
                        }
                        .into(),
                    );
                }
                Next::NoReply
            }
            Notification::GameEnded {
                game,
                side,
                verdict,
            } => {
                self.leave_place(ctx);
                self.end_game(game, side, verdict, ctx)
            }
            Notification::RetryJoin(lobby, retries) => self.join(lobby, retries, ctx),
        }
    }

    fn handle_down(&mut self, down: &Down, ctx: &Context<Self>) -> Next<Self> {
        if let PlayerKind::Human { owner } = self.args.kind
            && !ctx.node().is_alive(owner)
        {
            // Games and lobby may end together with the owner. Their ends are not passed on.
            return Next::Stop(ExitReason::Normal);
        }
        if self
            .place
            .as_ref()
            .is_some_and(|place| place.lobby == down.monitor)
        {
            let place = self.place.take();
            return match &self.args.kind {
                // The restarted lobby sends `Notification::Waiting`.
                _ if place.is_some_and(|place| place.saved) => Next::NoReply,
                PlayerKind::Computer { lobby, .. } => self.join(lobby.clone(), RETRIES, ctx),
                PlayerKind::Human { .. } => {
                    self.notify(EventKind::PlaceLost);
                    Next::NoReply
                }
            };
        }
        let lost = self
            .games
            .iter_mut()
            .find_map(|(game, running)| running.is_lost(down).then_some((*game, running.side)));
        match lost {
            Some((game, side)) => self.end_game(game, side, Verdict::Aborted, ctx),
            None => Next::NoReply,
        }
    }

    fn join(&mut self, lobby: ServerName<Lobby>, retries: u32, ctx: &Context<Self>) -> Next<Self> {
        match lobby.whereis() {
            Some(server) => {
                // If the lobby crashes before it handles this message, the monitor makes the player join again.
                self.take_place(server.pid(), false, ctx);
                server.send(PlayerHandle {
                    name: self.args.name.clone(),
                    server: ctx.me(),
                });
            }
            None if retries == 0 => return Next::Stop(ExitReason::Normal),
            None => {
                ctx.send_after(RETRY_DELAY, Notification::RetryJoin(lobby, retries - 1));
            }
        }
        Next::NoReply
    }

    fn take_place(&mut self, lobby: Pid, saved: bool, ctx: &Context<Self>) {
        self.leave_place(ctx);
        let lobby = ctx.monitor(lobby);
        self.place = Some(Place { lobby, saved });
    }

    fn monitor_game(
        &mut self,
        game: u64,
        side: Side,
        server: Pid,
        supervisor: Option<Pid>,
        ctx: &Context<Self>,
    ) {
        let running = RunningGame {
            side,
            game: ctx.monitor(server),
            supervisor: supervisor.map(|supervisor| ctx.monitor(supervisor)),
            crashed: false,
        };
        if let Some(before) = self.games.insert(game, running) {
            before.demonitor(ctx);
        }
    }

    fn end_game(
        &mut self,
        game: u64,
        side: Side,
        verdict: Verdict,
        ctx: &Context<Self>,
    ) -> Next<Self> {
        if let Some(running) = self.games.remove(&game) {
            running.demonitor(ctx);
        }
        self.notify(EventKind::GameEnded {
            game,
            side,
            verdict,
        });
        match self.args.kind {
            PlayerKind::Human { .. } => Next::NoReply,
            PlayerKind::Computer { .. } => Next::Stop(ExitReason::Normal),
        }
    }

    fn leave_place(&mut self, ctx: &Context<Self>) {
        if let Some(place) = self.place.take() {
            ctx.demonitor(place.lobby);
        }
    }

    fn notify(&self, kind: EventKind) {
        self.args.listener.notify(&self.args.name, kind);
    }
}

impl RunningGame {
    /// Whether this DOWN means that the game is not restarted any more.
    fn is_lost(&mut self, down: &Down) -> bool {
        if self.game == down.monitor {
            self.crashed = true;
            // A game that ends normally is not restarted. Its verdict has arrived before the DOWN.
            return self.supervisor.is_none() || !down.reason.is_abnormal();
        }
        if self.supervisor == Some(down.monitor) {
            self.supervisor = None;
            // The supervisor stops its games when it ends, but the two DOWNs may arrive in any order.
            return self.crashed;
        }
        false
    }

    fn demonitor(&self, ctx: &Context<Player>) {
        ctx.demonitor(self.game);
        if let Some(supervisor) = self.supervisor {
            ctx.demonitor(supervisor);
        }
    }
}
