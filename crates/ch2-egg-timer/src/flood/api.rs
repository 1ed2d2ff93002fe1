//! More work than a server has time for: does the work wait, or those who bring it?

use crate::flood::boundary::{Call, Gate, Tally, Work, Worker};
use otp_core::prelude::*;
use otp_core::{TimeLimit, process};

/// What was seen of the worker's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flood {
    /// How many messages waited before the worker began.
    pub waiting: usize,
    /// The most pieces of work that were with the worker at once.
    pub longest: usize,
    /// How many pieces of work it has done.
    pub handled: usize,
    /// How many messages waited in the end.
    pub left: usize,
}

/// Casts `count` pieces of work to a worker that begins when all of them have been sent.
///
/// # Errors
///
/// The reason, when the worker could not be started or did not live to the end.
///
/// # Panics
///
/// Outside of a process.
pub async fn casts(count: usize) -> Result<Flood, ExitReason> {
    let flood = async move |_: Mailbox<Asked>| {
        let (gate, worker) = start().await?;
        for _ in 0..count {
            worker.cast(Work);
        }
        let waiting = queue_len(&worker);
        gate.send(());
        finish(&worker, waiting, |_| waiting).await
    };
    process::node().run_with(flood).await?
}

/// Lets each of some clients call a worker `count` times in a row. The worker begins when every client
/// has asked for the first time.
///
/// # Errors
///
/// The same as for [`casts`].
///
/// # Panics
///
/// Outside of a process.
pub async fn calls(count: usize, clients: usize) -> Result<Flood, ExitReason> {
    let flood = async move |mut mailbox: Mailbox<Asked>| {
        let (gate, worker) = start().await?;
        let all: Vec<_> = (0..clients)
            .map(|_| client(worker.clone(), count, mailbox.me()))
            .collect();
        for _ in &all {
            mailbox.receive().await;
        }
        let waiting = queue_len(&worker);
        gate.send(());
        for client in all {
            client.wait().await;
        }
        finish(&worker, waiting, |tally| tally.longest).await
    };
    process::node().run_with(flood).await?
}

/// A client has sent its first request.
struct Asked;

/// Starts a worker behind a closed gate. Both are linked to the current process, so that none of them stays
/// behind if something goes wrong.
async fn start() -> Result<(Gate, ServerRef<Worker>), StartError> {
    let gate: Gate = process::spawn_link(async |mut mailbox: Mailbox<()>| mailbox.receive().await);
    let worker = Worker::start_link(gate.clone()).await?;
    Ok((gate, worker))
}

/// A call in slow motion: the request goes out, and then the answer is waited for.
fn client(worker: ServerRef<Worker>, count: usize, flood: ProcessRef<Asked>) -> ProcessRef<Never> {
    process::spawn_link(async move |_: Mailbox<Never>| {
        for turn in 0..count {
            let request = worker.send_request(Call::Work);
            if turn == 0 {
                flood.send(Asked);
            }
            request.await?;
        }
        Ok::<_, CallError>(())
    })
}

async fn finish(
    worker: &ServerRef<Worker>,
    waiting: usize,
    longest: impl FnOnce(Tally) -> usize,
) -> Result<Flood, ExitReason> {
    let tally = worker
        .call(Call::Tally)
        .timeout(TimeLimit::Infinity)
        .await?;
    let left = queue_len(worker);
    worker.stop().await?;
    Ok(Flood {
        waiting,
        longest: longest(tally),
        handled: tally.handled,
        left,
    })
}

fn queue_len(worker: &ServerRef<Worker>) -> usize {
    let info = process::node().process_info(worker.pid());
    info.map_or(0, |info| info.message_queue_len)
}
