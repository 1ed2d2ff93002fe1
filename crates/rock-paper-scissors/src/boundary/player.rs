//! A player: a person's, who is told what happens, or the computer's, which plays by itself.

use super::game;
use super::lobby::Lobby;
use super::news::{Ear, Letter, News, Seat, Turn};
use crate::core::{Luck, Side, Verdict};
use otp_core::MonitorRef;
use otp_core::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

/// How long a player waits before it tries a lobby again that is not there, and how often.
const PATIENCE: Duration = Duration::from_millis(10);
const TRIES: u32 = 500;

/// What a player needs to know to be one.
#[derive(Debug)]
pub struct Persona {
    /// Its name.
    pub name: String,
    /// Who makes its choices.
    pub mind: Mind,
    /// Who listens to it.
    pub ear: Ear,
}

/// Who makes a player's choices.
#[derive(Debug)]
pub enum Mind {
    /// A person, from outside.
    Person {
        /// The process of the person, without which the player has nothing to do here.
        owner: Pid,
    },
    /// The computer. It joins by itself, plays one game, and goes.
    Computer {
        /// What it plays.
        luck: Luck,
        /// Where it joins.
        lobby: ServerName<Lobby>,
    },
}

/// A player.
#[derive(Debug)]
pub struct Player {
    persona: Persona,
    games: HashMap<u64, Playing>,
    /// Where it waits.
    place: Option<Place>,
}

/// What a player is asked.
#[derive(Debug)]
pub enum Call {
    /// To answer when it has read all that came before.
    Settle(ReplyTo<()>),
}

/// What a player is told from outside.
#[derive(Debug)]
pub enum Cast {
    /// Panic.
    Crash,
}

/// A game that is not over.
#[derive(Debug)]
struct Playing {
    side: Side,
    /// Tells that the game has ended.
    game: MonitorRef,
    /// Tells that nobody brings it back any more.
    keeper: Option<MonitorRef>,
    /// It has crashed, and is not back yet.
    away: bool,
}

/// A place in the waiting room, or the hope of one.
#[derive(Debug)]
struct Place {
    /// Tells that the lobby has ended.
    lobby: MonitorRef,
    /// Whether the next lobby has the place too.
    kept: bool,
}

#[gen_server]
impl GenServer for Player {
    type Args = Persona;
    type Call = Call;
    type Cast = Cast;
    type Info = Letter;
    type Continue = ServerName<Lobby>;

    async fn init(persona: Persona, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let first = match &persona.mind {
            Mind::Person { owner } => {
                ctx.monitor(*owner);
                Next::NoReply
            }
            Mind::Computer { lobby, .. } => Next::Continue(lobby.clone()),
        };
        let player = Self {
            persona,
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
        self.join(lobby, TRIES, ctx)
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Settle(from) = call;
        from.reply(())
    }

    async fn handle_cast(&mut self, Cast::Crash: Cast, _: &mut Context<Self>) -> Next<Self> {
        panic!("boom")
    }

    async fn handle_info(&mut self, info: Info<Letter>, ctx: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(letter) => self.read(letter, ctx),
            Info::Down(down) => self.miss(&down, ctx),
            Info::Timeout | Info::Exit(_) => Next::NoReply,
        }
    }
}

impl Player {
    fn read(&mut self, letter: Letter, ctx: &Context<Self>) -> Next<Self> {
        match letter {
            Letter::Waits { lobby, kept } => {
                self.take_place(lobby, kept, ctx);
                Next::NoReply
            }
            Letter::Table {
                game,
                side,
                opponent,
                server,
                keeper,
                turn,
            } => {
                self.leave_place(ctx);
                self.watch(game, side, server.pid(), keeper, ctx);
                self.tell(match turn {
                    Turn::First => News::Paired { game, opponent },
                    Turn::Again => News::Again { game },
                    Turn::Still => News::GoesOn { game, turn: true },
                    Turn::Done => News::GoesOn { game, turn: false },
                });
                if let Mind::Computer { luck, .. } = &mut self.persona.mind
                    && turn != Turn::Done
                {
                    server.send(
                        game::Move {
                            side,
                            choice: luck.choice(),
                        }
                        .into(),
                    );
                }
                Next::NoReply
            }
            Letter::Over {
                game,
                side,
                verdict,
            } => {
                self.leave_place(ctx);
                self.over(game, side, verdict, ctx)
            }
            Letter::Rejoin(lobby, tries) => self.join(lobby, tries, ctx),
        }
    }

    /// Somebody whom it depends on has ended.
    fn miss(&mut self, down: &Down, ctx: &Context<Self>) -> Next<Self> {
        if let Mind::Person { owner } = self.persona.mind
            && !ctx.node().is_alive(owner)
        {
            // All else that ends now may end because of it, and there is nobody to tell.
            return Next::Stop(ExitReason::Normal);
        }
        if self
            .place
            .as_ref()
            .is_some_and(|place| place.lobby == down.monitor)
        {
            let place = self.place.take();
            // A place that is kept is there again when the lobby is, and the lobby tells.
            return match &self.persona.mind {
                _ if place.is_some_and(|place| place.kept) => Next::NoReply,
                Mind::Computer { lobby, .. } => self.join(lobby.clone(), TRIES, ctx),
                Mind::Person { .. } => {
                    self.tell(News::PlaceLost);
                    Next::NoReply
                }
            };
        }
        let lost = self
            .games
            .iter_mut()
            .find_map(|(game, playing)| playing.loses(down).then_some((*game, playing.side)));
        match lost {
            Some((game, side)) => self.over(game, side, Verdict::Aborted, ctx),
            None => Next::NoReply,
        }
    }

    fn join(&mut self, lobby: ServerName<Lobby>, tries: u32, ctx: &Context<Self>) -> Next<Self> {
        match lobby.whereis() {
            Some(there) => {
                // Until it is answered, the letter is lost with the lobby.
                self.take_place(there.pid(), false, ctx);
                there.send(Seat {
                    name: self.persona.name.clone(),
                    player: ctx.me(),
                });
            }
            None if tries == 0 => return Next::Stop(ExitReason::Normal),
            None => {
                ctx.send_after(PATIENCE, Letter::Rejoin(lobby, tries - 1));
            }
        }
        Next::NoReply
    }

    fn take_place(&mut self, lobby: Pid, kept: bool, ctx: &Context<Self>) {
        self.leave_place(ctx);
        let lobby = ctx.monitor(lobby);
        self.place = Some(Place { lobby, kept });
    }

    fn watch(
        &mut self,
        game: u64,
        side: Side,
        server: Pid,
        keeper: Option<Pid>,
        ctx: &Context<Self>,
    ) {
        let playing = Playing {
            side,
            game: ctx.monitor(server),
            keeper: keeper.map(|keeper| ctx.monitor(keeper)),
            away: false,
        };
        if let Some(before) = self.games.insert(game, playing) {
            before.forget(ctx);
        }
    }

    fn over(&mut self, game: u64, side: Side, verdict: Verdict, ctx: &Context<Self>) -> Next<Self> {
        if let Some(playing) = self.games.remove(&game) {
            playing.forget(ctx);
        }
        self.tell(News::Over {
            game,
            side,
            verdict,
        });
        match self.persona.mind {
            Mind::Person { .. } => Next::NoReply,
            Mind::Computer { .. } => Next::Stop(ExitReason::Normal),
        }
    }

    fn leave_place(&mut self, ctx: &Context<Self>) {
        if let Some(place) = self.place.take() {
            ctx.demonitor(place.lobby);
        }
    }

    fn tell(&self, news: News) {
        self.persona.ear.hear(&self.persona.name, news);
    }
}

impl Playing {
    /// Whether the game is lost for good with this end.
    fn loses(&mut self, down: &Down) -> bool {
        if self.game == down.monitor {
            self.away = true;
            // One that ends in good order is not brought back, and has told its verdict before.
            return self.keeper.is_none() || !down.reason.is_abnormal();
        }
        if self.keeper == Some(down.monitor) {
            self.keeper = None;
            // The supervisor takes along its games, but the news of the two ends may arrive in any order.
            return self.away;
        }
        false
    }

    fn forget(&self, ctx: &Context<Player>) {
        ctx.demonitor(self.game);
        if let Some(keeper) = self.keeper {
            ctx.demonitor(keeper);
        }
    }
}
