//! A bar that shows how many games have ended, on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar; nothing where there is no terminal. Clones are the same one.
#[derive(Clone)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(games: usize, terminal: bool) -> Self {
        let target = match terminal {
            true => ProgressDrawTarget::stdout(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template("{wide_bar:.cyan} {pos} of {len} games")
            .expect("the template is a constant that has been tried")
            .progress_chars("━╸─");
        Self(ProgressBar::with_draw_target(Some(games as u64), target).with_style(style))
    }

    pub(super) fn show(&self, ended: usize) {
        self.0.set_position(ended as u64);
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
