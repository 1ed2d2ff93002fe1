//! The line editor, on a thread of its own: it blocks, and the processes go on.

mod foreground;
mod helper;

use self::foreground::Foreground;
use self::helper::Helper;
use crate::colours::Colours;
use crate::complete::Completions;
use crate::history::{self, History};
use crate::interrupt::Interrupts;
use crate::line::LineError;
use crate::printer::Printer;
use crate::terminal::{self, Listener};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor, ExternalPrinter};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc as std_mpsc;
use std::thread;
use tokio::sync::mpsc;

/// An input of the user at the prompt.
pub(crate) enum Typed {
    Line(String),
    /// Ctrl-C: the line is not wanted. Or a byte was typed that is no text.
    Cleared,
    /// Ctrl-D.
    Left,
    /// The terminal is gone.
    Gone,
    /// The terminal cannot be read.
    Failed(String),
}

impl Typed {
    /// What ends the line editor.
    fn of_error(error: &ReadlineError) -> Self {
        let code = match error {
            ReadlineError::Eof => return Self::Gone,
            ReadlineError::Io(error) => error.raw_os_error(),
            #[cfg(unix)]
            ReadlineError::Errno(error) => Some(*error as i32),
            _ => None,
        };
        match code.is_some() && terminal::input_is_gone(code) {
            true => Self::Gone,
            false => Self::Failed(error.to_string()),
        }
    }
}

/// The prompt of a program.
pub(crate) struct Prompt {
    asked: std_mpsc::Sender<()>,
    typed: mpsc::UnboundedReceiver<Typed>,
    count: Arc<AtomicU64>,
}

/// The settings of the line editor.
pub(crate) struct Setup {
    pub(crate) program: &'static str,
    pub(crate) completions: Completions,
    pub(crate) printer: Printer,
    pub(crate) interrupts: Interrupts,
    pub(crate) colours: Colours,
}

impl Prompt {
    /// Starts the thread. No prompt is shown yet.
    ///
    /// # Errors
    ///
    /// The system has no more threads.
    pub(crate) fn start(setup: Setup) -> io::Result<Self> {
        let (asked, questions) = std_mpsc::channel();
        let (answers, typed) = mpsc::unbounded_channel();
        let count = Arc::new(AtomicU64::new(1));
        let shown = count.clone();
        let thread = thread::Builder::new().name("prompt".to_owned());
        thread.spawn(move || {
            if let Err(error) = edit(setup, &shown, &questions, &answers) {
                let _ = answers.send(Typed::of_error(&error));
            }
        })?;
        Ok(Self {
            asked,
            typed,
            count,
        })
    }

    /// Shows the prompt with this number.
    pub(crate) fn show(&self, count: u64) {
        self.renumber(count);
        // Without the thread, `typed` says that the user has left.
        let _ = self.asked.send(());
    }

    /// Changes the number of a prompt that is shown already; seen when it is drawn again.
    pub(crate) fn renumber(&self, count: u64) {
        self.count.store(count, Ordering::Relaxed);
    }

    /// Waits for an input of the user.
    ///
    /// Cancel safe: a call that is dropped has taken nothing.
    pub(crate) async fn typed(&mut self) -> Typed {
        self.typed.recv().await.unwrap_or(Typed::Left)
    }
}

fn edit(
    setup: Setup,
    count: &Arc<AtomicU64>,
    questions: &std_mpsc::Receiver<()>,
    answers: &mpsc::UnboundedSender<Typed>,
) -> rustyline::Result<()> {
    let config = Config::builder()
        .max_history_size(history::LINES)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        // Even with NO_COLOR: the helper decides which parts are coloured, and it also keeps the number up to date.
        .color_mode(ColorMode::Forced)
        .build();
    let memory = MemHistory::with_config(&config);
    let mut editor = Editor::<Helper, MemHistory>::with_history(config, memory)?;
    let mut history = History::of(setup.program);
    for entry in history.load() {
        editor.add_history_entry(entry)?;
    }
    let mut told = false;
    let printer = setup.printer.clone();
    // A terminal without cursor movements has no lines above the one that is typed.
    let above = editor.create_external_printer().ok();
    let above = above.map(|above| print_above(above, &printer)).is_some();
    let foreground = Arc::new(Foreground::new(printer.clone()));
    let hears = foreground.clone();
    // Without it, Ctrl-Z stops the program without asking it.
    let _listener = Listener::start(move |turn| hears.hear(turn));
    let name = setup.program.split('-').next().unwrap_or_default();
    editor.set_helper(Some(Helper::new(
        name,
        count.clone(),
        setup.completions,
        setup.interrupts.clone(),
        foreground.clone(),
        setup.colours,
    )));

    while questions.recv().is_ok() {
        if let Some(problem) = history.take_problem(&mut told) {
            printer.failure("", problem);
        }
        let prompt = helper::plain(name, count.load(Ordering::Relaxed));
        if above {
            printer.begin_reading();
        } else {
            // There Ctrl-C is no key, but an interrupt that ends the program.
            setup.interrupts.begin();
        }
        foreground.begin((!above).then(|| prompt.clone()));
        let read = editor.readline(&prompt);
        printer.end_reading();
        if let Some(helper) = editor.helper() {
            helper.line_read();
        }
        let typed = match read {
            Ok(line) => {
                if !line.trim().is_empty() && editor.add_history_entry(history::shown(&line))? {
                    history.add(&line);
                }
                Typed::Line(line)
            }
            Err(ReadlineError::Interrupted) => Typed::Cleared,
            Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                printer.failure("\n", LineError::Encoding);
                Typed::Cleared
            }
            Err(ReadlineError::Eof) if !terminal::input_is_gone(None) => Typed::Left,
            Err(error) => return Err(error),
        };
        if answers.send(typed).is_err() {
            break;
        }
    }
    Ok(())
}

/// Prints output above the prompt in the meantime, from a thread that may wait for the editor.
fn print_above(mut above: impl ExternalPrinter + Send + 'static, printer: &Printer) {
    let printer = printer.clone();
    thread::spawn(move || {
        loop {
            let lines = printer.take_waiting();
            if above.print(lines).is_err() {
                return;
            }
        }
    });
}
