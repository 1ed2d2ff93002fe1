//! The guard: what an operation takes, ours over the floor, beside what was recorded.
//!
//! It is counted and not measured: counts come out the same on a busy machine and on an idle one, so that a run of some
//! seconds can tell whether a path has become longer. Instructions alone do not tell: a path may move twice as much memory
//! with hardly more of them.

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
use self::row::{Count, Counted, Row};
use crate::cli::{Options, Side};

pub(crate) use self::child::{Guarded, run as child};

/// How many times the recorded ratio still holds: less than that is noise of compilers and machines.
const MARGIN: f64 = 1.10;

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
        for (counted, count) in counts(guarded)? {
            let row = Row {
                name: guarded.name(),
                counted,
                count,
                recorded: recorded.ratio(guarded.name(), counted)?,
            };
            if !options.json {
                writeln!(out, "{}", row.line())?;
                out.flush()?;
            }
            rows.push(row);
        }
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
        for (counted, count) in counts(guarded)? {
            recorded.enter(guarded.name(), counted, count);
        }
    }
    recorded.write(&args.file)?;
    writeln!(out, "recorded in {}", args.file.display())?;
    Ok(ExitCode::SUCCESS)
}

/// Instructions an operation.
///
/// # Errors
///
/// Fails when valgrind or what it runs fails.
pub(super) fn instructions(guarded: Guarded) -> io::Result<Count> {
    let counts = counts(guarded)?.into_iter();
    let mut counts = counts.filter(|(counted, _)| *counted == Counted::Instructions);
    let (_, count) = counts.next().expect("they are counted first");
    Ok(count)
}

fn counts(guarded: Guarded) -> io::Result<Vec<(Counted, Count)>> {
    let floor = per_operation(Side::Floor, guarded)?;
    let ours = per_operation(Side::Ours, guarded)?;
    let counts = Counted::ALL.into_iter().zip(floor.into_iter().zip(ours));
    let counts = counts.map(|(counted, (floor, ours))| (counted, Count { floor, ours }));
    Ok(counts.collect())
}

/// What twice as many operations take more: the set-up is in both and cancels out.
fn per_operation(side: Side, guarded: Guarded) -> io::Result<[f64; Counted::ALL.len()]> {
    let operations = guarded.operations();
    let few = valgrind::counts(side, guarded, operations)?;
    let many = valgrind::counts(side, guarded, operations * 2)?;
    Ok(std::array::from_fn(|index| {
        many[index].saturating_sub(few[index]) as f64 / operations as f64
    }))
}
