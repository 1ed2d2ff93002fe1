//! What is shown: children, entries, and what happens on the stage.

use super::plain;
use crate::api::{Event, Stage};
use crate::core::Lines;
use otp_core::Pid;
use otp_core::supervisor::{ChildCounts, ChildInfo, ChildStatus};
use otp_shell::{Failure, Printer, Shell};

/// A stage that prints what happens.
pub(super) fn stage(printer: Printer) -> Stage {
    Stage::new(move |event| printer.line(line(event)))
}

fn line(event: Event) -> String {
    match event {
        Event::Start { name, pid, again } => {
            let start = if again { "restart" } else { "start" };
            format!("{start} {name} {pid}")
        }
        Event::Goes { name, reason } => format!("Mayday! {name} goes down: {}", plain(&reason)),
        Event::Gone { name } => format!("{name} is gone"),
    }
}

pub(super) fn children(children: &[ChildInfo], shell: &Shell) -> Result<(), Failure> {
    let rows: Vec<[String; 3]> = children
        .iter()
        .map(|child| [id(child), status(child), child.child_type.to_string()])
        .collect();
    table(&rows, "nobody", shell)
}

pub(super) fn count(count: ChildCounts, shell: &Shell) -> Result<(), Failure> {
    shell.print(format_args!(
        "specs {}, active {}, supervisors {}, workers {}",
        count.specs, count.active, count.supervisors, count.workers
    ))
}

pub(super) fn entries(entries: Option<Vec<(String, Pid)>>, shell: &Shell) -> Result<(), Failure> {
    let entries = entries.ok_or_else(|| {
        Failure::new("there is no registry: start the program with --names via or --names own")
    })?;
    let rows: Vec<[String; 2]> = entries
        .into_iter()
        .map(|(name, pid)| [name, pid.to_string()])
        .collect();
    table(&rows, "no entries", shell)
}

pub(super) fn memories(memories: &[(String, Lines)], shell: &Shell) -> Result<(), Failure> {
    let rows: Vec<[String; 2]> = memories
        .iter()
        .map(|(name, lines)| [name.clone(), lines.to_string()])
        .collect();
    table(&rows, "nothing is kept", shell)
}

/// Prints rows with their columns below each other.
fn table<const N: usize>(rows: &[[String; N]], empty: &str, shell: &Shell) -> Result<(), Failure> {
    if rows.is_empty() {
        return shell.print(empty);
    }
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    for row in rows {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        shell.print(cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn id(child: &ChildInfo) -> String {
    match &child.id {
        Some(id) => id.to_string(),
        None => "undefined".to_owned(),
    }
}

/// In OTP's words.
fn status(child: &ChildInfo) -> String {
    match child.status {
        ChildStatus::Running(pid) => pid.to_string(),
        ChildStatus::Restarting => "restarting".to_owned(),
        ChildStatus::Stopped => "undefined".to_owned(),
    }
}
