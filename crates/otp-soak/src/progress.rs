//! How it goes, on standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use otp_core::Node;

use crate::ledger::Ledger;
use crate::plan::Plan;

/// How often a terminal is told, and how often a file.
const OFTEN: Duration = Duration::from_millis(200);
const SELDOM: Duration = Duration::from_secs(60);

/// Tells until the other end of `over` is dropped.
pub(crate) fn tell(
    plan: &Plan,
    node: &Node,
    ledger: &Ledger,
    bytes: fn() -> usize,
    over: &Receiver<()>,
) {
    let begun = Instant::now();
    let is_terminal = io::stderr().is_terminal();
    let bar = is_terminal.then(|| bar(plan));
    let pause = if is_terminal { OFTEN } else { SELDOM };
    while let Err(RecvTimeoutError::Timeout) = over.recv_timeout(pause) {
        let line = line(node, ledger, bytes());
        match &bar {
            Some(bar) => {
                bar.set_position(begun.elapsed().as_secs().min(plan.length.as_secs()));
                bar.set_message(line);
            }
            None => {
                let time =
                    humantime::format_duration(Duration::from_secs(begun.elapsed().as_secs()));
                // With standard error gone there is nobody left to tell.
                let _ = writeln!(io::stderr(), "{time}: {line}");
            }
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn bar(plan: &Plan) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {bar:20.cyan} {msg}")
        .expect("the template is a constant that has been tried")
        .progress_chars("━╸─");
    let target = ProgressDrawTarget::stderr();
    ProgressBar::with_draw_target(Some(plan.length.as_secs()), target).with_style(style)
}

fn line(node: &Node, ledger: &Ledger, bytes: usize) -> String {
    let (complaints, _) = ledger.complaints();
    format!(
        "{} operations, {} processes, {} restarts, {:.1} MiB, {complaints} complaints",
        ledger.done(),
        node.processes().len(),
        ledger.restarts(),
        bytes as f64 / 1024.0 / 1024.0,
    )
}
