//! A solution of exercise 1.1: one variant, one arm, one cast. The process itself has not changed.

use otp_core::prelude::*;

// The core: what an operation does to the total. Plain values, no process.

/// What can be done to the total.
pub enum Op {
    Add(i64),
    Subtract(i64),
    Negate,
}

/// The total after an operation.
pub fn apply(total: i64, op: &Op) -> i64 {
    match op {
        Op::Add(n) => total + n,
        Op::Subtract(n) => total - n,
        Op::Negate => -total,
    }
}

// The boundary: a process that keeps the total.

pub struct Calculator {
    total: i64,
}

pub enum Call {
    Total(ReplyTo<i64>),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = i64;
    type Call = Call;
    type Cast = Op;

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
}

// The API: functions that hide the messages.

pub async fn start(total: i64) -> Result<ServerRef<Calculator>, StartError> {
    Calculator::start_link(total).await
}

pub fn add(calculator: &ServerRef<Calculator>, n: i64) {
    calculator.cast(Op::Add(n));
}

pub fn subtract(calculator: &ServerRef<Calculator>, n: i64) {
    calculator.cast(Op::Subtract(n));
}

/// Changes the sign of the total.
pub fn negate(calculator: &ServerRef<Calculator>) {
    calculator.cast(Op::Negate);
}

pub async fn total(calculator: &ServerRef<Calculator>) -> Result<i64, CallError> {
    calculator.call(Call::Total).await
}
