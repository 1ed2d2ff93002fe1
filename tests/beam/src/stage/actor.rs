//! What processes of both kinds do when they are told to, and what they say of what they receive.

use std::collections::HashMap;
use std::panic::resume_unwind;

use otp_core::{Down, Exit, ExitReason, MonitorRef, Pid, StartError, Target, process};

use super::puppet;
use super::requests::answer_with;
use super::visor;
use super::words::{of_reason, to_reason};
use super::world::World;
use crate::command::{Address, Deed, Item};

/// What puppets and children receive.
pub(super) enum Message {
    /// To do something; the pids are those of the processes that the deed names.
    Order(Deed, Option<Pid>),
    Word(Pid, String),
    Exit(Exit),
    Down(Down),
}

/// What a raw process and a GenServer do each in their own way.
pub(super) trait Ears {
    fn trap_exit(&mut self, on: bool) -> bool;
    fn monitor(&mut self, target: Target) -> MonitorRef;
    /// A monitor that was made in some other way.
    fn expect_down(&mut self, monitor: MonitorRef);
}

/// A process that takes part in a history.
pub(super) struct Actor {
    world: World,
    me: String,
    /// Labels of monitors, also of those that have fired.
    monitors: HashMap<String, MonitorRef>,
    /// It has been told to end.
    pub(super) ends: bool,
}

impl Actor {
    /// For the current process, which the world knows.
    pub(super) fn new(world: World) -> Self {
        Self {
            me: world.label(process::current()),
            world,
            monitors: HashMap::new(),
            ends: false,
        }
    }

    pub(super) fn say(&self, kind: &str, words: &str) {
        self.world.say(format!("{kind} {} {words}", self.me));
    }

    /// Handles a message; with a reason the process is to end.
    pub(super) async fn handle(
        &mut self,
        message: Message,
        ears: &mut (impl Ears + Send),
    ) -> Option<ExitReason> {
        match message {
            Message::Order(deed, to) => return self.perform(deed, to, ears).await,
            Message::Word(from, word) => {
                self.say("word", &format!("{} {word}", self.world.label(from)));
            }
            Message::Exit(Exit { from, reason }) => {
                let from = self.world.label(from);
                self.say("exit", &format!("{from} {}", of_reason(&reason)));
            }
            Message::Down(down) => self.heard_down(&down),
        }
        None
    }

    async fn perform(
        &mut self,
        deed: Deed,
        to: Option<Pid>,
        ears: &mut (impl Ears + Send),
    ) -> Option<ExitReason> {
        match (deed, to) {
            (Deed::Trap(on), _) => self.say("reply", &ears.trap_exit(on).to_string()),
            // A panic, of which nothing is printed.
            (Deed::Crash, _) => resume_unwind(Box::new("crash")),
            (Deed::End(reason), _) => {
                self.ends = true;
                return Some(to_reason(&reason));
            }
            (Deed::Demonitor(label), _) => {
                let active = self
                    .monitors
                    .get(&label)
                    .is_some_and(|monitor| process::demonitor(*monitor));
                self.say("reply", &active.to_string());
            }
            (Deed::SpawnLink(name), _) => {
                let parent = process::current();
                process::spawn_link(puppet::body(self.world.clone(), name, Some(parent)));
            }
            (Deed::SpawnMonitor(name, label), _) => {
                let parent = process::current();
                let body = puppet::body(self.world.clone(), name, Some(parent));
                let (_, monitor) = process::spawn_monitor(body);
                ears.expect_down(monitor);
                self.monitors.insert(label, monitor);
            }
            (Deed::Start(visor), _) => self.start(visor).await,
            (Deed::Monitor(Address::Name(name), label), _) => {
                let monitor = ears.monitor(Target::Name(name.into()));
                self.monitors.insert(label, monitor);
            }
            (Deed::Send(Address::Name(name), word), _) => {
                let sent = process::whereis(name);
                if let Some(to) = sent {
                    self.world.send(to, Message::Word(process::current(), word));
                }
                self.say("reply", if sent.is_some() { "ok" } else { "badarg" });
            }
            (Deed::Link(_), Some(to)) => process::link(to),
            (Deed::Unlink(_), Some(to)) => process::unlink(to),
            (Deed::Monitor(_, label), Some(to)) => {
                let monitor = ears.monitor(Target::Pid(to));
                self.monitors.insert(label, monitor);
            }
            (Deed::Exit(_, reason), Some(to)) => process::exit(to, to_reason(&reason)),
            (Deed::Send(_, word), Some(to)) => {
                self.world.send(to, Message::Word(process::current(), word));
            }
            (Deed::Volley(_, items), Some(to)) => {
                for item in items {
                    match item {
                        Item::Exit(reason) => process::exit(to, to_reason(&reason)),
                        Item::Word(word) => {
                            self.world.send(to, Message::Word(process::current(), word));
                        }
                    }
                }
            }
            (deed, None) => panic!("{deed:?} needs a process"),
        }
        None
    }

    async fn start(&self, visor: String) {
        let answer = match visor::start(self.world.clone(), visor).await {
            Ok(started) => answer_with(&self.world, started.pid()),
            Err(StartError::Init(reason)) => format!("error {}", of_reason(&reason)),
            Err(other) => format!("error {other}"),
        };
        self.say("reply", &answer);
    }

    fn heard_down(&self, down: &Down) {
        let is_it = |(_, monitor): &(&String, &MonitorRef)| **monitor == down.monitor;
        let label = match self.monitors.iter().find(is_it) {
            Some((label, _)) => label,
            None => "?",
        };
        let what = match &down.target {
            Target::Pid(pid) => self.world.label(*pid),
            Target::Name(name) => format!("@{name}"),
        };
        self.say(
            "down",
            &format!("{label} {what} {}", of_reason(&down.reason)),
        );
    }
}
