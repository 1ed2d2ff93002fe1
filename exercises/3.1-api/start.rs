//! Exercise 3.1: an API that works after a restart of its server. The task is in `TASK.md`.

use otp_core::prelude::*;

/// A character, which returns its line and can crash.
pub struct Character {
    line: &'static str,
}

pub enum Call {
    Say(ReplyTo<&'static str>),
}

pub enum Cast {
    Die,
}

#[gen_server]
impl GenServer for Character {
    type Args = &'static str;
    type Call = Call;
    type Cast = Cast;

    async fn init(line: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { line }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Say(from) => from.reply(self.line),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Die => panic!("boom"),
        }
    }
}

/// Starts a supervisor with a character named `superman`.
pub async fn start_link() -> Result<Superman, ExitReason> {
    let start = || {
        Character::options()
            .name("superman")
            .start_link("Up, up and away!")
    };
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("superman", start))
        .start_link()
        .await?;
    let server = ServerName::new("superman")
        .whereis()
        .ok_or("superman has not started".to_owned());
    Ok(Superman { server: server? })
}

// The API.

pub struct Superman {
    server: ServerRef<Character>,
}

impl Superman {
    pub async fn say(&self) -> Result<&'static str, CallError> {
        self.server.call(Call::Say).await
    }

    pub fn die(&self) {
        self.server.cast(Cast::Die);
    }
}
