//! A child of a supervisor.

use std::future::pending;
use std::panic::resume_unwind;

use otp_core::prelude::*;
use otp_core::{MonitorRef, Target};

use super::actor::{Actor, Ears, Message};
use super::world::{Handle, World};
use crate::command::{Mood, Temper};

pub(super) struct Child {
    actor: Actor,
    temper: Temper,
}

#[gen_server]
impl GenServer for Child {
    type Args = (World, String, Temper);
    type Info = Message;

    async fn init(
        (world, name, temper): Self::Args,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let parent = super::look::parent(&world, context.pid());
        if let Some(mood) = world.next_mood(&name) {
            let label = parent.map_or("-".to_owned(), |parent| world.label(parent));
            let refuse = |word| world.say(format!("refuse {name} {label} {word}"));
            match mood {
                Mood::Fails => refuse("fails"),
                Mood::Ends => refuse("ends"),
                Mood::Panics => refuse("panics"),
                Mood::Ignores => refuse("ignores"),
            }
            return match mood {
                Mood::Fails => Err(ExitReason::other("bad".to_owned())),
                Mood::Ends => Err(ExitReason::Normal),
                Mood::Panics => resume_unwind(Box::new("no")),
                Mood::Ignores => Ok(Init::ignore()),
            };
        }
        context.trap_exit(temper != Temper::Plain);
        world
            .enter(&name, Handle::Child(context.me()), parent)
            .await;
        let actor = Actor::new(world);
        Ok(Init::state(Self { actor, temper }))
    }

    async fn handle_info(
        &mut self,
        info: Info<Message>,
        context: &mut Context<Self>,
    ) -> Next<Self> {
        let message = match info {
            Info::Message(message) => message,
            Info::Exit(exit) => Message::Exit(exit),
            Info::Down(down) => Message::Down(down),
            Info::Timeout => return Next::NoReply,
        };
        match self.actor.handle(message, context).await {
            Some(reason) => Next::Stop(reason),
            None => Next::NoReply,
        }
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.actor
            .say("terminate", &super::words::of_reason(reason));
        // Only when it is told to by its supervisor, who has a limit.
        let told = *reason == ExitReason::Shutdown && !self.actor.ends;
        if self.temper == Temper::Stubborn && told {
            pending::<()>().await;
        }
    }
}

impl Ears for Context<Child> {
    fn trap_exit(&mut self, on: bool) -> bool {
        Context::trap_exit(self, on)
    }

    fn monitor(&mut self, target: Target) -> MonitorRef {
        Context::monitor(self, target)
    }

    /// It arrives as [`Info::Down`] anyway.
    fn expect_down(&mut self, _: MonitorRef) {}
}
