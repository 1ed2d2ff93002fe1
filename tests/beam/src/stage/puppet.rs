//! A process without a behaviour.

use std::future::Future;
use std::pin::Pin;

use otp_core::{ExitReason, Mailbox, MonitorRef, Pid, Target};

use super::actor::{Actor, Ears, Message};
use super::world::{Handle, World};

type Life = Pin<Box<dyn Future<Output = ExitReason> + Send>>;

/// What a puppet of this name does; `parent` has spawned it.
///
/// In a box, as puppets spawn puppets.
pub(super) fn body(
    world: World,
    name: String,
    parent: Option<Pid>,
) -> impl FnOnce(Mailbox<Message>) -> Life + Send {
    move |mut mailbox| {
        Box::pin(async move {
            let handle = Handle::Puppet(mailbox.me());
            world.enter(&name, handle, parent).await;
            let mut actor = Actor::new(world);
            loop {
                let message = mailbox.receive().await;
                if let Some(reason) = actor.handle(message, &mut mailbox).await {
                    return reason;
                }
            }
        })
    }
}

impl Ears for Mailbox<Message> {
    fn trap_exit(&mut self, on: bool) -> bool {
        match on {
            true => Mailbox::trap_exit(self, Message::Exit),
            false => self.untrap_exit(),
        }
    }

    fn monitor(&mut self, target: Target) -> MonitorRef {
        Mailbox::monitor(self, target, Message::Down)
    }

    fn expect_down(&mut self, monitor: MonitorRef) {
        self.on_down(monitor, Message::Down);
    }
}
