//! A solution of exercise 2.1: the answer comes after the work, so the client knows that the work is done.

use otp_core::prelude::*;

// The core.

pub enum Op {
    Add(i64),
    Divide(i64),
}

/// The total after an operation. A division by zero panics.
pub fn apply(total: i64, op: &Op) -> i64 {
    match op {
        Op::Add(n) => total + n,
        Op::Divide(0) => panic!("division by zero"),
        Op::Divide(n) => total / n,
    }
}

// The boundary.

pub struct Calculator {
    total: i64,
}

pub enum Call {
    Apply(Op, ReplyTo<()>),
    Total(ReplyTo<i64>),
}

#[gen_server]
impl GenServer for Calculator {
    type Args = i64;
    type Call = Call;

    async fn init(total: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Apply(op, from) => {
                self.total = apply(self.total, &op);
                from.reply(())
            }
            Call::Total(from) => from.reply(self.total),
        }
    }
}

// The API. An `Ok` means that the operation is done.

pub async fn start(total: i64) -> Result<ServerRef<Calculator>, StartError> {
    Calculator::start(total).await
}

pub async fn add(calculator: &ServerRef<Calculator>, n: i64) -> Result<(), CallError> {
    calculator.call(|from| Call::Apply(Op::Add(n), from)).await
}

pub async fn divide(calculator: &ServerRef<Calculator>, n: i64) -> Result<(), CallError> {
    calculator
        .call(|from| Call::Apply(Op::Divide(n), from))
        .await
}

pub async fn total(calculator: &ServerRef<Calculator>) -> Result<i64, CallError> {
    calculator.call(Call::Total).await
}
