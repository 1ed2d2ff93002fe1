//! The program of exercise 4.4. All of it is in the library; here it only begins and ends.

use ch4_nodes::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
