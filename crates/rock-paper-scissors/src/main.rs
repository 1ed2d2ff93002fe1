//! The binary of the program. The library has the code.

use rock_paper_scissors::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
