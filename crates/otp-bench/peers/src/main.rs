//! Measures what otp-core costs next to bare tokio, to other actor libraries and to the BEAM.

mod cli;
mod entrants;
mod measure;
mod options;
mod peer;
mod report;
mod run;
mod workload;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
