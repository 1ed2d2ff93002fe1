//! What it costs to be looked at: a call and a cast in this build, while the one looks whom the environment names.

use std::io::{self, Write};
use std::process::ExitCode;

use super::check::{Guarded, instructions};
use crate::cli::{Options, Runtimes};
use crate::looks::{Looks, VARIABLE};
use crate::machine::processor;
use crate::workload::{self, Workload};

/// What of the runtime is built in, besides what always is.
fn build() -> &'static str {
    match (cfg!(feature = "spans"), cfg!(feature = "metrics")) {
        (false, false) => "neither",
        (true, false) => "`spans`",
        (false, true) => "`metrics`",
        (true, true) => "both",
    }
}

/// Prints a row of a table in Markdown for a call, and one for a cast.
///
/// # Errors
///
/// Fails when nobody is known who is to look, nothing can be written to `out`, or valgrind or a sample fails.
pub(super) fn telemetry(options: &Options, out: &mut dyn Write) -> io::Result<ExitCode> {
    let looks = Looks::told().filter(|looks| *looks != Looks::Listener || build() != "neither");
    let unknown = || {
        let why =
            format!("{VARIABLE} is nobody, page, or in a build with spans or metrics listener");
        io::Error::new(io::ErrorKind::InvalidInput, why)
    };
    let looks = looks.ok_or_else(unknown)?.name();
    let options = Options {
        runtime: Runtimes::Ct,
        ..options.clone()
    };
    for (guarded, workload) in [
        (Guarded::Call, &workload::CALL),
        (Guarded::Cast, &workload::CAST),
    ] {
        let counted = instructions(guarded)?;
        let (floor, ours, over) = timed(workload, &options)?;
        writeln!(
            out,
            "| {} | {} | {looks} | {:.0} | {:.2} | {ours:.0} | {floor:.0} | {over:.2} |",
            workload.name,
            build(),
            counted.ours,
            counted.ours / counted.floor,
        )?;
    }
    writeln!(out, "on {}", processor())?;
    Ok(ExitCode::SUCCESS)
}

/// Nanoseconds an operation of the floor, those of ours, and the ratio.
fn timed(workload: &Workload, options: &Options) -> io::Result<(f64, f64, f64)> {
    let mut notes = Vec::new();
    let rows = workload.rows(options, &mut notes)?;
    let whole = rows.first().and_then(|row| match row.rounds.contenders() {
        [floor, ours] => Some((
            floor.amount().median,
            ours.amount().median,
            ours.over(floor).median,
        )),
        _ => None,
    });
    whole.ok_or_else(|| io::Error::other(notes.join("; ")))
}
