//! Heroes under supervision: servers that do as they are told, and one log in which everything stands
//! in the order in which it happened, the reports included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::ChildInfo;
use otp_core::test::Probe;
use otp_core::{ChildId, SupervisorRef};
use tracing::subscriber::DefaultGuard;

use crate::collector::{Report, hand_to};

/// What a hero does when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Starts,
    Fails,
    Panics,
    Ignores,
    /// Starts after ten seconds.
    Hesitates,
    /// Never starts.
    Hangs,
}

#[derive(Clone)]
pub(crate) struct Troupe {
    log: Probe<String>,
    moods: Arc<Mutex<HashMap<&'static str, Mood>>>,
    traps: bool,
    /// How long a hero takes to terminate.
    lingers: Duration,
}

impl Troupe {
    /// Heroes that do not trap exits.
    pub(crate) fn new() -> Self {
        Self {
            log: Probe::new(),
            moods: Arc::default(),
            traps: false,
            lingers: Duration::ZERO,
        }
    }

    pub(crate) fn trapping(self, traps: bool) -> Self {
        Self { traps, ..self }
    }

    pub(crate) fn lingering(self, lingers: Duration) -> Self {
        Self {
            traps: true,
            lingers,
            ..self
        }
    }

    /// Writes reports into the log, of these kinds.
    pub(crate) fn with_reports(&self, kinds: &'static [&'static str]) -> DefaultGuard {
        let log = self.log.clone();
        hand_to(move |report| {
            if kinds.contains(&report.kind()) {
                log.report(line(&report));
            }
        })
    }

    pub(crate) fn mood(&self, name: &'static str, mood: Mood) {
        let mut moods = self.moods.lock().expect("no hero panics here");
        moods.insert(name, mood);
    }

    /// A permanent worker whose id is its name.
    pub(crate) fn hero(&self, name: &'static str) -> ChildSpec {
        let troupe = self.clone();
        ChildSpec::worker(name, move || {
            Hero::options()
                .name(name)
                .start_link((name, troupe.clone()))
        })
    }

    pub(crate) fn heroes(&self, names: &[&'static str]) -> Vec<ChildSpec> {
        names.iter().map(|name| self.hero(name)).collect()
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.log.report(line.into());
    }

    /// What has happened since the last look, after a moment in which everything comes to rest.
    pub(crate) async fn log(&self) -> Vec<String> {
        rest().await;
        self.log.drain()
    }

    /// Compares what has happened since the last look.
    #[track_caller]
    pub(crate) fn saw(&self, expected: &[&str]) -> impl Future<Output = ()> + Send + use<> {
        let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        let (troupe, at) = (self.clone(), std::panic::Location::caller());
        async move {
            let seen = troupe.log().await;
            assert_eq!(seen, expected, "at {at}");
        }
    }
}

/// Passes a little time.
pub(crate) async fn rest() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

pub(crate) const TRIO: [&str; 3] = ["superdave", "superman", "supermario"];

pub(crate) struct Hero {
    name: &'static str,
    troupe: Troupe,
}

pub(crate) enum Ask {
    Say(ReplyTo<&'static str>),
    Die(ReplyTo<()>),
}

pub(crate) enum Order {
    Die,
    Stop(ExitReason),
}

#[gen_server]
impl GenServer for Hero {
    type Args = (&'static str, Troupe);
    type Call = Ask;
    type Cast = Order;

    async fn init(
        (name, troupe): Self::Args,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        troupe.note(format!("start {name}"));
        context.trap_exit(troupe.traps);
        let mood = {
            let moods = troupe.moods.lock().expect("no hero panics here");
            moods.get(name).copied().unwrap_or(Mood::Starts)
        };
        match mood {
            Mood::Starts => {}
            Mood::Fails => return Err(ExitReason::other("bad")),
            Mood::Panics => panic!("no good"),
            Mood::Ignores => return Ok(Init::ignore()),
            Mood::Hesitates => tokio::time::sleep(Duration::from_secs(10)).await,
            Mood::Hangs => std::future::pending().await,
        }
        Ok(Init::state(Self { name, troupe }))
    }

    async fn handle_call(&mut self, ask: Ask, _: &mut Context<Self>) -> Reply<Self> {
        match ask {
            Ask::Say(from) => from.reply(self.name),
            Ask::Die(from) => {
                drop(from);
                panic!("Boom")
            }
        }
    }

    async fn handle_cast(&mut self, order: Order, _: &mut Context<Self>) -> Next<Self> {
        match order {
            Order::Die => panic!("Boom"),
            Order::Stop(reason) => Next::Stop(reason),
        }
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        let reason = reason.to_string();
        self.troupe
            .note(format!("terminate {} {}", self.name, short(&reason)));
        if !self.troupe.lingers.is_zero() {
            tokio::time::sleep(self.troupe.lingers).await;
            self.troupe.note(format!("finished {}", self.name));
        }
    }
}

/// A hero by its name.
pub(crate) fn hero(name: &'static str) -> ServerName<Hero> {
    ServerName::new(name)
}

pub(crate) fn pid_of(name: &'static str) -> Pid {
    hero(name).whereis().expect("the hero lives").pid()
}

/// Lets a hero panic.
pub(crate) async fn die(name: &'static str) {
    hero(name).cast(Order::Die);
    rest().await;
}

/// Lets a hero end with a reason.
pub(crate) async fn stop(name: &'static str, reason: ExitReason) {
    hero(name).cast(Order::Stop(reason));
    rest().await;
}

/// The ids of the children, in the order in which the supervisor tells them.
pub(crate) async fn ids(supervisor: &SupervisorRef) -> Vec<String> {
    let children = supervisor.which_children().await;
    let id = |child: &ChildInfo| child.id.as_ref().map(ToString::to_string);
    children
        .expect("the supervisor lives")
        .iter()
        .filter_map(id)
        .collect()
}

/// One child, by its id.
pub(crate) async fn child(supervisor: &SupervisorRef, id: impl Into<ChildId>) -> ChildInfo {
    let child = supervisor.which_child(id).await;
    child
        .expect("the supervisor lives")
        .expect("there is such a child")
}

fn line(report: &Report) -> String {
    let field = |name| report.field(name).unwrap_or("-").to_owned();
    match report.kind() {
        "gen_server" => format!("log {} {}", field("server"), short(&field("reason"))),
        "supervisor" => format!(
            "{} {} {} {}",
            field("supervisor"),
            field("context"),
            field("child"),
            short(&field("reason"))
        ),
        "progress" => format!("progress {}", field("child")),
        kind => kind.to_owned(),
    }
}

/// A panic without its place in the sources.
fn short(reason: &str) -> &str {
    let message = reason.strip_prefix("panicked: ");
    message.map_or(reason, |text| {
        text.split_once(" (").map_or(text, |(message, _)| message)
    })
}
