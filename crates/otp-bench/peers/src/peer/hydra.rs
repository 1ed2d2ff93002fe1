//! hydra: GenServers after Elixir's, one message type for calls, casts and replies, supervisors that the library runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hydra::{
    ChildSpec, ExitReason, From, GenServer, GenServerOptions, Pid, Process, Restart, Supervisor,
    SupervisorOptions,
};
use otp_bench::Contender;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::{Dynamic, Members, Names, Peer, Restarts};
use crate::entrants::Entrant;
use crate::workload;

pub(crate) const HYDRA: Entrant = Entrant {
    contender: Contender {
        name: "hydra",
        sides: &[
            ("call", workload::call::<Hydra>),
            ("64 callers", workload::callers::<Hydra>),
            ("cast", workload::cast::<Hydra>),
            ("four casters", workload::cast_four::<Hydra>),
            ("ring hop", workload::ring::<Hydra>),
            ("pairs", workload::pairs::<Hydra>),
            ("lookup+cast", workload::lookup::<Hydra>),
            ("start", workload::start::<Hydra>),
            ("stop", workload::stop::<Hydra>),
            ("restart", workload::restart::<Hydra>),
            ("dynamic start", workload::dynamic_start::<Hydra>),
            (
                "dynamic terminate, 100",
                workload::dynamic_terminate::<Hydra, 100>,
            ),
            (
                "dynamic terminate, 1,000",
                workload::dynamic_terminate::<Hydra, 1_000>,
            ),
            (
                "dynamic terminate, 10,000",
                workload::dynamic_terminate::<Hydra, 10_000>,
            ),
        ],
    },
    idle: workload::idle::<Hydra>,
    package: Some("hydra"),
};

/// hydra has one node a program.
#[derive(Clone)]
struct Hydra;

struct Adder {
    total: u64,
}

/// Messages can be sent to other nodes, and so must be serializable. Between processes of one node they are not
/// serialized.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    Add(u64),
    Total(u64),
    Answer(u64),
    Crash,
}

impl GenServer for Adder {
    type Message = Message;

    async fn init(&mut self) -> Result<(), ExitReason> {
        Ok(())
    }

    async fn handle_call(
        &mut self,
        message: Message,
        _: From,
    ) -> Result<Option<Message>, ExitReason> {
        let Message::Total(n) = message else {
            unreachable!("nothing else is asked")
        };
        self.total = self.total.wrapping_add(n);
        Ok(Some(Message::Answer(self.total)))
    }

    async fn handle_cast(&mut self, message: Message) -> Result<(), ExitReason> {
        match message {
            Message::Add(n) => self.total = self.total.wrapping_add(n),
            Message::Crash => return Err(ExitReason::from("told to fail")),
            Message::Total(_) | Message::Answer(_) => unreachable!("these are not cast"),
        }
        Ok(())
    }
}

async fn start(options: GenServerOptions) -> Pid {
    Adder { total: 0 }
        .start(options)
        .await
        .expect("the name is free and init cannot fail")
}

async fn total(server: Pid, n: u64) -> Option<u64> {
    // Without a limit given it is five seconds.
    match Adder::call(server, Message::Total(n), None).await {
        Ok(Message::Answer(total)) => Some(total),
        _ => None,
    }
}

impl Peer for Hydra {
    type Server = Pid;

    fn new() -> Self {
        Self
    }

    /// Only a process can call.
    fn client<F>(client: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let (sender, result) = oneshot::channel();
        Process::spawn(async move {
            // Whoever started the client waits for it.
            let _ = sender.send(client.await);
        });
        async {
            result
                .await
                .expect("a client of the benchmark does not panic")
        }
    }

    async fn start(&self) -> Pid {
        start(GenServerOptions::new()).await
    }

    async fn stop(&self, server: Pid) {
        Adder::stop(server, ExitReason::Normal, None)
            .await
            .expect("an idle server stops when it is asked to");
    }

    async fn call(server: &Pid, n: u64) -> u64 {
        total(*server, n).await.expect("the server lives")
    }

    async fn cast(server: &Pid, n: u64) {
        Adder::cast(*server, Message::Add(n));
    }
}

struct Member {
    next: Option<Pid>,
    rest: UnboundedSender<()>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Pass {
    Next(Pid),
    Token(u64),
}

impl GenServer for Member {
    type Message = Pass;

    async fn init(&mut self) -> Result<(), ExitReason> {
        Ok(())
    }

    async fn handle_cast(&mut self, message: Pass) -> Result<(), ExitReason> {
        match message {
            Pass::Next(next) => self.next = Some(next),
            Pass::Token(0) => self.rest.send(()).expect("somebody waits for the token"),
            Pass::Token(left) => {
                let next = self.next.expect("members are introduced first");
                Self::cast(next, Pass::Token(left - 1));
            }
        }
        Ok(())
    }
}

impl Members for Hydra {
    type Member = Pid;

    async fn member(&self, rest: UnboundedSender<()>) -> Pid {
        Member { next: None, rest }
            .start(GenServerOptions::new())
            .await
            .expect("init cannot fail")
    }

    async fn introduce(member: &Pid, next: Pid) {
        Member::cast(*member, Pass::Next(next));
    }

    async fn hand(member: &Pid, left: u64) {
        Member::cast(*member, Pass::Token(left));
    }
}

impl Names for Hydra {
    async fn start_named(&self, name: &str) {
        start(GenServerOptions::new().name(name)).await;
    }

    async fn cast_to(&self, name: &str, n: u64) {
        let server = Process::whereis(name).expect("the name is registered");
        Adder::cast(server, Message::Add(n));
    }

    async fn call_to(&self, name: &str, n: u64) -> Option<u64> {
        total(Process::whereis(name)?, n).await
    }
}

impl Restarts for Hydra {
    type Supervisor = Pid;

    async fn supervise(&self, name: &str) -> Pid {
        let options = GenServerOptions::new().name(name);
        let child =
            ChildSpec::new(name).start(move || Adder { total: 0 }.start_link(options.clone()));
        // The supervisor goes through the restarts of this time at each restart: a millisecond keeps the list short.
        Supervisor::with_children([child])
            .max_restarts(usize::MAX)
            .max_duration(Duration::from_millis(1))
            .start(SupervisorOptions::new())
            .await
            .expect("the child's init cannot fail")
    }

    async fn crash(&self, name: &str) {
        let server = Process::whereis(name).expect("the name is registered");
        Adder::cast(server, Message::Crash);
    }
}

impl Dynamic for Hydra {
    type Supervisor = Pid;
    type Child = String;

    async fn supervisor(&self) -> Pid {
        Supervisor::new()
            .start(SupervisorOptions::new())
            .await
            .expect("a supervisor without children cannot fail to start")
    }

    async fn start_child(&self, supervisor: &Pid) -> String {
        // A supervisor knows its children by their ids alone.
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed).to_string();
        let child = ChildSpec::new(&*id)
            .restart(Restart::Temporary)
            .start(|| Adder { total: 0 }.start_link(GenServerOptions::new()));
        Supervisor::start_child(*supervisor, child)
            .await
            .expect("the id is free and init cannot fail");
        id
    }

    async fn terminate_child(&self, supervisor: &Pid, child: String) {
        Supervisor::terminate_child(*supervisor, &*child)
            .await
            .expect("the child is there");
        // The specification of a child that was terminated stays, even of a temporary one, and all that stay are
        // searched from then on.
        Supervisor::delete_child(*supervisor, child)
            .await
            .expect("the specification of a terminated child stays");
    }
}
