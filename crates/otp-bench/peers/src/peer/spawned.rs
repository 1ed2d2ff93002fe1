//! spawned-concurrency: a type and a handler for each message, in the mode that runs on tokio.

use otp_bench::Contender;
use spawned_concurrency::message::Message;
use spawned_concurrency::registry;
use spawned_concurrency::tasks::{Actor, ActorRef, ActorStart, Context, Handler};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::{Members, Names, Peer};
use crate::entrants::Entrant;
use crate::workload;

/// There are no supervisors.
pub(crate) const SPAWNED: Entrant = Entrant {
    contender: Contender {
        name: "spawned",
        sides: &[
            ("call", workload::call::<Spawned>),
            ("64 callers", workload::callers::<Spawned>),
            ("cast", workload::cast::<Spawned>),
            ("four casters", workload::cast_four::<Spawned>),
            ("ring hop", workload::ring::<Spawned>),
            ("pairs", workload::pairs::<Spawned>),
            ("lookup+cast", workload::lookup::<Spawned>),
            ("start", workload::start::<Spawned>),
            ("stop", workload::stop::<Spawned>),
        ],
    },
    idle: workload::idle::<Spawned>,
    package: Some("spawned-concurrency"),
};

/// spawned-concurrency has one registry a program.
#[derive(Clone)]
struct Spawned;

/// The start comes back before `started` has run, so `started` says that it has.
struct Adder {
    total: u64,
    started: Option<oneshot::Sender<()>>,
}

struct Add(u64);
struct Total(u64);
struct Stop;

impl Message for Add {
    type Result = ();
}

impl Message for Total {
    type Result = u64;
}

impl Message for Stop {
    type Result = ();
}

impl Actor for Adder {
    async fn started(&mut self, _: &Context<Self>) {
        if let Some(started) = self.started.take() {
            // Whoever starts an actor waits for it.
            let _ = started.send(());
        }
    }
}

impl Handler<Add> for Adder {
    async fn handle(&mut self, Add(n): Add, _: &Context<Self>) {
        self.total = self.total.wrapping_add(n);
    }
}

impl Handler<Total> for Adder {
    async fn handle(&mut self, Total(n): Total, _: &Context<Self>) -> u64 {
        self.total = self.total.wrapping_add(n);
        self.total
    }
}

impl Handler<Stop> for Adder {
    async fn handle(&mut self, _: Stop, context: &Context<Self>) {
        context.stop();
    }
}

impl Peer for Spawned {
    type Server = ActorRef<Adder>;

    fn new() -> Self {
        Self
    }

    async fn start(&self) -> ActorRef<Adder> {
        let (sender, started) = oneshot::channel();
        let actor = Adder {
            total: 0,
            started: Some(sender),
        }
        .start();
        started.await.expect("started runs before anything else");
        actor
    }

    async fn stop(&self, server: ActorRef<Adder>) {
        // An actor is stopped from outside by a message of its own.
        server.send(Stop).expect("the actor lives");
        server.join().await;
    }

    async fn call(server: &ActorRef<Adder>, n: u64) -> u64 {
        // Without a limit given it is five seconds.
        let answer = server.request(Total(n)).await;
        answer.expect("the actor lives")
    }

    async fn cast(server: &ActorRef<Adder>, n: u64) {
        server.send(Add(n)).expect("the actor lives");
    }
}

struct Member {
    next: Option<ActorRef<Member>>,
    rest: UnboundedSender<()>,
}

struct Next(ActorRef<Member>);
struct Token(u64);

impl Message for Next {
    type Result = ();
}

impl Message for Token {
    type Result = ();
}

impl Actor for Member {}

impl Handler<Next> for Member {
    async fn handle(&mut self, Next(next): Next, _: &Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Member {
    async fn handle(&mut self, Token(left): Token, _: &Context<Self>) {
        if left == 0 {
            self.rest.send(()).expect("somebody waits for the token");
        } else {
            let next = self.next.as_ref().expect("members are introduced first");
            next.send(Token(left - 1)).expect("the actor lives");
        }
    }
}

impl Members for Spawned {
    type Member = ActorRef<Member>;

    async fn member(&self, rest: UnboundedSender<()>) -> ActorRef<Member> {
        Member { next: None, rest }.start()
    }

    async fn introduce(member: &ActorRef<Member>, next: ActorRef<Member>) {
        member.send(Next(next)).expect("the actor lives");
    }

    async fn hand(member: &ActorRef<Member>, left: u64) {
        member.send(Token(left)).expect("the actor lives");
    }
}

impl Names for Spawned {
    async fn start_named(&self, name: &str) {
        let registered = registry::register(name, self.start().await);
        registered.expect("the name is free");
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let actor = registry::whereis::<ActorRef<Adder>>(name).expect("the name is registered");
        actor.send(Add(n)).expect("the actor lives");
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        let actor = registry::whereis::<ActorRef<Adder>>(name)?;
        actor.request(Total(n)).await.ok()
    }
}
