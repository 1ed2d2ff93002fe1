//! Exercise 4.3: state that survives a crash. The task is in `TASK.md`.

use otp_core::prelude::*;

/// A character that learns lines.
pub struct Yoshi {
    lines: Vec<String>,
}

pub enum Call {
    Learn(String, ReplyTo<()>),
    Say(ReplyTo<Vec<String>>),
}

pub enum Cast {
    Die,
}

#[gen_server]
impl GenServer for Yoshi {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let lines = Vec::new();
        Ok(Init::state(Self { lines }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Learn(line, from) => {
                self.lines.push(line);
                from.reply(())
            }
            Call::Say(from) => from.reply(self.lines.clone()),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Die => panic!("boom"),
        }
    }
}

/// Starts a supervisor with yoshi as its child. The calling process is linked with it.
pub async fn start_link() -> Result<ServerName<Yoshi>, ExitReason> {
    let start = || Yoshi::options().name("yoshi").start_link(());
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("yoshi", start))
        .start_link()
        .await?;
    Ok(ServerName::new("yoshi"))
}
