//! Exercise 1.2: a plain message among the casts. The task is in `TASK.md`.

use otp_core::prelude::*;

// The core: the effect of an operation on the total. It has plain values and no process.

pub enum Op {
    Add(i64),
    Multiply(i64),
}

pub fn apply(total: i64, op: &Op) -> i64 {
    match op {
        Op::Add(n) => total + n,
        Op::Multiply(n) => total * n,
    }
}

// The boundary: a process that stores the total.

pub struct Calculator {
    total: i64,
}

pub enum Call {
    Total(ReplyTo<i64>),
}

/// A plain message, as a timer or another process would send it.
pub enum Message {
    Inc,
}

#[gen_server]
impl GenServer for Calculator {
    type Args = i64;
    type Call = Call;
    type Cast = Op;
    type Info = Message;

    async fn init(total: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
        }
    }

    async fn handle_cast(&mut self, op: Op, _: &mut Context<Self>) -> Next<Self> {
        self.total = apply(self.total, &op);
        Next::NoReply
    }

    async fn handle_info(&mut self, _info: Info<Message>, _: &mut Context<Self>) -> Next<Self> {
        // Write this: an `Inc` adds one.
        Next::NoReply
    }
}

// The API: functions that hide the messages.

pub async fn start(total: i64) -> Result<ServerRef<Calculator>, StartError> {
    Calculator::start_link(total).await
}

pub fn add(calculator: &ServerRef<Calculator>, n: i64) {
    calculator.cast(Op::Add(n));
}

pub fn multiply(calculator: &ServerRef<Calculator>, n: i64) {
    calculator.cast(Op::Multiply(n));
}

/// Adds one, by a plain message.
pub fn inc(_calculator: &ServerRef<Calculator>) {
    // Write this.
}

pub async fn total(calculator: &ServerRef<Calculator>) -> Result<i64, CallError> {
    calculator.call(Call::Total).await
}
