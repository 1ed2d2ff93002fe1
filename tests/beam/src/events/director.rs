//! Carries out the steps of a history.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use otp_core::event_manager::{
    AddError, DeleteError, EventManager, EventServer, HandlerCallError, HandlerExit, HandlerGone,
};
use otp_core::prelude::*;
use otp_core::{Exit, Recipient, process, sys};
use tokio::sync::oneshot;

use super::puppet::{Ask, Book, Puppet, Role, id};
use crate::words::{reason, word};

type Manager = EventManager<String>;

/// What a process with supervised handlers hears.
enum Message {
    Gone(HandlerExit),
    Exit(Exit),
    /// It is to send this process an exit.
    Send(Pid, ExitReason),
    Finish(ExitReason),
    Ping(oneshot::Sender<()>),
}

/// The manager, and the process that has started it.
struct Stage {
    manager: Manager,
    server: ServerRef<EventServer<String>>,
    parent: ProcessRef<ExitReason>,
    has_ended: bool,
    is_suspended: bool,
}

pub(super) struct Director {
    book: Book,
    told: Sender<String>,
    heard: Receiver<String>,
    owners: BTreeMap<String, ProcessRef<Message>>,
    stage: Option<Stage>,
    pub(super) lines: Vec<String>,
}

const OK: &str = "ok";
const DEAD: &str = "dead";
const SKIPPED: &str = "skipped";

impl Director {
    pub(super) fn new(told: Sender<String>, heard: Receiver<String>) -> Self {
        Self {
            book: Book::new(),
            told,
            heard,
            owners: BTreeMap::new(),
            stage: None,
            lines: Vec::new(),
        }
    }

    pub(super) async fn perform(&mut self, step: &str) {
        let words: Vec<&str> = step.split(' ').collect();
        let reply = self.act(&words).await;
        let ended = self.settle().await;
        let seen = self.heard.try_iter();
        let (mut told, mut seen): (Vec<_>, Vec<_>) =
            seen.partition(|line| line.starts_with("told "));
        // Stable: what one of them has heard stays in its order.
        told.sort_by_key(|line| line.split(' ').nth(1).map(str::to_owned));
        seen.extend(told);
        seen.extend(ended);
        self.lines.push(format!("> {step}"));
        self.lines.push(format!("reply {reply}"));
        self.lines.push(format!("seen {}", seen.join(" | ")));
    }

    /// Waits until the manager has handled what it has got, and the owners have heard what it has told them. Returns the end of
    /// the manager, in the step in which it ends.
    async fn settle(&mut self) -> Option<String> {
        if let Some(stage) = &self.stage {
            // That it has ended is fine.
            let _ = sys::get_status(&stage.manager).await;
        }
        for owner in self.owners.values() {
            ping(owner).await;
        }
        let stage = self.stage.as_mut()?;
        if stage.has_ended || stage.server.is_alive() {
            return None;
        }
        stage.has_ended = true;
        Some(format!("ended {}", word(&stage.server.wait().await)))
    }

    async fn act(&mut self, words: &[&str]) -> String {
        match (words, &mut self.stage) {
            (["on", name, event, "=", action @ ..], _) => {
                let key = ((*name).to_owned(), (*event).to_owned());
                self.book.entry(key).or_insert_with(|| action.join(" "));
                OK.to_owned()
            }
            (["begin"], None) => {
                self.stage = Some(Stage::begin().await);
                OK.to_owned()
            }
            (["owner", name, traps], _) => {
                let (told, traps) = (self.told.clone(), *traps == "traps");
                let start = || owner((*name).to_owned(), traps, told);
                self.owners.entry((*name).to_owned()).or_insert_with(start);
                OK.to_owned()
            }
            (_, None) | (["begin"], _) => SKIPPED.to_owned(),
            (["finish", name, why], _) => match self.owners.get(*name) {
                Some(owner) => {
                    match *why {
                        "kill" => process::exit(owner, ExitReason::Kill),
                        why => owner.send(Message::Finish(reason(why))),
                    }
                    owner.wait().await;
                    OK.to_owned()
                }
                None => SKIPPED.to_owned(),
            },
            (["exit", name, why], Some(stage)) => match self.owners.get(*name) {
                Some(owner) if owner.is_alive() => {
                    owner.send(Message::Send(stage.server.pid(), reason(why)));
                    ping(owner).await;
                    OK.to_owned()
                }
                _ => SKIPPED.to_owned(),
            },
            (["suspend"], Some(stage)) => {
                stage.is_suspended = true;
                done(sys::suspend(&stage.manager).await)
            }
            (["resume"], Some(stage)) => {
                stage.is_suspended = false;
                done(sys::resume(&stage.manager).await)
            }
            (["add" | "swap", handlers @ ..], Some(stage)) if !stage.is_suspended => {
                self.install(words[0] == "swap", handlers).await
            }
            (_, Some(stage)) => stage.act(words).await,
        }
    }

    async fn install(&mut self, swaps: bool, words: &[&str]) -> String {
        let stage = self.stage.as_ref().expect("the manager has been started");
        let (old, words) = match swaps {
            true => (Some(words[0]), &words[1..]),
            false => (None, words),
        };
        let Ok(mut others) = stage.names().await else {
            return DEAD.to_owned();
        };
        others.retain(|name| Some(name.as_str()) != old);
        let name = words[0];
        let is_taken = others.iter().any(|other| other.eq_ignore_ascii_case(name));
        let owner = words.get(1).map(|owner| self.owners.get(*owner));
        let owner = match owner {
            Some(Some(owner)) if owner.is_alive() => {
                Some(Recipient::from(owner).map(Message::Gone))
            }
            Some(_) => return SKIPPED.to_owned(),
            None => None,
        };
        if is_taken {
            return SKIPPED.to_owned();
        }
        let (name, manager) = (name.to_owned(), &stage.manager);
        let new = id(&name);
        let role = Role {
            name,
            how: "added",
            book: Arc::new(self.book.clone()),
            told: self.told.clone(),
        };
        let swapped = {
            let role = role.clone();
            |old: Option<Puppet>| Role {
                how: old.map_or("alone", |_| "swapped"),
                ..role
            }
        };
        let installed = match (old.map(id), owner) {
            (None, None) => manager.add_handler(new, role).await,
            (None, Some(owner)) => manager.add_sup_handler(new, owner, role).await,
            (Some(old), None) => manager.swap_handler(old, new, swapped).await,
            (Some(old), Some(owner)) => manager.swap_sup_handler(old, new, owner, swapped).await,
        };
        match installed {
            Err(AddError::Init(reason)) => format!("failed {}", word(&reason)),
            other => done(other),
        }
    }
}

impl Stage {
    async fn begin() -> Self {
        let (started, manager) = oneshot::channel();
        let parent = process::spawn(|mut mailbox: Mailbox<ExitReason>| async move {
            let manager = Manager::start_link().await.expect("it cannot fail");
            let _ = started.send(manager);
            mailbox.receive().await
        });
        let manager = manager.await.expect("the parent lives");
        let server = sys::Server::find(&manager).expect("it has just been started");
        Self {
            manager,
            server,
            parent,
            has_ended: false,
            is_suspended: false,
        }
    }

    async fn names(&self) -> Result<Vec<String>, CallError> {
        let names = self.manager.which_handlers().await?;
        let names = names.iter().filter_map(|name| name.text());
        Ok(names.map(str::to_owned).collect())
    }

    async fn act(&self, words: &[&str]) -> String {
        let manager = &self.manager;
        match *words {
            ["parent", why] => {
                self.parent.send(reason(why));
                self.server.wait().await;
                OK.to_owned()
            }
            ["kill"] => {
                process::exit(&self.server, ExitReason::Kill);
                self.server.wait().await;
                OK.to_owned()
            }
            ["stop", why] => done(manager.stop_with(reason(why)).await),
            ["send", ref items @ ..] => {
                // All of it has come before the manager sees the first.
                let _ = sys::suspend(manager).await;
                for item in items {
                    match item.split_once(':').expect("an item has a kind") {
                        ("notify", event) => manager.notify(event.to_owned()),
                        (_, event) => self.server.send(event.to_owned()),
                    }
                }
                if !self.is_suspended {
                    let _ = sys::resume(manager).await;
                }
                OK.to_owned()
            }
            ["state"] => {
                let state = sys::get_state(manager, |server| {
                    let names = server.handlers();
                    let shown = names.iter().filter_map(|name| {
                        let text = name.text()?;
                        Some(format!("{text}={}", server.handler(&id(text))?.count))
                    });
                    shown.collect::<Vec<_>>().join(" ")
                });
                state.await.unwrap_or(DEAD.to_owned())
            }
            ["replace", name, count] => {
                let (id, count) = (id(name), count.parse().expect("a number"));
                let replaced = sys::update_state(manager, move |server| {
                    if let Some(handler) = server.handler_mut(&id) {
                        handler.count = count;
                    }
                });
                done(replaced.await)
            }
            // These wait for an answer.
            _ if self.is_suspended => SKIPPED.to_owned(),
            ["sync", event] => done(manager.sync_notify(event.to_owned()).await),
            ["which"] => match self.names().await {
                Ok(names) => names.join(" "),
                Err(_) => DEAD.to_owned(),
            },
            ["delete", name] => match manager.delete_handler(id(name)).await {
                Err(DeleteError::NoHandler(_)) => "none".to_owned(),
                other => done(other),
            },
            ["call", name, event] => {
                let event = event.to_owned();
                match manager.call(id(name), |from| Ask(event, from)).await {
                    Ok(answer) => answer,
                    Err(HandlerCallError::NoHandler(_)) => "none".to_owned(),
                    Err(HandlerCallError::Failed { reason, .. }) => {
                        format!("failed {}", word(&reason))
                    }
                    Err(_) => DEAD.to_owned(),
                }
            }
            _ => panic!("{words:?} is no step"),
        }
    }
}

/// There is no other failure than that the manager has ended.
fn done<T, E>(result: Result<T, E>) -> String {
    result.map_or(DEAD, |_| OK).to_owned()
}

/// A process that prints each message about its handlers.
fn owner(name: String, traps: bool, told: Sender<String>) -> ProcessRef<Message> {
    process::spawn(move |mut mailbox: Mailbox<Message>| async move {
        if traps {
            mailbox.trap_exit(Message::Exit);
        }
        loop {
            let line = match mailbox.receive().await {
                Message::Gone(exit) => {
                    let handler = exit.handler.text().unwrap_or_default();
                    match exit.why {
                        HandlerGone::Ended(reason) => format!("{handler} {}", word(&reason)),
                        // OTP does not always say why.
                        HandlerGone::Failed(_) => format!("{handler} failed"),
                        HandlerGone::Swapped { by, owner } => {
                            let whose = match owner == Some(mailbox.pid()) {
                                true => "",
                                false => " for another",
                            };
                            format!("{handler} swapped {}{whose}", by.text().unwrap_or_default())
                        }
                    }
                }
                Message::Exit(exit) => format!("exit {}", word(&exit.reason)),
                Message::Send(to, reason) => {
                    process::exit(to, reason);
                    continue;
                }
                Message::Ping(pong) => {
                    let _ = pong.send(());
                    continue;
                }
                Message::Finish(reason) => return reason,
            };
            told.send(format!("told {name} {line}"))
                .expect("the director listens");
        }
    })
}

/// Waits until the owner has handled what it has got; if it has ended, it has.
async fn ping(owner: &ProcessRef<Message>) {
    let (pong, ponged) = oneshot::channel();
    owner.send(Message::Ping(pong));
    let _ = ponged.await;
}
