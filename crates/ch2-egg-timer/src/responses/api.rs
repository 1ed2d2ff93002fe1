//! What a callback can return, and what comes of it: one small scene for each value.

use crate::responses::boundary::{Call, First, Hello, Ran, Responder, WaitAtMost};
use otp_core::prelude::*;
use otp_core::process;
use std::fmt::Display;
use std::time::Duration;

/// A value that a callback can return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `Next::Timeout`, from a callback and from `init`.
    Timeout,
    /// `Next::Continue`, from `init` and together with an answer.
    Continue,
    /// `Next::Hibernate`.
    Hibernate,
    /// `Reply::later`.
    Later,
}

/// How long nothing comes, where something is to happen because nothing comes.
const SHORT: Duration = Duration::from_millis(30);

/// Starts a server that returns this value, and tells line by line what happens.
///
/// # Errors
///
/// The reason, when the server could not be started or did not live to the end.
///
/// # Panics
///
/// Outside of a process.
pub async fn show(
    value: Value,
    tell: impl FnMut(String) + Send + 'static,
) -> Result<(), ExitReason> {
    let play = async move |mailbox: Mailbox<Ran>| {
        let mut scene = Scene { mailbox, tell };
        match value {
            Value::Timeout => scene.timeout().await,
            Value::Continue => scene.r#continue().await,
            Value::Hibernate => scene.hibernate().await,
            Value::Later => scene.later().await,
        }
    };
    process::node().run_with(play).await?
}

/// The client of the server, which hears of its callbacks and gets its answers.
struct Scene<T> {
    mailbox: Mailbox<Ran>,
    tell: T,
}

impl<T: FnMut(String) + Send> Scene<T> {
    async fn timeout(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Timeout).await?;
        self.say("init returns Timeout(0ms)");
        self.hear().await;
        self.say("cast: return Timeout(30ms)");
        server.cast(WaitAtMost(SHORT));
        self.hear().await;
        self.say("cast: return Timeout(1h); send: hello");
        server.cast(WaitAtMost(Duration::from_secs(3600)));
        server.send(Hello);
        self.hear().await;
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn r#continue(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Continue).await?;
        self.say("init sends hello to itself and returns Continue(Boot)");
        self.hear().await;
        self.hear().await;
        let answer = server.call(Call::ThenContinue).await?;
        self.say(format!("call: reply \"{answer}\" and Continue(AfterReply)"));
        let count = server.call(Call::Count).await?;
        self.hear().await;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn hibernate(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        let answer = server.call(Call::ThenHibernate).await?;
        self.say(format!("call: reply \"{answer}\" and Hibernate"));
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        Ok(server.stop().await?)
    }

    async fn later(&mut self) -> Result<(), ExitReason> {
        let server = self.start(First::Nothing).await?;
        self.say("call: Reply::later()");
        let mut late = server.send_request(Call::Later);
        let count = server.call(Call::Count).await?;
        self.say(format!("call: count, reply {count}"));
        if late.wait(Duration::ZERO).await.is_none() {
            self.say("the first call: no reply yet");
        }
        self.say("send: hello");
        server.send(Hello);
        self.hear().await;
        let answer = late.await?;
        self.say(format!("the first call: reply \"{answer}\""));
        Ok(server.stop().await?)
    }

    async fn start(&mut self, first: First) -> Result<ServerRef<Responder>, StartError> {
        Responder::start_link((first, self.mailbox.me())).await
    }

    /// Tells the next callback that has run.
    async fn hear(&mut self) {
        let ran = self.mailbox.receive().await;
        self.say(ran);
    }

    fn say(&mut self, line: impl Display) {
        (self.tell)(line.to_string());
    }
}
