//! Servers that have nothing to do.

use std::io;

use otp_bench::{Past, RuntimeKind, grown};
use tokio::runtime::Runtime;

use super::run;
use crate::peer::Peer;

/// What a task needs is the same on both runtimes, and otp-bench measures its own on this one.
const RUNTIME: RuntimeKind = RuntimeKind::CurrentThread;

/// Starts so many servers in this process, and measures the resident bytes of one of them.
///
/// # Errors
///
/// Fails when the system does not say how much memory is resident.
pub(crate) fn idle<P: Peer>(past: Past, servers: u64) -> io::Result<f64> {
    let runtime = RUNTIME.build();
    let peer = P::new();
    let idle = grown(servers, |places| fill(&runtime, &peer, past, places))?;
    Ok(idle.resident)
}

/// Starts a server for each of the places.
fn fill<P: Peer>(
    runtime: &Runtime,
    peer: &P,
    past: Past,
    mut places: Vec<Option<P::Server>>,
) -> Vec<Option<P::Server>> {
    let peer = peer.clone();
    run::<P, _>(runtime, async move {
        for place in &mut places {
            let server = peer.start().await;
            if past == Past::Used {
                P::cast(&server, 1).await;
                P::call(&server, 1).await;
            }
            *place = Some(server);
        }
        places
    })
}
