//! The context of a command: the shell process in which it runs, and the ways to print.

use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::observe::Observing;
use crate::printer::Printer;
use crate::program::Program;
use crate::tree::{self, LastLook};
use otp_core::application::ExitStatus;
use otp_core::{
    Down, Exit, Mailbox, MonitorRef, Node, Pid, ProcessRef, Recipient, StartError, TimerRef, timer,
};
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::future::Future;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How the program was asked to run commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One command, from the command line.
    OneShot,
    /// One after the other, from a file, a pipe or `-e`.
    Script,
    /// As they are typed at a prompt.
    Interactive,
}

/// The shell as a command sees it, from inside the shell process.
pub struct Shell {
    pub(crate) mailbox: Mailbox<Letter>,
    pub(crate) node: Node,
    pub(crate) mode: Mode,
    pub(crate) printer: Printer,
    pub(crate) interrupts: Interrupts,
    pub(crate) observing: Observing,
    /// The holder of each name when a command last looked it up.
    pub(crate) targets: Mutex<HashMap<String, Pid>>,
    /// The timers of `send-after` and `send-interval`, by number.
    pub(crate) timers: Vec<TimerRef>,
    /// The tree as it was last drawn.
    pub(crate) last_look: LastLook,
    /// Whether the command has sent something to a name that no process has.
    pub(crate) unheard: bool,
}

impl Shell {
    /// Prints one line on standard output and flushes it. Control characters are shown escaped, ends of lines too.
    ///
    /// # Errors
    ///
    /// The output cannot take the line, or its reader has closed it. Pass the error on with `?`: the shell handles it.
    pub fn print(&self, text: impl Display) -> Result<(), Failure> {
        Ok(self.printer.print(text)?)
    }

    /// As [`print`](Self::print), for text of several lines.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub fn print_lines(&self, text: impl Display) -> Result<(), Failure> {
        Ok(self.printer.print_lines(text)?)
    }

    /// A handle for processes that print by themselves, at any time.
    #[must_use]
    pub fn printer(&self) -> Printer {
        self.printer.clone()
    }

    /// How the program was asked to run commands.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether standard output is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// The pid of the shell process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.mailbox.pid()
    }

    /// The node of the shell process.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The process that was meant: a registered name, a pid as it is shown (`<0.42.0>`, or
    /// `0.42.0`, which needs no quotes), or `self` for the shell process. The pid may be one of another node that is connected.
    ///
    /// A pid is found also when its process has died: an operation on it then has the same effects as in OTP.
    ///
    /// # Errors
    ///
    /// No process has the name, or no process has ever had the pid.
    pub fn target(&self, text: &str) -> Result<Pid, Failure> {
        if let Some(pid) = self.node.whereis(text.to_owned()) {
            self.targets().insert(text.to_owned(), pid);
            return Ok(pid);
        }
        if text == "self" {
            return Ok(self.pid());
        }
        let no = |what: &str| Failure::missing(format_args!("no {what} {text}"));
        let pid = typed_pid(text).ok_or_else(|| no("process is registered as"))?;
        let is_known = match self.home(pid) {
            Some(node) => node.pid(pid.id()).is_some(),
            None => self.node.remote_node(pid.node()).is_some(),
        };
        match is_known {
            true => Ok(pid),
            false => Err(no("process has had the pid")),
        }
    }

    /// As [`target`](Self::target), or else the process that the program knows by this name.
    pub(crate) async fn find<P: Program>(
        &mut self,
        program: &mut P,
        text: &str,
    ) -> Result<Pid, Failure> {
        match self.target(text) {
            Ok(pid) => Ok(pid),
            Err(nobody) => program.find(text, self).await.unwrap_or(Err(nobody)),
        }
    }

    /// The node of a process, if it is one of this program.
    pub(crate) fn home(&self, pid: Pid) -> Option<Node> {
        match pid.node() == self.node.id() {
            true => Some(self.node.clone()),
            false => Node::find_node(pid.node()),
        }
    }

    /// The holder of the name when it was last a target.
    pub(crate) fn last_target(&self, name: &str) -> Option<Pid> {
        self.targets().get(name).copied()
    }

    fn targets(&self) -> MutexGuard<'_, HashMap<String, Pid>> {
        // A map of plain values is whole at any time.
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shell's address, for messages to it.
    #[must_use]
    pub fn me(&self) -> Inbox {
        Inbox(self.mailbox.me())
    }

    /// Puts the end of a process into the shell's mailbox that a command has spawned with
    /// [`spawn_monitor`](otp_core::process::spawn_monitor) or started with a `start_monitor`.
    pub fn on_down(&mut self, monitor: MonitorRef) {
        self.mailbox.on_down(monitor, Letter::Down);
    }

    /// Waits for a text in the shell's mailbox of which `read` makes something, at most for `limit`. Everything else stays
    /// there.
    pub async fn receive<T>(
        &mut self,
        limit: Duration,
        read: impl Fn(&str) -> Option<T> + Send,
    ) -> Option<T> {
        let read = |letter: &Letter| match letter {
            Letter::Text(text) => read(text),
            Letter::Exit(_) | Letter::Down(_) => None,
        };
        let wanted = |letter: &Letter| read(letter).is_some();
        read(&self.mailbox.receive_match(wanted).timeout(limit).await?)
    }

    /// Prints the messages of the shell process, as the command `flush` does.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub async fn flush(&mut self) -> Result<(), Failure> {
        while let Some(letter) = self.mailbox.receive().timeout(Duration::ZERO).await {
            self.print(letter)?;
        }
        Ok(())
    }

    /// Starts something that has a name, linked with the shell; if the one of a shell that has died is still about to
    /// end, when it has.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the name is taken by something else, or the start fails.
    pub async fn start_linked<T, F>(
        &mut self,
        mut start: impl FnMut() -> F,
    ) -> Result<T, StartError>
    where
        F: Future<Output = Result<T, StartError>>,
    {
        loop {
            match start().await {
                Err(StartError::AlreadyStarted(pid)) if self.is_orphan(pid) => {
                    let ended = async move |mut mailbox: Mailbox<()>| {
                        mailbox.monitor(pid, |_| ());
                        mailbox.receive().await;
                    };
                    // It does nothing that could fail.
                    let _ = self.node.run_with(ended).await;
                }
                started => break started,
            }
        }
    }

    /// Whether the process that has started another one is dead.
    fn is_orphan(&self, pid: Pid) -> bool {
        let info = self.node.process_info(pid);
        let parent = info.as_ref().map(|info| info.ancestors.first());
        parent.is_none_or(|parent| !parent.is_some_and(|parent| self.node.is_alive(*parent)))
    }

    /// Prints that an application was stopped, once it has run.
    ///
    /// # Errors
    ///
    /// The application was interrupted, or it has failed.
    pub fn print_exit(&self, application: &str, status: ExitStatus) -> Result<(), Failure> {
        match status {
            ExitStatus::Stopped => self.print(format_args!("stopped {application}")),
            ExitStatus::Interrupted => Err(Failure::interrupted()),
            failed => Err(Failure::new(failed)),
        }
    }

    /// Draws the processes of the node, supervisors with all of their children, as the command `tree` does. Changes
    /// since the last drawing are marked.
    ///
    /// # Errors
    ///
    /// As for [`print`](Self::print).
    pub async fn tree(&mut self) -> Result<(), Failure> {
        let colours = self.printer.colours();
        let tree = tree::draw(&self.node, &mut self.last_look, colours).await;
        Ok(self.printer.print_painted(tree)?)
    }

    /// Waits until the user interrupts the command, with Ctrl-C or a signal to end.
    ///
    /// A command that has called this once ends in its own way when it is interrupted, and returns
    /// [`Failure::interrupted`] or its result. All other commands are dropped where they wait. A second interrupt drops
    /// both kinds.
    pub fn interrupted(&self) -> impl Future<Output = ()> + Send + use<> {
        self.interrupts.claim();
        let mut interrupts = self.interrupts.clone();
        async move { interrupts.first().await }
    }
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell")
            .field("mailbox", &self.mailbox)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// Where the shell process receives text. Clones are addresses of the same process.
#[derive(Debug, Clone)]
pub struct Inbox(ProcessRef<Letter>);

impl Inbox {
    /// Puts a text into the shell's mailbox, where `flush` finds it. If that shell process is dead, it
    /// is lost.
    pub fn send(&self, text: impl Into<String>) {
        self.0.send(Letter::Text(text.into()));
    }

    /// The same mailbox for messages of another type, which `flush` shows as `text` makes them.
    pub fn recipient<M: Send + 'static>(
        &self,
        text: impl Fn(M) -> String + Send + Sync + 'static,
    ) -> Recipient<M> {
        Recipient::from(&self.0).map(move |message| Letter::Text(text(message)))
    }

    /// Puts a text into the shell's mailbox after `delay`.
    ///
    /// # Panics
    ///
    /// Outside of a process, as [`timer::send_after`].
    #[track_caller]
    pub fn send_after(&self, delay: Duration, text: impl Into<String>) -> TimerRef {
        timer::send_after(&self.0, delay, Letter::Text(text.into()))
    }

    /// Puts a text into the shell's mailbox each `period`, the first after one period.
    ///
    /// # Panics
    ///
    /// Outside of a process, as [`timer::send_interval`].
    #[track_caller]
    pub fn send_interval(&self, period: Duration, text: impl Into<String>) -> TimerRef {
        timer::send_interval(&self.0, period, Letter::Text(text.into()))
    }

    /// The pid of the shell process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }
}

/// The messages of the shell process.
#[derive(Clone)]
pub(crate) enum Letter {
    Text(String),
    Exit(Exit),
    Down(Down),
}

impl Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Exit(exit) => exit.fmt(f),
            Self::Down(down) => down.fmt(f),
        }
    }
}

/// A pid as it is shown, `<0.42.0>`; the brackets may be missing.
fn typed_pid(text: &str) -> Option<Pid> {
    match text.starts_with('<') {
        true => text.parse().ok(),
        false => format!("<{text}>").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::typed_pid;

    #[test]
    fn a_pid_is_read_as_it_is_shown() {
        for text in ["<0.42.0>", "<1.7.0>", "<9.42.1>"] {
            for typed in [text, &text[1..text.len() - 1]] {
                assert_eq!(
                    typed_pid(typed).map(|pid| pid.to_string()),
                    Some(text.to_owned())
                );
            }
        }
        for text in [
            "",
            "42",
            "<0.42.0",
            "0.42.0>",
            "0..0",
            "0.+1.0",
            "0.x.0",
            "<<0.42.0>>",
            "0.99999999999999999999.0",
        ] {
            assert_eq!(typed_pid(text), None, "{text:?}");
        }
    }
}
