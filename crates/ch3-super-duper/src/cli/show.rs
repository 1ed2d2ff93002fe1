//! What is shown: the children, and what happens on the stage.

use super::{plain, visor};
use crate::api::{Event, Stage, SuperVisor};
use ch2_egg_timer::boundary::Event as Kitchen;
use otp_core::supervisor::{ChildInfo, ChildStatus};
use otp_shell::{Failure, Printer, Shell};

/// What a supervisor without children has.
const NOBODY: &str = "nobody";

/// A stage that prints what happens.
pub(super) fn stage(printer: Printer) -> Stage {
    Stage::new(move |event| {
        if let Some(line) = line(event) {
            printer.line(line);
        }
    })
}

fn line(event: Event) -> Option<String> {
    Some(match event {
        Event::Start { name, pid, again } => {
            let start = if again { "restart" } else { "start" };
            format!("{start} {name} {pid}")
        }
        Event::Mayday { name, reason } => {
            format!("Mayday! {name} goes down: {}", plain(&reason))
        }
        Event::Shrug { name, exit } => format!(
            "{name} shrugs off an exit signal from {}: {}",
            exit.from,
            plain(&exit.reason)
        ),
        Event::Kitchen(Kitchen::Rang(name, _)) => format!("ring {name}"),
        Event::Kitchen(Kitchen::Pending(alarm)) => format!("egg_timer forgets {alarm}"),
        Event::Kitchen(Kitchen::Stopped(reason)) => {
            format!("egg_timer stops: {}", plain(&reason))
        }
        Event::Kitchen(_) => return None,
    })
}

pub(super) async fn children(shell: &mut Shell) -> Result<(), Failure> {
    let children = visor(shell)?.children().await?;
    if children.is_empty() {
        return shell.print(NOBODY);
    }
    let rows: Vec<[String; 4]> = children
        .iter()
        .map(|child| {
            [
                id(child),
                status(child),
                child.child_type.to_string(),
                child.restart.to_string(),
            ]
        })
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let (ids, pids, types) = (width(0), width(1), width(2));
    for [id, pid, child_type, restart] in &rows {
        shell.print(format_args!(
            "{id:ids$}  {pid:pids$}  {child_type:types$}  {restart}"
        ))?;
    }
    Ok(())
}

/// The children on one line.
pub(super) async fn row(visor: &SuperVisor) -> Result<String, Failure> {
    let children = visor.children().await?;
    let children = children
        .iter()
        .map(|child| format!("{} {}", id(child), status(child)));
    let row = children.collect::<Vec<_>>().join(", ");
    Ok(match row.is_empty() {
        true => NOBODY.to_owned(),
        false => row,
    })
}

pub(super) async fn count(shell: &mut Shell) -> Result<(), Failure> {
    let count = visor(shell)?.count().await?;
    shell.print(format_args!(
        "specs {}, active {}, supervisors {}, workers {}",
        count.specs, count.active, count.supervisors, count.workers
    ))
}

pub(super) async fn spec(name: String, shell: &mut Shell) -> Result<(), Failure> {
    let spec = visor(shell)?.spec(name.clone()).await?;
    let spec = spec.ok_or_else(|| Failure::new(format_args!("there is no child {name}")))?;
    shell.print(format_args!("id        {}", spec.id()))?;
    shell.print(format_args!("start     {}", spec.start_call()))?;
    shell.print(format_args!("restart   {}", spec.restart_type()))?;
    shell.print(format_args!("shutdown  {}", spec.shutdown_value()))?;
    shell.print(format_args!("type      {}", spec.child_type()))
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
