//! joerl: GenServers and actors in a system, messages in boxes, mailboxes with a limit.
//!
//! Its GenServers can neither be called by a pid nor be children of a supervisor. Where names or supervisors are
//! needed the same server is written as a plain actor.

use std::sync::Arc;

use async_trait::async_trait;
use joerl::gen_server::{self, CallResponse, GenServer, GenServerContext, GenServerRef};
use joerl::supervisor::{
    ChildSpec, RestartIntensity, RestartStrategy, SupervisorSpec, spawn_supervisor,
};
use joerl::{Actor, ActorContext, ActorRef, ActorSystem, ExitReason};
use otp_bench::Contender;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::{Members, Names, Peer, Restarts};
use crate::entrants::Entrant;
use crate::workload;

/// There is no supervisor whose children come and go.
pub(crate) const JOERL: Entrant = Entrant {
    contender: Contender {
        name: "joerl",
        sides: &[
            ("call", workload::call::<Joerl>),
            ("64 callers", workload::callers::<Joerl>),
            ("cast", workload::cast::<Joerl>),
            ("four casters", workload::cast_four::<Joerl>),
            ("ring hop", workload::ring::<Joerl>),
            ("pairs", workload::pairs::<Joerl>),
            ("lookup+cast", workload::lookup::<Joerl>),
            ("start", workload::start::<Joerl>),
            ("stop", workload::stop::<Joerl>),
            ("restart", workload::restart::<Joerl>),
        ],
    },
    idle: workload::idle::<Joerl>,
    package: Some("joerl"),
};

#[derive(Clone)]
struct Joerl {
    system: Arc<ActorSystem>,
}

/// The start of a GenServer comes back before `init` has run, so `init` says that it has.
struct Adder {
    started: Option<oneshot::Sender<()>>,
}

#[derive(Debug)]
enum Call {
    Total(u64),
    Stop,
}

#[derive(Debug)]
struct Add(u64);

#[async_trait]
impl GenServer for Adder {
    type State = u64;
    type Call = Call;
    type Cast = Add;
    type CallReply = u64;

    async fn init(&mut self, _: &mut GenServerContext<'_, Self>) -> u64 {
        if let Some(started) = self.started.take() {
            // Whoever starts a server waits for it.
            let _ = started.send(());
        }
        0
    }

    async fn handle_call(
        &mut self,
        call: Call,
        total: &mut u64,
        context: &mut GenServerContext<'_, Self>,
    ) -> CallResponse<u64> {
        match call {
            Call::Total(n) => *total = total.wrapping_add(n),
            Call::Stop => context.stop(ExitReason::Normal),
        }
        CallResponse::Reply(*total)
    }

    async fn handle_cast(
        &mut self,
        Add(n): Add,
        total: &mut u64,
        _: &mut GenServerContext<'_, Self>,
    ) {
        *total = total.wrapping_add(n);
    }
}

impl Peer for Joerl {
    type Server = GenServerRef<Adder>;

    fn new() -> Self {
        Self {
            system: ActorSystem::new(),
        }
    }

    async fn start(&self) -> GenServerRef<Adder> {
        let (sender, started) = oneshot::channel();
        let server = gen_server::spawn(
            &self.system,
            Adder {
                started: Some(sender),
            },
        );
        started.await.expect("init runs before anything else");
        server
    }

    async fn stop(&self, server: GenServerRef<Adder>) {
        server.call(Call::Stop).await.expect("the server lives");
        // A GenServer's end cannot be waited for. Its task ends it without waiting for anything, so it is soon over.
        while self.system.is_actor_alive(server.pid()) {
            tokio::task::yield_now().await;
        }
    }

    async fn call(server: &GenServerRef<Adder>, n: u64) -> u64 {
        // There is no time limit.
        let answer = server.call(Call::Total(n)).await;
        answer.expect("the server lives")
    }

    async fn cast(server: &GenServerRef<Adder>, n: u64) {
        server.cast(Add(n)).await.expect("the server lives");
    }
}

struct Member {
    next: Option<GenServerRef<Member>>,
    rest: UnboundedSender<()>,
}

#[derive(Debug)]
enum Pass {
    Next(GenServerRef<Member>),
    Token(u64),
}

#[async_trait]
impl GenServer for Member {
    type State = ();
    type Call = ();
    type Cast = Pass;
    type CallReply = ();

    async fn init(&mut self, _: &mut GenServerContext<'_, Self>) {}

    async fn handle_call(
        &mut self,
        (): (),
        (): &mut (),
        _: &mut GenServerContext<'_, Self>,
    ) -> CallResponse<()> {
        CallResponse::Reply(())
    }

    async fn handle_cast(
        &mut self,
        message: Pass,
        (): &mut (),
        _: &mut GenServerContext<'_, Self>,
    ) {
        match message {
            Pass::Next(next) => self.next = Some(next),
            Pass::Token(0) => self.rest.send(()).expect("somebody waits for the token"),
            Pass::Token(left) => {
                let next = self.next.as_ref().expect("members are introduced first");
                let sent = next.cast(Pass::Token(left - 1)).await;
                sent.expect("the server lives");
            }
        }
    }
}

impl Members for Joerl {
    type Member = GenServerRef<Member>;

    async fn member(&self, rest: UnboundedSender<()>) -> GenServerRef<Member> {
        gen_server::spawn(&self.system, Member { next: None, rest })
    }

    async fn introduce(member: &GenServerRef<Member>, next: GenServerRef<Member>) {
        let sent = member.cast(Pass::Next(next)).await;
        sent.expect("the server lives");
    }

    async fn hand(member: &GenServerRef<Member>, left: u64) {
        let sent = member.cast(Pass::Token(left)).await;
        sent.expect("the server lives");
    }
}

/// The same server as an actor, for whoever finds it by its name.
struct Plain {
    total: u64,
    /// A name to register at the start.
    name: Option<(String, Arc<ActorSystem>)>,
}

enum Message {
    Add(u64),
    Total(u64, oneshot::Sender<u64>),
    Crash,
}

#[async_trait]
impl Actor for Plain {
    async fn started(&mut self, context: &mut ActorContext) {
        if let Some((name, system)) = &self.name {
            system
                .register(&**name, context.pid())
                .expect("a name is released before the supervisor is told of the end");
        }
    }

    async fn handle_message(&mut self, message: joerl::Message, context: &mut ActorContext) {
        let message = message.downcast().expect("nothing else is sent");
        match *message {
            Message::Add(n) => self.total = self.total.wrapping_add(n),
            Message::Total(n, reply) => {
                self.total = self.total.wrapping_add(n);
                // A caller that has gone does not want the answer.
                let _ = reply.send(self.total);
            }
            Message::Crash => context.stop(ExitReason::Custom("told to fail".to_owned())),
        }
    }
}

impl Names for Joerl {
    async fn start_named(&self, name: &str) {
        let actor = self.system.spawn(Plain {
            total: 0,
            name: None,
        });
        let registered = self.system.register(name, actor.pid());
        registered.expect("the name is free");
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let pid = self.system.whereis(name).expect("the name is registered");
        let sent = self.system.send(pid, Box::new(Message::Add(n))).await;
        sent.expect("the actor lives");
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        let pid = self.system.whereis(name)?;
        let (reply, answer) = oneshot::channel();
        let sent = self.system.send(pid, Box::new(Message::Total(n, reply)));
        sent.await.ok()?;
        answer.await.ok()
    }
}

impl Restarts for Joerl {
    type Supervisor = ActorRef;

    async fn supervise(&self, name: &str) -> ActorRef {
        let registers = (name.to_owned(), self.system.clone());
        let child = ChildSpec::new(name, move || {
            Box::new(Plain {
                total: 0,
                name: Some(registers.clone()),
            })
        });
        // Restarts are remembered for so many whole seconds: with none the list stays empty.
        let specification = SupervisorSpec::new(RestartStrategy::OneForOne)
            .intensity(RestartIntensity {
                max_restarts: usize::MAX,
                within_seconds: 0,
            })
            .child(child);
        spawn_supervisor(&self.system, specification)
    }

    async fn crash(&self, name: &str) {
        let pid = self.system.whereis(name).expect("the name is registered");
        let sent = self.system.send(pid, Box::new(Message::Crash)).await;
        sent.expect("the actor lives");
    }
}
