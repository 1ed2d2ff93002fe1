//! The program of chapter 3. All of it is in the library; here it only begins and ends.

use ch3_super_duper::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
