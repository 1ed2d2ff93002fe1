//! A calculator that a cluster can call, in one file.
//!
//! With an epmd running (`epmd -daemon`, or any BEAM node on this host):
//!
//! ```text
//! $ cargo run -p otp-dist --example calculator
//! $ iex --name web@127.0.0.1 --cookie secret
//! iex> GenServer.call({:calc, :"rust@127.0.0.1"}, {:divide, 10, 4})
//! {:ok, 2}
//! iex> GenServer.call({:calc, :"rust@127.0.0.1"}, {:divide, 1, 0})
//! {:error, :division_by_zero}
//! ```

use std::error::Error;

use otp_core::prelude::*;
use otp_dist::{Config, Distribution};
use serde::{Deserialize, Serialize};

struct Calculator {
    total: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Total(ReplyTo<i64>),
    Divide(i64, i64, ReplyTo<Result<i64, DivideError>>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cast {
    Add(i64),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DivideError {
    DivisionByZero,
}

#[gen_server]
impl GenServer for Calculator {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total: 0 }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
            Call::Divide(a, b, from) => {
                from.reply(a.checked_div(b).ok_or(DivideError::DivisionByZero))
            }
        }
    }

    async fn handle_cast(&mut self, Cast::Add(n): Cast, _: &mut Context<Self>) -> Next<Self> {
        self.total = self.total.wrapping_add(n);
        Next::NoReply
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let node = Node::new();
    let dist = Distribution::start(&node, Config::new("rust@127.0.0.1").cookie("secret")).await?;
    let calculator = Calculator::options()
        .on(&node)
        .name("calc")
        .start(())
        .await?;
    dist.expose::<Calculator>("calc");
    Err(calculator.wait().await.into())
}
