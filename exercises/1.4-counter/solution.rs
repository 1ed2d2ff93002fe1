//! A solution of exercise 1.4: `inc` is one message, so no other message can come between.

use otp_core::prelude::*;

// The boundary.

pub struct Counter {
    count: u64,
}

pub enum Call {
    State(ReplyTo<u64>),
}

pub enum Cast {
    Inc,
}

#[gen_server]
impl GenServer for Counter {
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { count: 0 }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::State(from) => from.reply(self.count),
        }
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast {
            Cast::Inc => self.count += 1,
        }
        Next::NoReply
    }
}

// The API.

pub async fn start() -> Result<ServerRef<Counter>, StartError> {
    Counter::start_link(()).await
}

/// Adds one.
pub async fn inc(counter: &ServerRef<Counter>) -> Result<(), CallError> {
    counter.cast(Cast::Inc);
    Ok(())
}

pub async fn state(counter: &ServerRef<Counter>) -> Result<u64, CallError> {
    counter.call(Call::State).await
}
