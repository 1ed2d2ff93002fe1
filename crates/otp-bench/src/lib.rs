//! Measures what `otp-core` costs next to bare tokio, and lends its workloads to whoever compares more with them.
//!
//! Every workload runs on several *contenders* in every round of the same run. The first is the *floor*: an
//! unbounded channel of an enum and a oneshot per call and nothing else. The second is ours: GenServers with
//! every feature on. What is reported, and judged, is the ratio to the floor. It carries over to
//! other machines with the same kind of processor, where nanoseconds do not; to another kind it does not.
//!
//! The program `otp-bench` has these two contenders. The package `peers`, beside this one and outside of the
//! workspace, adds other libraries and the BEAM: a [`Contender`] is a name and a [`Side`] for each workload that it
//! takes part in.

mod afresh;
mod chart;
mod child;
mod cli;
mod command;
mod contender;
mod cost;
mod counter;
mod floor;
mod goal;
mod harness;
mod looks;
mod machine;
mod memory;
mod page;
mod recorded;
mod report;
mod row;
mod runtime;
mod sample;
mod server;
mod spread;
mod workload;

use std::alloc::System;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

pub use crate::afresh::afresh;
pub use crate::child::Idle;
pub use crate::contender::{BEAM, Contender, FLOOR, OURS};
pub use crate::cost::{Cost, Stopwatch};
pub use crate::goal::{Goal, Limited, Verdict};
pub use crate::harness::{Figure, Rounds, Samples};
pub use crate::memory::resident;
pub use crate::report::document;
pub use crate::row::{Row, Unit};
pub use crate::runtime::RuntimeKind;
pub use crate::sample::Sample;
pub use crate::spread::Spread;
pub use crate::workload::{
    Past, Side, WORKLOADS, WarmUp, Workload, grown, growth, idle_floor, idle_ours,
};

/// The system's allocator, with a counter per thread in front of it (about a nanosecond an allocation). It
/// serves every program that links this library, so that all contenders pay for it alike.
#[global_allocator]
static ALLOCATOR: alloc_tracker::Allocator<System> = alloc_tracker::Allocator::system();

/// Runs the program `otp-bench` and says how it ends.
pub fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match command::run(&cli, &mut io::stdout()) {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
