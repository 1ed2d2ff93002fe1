//! How the rows are shown: a table that grows line by line, or JSON at the end.

mod json;
mod table;

use std::io::{self, Write};

use serde_json::json;

use crate::cli::Options;
use crate::machine::processor;
use crate::row::Row;

pub use self::json::document;

/// A report that is being written.
pub(crate) struct Report<'a> {
    options: &'a Options,
    out: &'a mut dyn Write,
    rows: Vec<Row>,
}

impl<'a> Report<'a> {
    /// Begins a report.
    ///
    /// # Errors
    ///
    /// Fails when nothing can be written to `out`; so do the other methods.
    pub(crate) fn begin(options: &'a Options, out: &'a mut dyn Write) -> io::Result<Self> {
        if !options.json {
            if cfg!(debug_assertions) {
                writeln!(
                    out,
                    "built without optimisation: these numbers mean nothing (--release)"
                )?;
            }
            writeln!(out, "{}", table::heading())?;
        }
        Ok(Self {
            options,
            out,
            rows: Vec::new(),
        })
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: Row) -> io::Result<()> {
        if !self.options.json {
            writeln!(self.out, "{}", table::line(&row))?;
            self.out.flush()?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// The rows so far.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Ends the report, with what went wrong.
    pub(crate) fn end(self, notes: &[String]) -> io::Result<()> {
        if self.options.json {
            let mut document = document(self.options.rounds, self.options.quick, &self.rows);
            document["notes"] = json!(notes);
            return writeln!(self.out, "{document:#}");
        }
        for note in notes {
            writeln!(self.out, "note: {note}")?;
        }
        writeln!(self.out, "{}", table::footer(&self.rows))?;
        writeln!(self.out, "on {}", processor())
    }
}
