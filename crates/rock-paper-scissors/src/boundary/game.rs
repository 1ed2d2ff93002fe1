//! The process of a game of two players.

use super::messages::{GameState, Notification, PlayerHandle};
use super::saved_state::SavedState;
use crate::core::{AlreadyPlayed, Choice, CrashPoint, Game, Side, Verdict};
use otp_core::prelude::*;
use otp_core::{Target, process};
use std::future::pending;
use std::time::Duration;

/// The arguments of a game.
#[derive(Debug, Clone)]
pub struct GameArgs {
    /// The game's number.
    pub number: u64,
    /// The player that waited, and the player that joined it.
    pub players: [PlayerHandle; 2],
    /// The supervisor that restarts the game after a crash, if the policy restarts games.
    pub supervisor: Option<Pid>,
    /// The tables that store the choices, if the policy saves them.
    pub saved: Option<SavedState>,
    /// The number of restarts before this start.
    pub restarts: u64,
    /// The point at which the game kills itself, once.
    pub crash: Option<CrashPoint>,
    /// The time limit for both choices.
    pub limit: Duration,
}

/// A running game. It stops after its last verdict.
#[derive(Debug)]
pub struct GameServer {
    args: GameArgs,
    game: Game,
}

/// Calls of a game.
#[derive(Debug)]
pub enum Call {
    /// Record the choice of the player with this pid.
    Play(Pid, Choice, ReplyTo<Result<(), PlayError>>),
    /// The names of the players.
    Players(ReplyTo<[String; 2]>),
}

/// Casts of a game.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// Other messages of a game.
#[derive(Debug)]
pub enum Message {
    /// The choice of a computer player.
    Move(Move),
    /// The time limit has passed.
    TimeIsUp,
}

/// A choice and the side that made it.
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

/// The game did not accept a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// The process is not a player of this game.
    #[error("not a player of this game")]
    NotAPlayer,
    /// The player has played already.
    #[error(transparent)]
    AlreadyPlayed(#[from] AlreadyPlayed),
}

#[gen_server]
impl GenServer for GameServer {
    type Args = GameArgs;
    type Call = Call;
    type Cast = Cast;
    type Info = Message;
    type Continue = ();

    async fn init(args: GameArgs, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(format!("game {}", args.number));
        let saved = args.saved.and_then(|saved| saved.game(args.number));
        let server = Self {
            game: saved.unwrap_or_default(),
            args,
        };
        for side in Side::BOTH {
            ctx.monitor(&server.player(side).server);
            server.notify_start(side, ctx);
        }
        ctx.send_after(server.args.limit, Message::TimeIsUp);
        Ok(Init::state(server).then(Next::Continue(())))
    }

    async fn handle_continue(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        self.maybe_crash(CrashPoint::Start).await;
        // A restarted game may have both choices already.
        self.end_if_decided()
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Play(player, choice, from) => match self.play_as(player, choice).await {
                Ok(next) => from.reply(Ok(())).then(next),
                Err(refused) => from.reply(Err(refused)),
            },
            Call::Players(from) => {
                let players = self.args.players.each_ref();
                from.reply(players.map(|player| player.name.clone()))
            }
        }
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(&mut self, info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            // A second choice of the same side is ignored.
            Info::Message(Message::Move(Move { side, choice })) => {
                self.play(side, choice).await.unwrap_or(Next::NoReply)
            }
            Info::Message(Message::TimeIsUp) => self.end(Game::overdue),
            Info::Down(down) => match self.side_of(&down.target) {
                Some(ended) => self.end(|_, side| match side == ended {
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
        let side = sides.find(|side| self.player(*side).server.pid() == player);
        let side = side.ok_or(PlayError::NotAPlayer)?;
        Ok(self.play(side, choice).await?)
    }

    async fn play(&mut self, side: Side, choice: Choice) -> Result<Next<Self>, AlreadyPlayed> {
        self.game.play(side, choice)?;
        if let Some(saved) = self.args.saved {
            saved.save_game(self.args.number, self.game);
        }
        self.maybe_crash(match self.game.has_played(side.other()) {
            true => CrashPoint::SecondChoice,
            false => CrashPoint::FirstChoice,
        })
        .await;
        Ok(self.end_if_decided())
    }

    fn end_if_decided(&self) -> Next<Self> {
        match Side::BOTH.map(|side| self.game.result(side)) {
            [Some(first), Some(second)] => self.end(|_, side| match side {
                Side::First => first,
                Side::Second => second,
            }),
            _ => Next::NoReply,
        }
    }

    /// Sends both verdicts and stops. This function does not wait, so a game that is killed has sent both verdicts or
    /// none.
    fn end(&self, verdict: impl Fn(&Game, Side) -> Verdict) -> Next<Self> {
        let game = self.args.number;
        if let Some(saved) = self.args.saved {
            saved.delete_game(game);
        }
        for side in Side::BOTH {
            let verdict = verdict(&self.game, side);
            self.player(side).server.send(Notification::GameEnded {
                game,
                side,
                verdict,
            });
        }
        Next::Stop(ExitReason::Normal)
    }

    /// Notifies a player of the start or the restart of the game.
    fn notify_start(&self, side: Side, ctx: &Context<Self>) {
        let state = match self.game.has_played(side) {
            true => GameState::ResumedPlayed,
            false if self.args.restarts == 0 => GameState::New,
            false if self.args.saved.is_some() => GameState::ResumedUnplayed,
            false => GameState::Restarted,
        };
        self.player(side).server.send(Notification::GameStarted {
            game: self.args.number,
            side,
            opponent: self.player(side.other()).name.clone(),
            server: ctx.me(),
            supervisor: self.args.supervisor,
            state,
        });
    }

    /// Kills the game at its crash point, unless it has been restarted.
    async fn maybe_crash(&self, point: CrashPoint) {
        if self.args.crash == Some(point) && self.args.restarts == 0 {
            process::exit(process::current(), ExitReason::Kill);
            pending::<()>().await;
        }
    }

    fn player(&self, side: Side) -> &PlayerHandle {
        let [first, second] = &self.args.players;
        match side {
            Side::First => first,
            Side::Second => second,
        }
    }

    fn side_of(&self, target: &Target) -> Option<Side> {
        let mut sides = Side::BOTH.into_iter();
        sides.find(|side| Target::from(&self.player(*side).server) == *target)
    }
}
