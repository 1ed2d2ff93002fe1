//! Calls and casts.

use otp_bench::{Cost, Stopwatch};
use tokio::runtime::Runtime;

use super::run;
use crate::peer::Peer;

const CALLERS: u64 = 64;

const SENDERS: u64 = 4;

/// How many casts are sent before the sender waits for the server.
pub(super) const FLOOD: u64 = 100_000;

/// One caller, one server.
pub(crate) fn call<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    run::<P, _>(runtime, async move {
        let server = P::new().start().await;
        let watch = Stopwatch::start();
        for n in 0..operations {
            P::call(&server, n).await;
        }
        watch.stop()
    })
}

/// Callers at one server, each with a call under way at all times.
pub(crate) fn callers<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    let caller = move |server: P::Server| async move {
        for n in 0..operations / CALLERS {
            P::call(&server, n).await;
        }
    };
    together::<P, _>(runtime, CALLERS, caller)
}

/// A flood of casts, then one call to know that all are handled.
pub(crate) fn cast<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    run::<P, _>(runtime, async move {
        let server = P::new().start().await;
        let watch = Stopwatch::start();
        floods::<P>(&server, operations).await;
        watch.stop()
    })
}

/// The same from several senders at once.
pub(crate) fn cast_four<P: Peer>(runtime: &Runtime, operations: u64) -> Cost {
    let sender =
        move |server: P::Server| async move { floods::<P>(&server, operations / SENDERS).await };
    together::<P, _>(runtime, SENDERS, sender)
}

/// Runs clients at one server at the same time.
fn together<P, F>(
    runtime: &Runtime,
    clients: u64,
    client: impl Fn(P::Server) -> F + Send + 'static,
) -> Cost
where
    P: Peer,
    F: Future<Output = ()> + Send + 'static,
{
    run::<P, _>(runtime, async move {
        let server = P::new().start().await;
        let watch = Stopwatch::start();
        let running: Vec<_> = (0..clients)
            .map(|_| P::client(client(server.clone())))
            .collect();
        for client in running {
            client.await;
        }
        watch.stop()
    })
}

/// Sends so many casts, a flood at a time.
async fn floods<P: Peer>(server: &P::Server, operations: u64) {
    let mut left = operations;
    while left > 0 {
        let flood = left.min(FLOOD);
        for n in 0..flood {
            P::cast(server, n).await;
        }
        P::call(server, 0).await;
        left -= flood;
    }
}
