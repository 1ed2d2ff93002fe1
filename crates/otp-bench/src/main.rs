//! The benchmarks as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    otp_bench::main()
}
