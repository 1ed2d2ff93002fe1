//! The program. All of it is in the library; here it only begins and ends.

use rock_paper_scissors::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
