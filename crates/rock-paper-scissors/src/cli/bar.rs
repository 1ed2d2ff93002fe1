//! The progress bar of a tournament.

use indicatif::{ProgressBar, ProgressStyle};
use otp_shell::{Canvas, Colours};

/// A progress bar, or `None` if the output is no terminal. Clones share the bar.
#[derive(Clone)]
pub(super) struct Bar(Option<(Canvas, ProgressBar)>);

impl Bar {
    pub(super) fn new(games: usize) -> Self {
        let template = match Colours::for_stdout() {
            Colours::On => "{wide_bar:.cyan} {pos} of {len} games",
            Colours::Off => "{wide_bar} {pos} of {len} games",
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is a constant, and valid")
            .progress_chars("━╸─");
        Self(Canvas::open().map(|canvas| {
            let bar = ProgressBar::new(games as u64).with_style(style);
            let bar = canvas.bars().add(bar);
            (canvas, bar)
        }))
    }

    pub(super) fn show(&self, ended: usize) {
        if let Some((canvas, bar)) = &self.0 {
            canvas.look();
            bar.set_position(ended as u64);
        }
    }

    pub(super) fn clear(&self) {
        if let Some((canvas, bar)) = &self.0 {
            bar.finish_and_clear();
            // Nothing was printed above the bar, so a failure to clear it loses no output.
            canvas.close();
        }
    }
}
