//! The handler that does what its book says.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use otp_core::event_manager::{
    EventHandler, HandleCall, Handled, HandlerEnd, HandlerId, ManagerContext, Swap,
};
use otp_core::prelude::*;
use otp_core::process;

use crate::words::{reason, word};

/// By handler and event.
pub(super) type Book = HashMap<(String, String), String>;

#[derive(Clone)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) how: &'static str,
    pub(super) book: Arc<Book>,
    pub(super) told: Sender<String>,
}

pub(super) struct Puppet {
    role: Role,
    pub(super) count: u32,
}

pub(super) struct Ask(pub(super) String, pub(super) ReplyTo<String>);

pub(super) fn id(name: &str) -> HandlerId<Puppet> {
    HandlerId::named(name.to_owned())
}

impl Role {
    fn say(&self, line: &str) {
        let line = format!("{} {line}", self.name);
        self.told.send(line).expect("the director listens");
    }

    /// What the book says, and what stands behind it.
    fn action(&self, event: &str) -> (&str, &str) {
        let key = (self.name.clone(), event.to_owned());
        let action = self.book.get(&key).map_or("keep", String::as_str);
        let (first, rest) = action.split_once(' ').unwrap_or((action, ""));
        match first {
            "crash" => panic!("crash"),
            "exit" => process::exit_self(reason(rest)),
            _ => (first, rest),
        }
    }
}

impl Puppet {
    fn act(&mut self, kind: &str, event: &str) -> Handled<String> {
        self.role.say(&format!("{kind} {event}"));
        let role = self.role.clone();
        let (action, name) = role.action(event);
        self.count += 1;
        match action {
            "remove" => Handled::Remove,
            "hibernate" => Handled::Hibernate,
            "swap" => {
                let name = name.to_owned();
                Handled::Swap(Swap::new(id(&name), |old: Self| Role {
                    name,
                    how: "swapped",
                    ..old.role
                }))
            }
            _ => Handled::Keep,
        }
    }
}

impl EventHandler<String> for Puppet {
    type Args = Role;

    async fn init(role: Role, _: &mut ManagerContext<String>) -> Result<Self, Stop> {
        role.say(&format!("init {}", role.how));
        match role.action("init") {
            ("refuse", _) => Err("refused".into()),
            _ => Ok(Self { role, count: 0 }),
        }
    }

    async fn handle_event(
        &mut self,
        event: &String,
        _: &mut ManagerContext<String>,
    ) -> Handled<String> {
        self.act("event", event)
    }

    async fn handle_info(
        &mut self,
        info: &Info<String>,
        _: &mut ManagerContext<String>,
    ) -> Handled<String> {
        match info {
            Info::Message(event) => return self.act("info", event),
            Info::Exit(exit) => self.role.say(&format!("exit {}", word(&exit.reason))),
            Info::Down(_) | Info::Timeout => self.role.say("?"),
        }
        Handled::Keep
    }

    async fn terminate(&mut self, end: &HandlerEnd, _: &mut ManagerContext<String>) {
        let why = match end {
            HandlerEnd::Removed => "removed".to_owned(),
            HandlerEnd::Deleted => "deleted".to_owned(),
            HandlerEnd::Swapped => "swapped".to_owned(),
            HandlerEnd::Stopped => "stopped".to_owned(),
            HandlerEnd::OwnerEnded(reason) => format!("owner {}", word(reason)),
            HandlerEnd::Failed(reason) => format!("failed {}", word(reason)),
        };
        let count = match end {
            HandlerEnd::Removed | HandlerEnd::Failed(_) => "-".to_owned(),
            _ => self.count.to_string(),
        };
        self.role.say(&format!("{count} terminate {why}"));
        self.role.action("end");
    }
}

impl HandleCall<String> for Puppet {
    type Call = Ask;

    async fn handle_call(
        &mut self,
        Ask(event, from): Ask,
        _: &mut ManagerContext<String>,
    ) -> Handled<String> {
        let answer = format!("{} {}", self.role.name, self.count);
        let handled = self.act("call", &event);
        from.send(answer);
        handled
    }
}
