//! A call and a cast of a state machine, which has one state more than a server needs. Their floors are those of a server.

use otp_core::prelude::*;
use tokio::runtime::Runtime;

use super::Workload;
use super::call::CALL;
use super::cast::{CAST, floods};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::server;

pub(crate) const EVENT_CALL: Workload = Workload {
    name: "call, state machine",
    goal: Goal::ratio(1.05, 1.30),
    ours: calls,
    ..CALL
};

pub(crate) const EVENT_CAST: Workload = Workload {
    name: "cast, state machine",
    goal: Goal::ratio(1.00, 1.50),
    ours: casts,
    ..CAST
};

/// What the machine adds up while it is open.
struct Adder {
    total: u64,
}

#[derive(PartialEq)]
enum State {
    Open,
    Closed,
}

enum Call {
    Total(u64, ReplyTo<u64>),
}

enum Cast {
    Add(u64),
}

#[state_machine]
impl StateMachine for Adder {
    type State = State;
    type Call = Call;
    type Cast = Cast;

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state(State::Open, Self { total: 0 }))
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match (state, event) {
            (State::Open, Event::Call(Call::Total(n, from))) => {
                self.total = self.total.wrapping_add(n);
                Transition::keep().reply(from, self.total)
            }
            (State::Open, Event::Cast(Cast::Add(n))) => {
                self.total = self.total.wrapping_add(n);
                Transition::keep()
            }
            (State::Closed, event) => Transition::keep().postpone(event),
            (State::Open, Event::Down(_) | Event::Exit(_)) => Transition::next(State::Closed),
        }
    }
}

async fn start() -> ServerRef<Machine<Adder>> {
    Adder::start(())
        .await
        .expect("init of the benchmark's machine cannot fail")
}

async fn call(machine: &ServerRef<Machine<Adder>>, n: u64) -> u64 {
    machine
        .call(|from| Call::Total(n, from))
        .await
        .expect("the benchmark's machine runs and answers at once")
}

fn calls(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let machine = start().await;
        let watch = Stopwatch::start();
        for n in 0..operations {
            call(&machine, n).await;
        }
        watch.stop()
    }))
}

fn casts(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let machine = start().await;
        let watch = Stopwatch::start();
        for flood in floods(operations) {
            for n in 0..flood {
                machine.cast(Cast::Add(n));
            }
            call(&machine, 0).await;
        }
        watch.stop()
    }))
}
