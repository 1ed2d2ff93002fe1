//! Histories of a state machine, on otp-core; `machine.exs` is their twin on a `gen_statem`.
//!
//! | step | what it does |
//! |---|---|
//! | `on STATE EVENT = ACTION; …` | what the machine is to do about an event, or `enter`, in a state; the first line counts |
//! | `begin` | the machine starts, in the state `a` |
//! | `send KIND:NAME …` | it gets calls, casts and infos, in this order |
//! | `wait` | time passes |
//! | `replace STATE`, `suspend`, `resume`, `stop REASON` | system requests |
//!
//! The actions are `next S`, `repeat`, `again`, `stop REASON`, `crash`, `add`, `postpone`, `insert NAME`, `insert_cast NAME`,
//! `hibernate`, `timeout NAME DUE`, `state_timeout`, `event_timeout`, `cancel NAME`, `cancel_state`. What a step brings about is
//! one line `seen …`, in the order in which it happened, and one `reply …` for each call that was answered in it.
//!
//! In each step a few events do what the book says; after them the machine only takes what comes.

mod player;
mod random;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use otp_core::gen_server::Request;
use otp_core::prelude::*;
use otp_core::sys;
use tokio::runtime::Builder;
use tokio::time::sleep;

use self::player::{Ask, Book, Player};
use crate::history::History;

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

struct Director {
    book: Book,
    told: Sender<String>,
    heard: Receiver<String>,
    machine: Option<ServerRef<Machine<Player>>>,
    lines: Vec<String>,
}

impl Director {
    fn new() -> Self {
        let (told, heard) = mpsc::channel();
        Self {
            book: HashMap::new(),
            told,
            heard,
            machine: None,
            lines: Vec::new(),
        }
    }

    async fn perform(&mut self, step: &str) {
        self.lines.push(format!("> {step}"));
        let calls = self.act(step).await;
        // It answers when it has handled what it has got; if it has ended, there is nothing to wait for.
        if let Some(machine) = &self.machine {
            let _ = sys::get_status(machine).await;
        }
        let seen: Vec<String> = self.heard.try_iter().collect();
        self.lines.push(format!("seen {}", seen.join(" | ")));
        let mut answers = Vec::new();
        for (name, mut call) in calls {
            match call.wait(Duration::ZERO).await {
                Some(Ok(answer)) => answers.push(format!("reply {name} {answer}")),
                Some(Err(CallError::Exited { reason, .. })) => {
                    answers.push(format!("reply {name} failed {}", player::word(&reason)));
                }
                Some(Err(CallError::NoProcess { .. })) => {
                    answers.push(format!("reply {name} failed noproc"));
                }
                Some(Err(error)) => answers.push(format!("reply {name} {error}")),
                None => {}
            }
        }
        answers.sort();
        self.lines.append(&mut answers);
    }

    async fn act(&mut self, step: &str) -> Vec<Call> {
        let words: Vec<&str> = step.split(' ').collect();
        match (&words[..], &self.machine) {
            (["on", state, event, "=", actions @ ..], _) => {
                let key = ((*state).to_owned(), (*event).to_owned());
                let actions = actions.join(" ");
                let actions = actions.split(';').map(|action| action.trim().to_owned());
                self.book.entry(key).or_insert(actions.collect());
            }
            (["begin"], None) => {
                let args = (self.book.clone(), self.told.clone());
                let machine = Player::start(args).await;
                self.machine = Some(machine.expect("its init cannot fail"));
            }
            (["begin"], Some(_)) | (_, None) => {}
            (_, Some(machine)) => return ask(machine, &words).await,
        }
        Vec::new()
    }
}

/// What is asked of a machine that has been started. That it has ended is no failure.
async fn ask(machine: &ServerRef<Machine<Player>>, words: &[&str]) -> Vec<Call> {
    let fuel = || sys::update_state(machine, |machine| machine.data_mut().fuel = FUEL);
    let mut calls = Vec::new();
    match *words {
        ["send", ref items @ ..] => {
            let _ = fuel().await;
            for item in items {
                calls.extend(dispatch(machine, item));
            }
        }
        ["wait"] => {
            let _ = fuel().await;
            sleep(WAIT).await;
        }
        ["replace", state] => {
            let state = state.to_owned();
            let _ = sys::update_state(machine, |machine| machine.set_state(state)).await;
        }
        ["suspend"] => drop(sys::suspend(machine).await),
        ["resume"] => drop(sys::resume(machine).await),
        ["stop", reason] => drop(machine.stop_with(player::reason(reason)).await),
        _ => panic!("{words:?} is no step"),
    }
    calls
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
