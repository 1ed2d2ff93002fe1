//! ractor: one message enum an actor, a reply port in each question, supervisors written by hand.

use otp_bench::Contender;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent, call, cast};
use tokio::sync::mpsc::UnboundedSender;

use super::{Dynamic, Members, Names, Peer, Restarts};
use crate::entrants::Entrant;
use crate::workload;

pub(crate) const RACTOR: Entrant = Entrant {
    contender: Contender {
        name: "ractor",
        sides: &[
            ("call", workload::call::<Ractor>),
            ("64 callers", workload::callers::<Ractor>),
            ("cast", workload::cast::<Ractor>),
            ("four casters", workload::cast_four::<Ractor>),
            ("ring hop", workload::ring::<Ractor>),
            ("pairs", workload::pairs::<Ractor>),
            ("lookup+cast", workload::lookup::<Ractor>),
            ("start", workload::start::<Ractor>),
            ("stop", workload::stop::<Ractor>),
            ("restart", workload::restart::<Ractor>),
            ("dynamic start", workload::dynamic_start::<Ractor>),
            (
                "dynamic terminate, 100",
                workload::dynamic_terminate::<Ractor, 100>,
            ),
            (
                "dynamic terminate, 1,000",
                workload::dynamic_terminate::<Ractor, 1_000>,
            ),
            (
                "dynamic terminate, 10,000",
                workload::dynamic_terminate::<Ractor, 10_000>,
            ),
        ],
    },
    idle: workload::idle::<Ractor>,
    package: Some("ractor"),
};

/// ractor has one registry a program.
#[derive(Clone)]
struct Ractor;

struct Adder;

enum Message {
    Add(u64),
    Total(u64, RpcReplyPort<u64>),
    Crash,
}

impl Actor for Adder {
    type Msg = Message;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        total: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Add(n) => *total = total.wrapping_add(n),
            Message::Total(n, reply) => {
                *total = total.wrapping_add(n);
                reply.send(*total)?;
            }
            // An error ends the actor as a failure, without the cost and the noise of a panic.
            Message::Crash => return Err("the actor was told to fail".into()),
        }
        Ok(())
    }
}

impl Peer for Ractor {
    type Server = ActorRef<Message>;

    fn new() -> Self {
        Self
    }

    async fn start(&self) -> ActorRef<Message> {
        // Comes back when `pre_start` has.
        let (actor, _) = Actor::spawn(None, Adder, ())
            .await
            .expect("pre_start cannot fail");
        actor
    }

    async fn stop(&self, server: ActorRef<Message>) {
        server
            .stop_and_wait(None, None)
            .await
            .expect("without a limit the wait cannot time out");
    }

    async fn call(server: &ActorRef<Message>, n: u64) -> u64 {
        // `call!` has no time limit; `call_t!` would add a timer to each call.
        call!(server, Message::Total, n).expect("the actor lives")
    }

    async fn cast(server: &ActorRef<Message>, n: u64) {
        cast!(server, Message::Add(n)).expect("the actor lives");
    }
}

struct Member;

struct MemberState {
    next: Option<ActorRef<Pass>>,
    rest: UnboundedSender<()>,
}

enum Pass {
    Next(ActorRef<Pass>),
    Token(u64),
}

impl Actor for Member {
    type Msg = Pass;
    type State = MemberState;
    type Arguments = UnboundedSender<()>;

    async fn pre_start(
        &self,
        _: ActorRef<Pass>,
        rest: UnboundedSender<()>,
    ) -> Result<MemberState, ActorProcessingErr> {
        Ok(MemberState { next: None, rest })
    }

    async fn handle(
        &self,
        _: ActorRef<Pass>,
        message: Pass,
        state: &mut MemberState,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Pass::Next(next) => state.next = Some(next),
            Pass::Token(0) => state.rest.send(())?,
            Pass::Token(left) => {
                let next = state.next.as_ref().expect("members are introduced first");
                cast!(next, Pass::Token(left - 1))?;
            }
        }
        Ok(())
    }
}

impl Members for Ractor {
    type Member = ActorRef<Pass>;

    async fn member(&self, rest: UnboundedSender<()>) -> ActorRef<Pass> {
        let (actor, _) = Actor::spawn(None, Member, rest)
            .await
            .expect("pre_start cannot fail");
        actor
    }

    async fn introduce(member: &ActorRef<Pass>, next: ActorRef<Pass>) {
        cast!(member, Pass::Next(next)).expect("the actor lives");
    }

    async fn hand(member: &ActorRef<Pass>, left: u64) {
        cast!(member, Pass::Token(left)).expect("the actor lives");
    }
}

impl Names for Ractor {
    async fn start_named(&self, name: &str) {
        Actor::spawn(Some(name.to_owned()), Adder, ())
            .await
            .expect("the name is free and pre_start cannot fail");
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let actor = ActorRef::where_is(name).expect("the name is registered");
        cast!(actor, Message::Add(n)).expect("the actor lives");
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        let actor: ActorRef<Message> = ActorRef::where_is(name)?;
        call!(actor, Message::Total, n).ok()
    }
}

/// A supervisor is an actor that others are linked to, and restarts what it wants to restart.
struct Supervisor;

impl Actor for Supervisor {
    type Msg = ();
    /// The name of the child that is restarted; without one, none is.
    type State = Option<String>;
    type Arguments = Option<String>;

    async fn pre_start(
        &self,
        myself: ActorRef<()>,
        name: Option<String>,
    ) -> Result<Option<String>, ActorProcessingErr> {
        if name.is_some() {
            Actor::spawn_linked(name.clone(), Adder, (), myself.get_cell()).await?;
        }
        Ok(name)
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<()>,
        event: SupervisionEvent,
        name: &mut Option<String>,
    ) -> Result<(), ActorProcessingErr> {
        if let (SupervisionEvent::ActorFailed(..), Some(name)) = (event, name) {
            Actor::spawn_linked(Some(name.clone()), Adder, (), myself.get_cell()).await?;
        }
        Ok(())
    }
}

impl Restarts for Ractor {
    type Supervisor = ActorRef<()>;

    async fn supervise(&self, name: &str) -> ActorRef<()> {
        let (supervisor, _) = Actor::spawn(None, Supervisor, Some(name.to_owned()))
            .await
            .expect("the name is free and pre_start cannot fail");
        supervisor
    }

    async fn crash(&self, name: &str) {
        let actor: ActorRef<Message> = ActorRef::where_is(name).expect("the name is registered");
        cast!(actor, Message::Crash).expect("the actor lives");
    }
}

impl Dynamic for Ractor {
    type Supervisor = ActorRef<()>;
    type Child = ActorRef<Message>;

    async fn supervisor(&self) -> ActorRef<()> {
        let (supervisor, _) = Actor::spawn(None, Supervisor, None)
            .await
            .expect("pre_start cannot fail");
        supervisor
    }

    async fn start_child(&self, supervisor: &ActorRef<()>) -> ActorRef<Message> {
        // Anybody may link an actor to a supervisor. To ask the supervisor to do it would cost a call more.
        let (child, _) = Actor::spawn_linked(None, Adder, (), supervisor.get_cell())
            .await
            .expect("pre_start cannot fail");
        child
    }

    async fn terminate_child(&self, _: &ActorRef<()>, child: ActorRef<Message>) {
        // The supervisor is told by an event of its own, and nobody waits for that.
        child
            .stop_and_wait(None, None)
            .await
            .expect("without a limit the wait cannot time out");
    }
}
