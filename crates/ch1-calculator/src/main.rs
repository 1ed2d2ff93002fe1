//! The program of chapter 1. All of it is in the library; here it only begins and ends.

use ch1_calculator::cli::{self, Cli};
use std::{
    io::{stderr, stdout},
    process::ExitCode,
};

fn main() -> ExitCode {
    match otp_shell::args::parse::<Cli>() {
        Ok(cli) => cli::run(cli, &mut stdout(), &mut stderr()),
        Err(code) => code,
    }
}
