//! Draws a report.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::chart::{self, Report};
use crate::cli::Options;

/// Reads the JSON of a report and writes a picture of its ratios.
///
/// # Errors
///
/// Fails when the file cannot be read, is no report, has no ratio on the runtimes asked for, or nothing can be
/// written to `out`.
pub(super) fn chart(file: &Path, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot draw {}: {error}", file.display()),
        )
    };
    let text = fs::read_to_string(file).map_err(named)?;
    let report = Report::parse(&text).map_err(named)?;
    let picture = chart::draw(&report, options.runtime.kinds()).map_err(named)?;
    out.write_all(picture.as_bytes())
}
