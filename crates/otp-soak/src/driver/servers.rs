//! Servers of one's own, and looks into those of others.

use otp_core::prelude::*;
use otp_core::{process, sys};

use super::Operation;
use super::stage::Stage;
use crate::worker::{Args, Call, Cast, Worker};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "servers",
        weight: 10,
        perform: |stage, _| Box::pin(servers(stage)),
    },
    Operation {
        name: "system requests",
        weight: 4,
        perform: |stage, _| Box::pin(look(stage)),
    },
];

/// Servers start, are called, and stop or are ended.
async fn servers(mut stage: Stage) {
    let mut servers = Vec::new();
    for _ in 0..stage.random.u32(1..20) {
        let ledger = stage.world.ledger.clone();
        let traps = stage.chance(2);
        match stage
            .within("a start", Worker::start(Args { ledger, traps }))
            .await
        {
            Some(Ok(server)) => servers.push(server),
            other => stage.complain(format!("a server did not start: {:?}", other.map(|_| ()))),
        }
    }
    for server in servers {
        let n = stage.random.u64(..);
        let answer = server.call(|from| Call::Echo(n, from));
        let answer = stage.within("a call", answer).await;
        if !matches!(answer, Some(Ok(m)) if m == n) {
            stage.complain(format!("a call to a server of one's own gave {answer:?}"));
        }
        match stage.random.u32(..4) {
            0 => process::exit(&server, ExitReason::Kill),
            1 => server.cast(Cast::Panic),
            2 => server.cast(Cast::Stop(ExitReason::Shutdown)),
            _ => drop(stage.within("a stop", server.stop()).await),
        }
        stage.within("a server that was ended", server.wait()).await;
    }
}

/// A worker is suspended for a moment.
async fn look(mut stage: Stage) {
    let Some(worker) = stage.worker().whereis() else {
        return;
    };
    stage
        .within("a status", sys::get_status(worker.pid()))
        .await;
    if stage.chance(4) {
        stage.within("a suspend", sys::suspend(worker.pid())).await;
        worker.cast(Cast::Add(1));
        stage.within("a resume", sys::resume(worker.pid())).await;
    }
}
