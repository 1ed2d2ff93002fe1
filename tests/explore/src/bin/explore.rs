//! Plays the systems in many orders: `just explore --seeds 10000`, or one of them, `just explore --system links --from 17
//! --seeds 1`.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use otp_explore_tests::{ALL, System};

/// How many orders there are of each system if nothing is said.
const SEEDS: u64 = 1000;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (mut from, mut seeds, mut systems) = (0_u64, SEEDS, ALL.to_vec());
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--from" => from = value.parse()?,
            [name, value] if name == "--seeds" => seeds = value.parse()?,
            [name, value] if name == "--system" => match System::find(value) {
                Some(system) => systems = vec![system],
                None => {
                    let names: Vec<&str> = ALL.iter().map(|system| system.name).collect();
                    let names = names.join(", ");
                    writeln!(io::stderr(), "no system {value:?}: expected one of {names}")?;
                    return Ok(ExitCode::from(2));
                }
            },
            _ => {
                let usage = "usage: explore [--seeds NUMBER] [--from NUMBER] [--system NAME]";
                writeln!(io::stderr(), "{usage}")?;
                return Ok(ExitCode::from(2));
            }
        }
    }
    let out = &mut io::stdout().lock();
    let mut failed = false;
    for system in systems {
        let begun = Instant::now();
        match system.explore(from..from.saturating_add(seeds)) {
            Ok(explored) => writeln!(
                out,
                "{}: {} runs, {} orders, {:.1?}",
                system.name,
                explored.runs,
                explored.traces,
                begun.elapsed()
            )?,
            Err(found) => {
                failed = true;
                writeln!(out, "{found}")?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(failed)))
}
