//! The guard: how many instructions an operation takes, ours over the floor, beside what was recorded.
//!
//! Instructions are counted and not measured: they come out the same on a busy machine and on an idle one,
//! so that a run of some seconds can tell whether a path has become longer.

mod child;
mod recorded;
mod row;
mod valgrind;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use serde_json::json;

use self::recorded::Recorded;
use self::row::{Count, Row};
use crate::cli::{Options, Side};

pub(crate) use self::child::{Guarded, run as child};

/// How many times the recorded ratio still holds: less than that is noise of compilers and machines.
const MARGIN: f64 = 1.25;

/// How the program ends when there is no valgrind: it could not do what it was asked.
const NO_VALGRIND: u8 = 2;

/// What the guard is told on the command line.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Writes down what is counted, in place of judging it
    #[arg(long)]
    record: bool,
    /// Succeeds where valgrind is not installed, and says so
    #[arg(long)]
    if_installed: bool,
    /// The file with what was recorded: by default the one in the sources
    #[arg(
        long,
        value_name = "FILE",
        default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json"),
        hide_default_value = true
    )]
    file: PathBuf,
}

/// Counts, and fails when an operation has become dearer, next to the floor, than it was when recorded.
///
/// On the current_thread runtime alone: on two workers the count depends on who wakes whom first.
///
/// # Errors
///
/// Fails when nothing can be written to `out`, when valgrind or what it runs fails, and when there is no
/// record to judge by.
pub(super) fn check(args: &Args, options: &Options, out: &mut dyn Write) -> io::Result<ExitCode> {
    if !valgrind::is_installed()? {
        writeln!(
            out,
            "valgrind is not installed, so no instructions are counted: \
             `apt-get install valgrind`, or your system's package of that name"
        )?;
        return Ok(if args.if_installed {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(NO_VALGRIND)
        });
    }
    if args.record {
        return record(args, out);
    }
    let recorded = Recorded::read(&args.file)?;
    if !options.json {
        if cfg!(debug_assertions) {
            writeln!(
                out,
                "built without optimisation: these numbers mean nothing (--release)"
            )?;
        }
        writeln!(out, "{}", row::heading())?;
    }
    let mut rows = Vec::new();
    for guarded in Guarded::ALL {
        let row = Row {
            name: guarded.name(),
            count: count(guarded)?,
            recorded: recorded.ratio(guarded.name())?,
        };
        if !options.json {
            writeln!(out, "{}", row.line())?;
            out.flush()?;
        }
        rows.push(row);
    }
    let missed = rows.iter().filter(|row| row.is_missed()).count();
    if options.json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        let document = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "optimised": !cfg!(debug_assertions),
            "margin": MARGIN,
            "rows": rows,
        });
        writeln!(out, "{document:#}")?;
    } else {
        writeln!(out, "{}", row::footer(missed))?;
    }
    Ok(if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn record(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    if cfg!(debug_assertions) {
        return Err(io::Error::other(
            "built without optimisation: only counts of a release build are worth recording (--release)",
        ));
    }
    let mut recorded = Recorded::default();
    for guarded in Guarded::ALL {
        recorded.enter(guarded.name(), count(guarded)?);
    }
    recorded.write(&args.file)?;
    writeln!(out, "recorded in {}", args.file.display())?;
    Ok(ExitCode::SUCCESS)
}

fn count(guarded: Guarded) -> io::Result<Count> {
    Ok(Count {
        floor: per_operation(Side::Floor, guarded)?,
        ours: per_operation(Side::Ours, guarded)?,
    })
}

/// What twice as many operations take more: the set-up is in both and cancels out.
fn per_operation(side: Side, guarded: Guarded) -> io::Result<f64> {
    let operations = guarded.operations();
    let few = valgrind::instructions(side, guarded, operations)?;
    let many = valgrind::instructions(side, guarded, operations * 2)?;
    Ok(many.saturating_sub(few) as f64 / operations as f64)
}
