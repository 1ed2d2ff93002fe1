//! A countdown bar for each alarm, below the lines that are printed.

use crate::core::{AlarmName, Hms, Length, Status};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::time::Duration;

/// The bars of the alarms that wait.
pub(super) struct Bars {
    all: MultiProgress,
    by_name: HashMap<AlarmName, ProgressBar>,
}

impl Bars {
    pub(super) fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        Self {
            all,
            by_name: HashMap::new(),
        }
    }

    /// Puts a full bar below the others.
    pub(super) fn add(&mut self, name: &AlarmName, length: Length) {
        let style = ProgressStyle::with_template("{prefix:16!} {wide_bar:.cyan} {msg}")
            .expect("the template is a constant that has been tried")
            .progress_chars("━╸─");
        let bar = ProgressBar::new(millis(length.duration())).with_style(style);
        let bar = self.all.add(bar.with_prefix(name.to_string()));
        show(&bar, length.duration());
        self.by_name.insert(name.clone(), bar);
    }

    /// Takes a bar away.
    pub(super) fn remove(&mut self, name: &AlarmName) {
        if let Some(bar) = self.by_name.remove(name) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
    }

    /// Shows how the alarms stand.
    pub(super) fn show(&mut self, pending: &[Status]) {
        for status in pending {
            if let Some(bar) = self.by_name.get(&status.name) {
                show(bar, status.remaining);
            }
        }
    }

    /// Leaves the bars on the terminal as they are now, and draws no more.
    pub(super) fn freeze(self) {
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Does something to the terminal while the bars are out of the way.
    pub(super) fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.all.suspend(print)
    }
}

/// A bar shrinks as its alarm comes near.
fn show(bar: &ProgressBar, remaining: Duration) {
    bar.set_message(Hms::from(remaining).to_string());
    bar.set_position(millis(remaining));
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("ten years of milliseconds fit into 64 bits")
}
