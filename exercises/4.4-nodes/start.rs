//! Exercise 4.4: characters on two nodes. The task is in `TASK.md`.

use std::collections::BTreeMap;

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

/// Nodes by their names. A node sees only its own processes and names.
pub struct Cluster {
    nodes: BTreeMap<&'static str, Node>,
}

impl Cluster {
    pub fn new(nodes: impl IntoIterator<Item = (&'static str, Node)>) -> Self {
        let nodes = nodes.into_iter().collect();
        Self { nodes }
    }

    /// Starts a character with a name on a node.
    pub async fn start(
        &self,
        node: &'static str,
        name: &'static str,
        line: &'static str,
    ) -> Result<Pid, ExitReason> {
        let node = self.nodes.get(node).ok_or(ExitReason::NoConnection)?;
        let character = Character::options().name(name).on(node).start(line).await?;
        Ok(character.pid())
    }

    /// Asks a character for its line, by an address such as `a/superdave`.
    pub async fn say(&self, address: &'static str) -> Result<&'static str, ExitReason> {
        // Correct this: it looks up the name on the node of the caller.
        let character = ServerName::<Character>::new(address);
        Ok(character.call(Call::Say).await?)
    }
}
