//! Measures what `otp-core` costs next to bare tokio.
//!
//! Every workload runs twice in every round of the same run: once on the *floor*, which is an unbounded
//! channel of an enum and a oneshot per call and nothing else, and once on GenServers with every
//! feature on. What is reported, and judged, is the ratio of the two: it carries over to other
//! machines, where nanoseconds do not.

mod child;
mod cli;
mod command;
mod counter;
mod floor;
mod goal;
mod harness;
mod memory;
mod report;
mod row;
mod runtime;
mod server;
mod spread;
mod workload;

use std::alloc::System;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

/// The system's allocator, with a counter per thread in front of it (about a nanosecond an allocation).
#[global_allocator]
static ALLOCATOR: alloc_tracker::Allocator<System> = alloc_tracker::Allocator::system();

fn main() -> ExitCode {
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
