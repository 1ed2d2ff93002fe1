//! Lines from anywhere, above the line that is being typed.
//!
//! While nobody types, a line goes straight to its stream. While the line editor has the
//! terminal, lines queue, and a thread hands them to the editor, which makes room for them. That
//! thread may wait for the editor; those who print never do.
//!
//! Text may have come from a user: a name, a message, an exit reason. So its control characters are shown escaped, by all
//! functions here whose name does not say otherwise.

use crate::canvas::Canvas;
use crate::colours::Colours;
use crate::out::{self, OutError};
use otp_text::visible;
use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Prints lines at any time, for processes that have something to say by themselves.
///
/// Clones print in the same place. When nobody reads any more the program ends; so there is
/// nothing to handle here.
#[derive(Clone)]
pub struct Printer(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    /// What has become of standard output, if a line could not be printed.
    broken: watch::Sender<Option<Arc<OutError>>>,
    /// Of what goes to standard output.
    out_colours: Colours,
    /// Of what goes to standard error.
    err_colours: Colours,
}

struct State {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// Whether standard error shows on the terminal in which the user types.
    err_is_shown: bool,
    /// Whether the line editor has the terminal.
    reading: bool,
    /// Whether the line editor has no terminal to print on, because the program is in the background.
    held: bool,
    /// Bars that make room for each line.
    canvas: Option<Canvas>,
    /// Lines for the editor to print.
    waiting: VecDeque<String>,
    /// What calls the line editor, also while the lines are kept.
    call: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

impl Printer {
    /// Prints on standard output and standard error.
    pub(crate) fn stdio() -> Self {
        let err_is_shown = io::stderr().is_terminal();
        Self::new(
            Box::new(io::stdout()),
            Box::new(io::stderr()),
            err_is_shown,
            [Colours::for_stdout(), Colours::for_stderr()],
        )
    }

    pub(crate) fn new(
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
        err_is_shown: bool,
        [out_colours, err_colours]: [Colours; 2],
    ) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(State {
                out,
                err,
                err_is_shown,
                reading: false,
                held: false,
                canvas: None,
                waiting: VecDeque::new(),
                call: None,
            }),
            changed: Condvar::new(),
            broken: watch::Sender::new(None),
            out_colours,
            err_colours,
        }))
    }

    /// Prints one line on standard output; at a prompt, above it.
    ///
    /// Control characters of the text are shown escaped, ends of lines too.
    pub fn line(&self, text: impl Display) {
        // Whoever runs the commands learns of a failure by `broken`.
        let _ = self.print(text);
    }

    /// As [`line`](Self::line), and rings the terminal's bell.
    pub fn line_with_bell(&self, text: impl Display) {
        let text = text.to_string();
        let _ = self.print_painted(format_args!("{}\x07", visible::line(&text)));
    }

    /// As [`line`](Self::line), for those who want to know.
    pub(crate) fn print(&self, text: impl Display) -> Result<(), OutError> {
        self.print_painted(visible::line(&text.to_string()))
    }

    /// Prints text of several lines.
    pub(crate) fn print_lines(&self, text: impl Display) -> Result<(), OutError> {
        self.print_painted(visible::text(&text.to_string()))
    }

    /// Prints text as it is, with its escape codes.
    pub(crate) fn print_painted(&self, text: impl Display) -> Result<(), OutError> {
        // Text of the user's is made before the lock is taken.
        let printed = self.put(Stream::Out, format!("{text}\n"));
        printed.map_err(OutError::of_stdout).inspect_err(|error| {
            self.0.broken.send_if_modified(|broken| {
                let first = broken.is_none();
                if first {
                    *broken = Some(Arc::new(error.again()));
                }
                first
            });
        })
    }

    /// The colours of standard output.
    pub(crate) fn colours(&self) -> Colours {
        self.0.out_colours
    }

    /// Prints what has gone wrong on standard error, with something before it.
    pub(crate) fn failure(&self, before: &str, text: impl Display) {
        let error = self.0.err_colours.paint("\x1b[1;31m", "error:");
        let text = text.to_string();
        self.put_error(format_args!("{before}{error} {}", visible::text(&text)));
    }

    /// Prints lines on standard error. If that fails there is nobody to tell.
    pub(crate) fn error(&self, text: impl Display) {
        self.put_error(visible::text(&text.to_string()));
    }

    fn put_error(&self, text: impl Display) {
        let _ = self.put(Stream::Err, format!("{text}\n"));
    }

    /// Prints on `out` from now on, if there is one, and not through the line editor, which is left where it waits.
    pub(crate) fn take_over(&self, out: Option<File>) {
        if let Some(out) = out {
            self.state().out = Box::new(out);
        }
        self.end_reading();
    }

    /// Writes escape codes for the terminal, if it is still there.
    pub(crate) fn escape_codes(&self, codes: &str) {
        let _ = out::text(&mut *self.state().out, codes);
    }

    /// Waits until a line could not be printed on standard output.
    pub(crate) async fn broken(&self) -> Arc<OutError> {
        let mut broken = self.0.broken.subscribe();
        let seen = broken.wait_for(Option::is_some).await;
        let seen = seen.expect("we hold the sender ourselves");
        seen.clone().expect("that is what was waited for")
    }

    /// What has become of standard output, if a line could not be printed.
    pub(crate) fn broken_yet(&self) -> Option<Arc<OutError>> {
        self.0.broken.borrow().clone()
    }

    /// Prints above these bars from now on.
    pub(crate) fn draw_on(&self, canvas: Option<Canvas>) {
        self.state().canvas = canvas;
    }

    /// The line editor takes the terminal.
    pub(crate) fn begin_reading(&self) {
        self.state().reading = true;
        self.0.changed.notify_all();
    }

    /// The line editor has let go of the terminal: what it has not printed yet is printed now.
    pub(crate) fn end_reading(&self) {
        let mut state = self.state();
        state.reading = false;
        state.call = None;
        for text in std::mem::take(&mut state.waiting) {
            let _ = out::text(&mut *state.out, &text);
        }
    }

    /// Calls the line editor while it reads: it prints this text as it is, before the lines that wait, and then its prompt
    /// again.
    pub(crate) fn call_editor(&self, text: &str) {
        let mut state = self.state();
        if state.reading {
            state.call = Some(text.to_owned());
            self.0.changed.notify_all();
        }
    }

    /// Keeps the lines for the line editor until `held` is false.
    pub(crate) fn hold(&self, held: bool) {
        self.state().held = held;
        self.0.changed.notify_all();
    }

    /// Waits for lines that the line editor is to print, and takes them all.
    pub(crate) fn take_waiting(&self) -> String {
        let mut state = self.state();
        loop {
            if let Some(call) = state.call.take() {
                return call;
            }
            if !state.waiting.is_empty() && !state.held {
                return std::mem::take(&mut state.waiting).into_iter().collect();
            }
            let changed = self.0.changed.wait(state);
            state = changed.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Prints nothing more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.out = Box::new(io::sink());
        state.err = Box::new(io::sink());
    }

    fn put(&self, stream: Stream, text: String) -> Result<(), OutError> {
        let mut state = self.state();
        if state.reading && (stream == Stream::Out || state.err_is_shown) {
            state.waiting.push_back(text);
            self.0.changed.notify_all();
            return Ok(());
        }
        let canvas = state.canvas.clone();
        let mut print = || match stream {
            Stream::Out => out::text(&mut *state.out, &text),
            Stream::Err => out::text(&mut *state.err, &text),
        };
        match canvas {
            Some(canvas) => canvas.suspend(print),
            None => print(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under the lock but a writer, and half a line is no worse than
        // none.
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").finish_non_exhaustive()
    }
}

/// Text for standard error in pieces, as the reports come: each piece is whole lines.
impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        // A standard error that is closed or full loses the report and nothing else.
        let _ = self.put(Stream::Err, text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that keeps what it gets, or refuses it.
    #[derive(Clone, Default)]
    struct Kept {
        bytes: Arc<Mutex<Vec<u8>>>,
        refuses: Option<io::ErrorKind>,
    }

    impl Kept {
        fn text(&self) -> String {
            let bytes = self.bytes.lock().expect("no test panics with it").clone();
            String::from_utf8(bytes).expect("text")
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.refuses {
                Some(kind) => Err(kind.into()),
                None => self
                    .bytes
                    .lock()
                    .expect("no test panics with it")
                    .write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printer(out: &Kept, err: &Kept, err_is_shown: bool, colours: Colours) -> Printer {
        let (out, err) = (Box::new(out.clone()), Box::new(err.clone()));
        Printer::new(out, err, err_is_shown, [Colours::Off, colours])
    }

    #[test]
    fn lines_go_to_their_stream_while_nobody_types() {
        let (out, err) = (Kept::default(), Kept::default());
        let printer = printer(&out, &err, true, Colours::Off);
        printer.line(6);
        printer.failure("", "no eggs");
        assert_eq!((&*out.text(), &*err.text()), ("6\n", "error: no eggs\n"));
    }

    #[test]
    fn lines_wait_for_the_editor_while_somebody_types() {
        let (out, err) = (Kept::default(), Kept::default());
        let printer = printer(&out, &err, true, Colours::Off);
        printer.begin_reading();
        printer.line("one");
        printer.error("two");
        assert_eq!(printer.take_waiting(), "one\ntwo\n");
        printer.line("three");
        printer.end_reading();
        printer.line("four");
        assert_eq!((&*out.text(), &*err.text()), ("three\nfour\n", ""));
    }

    #[test]
    fn lines_stay_while_the_editor_has_no_terminal() {
        let (out, err) = (Kept::default(), Kept::default());
        let printer = printer(&out, &err, true, Colours::Off);
        printer.begin_reading();
        printer.hold(true);
        printer.line("one");
        let taken = printer.clone();
        let taken = std::thread::spawn(move || taken.take_waiting());
        printer.line("two");
        // Until here nobody may have taken the first.
        printer.hold(false);
        assert_eq!(taken.join().expect("it does not panic"), "one\ntwo\n");
    }

    #[test]
    fn a_standard_error_that_goes_elsewhere_does_not_disturb() {
        let (out, err) = (Kept::default(), Kept::default());
        let printer = printer(&out, &err, false, Colours::Off);
        printer.begin_reading();
        printer.error("for the file");
        assert_eq!((&*out.text(), &*err.text()), ("", "for the file\n"));
    }

    #[test]
    fn a_failure_is_red_where_colours_are() {
        let (out, err) = (Kept::default(), Kept::default());
        printer(&out, &err, true, Colours::On).failure("\n", "no eggs");
        assert_eq!(err.text(), "\n\x1b[1;31merror:\x1b[0m no eggs\n");
    }

    #[test]
    fn what_a_user_has_typed_does_nothing_to_the_terminal() {
        let (out, err) = (Kept::default(), Kept::default());
        let printer = printer(&out, &err, true, Colours::On);
        let text = "\x1b[2J\u{202e}eggs\n\x07";
        printer.line(text);
        printer.print_lines(text).expect("it is printed");
        printer.line_with_bell(text);
        printer.failure("", text);
        printer.error(text);
        let line = r"\u{1b}[2J\u{202e}eggs\n\u{7}";
        let lines = line.replace(r"\n", "\n");
        assert_eq!(out.text(), format!("{line}\n{lines}\n{line}\x07\n"));
        assert_eq!(
            err.text(),
            format!("\x1b[1;31merror:\x1b[0m {lines}\n{lines}\n")
        );
    }

    #[tokio::test]
    async fn a_line_that_could_not_be_printed_is_told_to_whoever_asks() {
        let refuses = Some(io::ErrorKind::BrokenPipe);
        let out = Kept {
            refuses,
            ..Kept::default()
        };
        let printer = printer(&out, &Kept::default(), true, Colours::Off);
        printer.line("lost");
        assert!(printer.broken().await.is_closed());
        assert!(printer.print("lost, too").is_err());
    }
}
