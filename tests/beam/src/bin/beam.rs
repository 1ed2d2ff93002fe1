//! Plays the scenarios, and random histories, here and on the BEAM: `just beam`, `just beam --seed 7 --histories 50`, or
//! `just beam --file histories.txt`. `--otp DIR` takes the Erlang of `DIR/bin` in place of the first one of the path.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use otp_beam_tests::check::Comparison;
use otp_beam_tests::{History, Otp, Subject, subject};

/// How many random histories there are of each subject if nothing is said.
const HISTORIES: u64 = 300;

fn main() -> ExitCode {
    compare().unwrap_or_else(|error| {
        // If that cannot be shown, nothing can.
        let _ = writeln!(io::stderr(), "error: {error}");
        ExitCode::FAILURE
    })
}

fn compare() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (mut seed, mut number, mut file) = (now(), HISTORIES, None);
    let mut otp = Otp::from_env();
    for pair in arguments.chunks(2) {
        match pair {
            [name, value] if name == "--seed" => seed = value.parse()?,
            [name, value] if name == "--histories" => number = value.parse()?,
            [name, value] if name == "--file" => file = Some(value),
            [name, value] if name == "--otp" => otp = Otp::in_folder(value),
            _ => {
                let usage =
                    "usage: beam [--seed NUMBER] [--histories NUMBER] [--file FILE] [--otp DIR]";
                writeln!(io::stderr(), "{usage}")?;
                return Ok(ExitCode::from(2));
            }
        }
    }
    let out = &mut io::stdout().lock();
    let mut different = 0;
    match file {
        Some(file) => {
            let histories = History::parse_all(&fs::read_to_string(file)?)?;
            different += play(&subject::PROCESSES, &otp, &histories, out)?;
        }
        None => {
            writeln!(out, "random histories with --seed {seed}")?;
            for subject in &Subject::ALL {
                let mut histories = subject.scenarios();
                histories.extend(subject.histories(seed, number));
                different += play(subject, &otp, &histories, out)?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(different > 0)))
}

/// Returns how many go one way here and another on the BEAM.
fn play(
    subject: &Subject,
    otp: &Otp,
    histories: &[History],
    out: &mut impl Write,
) -> Result<usize, Box<dyn Error>> {
    let Some(mut comparison) = Comparison::of(subject, otp, out)? else {
        return Ok(0);
    };
    let (name, version) = (subject.name, comparison.version());
    writeln!(out, "{} histories of {name}, {version}", histories.len())?;
    let differences = comparison.differences(histories)?;
    for difference in &differences {
        writeln!(out, "\n{difference}")?;
    }
    let different = differences.len();
    let same = histories.len() - different;
    writeln!(out, "{same} the same, {different} different")?;
    Ok(different)
}

/// Another seed each time.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.as_secs())
}
