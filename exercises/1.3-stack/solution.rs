//! A solution of exercise 1.3: only the core has changed.

use otp_core::prelude::*;

/// The stack is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Empty;

// The core.

/// A stack: the last item is removed first.
#[derive(Debug, Default)]
pub struct Stack {
    items: Vec<String>,
}

impl Stack {
    pub fn push(&mut self, item: String) {
        self.items.push(item);
    }

    /// Removes and returns the last item.
    pub fn pop(&mut self) -> Result<String, Empty> {
        self.items.pop().ok_or(Empty)
    }

    /// All items, the last one first.
    pub fn items(&self) -> Vec<String> {
        self.items.iter().rev().cloned().collect()
    }
}

// The boundary.

pub enum Call {
    Pop(ReplyTo<Result<String, Empty>>),
    State(ReplyTo<Vec<String>>),
}

pub enum Cast {
    Push(String),
}

#[gen_server]
impl GenServer for Stack {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Pop(from) => from.reply(self.pop()),
            Call::State(from) => from.reply(self.items()),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Push(item) => self.push(item),
        }
        Next::NoReply
    }
}

// The API.

pub async fn start() -> Result<ServerRef<Stack>, StartError> {
    Stack::start(()).await
}

pub fn push(stack: &ServerRef<Stack>, item: &str) {
    stack.cast(Cast::Push(item.to_owned()));
}

pub async fn pop(stack: &ServerRef<Stack>) -> Result<Result<String, Empty>, CallError> {
    stack.call(Call::Pop).await
}

pub async fn state(stack: &ServerRef<Stack>) -> Result<Vec<String>, CallError> {
    stack.call(Call::State).await
}
