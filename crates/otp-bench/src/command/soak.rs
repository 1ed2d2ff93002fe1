//! Starts and stops many idle servers over and over, and watches resident memory.

use std::env;
use std::io::{self, Write};
use std::process::{Command, ExitCode};

use otp_core::prelude::Node;
use tokio::runtime::Runtime;

use crate::cli::Options;
use crate::{memory, server};

const SERVERS: u64 = 100_000;
const ROUNDS: usize = 10;

/// How far resident memory may rise above what it was after the second round, as a share of that. The first
/// two rounds fill what is kept for reuse: the allocator's pools and the tables' capacity.
const TOLERANCE: f64 = 0.05;

/// How many heaps the system's allocator may have. With one a thread, as is usual, each of them grows to the
/// most that chance has ever put into it, and that growth would hide ours.
const HEAPS: (&str, &str) = ("MALLOC_ARENA_MAX", "1");

/// Runs the rounds on each runtime asked for; the program fails when one of them goes on growing.
///
/// # Errors
///
/// Fails when nothing can be written to `out`, or the system does not say how much memory is resident.
pub(super) fn soak(options: &Options, out: &mut dyn Write) -> io::Result<ExitCode> {
    let (variable, heaps) = HEAPS;
    if env::var_os(variable).is_none() {
        // The allocator looks at it once, when a process starts.
        let again = Command::new(env::current_exe()?)
            .args(env::args_os().skip(1))
            .env(variable, heaps)
            .status()?;
        let passed = again.success();
        return Ok(if passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let servers = options.scaled(SERVERS);
    let mut code = ExitCode::SUCCESS;
    for kind in options.runtime.kinds() {
        writeln!(
            out,
            "{servers} idle servers start and stop, {ROUNDS} rounds on {kind}"
        )?;
        let runtime = kind.build();
        let node = Node::new();
        let mut peaks = Vec::with_capacity(ROUNDS);
        for round in 1..=ROUNDS {
            let full = live_and_die(&runtime, &node, servers)?;
            let resident = memory::resident()?;
            writeln!(
                out,
                "round {round:>2}: {:>7.1} MiB with all running, {:>7.1} MiB after the last has stopped",
                mebibytes(full),
                mebibytes(resident),
            )?;
            out.flush()?;
            peaks.push(full);
        }
        if let Some(growth) = growth(&peaks) {
            writeln!(
                out,
                "resident memory grew by {:.1} % after the second round: at most {:.0} % is tolerated",
                growth * 100.0,
                TOLERANCE * 100.0,
            )?;
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// One round; says how much was resident while all servers were running.
fn live_and_die(runtime: &Runtime, node: &Node, servers: u64) -> io::Result<u64> {
    let client = async move {
        let mut running = Vec::new();
        for _ in 0..servers {
            running.push(server::start().await);
        }
        let full = memory::resident();
        for server in running {
            server
                .stop()
                .await
                .expect("an idle server stops when it is asked to");
        }
        full
    };
    runtime
        .block_on(node.run(client))
        .expect("a client of the benchmark does not crash")
}

/// By which share the memory with all running has grown since the second round, if by more than is
/// tolerated. What leaks adds up in it, while the memory after the last stop mostly says how much of it the
/// allocator could give back, which is by chance: whatever lies last in its heap holds all before it.
///
/// The last round is compared, not the highest: what comes back does not leak.
fn growth(peaks: &[u64]) -> Option<f64> {
    let (second, last) = (*peaks.get(1)?, *peaks.last()?);
    let growth = last as f64 / second as f64 - 1.0;
    (growth > TOLERANCE).then_some(growth)
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn growth_is_counted_from_the_second_round() {
        assert_eq!(growth(&[10, 100, 101, 104]), None);
        assert_eq!(growth(&[10, 100, 150, 100]), None);
        let grown = growth(&[10, 100, 103, 110]).unwrap();
        assert!((grown - 0.1).abs() < 1e-9);
    }
}
