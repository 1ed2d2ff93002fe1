//! The machine that does what its book says.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::mpsc::Sender;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::state_machine::Due;

use super::FUEL;
use crate::words::{reason, word};

/// By state and event.
pub(super) type Book = HashMap<(String, String), Vec<String>>;

pub(super) struct Player {
    book: Book,
    told: Sender<String>,
    pub(super) fuel: u32,
    pub(super) count: u32,
    held: Vec<ReplyTo<String>>,
}

pub(super) struct Args {
    pub(super) book: Book,
    pub(super) told: Sender<String>,
    pub(super) traps: bool,
}

pub(super) struct Ask(pub(super) String, pub(super) ReplyTo<String>);

/// The name of a time-out: what stands behind its `#` is what OTP calls the content.
#[derive(Clone, Eq)]
pub(super) struct Bell(String);

impl Bell {
    fn name(&self) -> &str {
        bare(&self.0)
    }
}

impl PartialEq for Bell {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Hash for Bell {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.name().hash(hasher);
    }
}

fn bare(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

/// The name by which an event is shown, and its kind.
fn shown(event: &Event<Player>) -> (&'static str, String) {
    match event {
        Event::Call(Ask(name, _)) => ("call", name.clone()),
        Event::Cast(name) => ("cast", name.clone()),
        Event::Info(name) => ("info", name.clone()),
        Event::Internal(name) => ("internal", name.clone()),
        Event::Timeout(bell) => ("timeout", bell.0.clone()),
        Event::Exit(exit) => ("info", format!("exit#{}", word(&exit.reason))),
        Event::Down(_) => ("info", "?".to_owned()),
    }
}

/// What stands behind the first word of the first such action.
fn find<'a>(actions: &'a [String], wanted: &str) -> Option<&'a str> {
    actions.iter().find_map(|action| {
        let (first, rest) = action.split_once(' ').unwrap_or((action, ""));
        (first == wanted).then_some(rest)
    })
}

/// One that is set: how, its name, and when.
fn setting(action: &str) -> Option<(&str, Bell, Due)> {
    let words: Vec<&str> = action.split_whitespace().collect();
    let [
        how @ ("timeout" | "state_timeout" | "event_timeout"),
        name,
        due,
    ] = words[..]
    else {
        return None;
    };
    let due = match (due, how) {
        // An event time-out has no update in OTP.
        ("update", "event_timeout") => Due::After(Duration::ZERO),
        ("update", _) => Due::Update,
        ("never", _) => Due::Never,
        ("long", _) => Due::After(Duration::from_secs(3_600)),
        (millis, _) => Due::After(Duration::from_millis(millis.parse().expect("a number"))),
    };
    Some((how, Bell(name.to_owned()), due))
}

fn cancelled(action: &str) -> Option<Bell> {
    let words: Vec<&str> = action.split_whitespace().collect();
    match words[..] {
        ["cancel", name] => Some(Bell(name.to_owned())),
        ["cancel_state"] => Some(Bell("s".to_owned())),
        _ => None,
    }
}

impl Player {
    fn say(&self, line: String) {
        self.told.send(line).expect("the director listens");
    }

    fn actions(&mut self, state: &str, event: &str) -> Vec<String> {
        if self.fuel == 0 {
            return Vec::new();
        }
        self.fuel -= 1;
        let key = (state.to_owned(), bare(event).to_owned());
        let actions = self.book.get(&key).cloned().unwrap_or_default();
        assert!(find(&actions, "crash").is_none(), "crash");
        if let Some(why) = find(&actions, "exit") {
            process::exit_self(reason(why));
        }
        let adds = actions.iter().filter(|action| *action == "add").count();
        self.count += u32::try_from(adds).expect("there are few");
        actions
    }
}

#[state_machine]
impl StateMachine for Player {
    type Args = Args;
    type State = String;
    type Call = Ask;
    type Cast = String;
    type Info = String;
    type Internal = String;
    type Timer = Bell;

    async fn init(
        Args { book, told, traps }: Args,
        context: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, ExitReason> {
        context.trap_exit(traps);
        let key = ("a".to_owned(), "init".to_owned());
        let actions = book.get(&key).cloned().unwrap_or_default();
        let player = Self {
            book,
            told,
            fuel: if actions.is_empty() { 0 } else { FUEL },
            count: 0,
            held: Vec::new(),
        };
        let mut initial = Initial::state("a".to_owned(), player);
        for action in &actions {
            if let Some((how, bell, due)) = setting(action) {
                initial = match how {
                    "timeout" => initial.timeout(bell, due),
                    "state_timeout" => initial.state_timeout(bell, due),
                    _ => initial.event_timeout(bell, due),
                };
            }
            if let Some(name) = action.strip_prefix("insert ") {
                initial = initial.insert(name.to_owned());
            }
            if let Some(name) = action.strip_prefix("insert_cast ") {
                initial = initial.insert_event(Event::Cast(name.to_owned()));
            }
            if action == "hibernate" {
                initial = initial.hibernate();
            }
        }
        Ok(initial)
    }

    async fn handle(
        &mut self,
        state: &String,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        let (kind, name) = shown(&event);
        self.say(format!("{state} {kind} {name}"));
        let actions = self.actions(state, &name);
        let mut transition = if let Some(why) = find(&actions, "stop") {
            Transition::stop(reason(why))
        } else if find(&actions, "repeat").is_some() {
            Transition::repeat()
        } else if let Some(next) = find(&actions, "next") {
            Transition::next(next.to_owned())
        } else {
            Transition::keep()
        };
        for action in &actions {
            if let Some((how, bell, due)) = setting(action) {
                transition = match how {
                    "timeout" => transition.timeout(bell, due),
                    "state_timeout" => transition.state_timeout(bell, due),
                    _ => transition.event_timeout(bell, due),
                };
            }
            if let Some(bell) = cancelled(action) {
                transition = transition.cancel_timeout(bell);
            }
            if let Some(name) = action.strip_prefix("insert ") {
                transition = transition.insert(name.to_owned());
            }
            if let Some(name) = action.strip_prefix("insert_cast ") {
                transition = transition.insert_event(Event::Cast(name.to_owned()));
            }
            if let Some(name) = action.strip_prefix("insert_call ") {
                for from in self.held.drain(..) {
                    transition = transition.insert_event(Event::Call(Ask(name.to_owned(), from)));
                }
            }
        }
        if find(&actions, "hibernate").is_some() {
            transition = transition.hibernate();
        }
        if find(&actions, "answer").is_some() {
            for from in self.held.drain(..) {
                transition = transition.reply(from, "late".to_owned());
            }
        }
        match (find(&actions, "postpone"), event) {
            (Some(_), event) => transition.postpone(event),
            (None, Event::Call(Ask(_, from))) if find(&actions, "hold").is_some() => {
                self.held.push(from);
                transition
            }
            (None, Event::Call(Ask(_, from))) => transition.reply(from, format!("{state} {name}")),
            _ => transition,
        }
    }

    async fn enter(
        &mut self,
        state: &String,
        from: &String,
        _: &mut Context<Machine<Self>>,
    ) -> Entered<Self> {
        self.say(format!("{state} enter from {from}"));
        let actions = self.actions(state, "enter");
        let mut entered = match (find(&actions, "again"), find(&actions, "stop")) {
            (Some(_), _) => Entered::again(),
            (None, Some(why)) => Entered::stop(reason(why)),
            (None, None) => Entered::done(),
        };
        for action in &actions {
            if let Some((how, bell, due)) = setting(action) {
                entered = match how {
                    "timeout" => entered.timeout(bell, due),
                    "state_timeout" => entered.state_timeout(bell, due),
                    _ => entered.event_timeout(bell, due),
                };
            }
            if let Some(bell) = cancelled(action) {
                entered = entered.cancel_timeout(bell);
            }
        }
        if find(&actions, "answer").is_some() {
            for from in self.held.drain(..) {
                entered = entered.reply(from, "late".to_owned());
            }
        }
        entered
    }

    async fn terminate(
        &mut self,
        state: &String,
        reason: &ExitReason,
        _: &mut Context<Machine<Self>>,
    ) {
        let reason = word(reason);
        let count = match reason.as_str() {
            "panic" | "lost" => "-".to_owned(),
            _ => self.count.to_string(),
        };
        self.say(format!("terminate {state} {count} {reason}"));
    }
}
