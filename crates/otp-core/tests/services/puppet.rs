//! A handler that carries out the orders of events and calls, and notes all that happens to it.

use std::time::Duration;

use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerEnd, HandlerId, ManagerContext, Swap,
};
use otp_core::prelude::*;
use otp_core::test::Probe;

/// An event: an order for one puppet, or for none.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) to: &'static str,
    pub(crate) deed: Deed,
}

/// What a puppet does.
#[derive(Clone)]
pub(crate) enum Deed {
    Nothing,
    Panic,
    Exit(ExitReason),
    Remove,
    Hibernate,
    /// Swaps itself; whether the next one takes the role.
    Swap(&'static str, bool),
    Sleep(Duration),
}

/// An order for no handler.
pub(crate) const TICK: Order = Order {
    to: "",
    deed: Deed::Nothing,
};

pub(crate) fn order(to: &'static str, deed: Deed) -> Order {
    Order { to, deed }
}

pub(crate) struct Puppet {
    pub(crate) name: String,
    probe: Probe<String>,
    panics_at_end: bool,
}

/// What a puppet is made of.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) probe: Probe<String>,
    pub(crate) takes: bool,
    pub(crate) panics_at_end: bool,
}

impl Role {
    pub(crate) fn new(name: impl Into<String>, probe: &Probe<String>) -> Self {
        Self {
            name: name.into(),
            probe: probe.clone(),
            takes: true,
            panics_at_end: false,
        }
    }
}

pub(crate) fn id(text: &'static str) -> HandlerId<Puppet> {
    HandlerId::named(text)
}

/// A manager with these puppets, the last one added first in line.
pub(crate) async fn stage(names: &[&'static str], probe: &Probe<String>) -> EventManager<Order> {
    let manager = EventManager::start_link().await.expect("it starts");
    for name in names {
        let added = manager.add_handler(id(name), Role::new(*name, probe)).await;
        added.expect("it is added");
    }
    let _ = probe.drain();
    manager
}

/// The texts of the handlers' ids.
pub(crate) async fn texts(manager: &EventManager<Order>) -> Vec<String> {
    let names = manager.which_handlers().await.expect("the manager lives");
    let texts = names
        .iter()
        .map(|name| name.text().expect("it has one").to_owned());
    texts.collect()
}

impl Puppet {
    fn tell(&self, what: impl std::fmt::Display) {
        self.probe.report(format!("{} {what}", self.name));
    }

    async fn act(&self, deed: Deed) -> Handled<Order> {
        match deed {
            Deed::Nothing => {}
            Deed::Panic => panic!("boom"),
            Deed::Exit(reason) => otp_core::process::exit_self(reason),
            Deed::Remove => return Handled::Remove,
            Deed::Hibernate => return Handled::Hibernate,
            Deed::Swap(by, takes) => {
                return Handled::Swap(Swap::new(id(by), move |old: Self| Role {
                    takes,
                    ..Role::new(format!("{by}<{}", old.name), &old.probe)
                }));
            }
            Deed::Sleep(time) => tokio::time::sleep(time).await,
        }
        Handled::Keep
    }
}

impl EventHandler<Order> for Puppet {
    type Args = Role;

    async fn init(role: Role, _: &mut ManagerContext<Order>) -> Result<Self, Stop> {
        role.probe.report(format!("{} init", role.name));
        if !role.takes {
            return Err("it does not suit me".into());
        }
        Ok(Self {
            name: role.name,
            probe: role.probe,
            panics_at_end: role.panics_at_end,
        })
    }

    async fn handle_event(
        &mut self,
        event: &Order,
        _: &mut ManagerContext<Order>,
    ) -> Handled<Order> {
        if self.name != event.to {
            self.tell("passes");
            return Handled::Keep;
        }
        self.tell("acts");
        self.act(event.deed.clone()).await
    }

    async fn handle_info(
        &mut self,
        info: &Info<Order>,
        _: &mut ManagerContext<Order>,
    ) -> Handled<Order> {
        match info {
            Info::Exit(exit) => self.tell(format_args!("EXIT {}", exit.reason)),
            Info::Down(down) => self.tell(format_args!("DOWN {}", down.reason)),
            Info::Message(order) => {
                self.tell("message");
                if self.name == order.to {
                    return self.act(order.deed.clone()).await;
                }
            }
            Info::Timeout => self.tell("timeout"),
        }
        Handled::Keep
    }

    async fn terminate(&mut self, end: &HandlerEnd, _: &mut ManagerContext<Order>) {
        let end = match end {
            HandlerEnd::Failed(ExitReason::Panic(info)) => format!("Failed({})", info.message),
            HandlerEnd::Failed(reason) => format!("Failed({reason})"),
            HandlerEnd::OwnerEnded(reason) => format!("OwnerEnded({reason})"),
            end => format!("{end:?}"),
        };
        self.tell(format_args!("terminate {end}"));
        assert!(!self.panics_at_end, "at the end");
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("puppet {}", self.name))
    }

    fn format_event(event: &Order) -> Option<String> {
        Some(format!("order to {}", event.to))
    }
}

pub(crate) enum Call {
    Name(ReplyTo<String>),
    /// Answers and then does this.
    Do(Deed, ReplyTo<String>),
    /// Does this without an answer.
    Mute(Deed, ReplyTo<String>),
}

impl HandleCall<Order> for Puppet {
    type Call = Call;

    async fn handle_call(&mut self, call: Call, _: &mut ManagerContext<Order>) -> Handled<Order> {
        match call {
            Call::Name(from) => {
                from.send(self.name.clone());
                Handled::Keep
            }
            Call::Do(deed, from) => {
                from.send(format!("bye from {}", self.name));
                self.act(deed).await
            }
            Call::Mute(deed, from) => {
                let handled = self.act(deed).await;
                from.send(self.name.clone());
                handled
            }
        }
    }
}
