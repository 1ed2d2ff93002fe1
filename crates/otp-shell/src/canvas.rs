//! Progress bars, while the program has the terminal.

#[cfg(unix)]
mod screen;

use crate::terminal::{self, Listener, Turn};
use indicatif::{MultiProgress, ProgressDrawTarget};
use std::env;
use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Progress bars on standard output, below the lines that are printed through it.
///
/// They are drawn only while the program is in the foreground: in the background they are not drawn, after Ctrl-Z they
/// are gone, and after `fg` they are drawn again. While they are drawn, typed text is hidden. Clones are the same
/// canvas; the last one clears it.
#[derive(Clone)]
pub struct Canvas(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    /// Without it, Ctrl-Z stops the program without asking it.
    _listener: Option<Listener>,
}

struct Shared {
    bars: MultiProgress,
    view: Mutex<View>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// Nothing is drawn.
    Hidden,
    /// Bars are drawn, and typed text is hidden.
    Drawn,
    /// Nothing is drawn until the program goes on.
    Suspended,
    /// Nothing will be drawn any more.
    Closed,
}

impl Canvas {
    /// A canvas on standard output; `None` if that is no terminal, or one that cannot draw (`TERM=dumb`).
    #[must_use]
    pub fn open() -> Option<Self> {
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !io::stdout().is_terminal() || dumb {
            return None;
        }
        let shared = Arc::new(Shared {
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            view: Mutex::new(View::Hidden),
        });
        let heard = Arc::downgrade(&shared);
        let listener = Listener::start(move |turn| {
            if let Some(shared) = heard.upgrade() {
                match turn {
                    Turn::Suspend => shared.hide(View::Suspended),
                    Turn::Resume => {
                        shared.forget();
                        shared.look();
                    }
                    // Nothing reads while bars are drawn.
                    Turn::Read | Turn::Look => {}
                }
            }
            // Whoever draws looks at intervals.
            false
        });
        Some(Self(Arc::new(Inner {
            shared,
            _listener: listener.ok(),
        })))
    }

    /// The bars, to add some and to take some away.
    #[must_use]
    pub fn bars(&self) -> &MultiProgress {
        &self.0.shared.bars
    }

    /// Checks whether the program has the terminal now; returns whether bars are drawn. Call it at intervals: a program
    /// gets no notification that `fg` has brought it to the front.
    pub fn look(&self) -> bool {
        self.0.shared.look()
    }

    /// Prints something while the bars are out of the way.
    pub fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.look();
        self.bars().suspend(print)
    }

    /// Clears the canvas for good.
    pub fn close(&self) {
        self.0.shared.hide(View::Closed);
    }
}

impl Shared {
    fn look(&self) -> bool {
        let mut view = self.view();
        match (*view, terminal::is_ours()) {
            (View::Hidden, true) => {
                *view = View::Drawn;
                terminal::hush();
                self.bars.set_draw_target(target());
            }
            (View::Drawn, false) => {
                *view = View::Hidden;
                self.bars.set_draw_target(ProgressDrawTarget::hidden());
            }
            _ => {}
        }
        *view == View::Drawn
    }

    /// Clears the bars, and gives the terminal back.
    fn hide(&self, next: View) {
        let mut view = self.view();
        if *view == View::Drawn {
            // A terminal that is gone needs no care.
            let _ = self.bars.clear();
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
            terminal::restore();
        }
        if *view != View::Closed {
            *view = next;
        }
    }

    /// Leaves the bars where they are, because others have printed over them, and begins again below.
    fn forget(&self) {
        let mut view = self.view();
        if *view != View::Closed {
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
            *view = View::Hidden;
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where bars are drawn, at most twenty times in a second.
#[cfg(unix)]
fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(screen::Screen::default()), 20)
}

#[cfg(not(unix))]
fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::stdout()
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.hide(View::Closed);
    }
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canvas").finish_non_exhaustive()
    }
}
