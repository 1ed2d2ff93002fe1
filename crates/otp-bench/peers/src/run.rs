//! The subcommand `all`.

use std::fs;
use std::io::{self, Write};
use std::time::Instant;

use otp_bench::{Past, Row, RuntimeKind, WORKLOADS, growth};

use crate::entrants::{ENTRANTS, Entrant};
use crate::measure;
use crate::options::{IDLE, Json, Options};
use crate::report::{self, Table};

/// Measures everything that is wanted and reports it.
///
/// # Errors
///
/// Fails when nothing can be written to `out` or to the file for the JSON.
pub(crate) fn all(options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let begun = Instant::now();
    let mut hidden = io::sink();
    let screen: &mut dyn Write = match options.json() {
        Json::Output => &mut hidden,
        Json::No | Json::File(_) => &mut *out,
    };
    if cfg!(debug_assertions) {
        writeln!(
            screen,
            "built without optimisation: these numbers mean nothing (--release)"
        )?;
    }
    let mut notes = Vec::new();
    let mut entrants = Vec::new();
    let mut versions = Vec::new();
    for entrant in &ENTRANTS {
        if let Some(version) = entrant.version() {
            entrants.push(entrant);
            versions.push(version);
        } else {
            let name = entrant.name();
            notes.push(format!(
                "{name} is left out: there is no elixir here to run it with"
            ));
        }
    }
    let mut rows = Vec::new();
    for &kind in options.kinds() {
        rows.extend(runtime(kind, &entrants, options, &mut notes, screen)?);
    }
    for note in &notes {
        writeln!(screen, "note: {note}")?;
    }
    writeln!(
        screen,
        "{}; {} s",
        versions.join(", "),
        begun.elapsed().as_secs()
    )?;
    let json = || report::json(options, &rows, &versions, &notes);
    match options.json() {
        Json::No => Ok(()),
        Json::Output => out.write_all(json().as_bytes()),
        Json::File(file) => fs::write(file, json()).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot write {}: {error}", file.display()),
            )
        }),
    }
}

/// Everything on one runtime: one table.
fn runtime(
    runtime: RuntimeKind,
    entrants: &[&Entrant],
    options: &Options,
    notes: &mut Vec<String>,
    screen: &mut dyn Write,
) -> io::Result<Vec<Row>> {
    let table = Table::new(entrants, options.cpu);
    writeln!(screen, "{}", table.heading(runtime))?;
    let mut rows: Vec<Row> = Vec::new();
    let mut show = |row: &Row| {
        writeln!(screen, "{}", table.line(row))?;
        screen.flush()
    };
    for workload in WORKLOADS {
        if options.wants(workload.name) {
            let row = measure::timed(workload, runtime, entrants, options, notes)?;
            show(&row)?;
            rows.push(row);
        }
    }
    for row in growth(&rows) {
        show(&row)?;
        rows.push(row);
    }
    // Memory is the same on both: once is enough.
    if options.wants(IDLE) && options.kinds().first() == Some(&runtime) {
        for past in Past::ALL {
            let row = measure::idle(past, runtime, entrants, options, notes)?;
            show(&row)?;
            rows.push(row);
        }
    }
    writeln!(screen)?;
    Ok(rows)
}
