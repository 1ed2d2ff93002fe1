//! A solution of exercise 4.3: the table belongs to a process that does not end with Yoshi.

use otp_core::prelude::*;
use otp_core::table::{self, Access, Table};

/// A character that learns lines.
pub struct Yoshi {
    lines: Vec<String>,
    memory: Memory,
}

/// The table with the lines of each character. Its owner does not end with the characters.
type Memory = Table<&'static str, Vec<String>>;

pub enum Call {
    Learn(String, ReplyTo<()>),
    Say(ReplyTo<Vec<String>>),
}

pub enum Cast {
    Die,
}

#[gen_server]
impl GenServer for Yoshi {
    type Args = Memory;
    type Call = Call;
    type Cast = Cast;

    async fn init(memory: Memory, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        let lines = memory.lookup(&"yoshi")?.unwrap_or_default();
        Ok(Init::state(Self { lines, memory }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Learn(line, from) => {
                self.lines.push(line);
                self.memory
                    .insert("yoshi", self.lines.clone())
                    .expect("the owner of the table runs");
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
    let memory: Memory = table::set("memory").access(Access::Public).create()?;
    let start = move || Yoshi::options().name("yoshi").start_link(memory.clone());
    Supervisor::new(Strategy::OneForOne)
        .child(ChildSpec::worker("yoshi", start))
        .start_link()
        .await?;
    Ok(ServerName::new("yoshi"))
}
