//! Calls, casts and answers that come late.

use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::process;
use tokio::time::sleep;

use super::Operation;
use super::stage::{PATIENCE, Stage};
use crate::worker::{Call, Cast, Worker};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "calls",
        weight: 30,
        perform: |stage, _| Box::pin(call(stage)),
    },
    Operation {
        name: "late answers",
        weight: 10,
        perform: |stage, _| Box::pin(late(stage)),
    },
    Operation {
        name: "bursts of casts",
        weight: 10,
        perform: |stage, _| Box::pin(casts(stage)),
    },
    Operation {
        name: "requests at once",
        weight: 8,
        perform: |stage, _| Box::pin(requests(stage)),
    },
    Operation {
        name: "callers killed",
        weight: 5,
        perform: |stage, _| Box::pin(kill_caller(stage)),
    },
    Operation {
        name: "blocked threads",
        weight: 3,
        perform: |stage, _| Box::pin(block(stage)),
    },
];

/// By how much a limit may be overrun on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(10);

/// A call with a limit; the answer is that of another call never.
async fn echo(stage: &mut Stage, server: &ServerName<Worker>, limit: Duration) {
    let n = stage.random.u64(..);
    let begun = Instant::now();
    let call = server.call(|from| Call::Echo(n, from)).timeout(limit);
    let answer = stage.within("a call", call).await;
    let took = begun.elapsed();
    if took > limit + SLACK {
        stage.complain(format!("a call with a limit of {limit:?} took {took:?}"));
    }
    if let Some(Ok(other)) = answer
        && other != n
    {
        stage.complain(format!("the answer of call {n} was {other}"));
    }
}

async fn call(mut stage: Stage) {
    let server = stage.worker();
    for _ in 0..stage.random.u32(1..20) {
        let limit = stage.millis(1..2000);
        echo(&mut stage, &server, limit).await;
    }
}

/// Calls that time out, or nearly, with others in between: an answer that comes late must reach nobody.
async fn late(mut stage: Stage) {
    let server = stage.worker();
    for _ in 0..stage.random.u32(1..6) {
        let n = stage.random.u64(..);
        let (limit, delay) = (stage.millis(1..20), stage.millis(1..20));
        let call = server
            .call(|from| Call::Late(n, delay, from))
            .timeout(limit);
        if let Some(Ok(other)) = stage.within("a call answered late", call).await
            && other != n
        {
            stage.complain(format!("the answer of call {n} was {other}"));
        }
        echo(&mut stage, &server, PATIENCE / 2).await;
    }
    let forgotten = server.call(Call::Forget).timeout(PATIENCE / 2);
    let answer = stage.within("a call that is dropped", forgotten).await;
    if let Some(Ok(_) | Err(CallError::Timeout { .. })) = answer {
        stage.complain(format!("a call that was dropped ended with {answer:?}"));
    }
}

async fn casts(mut stage: Stage) {
    let server = stage.worker();
    for _ in 0..stage.random.u32(100..2000) {
        server.cast(Cast::Add(1));
    }
    echo(&mut stage, &server, PATIENCE / 2).await;
}

/// Several requests under way, some of which nobody waits for.
async fn requests(mut stage: Stage) {
    let mut requests = Vec::new();
    for _ in 0..stage.random.u32(2..20) {
        let n = stage.random.u64(..);
        requests.push((n, stage.worker().send_request(|from| Call::Echo(n, from))));
    }
    for (n, request) in requests {
        if stage.chance(3) {
            continue;
        }
        if let Some(Ok(other)) = stage.within("a request", request).await
            && other != n
        {
            stage.complain(format!("the answer of request {n} was {other}"));
        }
    }
}

/// Callers that do not live to see their answers, which come to nobody.
async fn kill_caller(mut stage: Stage) {
    for _ in 0..stage.random.u32(1..6) {
        let (server, delay) = (stage.worker(), stage.millis(0..5));
        let caller = process::spawn(move |_: Mailbox<Never>| async move {
            let call = server.call(|from| Call::Late(0, delay, from));
            call.await.map(drop)
        });
        sleep(stage.millis(0..5)).await;
        process::exit(&caller, ExitReason::Kill);
        stage.within("a killed caller", caller.wait()).await;
    }
}

async fn block(mut stage: Stage) {
    let server = stage.worker();
    for _ in 0..stage.random.u32(1..4) {
        server.cast(Cast::Block(stage.millis(1..5)));
    }
    echo(&mut stage, &server, PATIENCE / 2).await;
}
