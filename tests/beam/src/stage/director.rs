//! Carries out the commands of a history.

use std::collections::HashMap;
use std::time::Duration;

use otp_core::{Pid, process};
use tokio::time::{sleep, timeout};

use super::actor::Message;
use super::world::{Handle, World};
use super::{look, puppet, requests};
use crate::command::{Address, Command, Deed};

/// Longer than any limit of a shutdown in a history.
const LONG: Duration = Duration::from_secs(60);

/// Longer than anything. The clock is paused, so this passes at once when everybody waits for ever.
const FOREVER: Duration = Duration::from_secs(3600);

pub(super) struct Director {
    world: World,
}

impl Director {
    pub(super) fn new(world: World) -> Self {
        Self { world }
    }

    pub(super) async fn play(&self, steps: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut before = HashMap::new();
        for step in steps {
            let command = step.parse().unwrap_or_else(|error| panic!("{error}"));
            if timeout(FOREVER, self.perform(command)).await.is_err() {
                self.reply("never comes");
            }
            settle().await;
            let now = timeout(FOREVER, look::look(&self.world)).await;
            lines.push(format!("> {step}"));
            lines.extend(self.world.take());
            let Ok(now) = now else {
                lines.push("reply - never comes".to_owned());
                return lines;
            };
            let is_new = |(who, how): &&(String, String)| before.get(who) != Some(how);
            let changed = now.iter().filter(is_new);
            lines.extend(changed.map(|(who, how)| format!("look {who} {how}")));
            before = now.into_iter().collect();
        }
        lines
    }

    async fn perform(&self, command: Command) {
        match command {
            Command::Spawn(name) => {
                if self.is_free(&name) {
                    let body = puppet::body(self.world.clone(), name, None);
                    self.world.node().spawn(body);
                }
            }
            Command::Order(who, deed) => self.order(&who, deed),
            Command::Register(name, who) => {
                if let Some(pid) = self.find(&who) {
                    self.reply_whether(process::register(name, pid).is_ok());
                }
            }
            Command::Unregister(name) => self.reply_whether(process::unregister(name).is_ok()),
            Command::Whereis(name) => match process::whereis(name) {
                Some(pid) => self.reply(&self.world.label(pid)),
                None => self.reply("undefined"),
            },
            Command::Define(visor, definition) => self.world.define(visor, definition),
            Command::DefineDynamic(visor, dynamic) => self.world.define_dynamic(visor, dynamic),
            Command::Mood(child, mood, times) => self.world.set_mood(child, mood, times),
            Command::Ask(visor, request) => {
                if let Some(pid) = self.find(&visor) {
                    let answer = requests::ask(&self.world, pid, request).await;
                    self.reply(&answer);
                }
            }
        }
    }

    fn reply(&self, words: &str) {
        self.world.say(format!("reply - {words}"));
    }

    fn reply_whether(&self, done: bool) {
        self.reply(if done { "ok" } else { "badarg" });
    }

    fn find(&self, name: &str) -> Option<Pid> {
        let found = self.world.find(name);
        if found.is_none() {
            self.reply("nobody");
        }
        found
    }

    /// Whether no process of this name lives.
    fn is_free(&self, name: &str) -> bool {
        let found = self.world.find(name);
        let lives = found.is_some_and(|pid| self.world.node().is_alive(pid));
        if lives {
            self.reply("alive");
        }
        !lives
    }

    /// Has a process do something, if it lives and is one that can be told to.
    fn order(&self, who: &str, deed: Deed) {
        let to = match &deed {
            Deed::SpawnLink(name) | Deed::SpawnMonitor(name, _) => {
                if !self.is_free(name) {
                    return;
                }
                None
            }
            Deed::Link(to)
            | Deed::Unlink(to)
            | Deed::Monitor(Address::Process(to), _)
            | Deed::Exit(to, _)
            | Deed::Send(Address::Process(to), _)
            | Deed::Volley(to, _) => match self.find(to) {
                Some(to) => Some(to),
                None => return,
            },
            _ => None,
        };
        let Some(pid) = self.find(who) else { return };
        match self.world.known(pid) {
            Some((_, Handle::Visor | Handle::Dynamic)) => self.reply("deaf"),
            _ if self.world.node().is_alive(pid) => {
                self.world.send(pid, Message::Order(deed, to));
            }
            _ => self.reply("dead"),
        }
    }
}

/// Waits until nothing moves any more: the clock is paused, and goes on only when everybody waits.
async fn settle() {
    sleep(LONG).await;
}
