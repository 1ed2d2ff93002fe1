//! Shows a report that was recorded as JSON.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::chart;
use crate::cli::Options;
use crate::page;
use crate::recorded::Report;

/// Writes a picture of a report's ratios.
///
/// # Errors
///
/// Fails when the file cannot be read, is no report, has no ratio on the runtimes asked for, or nothing can be
/// written to `out`.
pub(super) fn chart(file: &Path, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let draw = |report: &Report| chart::draw(report, options.runtime.kinds());
    show(file, draw, out)
}

/// Writes a table of a report's ratios in Markdown.
///
/// # Errors
///
/// Fails when the file cannot be read or is no report, or nothing can be written to `out`.
pub(super) fn markdown(file: &Path, out: &mut dyn Write) -> io::Result<()> {
    show(file, |report| Ok(page::table(report)), out)
}

fn show(
    file: &Path,
    form: impl FnOnce(&Report) -> io::Result<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = fs::read_to_string(file)
        .and_then(|text| form(&Report::parse(&text)?))
        .map_err(|error| {
            let file = file.display();
            io::Error::new(error.kind(), format!("cannot show {file}: {error}"))
        })?;
    out.write_all(text.as_bytes())
}
