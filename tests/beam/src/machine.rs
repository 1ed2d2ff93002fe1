//! Histories of a state machine, on otp-core; `machine.exs` is their twin on a `gen_statem`.
//!
//! | step | what it does |
//! |---|---|
//! | `on STATE EVENT = ACTION; …` | what the machine is to do about an event, or `enter`, in a state; the first line counts |
//! | `on a init = ACTION; …` | what `init` orders; the events before the first step then do what the book says, too |
//! | `begin`, `begin traps` | the machine starts, in the state `a`, linked with a parent; it traps exits or not |
//! | `send KIND:NAME …` | it gets calls, casts and infos, in this order |
//! | `wait` | time passes |
//! | `exit REASON`, `parent REASON` | it gets an exit, or its parent ends |
//! | `replace STATE`, `state`, `suspend`, `resume`, `stop REASON` | system requests |
//!
//! The actions are `next S`, `repeat`, `again`, `stop REASON`, `crash`, `exit lost`, `add`, `postpone`, `hold`, `answer`,
//! `insert NAME`, `insert_cast NAME`, `insert_call NAME`, `hibernate`, `timeout NAME DUE`, `state_timeout`, `event_timeout`, `cancel NAME`,
//! `cancel_state`. A call is answered at once unless it is postponed or held; `answer` answers those that are held,
//! and `insert_call` inserts them again as calls of this name. An exit that is
//! trapped is the event `exit`. What a step brings about is one line `seen …`, in the order in which it happened, and one
//! `reply …` for each call that was answered in it.
//!
//! In each step a few events do what the book says; after them the machine only takes what comes.

mod player;
mod random;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use otp_core::gen_server::Request;
use otp_core::prelude::*;
use otp_core::{process, sys};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::sleep;

use self::player::{Args, Ask, Book, Player};
use crate::history::History;
use crate::words::{reason, word};

pub use self::random::history;

/// How long a step waits for time-outs; `machine.exs` has the same.
const WAIT: Duration = Duration::from_millis(150);

/// How many events do what the book says in a step; `machine.exs` has the same.
const FUEL: u32 = 6;

/// What happens in a history.
///
/// # Panics
///
/// When otp-core fails in a way that no history can bring about.
#[must_use]
pub fn play(history: &History) -> Vec<String> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without input and output needs nothing");
    let steps = history.steps.clone();
    let played = runtime.block_on(Node::new().run(async move {
        let mut director = Director::new();
        for step in steps {
            director.perform(&step).await;
        }
        director.lines
    }));
    played.expect("nobody ends the director")
}

type Call = (String, Request<Machine<Player>, String>);

/// The machine, and the process that has started it.
struct Stage {
    machine: ServerRef<Machine<Player>>,
    parent: ProcessRef<ExitReason>,
    has_ended: bool,
}

struct Director {
    book: Book,
    told: Sender<String>,
    heard: Receiver<String>,
    stage: Option<Stage>,
    /// Those that have no answer.
    calls: Vec<Call>,
    lines: Vec<String>,
}

impl Director {
    fn new() -> Self {
        let (told, heard) = mpsc::channel();
        Self {
            book: HashMap::new(),
            told,
            heard,
            stage: None,
            calls: Vec::new(),
            lines: Vec::new(),
        }
    }

    async fn perform(&mut self, step: &str) {
        self.lines.push(format!("> {step}"));
        self.act(step).await;
        let ended = self.settle().await;
        let mut seen: Vec<String> = self.heard.try_iter().collect();
        seen.extend(ended);
        self.lines.push(format!("seen {}", seen.join(" | ")));
        let mut answers = Vec::new();
        for (name, mut call) in std::mem::take(&mut self.calls) {
            let answer = match call.wait(Duration::ZERO).await {
                Some(Ok(answer)) => answer,
                Some(Err(CallError::Exited { reason, .. })) => format!("failed {}", word(&reason)),
                Some(Err(CallError::NoProcess { .. })) => "failed noproc".to_owned(),
                Some(Err(error)) => error.to_string(),
                None => {
                    self.calls.push((name, call));
                    continue;
                }
            };
            answers.push(format!("reply {name} {answer}"));
        }
        answers.sort();
        self.lines.append(&mut answers);
    }

    /// Waits until the machine has handled what it has got. Returns its end, in the step in which it ends.
    async fn settle(&mut self) -> Option<String> {
        let stage = self.stage.as_mut()?;
        // That it has ended is fine.
        let _ = sys::get_status(&stage.machine).await;
        if stage.has_ended || stage.machine.is_alive() {
            return None;
        }
        stage.has_ended = true;
        Some(format!("ended {}", word(&stage.machine.wait().await)))
    }

    async fn act(&mut self, step: &str) {
        let words: Vec<&str> = step.split(' ').collect();
        match (&words[..], &self.stage) {
            (["on", state, event, "=", actions @ ..], _) => {
                let key = ((*state).to_owned(), (*event).to_owned());
                let actions = actions.join(" ");
                let actions = actions.split(';').map(|action| action.trim().to_owned());
                self.book.entry(key).or_insert(actions.collect());
            }
            (["begin", traps @ ..], None) => {
                let args = Args {
                    book: self.book.clone(),
                    told: self.told.clone(),
                    traps: !traps.is_empty(),
                };
                self.stage = Some(Stage::begin(args).await);
            }
            (["begin", ..], Some(_)) | (_, None) => {}
            (["send", items @ ..], Some(stage)) => {
                stage.fuel().await;
                for item in items {
                    self.calls.extend(dispatch(&stage.machine, item));
                }
            }
            (_, Some(stage)) => {
                if let Some(state) = stage.ask(&words).await {
                    let _ = self.told.send(state);
                }
            }
        }
    }
}

impl Stage {
    async fn begin(args: Args) -> Self {
        let (started, machine) = oneshot::channel();
        let parent = process::spawn(|mut mailbox: Mailbox<ExitReason>| async move {
            let machine = Player::start_link(args).await;
            let _ = started.send(machine.expect("its init cannot fail"));
            mailbox.receive().await
        });
        Self {
            machine: machine.await.expect("the parent lives"),
            parent,
            has_ended: false,
        }
    }

    async fn fuel(&self) {
        let fuel = |machine: &mut Machine<Player>| machine.data_mut().fuel = FUEL;
        let _ = sys::update_state(&self.machine, fuel).await;
    }

    /// What is asked of it, and what it shows. That it has ended is no failure.
    async fn ask(&self, words: &[&str]) -> Option<String> {
        let machine = &self.machine;
        match *words {
            ["wait"] => {
                self.fuel().await;
                sleep(WAIT).await;
            }
            ["exit", why] => {
                self.fuel().await;
                process::exit(machine, reason(why));
            }
            ["parent", why] => {
                self.fuel().await;
                self.parent.send(reason(why));
                self.parent.wait().await;
            }
            ["replace", state] => {
                let state = state.to_owned();
                let _ = sys::update_state(machine, |machine| machine.set_state(state)).await;
            }
            ["state"] => {
                let shown = |machine: &Machine<Player>| {
                    format!("state {} {}", machine.state(), machine.data().count)
                };
                return sys::get_state(machine, shown).await.ok();
            }
            ["suspend"] => drop(sys::suspend(machine).await),
            ["resume"] => drop(sys::resume(machine).await),
            ["stop", why] => drop(machine.stop_with(reason(why)).await),
            _ => panic!("{words:?} is no step"),
        }
        None
    }
}

fn dispatch(machine: &ServerRef<Machine<Player>>, item: &str) -> Option<Call> {
    let (kind, name) = item.split_once(':').expect("an item has a kind");
    let content = name.to_owned();
    match kind {
        "cast" => machine.cast(content),
        "info" => machine.send(content),
        _ => {
            let call = machine.send_request(|from| Ask(content, from));
            return Some((name.to_owned(), call));
        }
    }
    None
}
