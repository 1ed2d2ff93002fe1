//! A countdown bar for each alarm, below the lines that are printed.

use crate::core::{AlarmName, Hms, Status};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use otp_shell::Colours;
use std::collections::HashMap;
use std::time::Duration;

/// How many bars there are at most. Each printed line draws all of them again, and more of them than
/// the terminal has rows would be in nobody's sight.
const MOST: usize = 16;

/// The bars of the alarms that wait.
///
/// When there are too many alarms, some wait for a bar as well: one that becomes free goes to the
/// alarm that rings next.
pub(super) struct Bars {
    all: MultiProgress,
    style: ProgressStyle,
    by_name: HashMap<AlarmName, ProgressBar>,
}

impl Bars {
    pub(super) fn new(all: MultiProgress, colours: Colours) -> Self {
        let template = match colours {
            Colours::On => "{prefix:16!} {wide_bar:.cyan} {msg}",
            Colours::Off => "{prefix:16!} {wide_bar} {msg}",
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is a constant that has been tried")
            .progress_chars("━╸─");
        Self {
            all,
            style,
            by_name: HashMap::new(),
        }
    }

    /// Puts a bar below the others, if there is room for one.
    fn add(&mut self, status: &Status) {
        if self.by_name.len() >= MOST {
            return;
        }
        let bar = ProgressBar::new(millis(status.duration))
            .with_style(self.style.clone())
            .with_prefix(status.name.to_string())
            .with_message(Hms::from(status.remaining).to_string())
            .with_position(millis(status.remaining));
        let bar = self.all.add(bar);
        bar.tick();
        self.by_name.insert(status.name.clone(), bar);
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
        let mut without = Vec::new();
        for status in pending {
            match self.by_name.get(&status.name) {
                Some(bar) => show(bar, status.remaining),
                None => without.push(status),
            }
        }
        without.sort_by_key(|status| status.remaining);
        for status in without {
            self.add(status);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::ProgressDrawTarget;

    fn status(number: u64) -> Status {
        Status {
            name: format!("egg {number}").parse().expect("a name"),
            duration: Duration::from_secs(1000),
            remaining: Duration::from_secs(1000 - number),
        }
    }

    #[test]
    fn a_bar_that_becomes_free_goes_to_the_alarm_that_rings_next() {
        let mut bars = Bars::new(
            MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            Colours::Off,
        );
        let mut pending: Vec<_> = (0..1000).map(status).collect();
        for status in &pending {
            bars.add(status);
        }
        assert_eq!(bars.by_name.len(), MOST);
        assert!(!bars.by_name.contains_key(&status(999).name));

        bars.remove(&pending.remove(0).name);
        bars.show(&pending);
        assert_eq!(bars.by_name.len(), MOST);
        assert!(bars.by_name.contains_key(&status(1).name));
        assert!(bars.by_name.contains_key(&status(999).name));
    }
}
