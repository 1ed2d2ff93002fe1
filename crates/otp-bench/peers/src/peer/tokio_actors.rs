//! tokio-actors: one message and one response type an actor, mailboxes with a limit, supervision from within actors.

use std::time::Duration;

use otp_bench::Contender;
use tokio::sync::mpsc::UnboundedSender;
use tokio_actors::actor::context::ActorContext;
use tokio_actors::actor::handle::ActorHandle;
use tokio_actors::actor::{Actor, ActorExt};
use tokio_actors::{
    ActorError, ActorId, ActorResult, ActorSystem, RestartType, StopReason, SupervisionConfig,
};

use super::{Dynamic, Members, Names, Peer, Restarts};
use crate::entrants::Entrant;
use crate::workload;

pub(crate) const TOKIO_ACTORS: Entrant = Entrant {
    contender: Contender {
        name: "tokio-actors",
        sides: &[
            ("call", workload::call::<TokioActors>),
            ("64 callers", workload::callers::<TokioActors>),
            ("cast", workload::cast::<TokioActors>),
            ("four casters", workload::cast_four::<TokioActors>),
            ("ring hop", workload::ring::<TokioActors>),
            ("pairs", workload::pairs::<TokioActors>),
            ("lookup+cast", workload::lookup::<TokioActors>),
            ("start", workload::start::<TokioActors>),
            ("stop", workload::stop::<TokioActors>),
            ("restart", workload::restart::<TokioActors>),
            ("dynamic start", workload::dynamic_start::<TokioActors>),
            (
                "dynamic terminate, 100",
                workload::dynamic_terminate::<TokioActors, 100>,
            ),
            (
                "dynamic terminate, 1,000",
                workload::dynamic_terminate::<TokioActors, 1_000>,
            ),
            (
                "dynamic terminate, 10,000",
                workload::dynamic_terminate::<TokioActors, 10_000>,
            ),
        ],
    },
    idle: workload::idle::<TokioActors>,
    package: Some("tokio-actors"),
};

/// tokio-actors has one default system a program.
#[derive(Clone)]
struct TokioActors;

#[derive(Default)]
struct Adder {
    total: u64,
}

enum Message {
    Add(u64),
    Total(u64),
    Crash,
}

impl Actor for Adder {
    type Message = Message;
    type Response = u64;

    async fn handle(&mut self, message: Message, _: &mut ActorContext<Self>) -> ActorResult<u64> {
        match message {
            Message::Add(n) | Message::Total(n) => self.total = self.total.wrapping_add(n),
            Message::Crash => return Err(ActorError::user("told to fail")),
        }
        Ok(self.total)
    }
}

impl Peer for TokioActors {
    type Server = ActorHandle<Adder>;

    fn new() -> Self {
        Self
    }

    async fn start(&self) -> ActorHandle<Adder> {
        // Comes back when `on_started` has. Without a name the actor has a random id.
        Adder::default()
            .spawn()
            .await
            .expect("on_started cannot fail")
    }

    async fn stop(&self, server: ActorHandle<Adder>) {
        let asked = server.stop(StopReason::Graceful).await;
        asked.expect("the actor lives");
        server.wait_stopped().await;
    }

    async fn call(server: &ActorHandle<Adder>, n: u64) -> u64 {
        // `send` has no time limit; `send_timeout` would have one.
        let answer = server.send(Message::Total(n)).await;
        answer.expect("the actor lives")
    }

    async fn cast(server: &ActorHandle<Adder>, n: u64) {
        let sent = server.notify(Message::Add(n)).await;
        sent.expect("the actor lives");
    }
}

struct Member {
    next: Option<ActorHandle<Member>>,
    rest: UnboundedSender<()>,
}

enum Pass {
    Next(ActorHandle<Member>),
    Token(u64),
}

impl Actor for Member {
    type Message = Pass;
    type Response = ();

    async fn handle(&mut self, message: Pass, _: &mut ActorContext<Self>) -> ActorResult<()> {
        match message {
            Pass::Next(next) => self.next = Some(next),
            Pass::Token(0) => self.rest.send(()).expect("somebody waits for the token"),
            Pass::Token(left) => {
                let next = self.next.as_ref().expect("members are introduced first");
                let sent = next.notify(Pass::Token(left - 1)).await;
                sent.expect("the actor lives");
            }
        }
        Ok(())
    }
}

impl Members for TokioActors {
    type Member = ActorHandle<Member>;

    async fn member(&self, rest: UnboundedSender<()>) -> ActorHandle<Member> {
        Member { next: None, rest }
            .spawn()
            .await
            .expect("on_started cannot fail")
    }

    async fn introduce(member: &ActorHandle<Member>, next: ActorHandle<Member>) {
        let sent = member.notify(Pass::Next(next)).await;
        sent.expect("the actor lives");
    }

    async fn hand(member: &ActorHandle<Member>, left: u64) {
        let sent = member.notify(Pass::Token(left)).await;
        sent.expect("the actor lives");
    }
}

impl Names for TokioActors {
    async fn start_named(&self, name: &str) {
        Adder::default()
            .spawn()
            .named(name)
            .await
            .expect("the name is free and on_started cannot fail");
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let actor = ActorSystem::default().get::<Adder>(name);
        let sent = actor
            .expect("the name is registered")
            .notify(Message::Add(n))
            .await;
        sent.expect("the actor lives");
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        let actor = ActorSystem::default().get::<Adder>(name)?;
        actor.send(Message::Total(n)).await.ok()
    }
}

/// An actor that restarts one child with a name.
struct Keeper {
    name: String,
}

impl Actor for Keeper {
    type Message = ();
    type Response = ();

    async fn on_started(&mut self, context: &mut ActorContext<Self>) -> ActorResult<()> {
        context
            .spawn_child(Adder::default)
            .named(&*self.name)
            .restart_type(RestartType::Permanent)
            .await?;
        Ok(())
    }

    async fn handle(&mut self, (): (), _: &mut ActorContext<Self>) -> ActorResult<()> {
        Ok(())
    }
}

impl Restarts for TokioActors {
    type Supervisor = ActorHandle<Keeper>;

    async fn supervise(&self, name: &str) -> ActorHandle<Keeper> {
        // The limit is that of the library's own benchmark of restarts.
        let restarts =
            SupervisionConfig::one_for_one().max_restarts(u32::MAX, Duration::from_secs(1));
        let name = name.to_owned();
        Keeper { name }
            .spawn()
            .with_supervision(restarts)
            .await
            .expect("the name is free and on_started cannot fail")
    }

    async fn crash(&self, name: &str) {
        let actor = ActorSystem::default().get::<Adder>(name);
        let sent = actor
            .expect("the name is registered")
            .notify(Message::Crash)
            .await;
        sent.expect("the actor lives");
    }
}

/// An actor that starts and ends children when it is asked to: only a handler can.
struct Supervisor;

enum Ask {
    Start,
    Terminate(ActorId),
}

enum Done {
    Started(ActorHandle<Adder>),
    Terminated,
}

impl Actor for Supervisor {
    type Message = Ask;
    type Response = Done;

    async fn handle(&mut self, ask: Ask, context: &mut ActorContext<Self>) -> ActorResult<Done> {
        match ask {
            Ask::Start => {
                // A temporary child is forgotten when it ends. Its start is not waited for: inside of a handler the
                // library does not, lest a child that asks its supervisor something blocks both.
                let child = context.spawn_child(Adder::default);
                Ok(Done::Started(
                    child.restart_type(RestartType::Temporary).await?,
                ))
            }
            Ask::Terminate(child) => {
                context.terminate_child(child).await?;
                Ok(Done::Terminated)
            }
        }
    }
}

impl Dynamic for TokioActors {
    type Supervisor = ActorHandle<Supervisor>;
    type Child = ActorHandle<Adder>;

    async fn supervisor(&self) -> ActorHandle<Supervisor> {
        Supervisor
            .spawn()
            .with_supervision(SupervisionConfig::simple_one_for_one())
            .await
            .expect("on_started cannot fail")
    }

    async fn start_child(&self, supervisor: &ActorHandle<Supervisor>) -> ActorHandle<Adder> {
        match supervisor.send(Ask::Start).await {
            Ok(Done::Started(child)) => child,
            _ => unreachable!("on_started cannot fail"),
        }
    }

    async fn terminate_child(
        &self,
        supervisor: &ActorHandle<Supervisor>,
        child: ActorHandle<Adder>,
    ) {
        let done = supervisor.send(Ask::Terminate(child.id().clone())).await;
        done.expect("the child is there");
    }
}
