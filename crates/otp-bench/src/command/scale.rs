//! Very many servers at once: whether they all live and die as they should, and what that costs each of them.

mod bar;
mod child;
mod floor;
mod life;
mod ours;
mod report;
mod run;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args as ClapArgs;

use self::run::Run;
use crate::cli::{Options, Side};
use crate::runtime::RuntimeKind;

pub(crate) use self::child::run as child;

/// How many servers there are when nobody says how many: what an operation costs must not grow from the first to
/// the last.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

/// A single size takes as long as it takes; more rounds than this many servers have together are not worth it.
const SERVERS_IN_ALL: u64 = 3_000_000;

/// How many servers the command line asks for.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// So many servers; by default 10,000, then 100,000, then 1,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100_000_000))]
    servers: Option<u64>,
}

/// Starts the servers, calls each, kills half and stops the rest, each time in a fresh process; and the same on the
/// floor, where the growth is the machine's own.
///
/// # Errors
///
/// Fails when a call was not answered, a death not seen, a child not counted or a process left; when a child
/// process fails; and when nothing can be written to `out`.
pub(super) fn scale(args: &Args, options: &Options, out: &mut dyn Write) -> io::Result<ExitCode> {
    let sizes = match args.servers {
        Some(servers) => vec![servers],
        None => SIZES.map(|size| options.scaled(size)).to_vec(),
    };
    if !options.json && cfg!(debug_assertions) {
        writeln!(
            out,
            "built without optimisation: these numbers mean nothing (--release)"
        )?;
    }
    let mut all = Vec::new();
    for &runtime in options.runtime.kinds() {
        let runs = measure(&sizes, runtime, options)?;
        if !options.json {
            write!(out, "{}", report::text(runtime, &runs))?;
            out.flush()?;
        }
        all.extend(runs);
    }
    if options.json {
        writeln!(out, "{:#}", report::document(options, &all))?;
    } else {
        writeln!(out, "{}", report::footer(&all))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Round by round all sizes on both sides, so that what disturbs the machine disturbs them all.
fn measure(sizes: &[u64], runtime: RuntimeKind, options: &Options) -> io::Result<Vec<Run>> {
    let mut runs = Vec::new();
    for &servers in sizes {
        for side in [Side::Ours, Side::Floor] {
            runs.push(Run::new(runtime, side, servers));
        }
    }
    for round in 0..u64::from(options.rounds) {
        for run in &mut runs {
            if round < rounds(run.servers()) {
                run.add(child::start(run.side(), run.servers(), runtime)?);
            }
        }
    }
    Ok(runs)
}

/// How many rounds a size has at most.
fn rounds(servers: u64) -> u64 {
    (SERVERS_IN_ALL / servers).max(1)
}

#[cfg(test)]
mod tests {
    use super::rounds;

    #[test]
    fn the_more_servers_the_fewer_rounds() {
        assert_eq!(rounds(10_000), 300);
        assert_eq!(rounds(1_000_000), 3);
        assert_eq!(rounds(50_000_000), 1);
    }
}
