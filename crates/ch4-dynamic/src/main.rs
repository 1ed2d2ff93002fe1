//! The program of chapter 4. All of it is in the library; here it only begins and ends.

use ch4_dynamic::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
