//! A bar that shows how far a phase has come, where standard error is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::life::Phase;
use crate::cli::Side;
use crate::runtime::RuntimeKind;

/// To show each operation would cost as much as the operation.
const STEP: u64 = 1024;

/// The bar; nothing where there is no terminal. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(runtime: RuntimeKind, side: Side) -> Self {
        let side = match side {
            Side::Floor => "floor",
            Side::Ours => "ours",
        };
        let template = "{prefix} {msg:5} {wide_bar:.cyan} {human_pos} of {human_len}";
        let style = ProgressStyle::with_template(template)
            .expect("the template is a constant that has been tried")
            .progress_chars("━╸─");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self(
            bar.with_style(style)
                .with_prefix(format!("{runtime} {side:5}")),
        )
    }

    /// A phase begins.
    pub(super) fn begin(&self, phase: Phase, servers: u64) {
        self.0.set_message(phase.name());
        self.0.set_length(phase.operations(servers));
        self.0.set_position(0);
    }

    /// So many operations are done.
    pub(super) fn show(&self, done: u64) {
        if done.is_multiple_of(STEP) {
            self.0.set_position(done);
        }
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
