//! A supervisor with one permanent child.

use std::time::Duration;

use otp_core::prelude::*;
use tokio::runtime::Runtime;
use tokio::task;

use super::NAME;
use crate::cost::{Cost, Stopwatch};
use crate::server;

#[derive(Debug)]
struct Phoenix {
    total: u64,
}

#[derive(Debug)]
enum Call {
    Total(u64, ReplyTo<u64>),
}

#[derive(Debug)]
enum Cast {
    Crash,
}

#[gen_server]
impl GenServer for Phoenix {
    type Args = u64;
    type Call = Call;
    type Cast = Cast;

    async fn init(total: u64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Total(n, from) = call;
        self.total = self.total.wrapping_add(n);
        from.reply(self.total)
    }

    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        let Cast::Crash = cast;
        Next::Stop(ExitReason::other("crash"))
    }
}

pub(super) fn crashes(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let child = ChildSpec::worker(NAME, || Phoenix::options().name(NAME).start_link(0));
        let supervisor = Supervisor::new(Strategy::OneForOne)
            // It counts the restarts of a period as always, but never finds them too many.
            .max_restarts(usize::MAX, Duration::from_millis(100))
            .child(child)
            .start()
            .await
            .expect("the child's init cannot fail");
        let phoenix = ServerName::new(NAME);
        answer(&phoenix).await;
        let watch = Stopwatch::start();
        for _ in 0..operations {
            phoenix.cast(Cast::Crash);
            answer(&phoenix).await;
        }
        let cost = watch.stop();
        supervisor
            .stop()
            .await
            .expect("a supervisor stops when it is asked to");
        cost
    }))
}

/// Calls by name until a new server answers: the one that has been told to crash does not.
async fn answer(phoenix: &ServerName<Phoenix>) {
    loop {
        if let Ok(total) = phoenix.call(|from| Call::Total(1, from)).await {
            assert_eq!(total, 1, "a new server has nothing added up");
            return;
        }
        task::yield_now().await;
    }
}
