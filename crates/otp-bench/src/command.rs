//! What each subcommand does.

pub(crate) mod check;
mod recorded;
pub(crate) mod scale;
mod telemetry;

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::{Cli, Command, Options};
use crate::contender::{FLOOR, OURS};
use crate::report::Report;
use crate::row::Row;
use crate::workload::{self, WORKLOADS, Workload};

/// Carries out a subcommand and says how the program ends.
///
/// # Errors
///
/// Fails when nothing can be written to `out`, or the system does not tell what is measured.
pub(crate) fn run(cli: &Cli, out: &mut dyn Write) -> io::Result<ExitCode> {
    let options = &cli.options;
    match cli.command {
        Command::Call => measure(
            timed(&[
                &workload::CALL,
                &workload::CALL_WATCHED,
                &workload::CALL_DETECTED,
                &workload::EVENT_CALL,
            ]),
            options,
            out,
        ),
        Command::Callers => measure(timed(&[&workload::CALLERS]), options, out),
        Command::Load => measure(timed(&workload::LOAD.each_ref()), options, out),
        Command::Flood => measure(timed(&workload::QUIET.each_ref()), options, out),
        Command::Cast => measure(timed(CASTS), options, out),
        Command::CastFour => measure(timed(&[&workload::CAST_FOUR]), options, out),
        Command::Ring => measure(timed(&[&workload::RING]), options, out),
        Command::Pairs => measure(timed(&[&workload::PAIRS]), options, out),
        Command::Lookup => measure(timed(&[&workload::LOOKUP]), options, out),
        Command::Start => measure(timed(&[&workload::START]), options, out),
        Command::Stop => measure(timed(&[&workload::STOP]), options, out),
        Command::Restart => measure(timed(&[&workload::RESTART]), options, out),
        Command::DynamicStart => measure(timed(&[&workload::DYNAMIC_START]), options, out),
        Command::Spawn => measure(timed(&[&workload::TASK, &workload::PROCESS]), options, out),
        Command::Dispatch => measure(
            timed(&[&workload::DISPATCH, &workload::BROADCAST, &workload::NOTIFY]),
            options,
            out,
        ),
        Command::Table => measure(timed(TABLES), options, out),
        Command::Timers => measure(timed(&[&workload::TIMERS]), options, out),
        Command::DynamicTerminate => measure(Part::terminate(), options, out),
        Command::Idle => measure(Some(Part::Idle), options, out),
        Command::Allocs => measure(Some(Part::Allocs), options, out),
        Command::All => measure(Part::all(), options, out),
        Command::Check(ref args) => check::check(args, options, out),
        Command::Telemetry => telemetry::telemetry(options, out),
        Command::CheckChild {
            side,
            guarded,
            operations,
        } => {
            check::child(side, guarded, operations);
            Ok(ExitCode::SUCCESS)
        }
        Command::Scale(ref args) => scale::scale(args, options, out),
        Command::ScaleChild { side, servers } => {
            scale::child(side, servers, options.runtime.kinds()[0], out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Chart { ref file } => {
            recorded::chart(file, options, out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Markdown { ref file } => {
            recorded::markdown(file, out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Sample(ref sample) => {
            sample.take_here(&[&FLOOR, &OURS], out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::IdleChild { side, past, count } => {
            writeln!(out, "{}", workload::measure_here(side, past, count)?.line())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

const CASTS: &[&Workload] = &[
    &workload::CAST,
    &workload::CAST_LIMITED,
    &workload::LARGE,
    &workload::EVENT_CAST,
];

const TABLES: &[&Workload] = &[
    &workload::TABLE_LOOKUP,
    &workload::TABLE_INSERT,
    &workload::TABLE_COUNT,
];

fn timed<'a>(workloads: &'a [&'static Workload]) -> impl Iterator<Item = Part> + 'a {
    workloads.iter().copied().map(Part::Timed)
}

/// What can be measured by itself.
enum Part {
    Timed(&'static Workload),
    /// What follows from rows that have been measured.
    Growth,
    Idle,
    Allocs,
}

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        timed(WORKLOADS).chain([Self::Growth, Self::Idle, Self::Allocs])
    }

    fn terminate() -> impl IntoIterator<Item = Self> {
        [
            Self::Timed(&workload::DYNAMIC_TERMINATE_100),
            Self::Timed(&workload::DYNAMIC_TERMINATE_1_000),
            Self::Timed(&workload::DYNAMIC_TERMINATE_10_000),
            Self::Growth,
        ]
    }

    fn rows(
        &self,
        options: &Options,
        measured: &[Row],
        notes: &mut Vec<String>,
    ) -> io::Result<Vec<Row>> {
        match self {
            Self::Timed(workload) => workload.rows(options, notes),
            Self::Growth => Ok(workload::growth(measured)),
            Self::Idle => workload::idle(options),
            Self::Allocs => workload::allocs(options),
        }
    }
}

/// Measures part after part, and reports each as soon as it is known. A part that fails does not end the run.
fn measure(
    parts: impl IntoIterator<Item = Part>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<ExitCode> {
    let mut report = Report::begin(options, out)?;
    let mut notes = Vec::new();
    let mut is_whole = true;
    for part in parts {
        match part.rows(options, report.rows(), &mut notes) {
            Ok(rows) => rows.into_iter().try_for_each(|row| report.row(row))?,
            Err(error) => {
                notes.push(error.to_string());
                is_whole = false;
            }
        }
    }
    is_whole &= report.rows().iter().all(Row::is_whole);
    report.end(&notes)?;
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
