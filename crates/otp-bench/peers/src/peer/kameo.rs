//! kameo: a type and a handler for each message, mailboxes with a limit, supervisors that the library runs.

use std::time::Duration;

use kameo::Actor;
use kameo::actor::{ActorRef, Spawn};
use kameo::error::Infallible;
use kameo::message::{Context, Message};
use kameo::supervision::RestartPolicy;
use otp_bench::Contender;
use tokio::sync::mpsc::UnboundedSender;

use super::{Dynamic, Members, Names, Peer, Restarts};
use crate::entrants::Entrant;
use crate::workload;

pub(crate) const KAMEO: Entrant = Entrant {
    contender: Contender {
        name: "kameo",
        sides: &[
            ("call", workload::call::<Kameo>),
            ("64 callers", workload::callers::<Kameo>),
            ("cast", workload::cast::<Kameo>),
            ("four casters", workload::cast_four::<Kameo>),
            ("ring hop", workload::ring::<Kameo>),
            ("pairs", workload::pairs::<Kameo>),
            ("lookup+cast", workload::lookup::<Kameo>),
            ("start", workload::start::<Kameo>),
            ("stop", workload::stop::<Kameo>),
            ("restart", workload::restart::<Kameo>),
            ("dynamic start", workload::dynamic_start::<Kameo>),
            (
                "dynamic terminate, 100",
                workload::dynamic_terminate::<Kameo, 100>,
            ),
            (
                "dynamic terminate, 1,000",
                workload::dynamic_terminate::<Kameo, 1_000>,
            ),
            (
                "dynamic terminate, 10,000",
                workload::dynamic_terminate::<Kameo, 10_000>,
            ),
        ],
    },
    idle: workload::idle::<Kameo>,
    package: Some("kameo"),
};

/// kameo has one registry a program.
#[derive(Clone)]
struct Kameo;

#[derive(Actor, Clone, Default)]
struct Adder {
    total: u64,
}

struct Add(u64);
struct Total(u64);

impl Message<Add> for Adder {
    type Reply = ();

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self, ()>) {
        self.total = self.total.wrapping_add(n);
    }
}

impl Message<Total> for Adder {
    type Reply = u64;

    async fn handle(&mut self, Total(n): Total, _: &mut Context<Self, u64>) -> u64 {
        self.total = self.total.wrapping_add(n);
        self.total
    }
}

impl Peer for Kameo {
    type Server = ActorRef<Adder>;

    fn new() -> Self {
        Self
    }

    async fn start(&self) -> ActorRef<Adder> {
        // `spawn` gives the actor a mailbox of 64 messages, as the library's examples do.
        let actor = Adder::spawn(Adder::default());
        actor.wait_for_startup().await;
        actor
    }

    async fn stop(&self, server: ActorRef<Adder>) {
        server.stop_gracefully().await.expect("the actor lives");
        server.wait_for_shutdown().await;
    }

    async fn call(server: &ActorRef<Adder>, n: u64) -> u64 {
        // `.send()` in place of a plain `.await`, which would put the request into a box first. There is no time
        // limit unless one is asked for.
        server.ask(Total(n)).send().await.expect("the actor lives")
    }

    async fn cast(server: &ActorRef<Adder>, n: u64) {
        server.tell(Add(n)).send().await.expect("the actor lives");
    }
}

#[derive(Actor)]
struct Member {
    next: Option<ActorRef<Member>>,
    rest: UnboundedSender<()>,
}

struct Next(ActorRef<Member>);
struct Token(u64);

impl Message<Next> for Member {
    type Reply = ();

    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self, ()>) {
        self.next = Some(next);
    }
}

impl Message<Token> for Member {
    type Reply = ();

    async fn handle(&mut self, Token(left): Token, _: &mut Context<Self, ()>) {
        if left == 0 {
            self.rest.send(()).expect("somebody waits for the token");
        } else {
            let next = self.next.as_ref().expect("members are introduced first");
            let sent = next.tell(Token(left - 1)).send().await;
            sent.expect("the actor lives");
        }
    }
}

impl Members for Kameo {
    type Member = ActorRef<Member>;

    async fn member(&self, rest: UnboundedSender<()>) -> ActorRef<Member> {
        let actor = Member::spawn(Member { next: None, rest });
        actor.wait_for_startup().await;
        actor
    }

    async fn introduce(member: &ActorRef<Member>, next: ActorRef<Member>) {
        let sent = member.tell(Next(next)).send().await;
        sent.expect("the actor lives");
    }

    async fn hand(member: &ActorRef<Member>, left: u64) {
        let sent = member.tell(Token(left)).send().await;
        sent.expect("the actor lives");
    }
}

/// A server that registers its name when it starts, and so with each restart.
struct Named {
    total: u64,
}

struct Crash;

#[derive(Debug)]
struct Failure;

impl Actor for Named {
    type Args = String;
    type Error = Infallible;

    async fn on_start(name: String, actor: ActorRef<Self>) -> Result<Self, Infallible> {
        // The end of the incarnation before frees the name after it has told the supervisor to restart. On two workers
        // the new one may come first: then it waits, or the name would be lost for good.
        while actor.register(name.clone()).is_err() {
            tokio::task::yield_now().await;
        }
        Ok(Self { total: 0 })
    }
}

impl Message<Add> for Named {
    type Reply = ();

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self, ()>) {
        self.total = self.total.wrapping_add(n);
    }
}

impl Message<Total> for Named {
    type Reply = u64;

    async fn handle(&mut self, Total(n): Total, _: &mut Context<Self, u64>) -> u64 {
        self.total = self.total.wrapping_add(n);
        self.total
    }
}

impl Message<Crash> for Named {
    type Reply = Result<(), Failure>;

    async fn handle(
        &mut self,
        _: Crash,
        _: &mut Context<Self, Result<(), Failure>>,
    ) -> Result<(), Failure> {
        // An error that nobody waits for ends the actor as a panic does, without unwinding.
        Err(Failure)
    }
}

impl Names for Kameo {
    async fn start_named(&self, name: &str) {
        Named::spawn(name.to_owned()).wait_for_startup().await;
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let actor = ActorRef::<Named>::lookup(name)
            .expect("the name has actors of one type")
            .expect("the name is registered");
        actor.tell(Add(n)).send().await.expect("the actor lives");
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        let actor = ActorRef::<Named>::lookup(name).expect("the name has actors of one type")?;
        actor.ask(Total(n)).send().await.ok()
    }
}

#[derive(Actor)]
struct Supervisor;

impl Restarts for Kameo {
    type Supervisor = ActorRef<Supervisor>;

    async fn supervise(&self, name: &str) -> ActorRef<Supervisor> {
        let supervisor = Supervisor::spawn(Supervisor);
        Named::supervise(&supervisor, name.to_owned())
            .restart_limit(u32::MAX, Duration::from_secs(1))
            .spawn()
            .await
            .wait_for_startup()
            .await;
        supervisor
    }

    async fn crash(&self, name: &str) {
        let actor = ActorRef::<Named>::lookup(name)
            .expect("the name has actors of one type")
            .expect("the name is registered");
        actor.tell(Crash).send().await.expect("the actor lives");
    }
}

impl Dynamic for Kameo {
    type Supervisor = ActorRef<Supervisor>;
    type Child = ActorRef<Adder>;

    async fn supervisor(&self) -> ActorRef<Supervisor> {
        let supervisor = Supervisor::spawn(Supervisor);
        supervisor.wait_for_startup().await;
        supervisor
    }

    async fn start_child(&self, supervisor: &ActorRef<Supervisor>) -> ActorRef<Adder> {
        let child = Adder::supervise(supervisor, Adder::default())
            .restart_policy(RestartPolicy::Never)
            .spawn()
            .await;
        child.wait_for_startup().await;
        child
    }

    async fn terminate_child(&self, _: &ActorRef<Supervisor>, child: ActorRef<Adder>) {
        // The supervisor is told by a signal of its own, and nobody waits for that.
        child.stop_gracefully().await.expect("the actor lives");
        child.wait_for_shutdown().await;
    }
}
