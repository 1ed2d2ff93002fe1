//! The description of a chapter's program.

use crate::failure::Failure;
use crate::shell::Shell;
use otp_core::Pid;
use std::future::Future;

/// A chapter's program, as the shell sees it: commands, a state, and how one runs on the other.
///
/// [`main`](crate::main) makes a whole program of it: one command from the command line, a script, or a
/// prompt.
///
/// # Examples
///
/// ```
/// use otp_shell::{Failure, NoOptions, Program, Shell};
///
/// struct Counter {
///     count: u64,
/// }
///
/// #[derive(clap::Subcommand)]
/// enum Command {
///     /// Count one more
///     Inc,
///     /// Print the count
///     State,
/// }
///
/// impl Program for Counter {
///     const NAME: &'static str = "counter";
///     type Options = NoOptions;
///     type Command = Command;
///
///     fn new(_: &NoOptions) -> Self {
///         Self { count: 0 }
///     }
///
///     async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
///         match command {
///             Command::Inc => self.count += 1,
///             Command::State => shell.print(self.count)?,
///         }
///         Ok(())
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
/// # if false {
///     otp_shell::main::<Counter>()
/// # } else { std::process::ExitCode::SUCCESS }
/// }
/// ```
pub trait Program: Sized + Send + 'static {
    /// The program's name, as it is typed. The part before a hyphen is the prompt.
    const NAME: &'static str;

    /// What the program does, in one line of its help.
    const ABOUT: &'static str = "";

    /// What the help shows last: how the program is used.
    const EXAMPLE: &'static str = "";

    /// Options of the whole program, given before the command; [`NoOptions`] if there are none.
    type Options: clap::Args + Clone + Send + Sync + 'static;

    /// The commands. One with the name of a command of the shell's replaces that one.
    type Command: clap::Subcommand + Send + 'static;

    /// Makes the state of one life of the shell process, inside that process. It is gone with it,
    /// as the bindings are in IEx.
    fn new(options: &Self::Options) -> Self;

    /// Runs one command inside the shell process: links of the command are links of the shell.
    ///
    /// The future is dropped where it waits when the user interrupts it or the shell process is
    /// killed; the state stays, unless it is the process that ended. A panic counts as a failure of the
    /// command.
    fn run(
        &mut self,
        command: Self::Command,
        shell: &mut Shell,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Waits for an object that the program knows by this name, such as an alarm, until it has rung, died or come back;
    /// this is the command `await NAME`. `None` if it knows none, and then the shell waits for a process of that name.
    fn wait_for(
        &mut self,
        name: &str,
        shell: &mut Shell,
    ) -> impl Future<Output = Option<Result<(), Failure>>> + Send {
        let _ = (name, shell);
        async { None }
    }

    /// Sends a text as a message to a process that receives no text; this is the command `send PID TEXT`. False if the
    /// program has no messages for this process.
    ///
    /// # Errors
    ///
    /// The text is no message for this process.
    fn send(&mut self, to: Pid, text: &str, shell: &mut Shell) -> Result<bool, Failure> {
        let _ = (to, text, shell);
        Ok(false)
    }

    /// Finds a process by a name that only the program knows, such as that of a process on another node. All commands
    /// with the name of a process use it, if no process is registered as the name. `None` if the program knows none.
    fn find(
        &mut self,
        name: &str,
        shell: &mut Shell,
    ) -> impl Future<Output = Option<Result<Pid, Failure>>> + Send {
        let _ = (name, shell);
        async { None }
    }

    /// Asks another node for information on one of its processes, and returns it in lines; this is the command `info`.
    /// `Ok(None)` if the process is dead.
    ///
    /// # Errors
    ///
    /// The node cannot be asked, or does not answer. A program that is no node of a cluster returns this.
    fn info(
        &mut self,
        pid: Pid,
        shell: &mut Shell,
    ) -> impl Future<Output = Result<Option<String>, Failure>> + Send {
        let _ = shell;
        async move {
            let why = "is on another node, which this program cannot ask";
            Err(Failure::new(format_args!("{pid} {why}")))
        }
    }

    /// What the user can type when the processes that the commands need do not run: "`start` starts the timer", for example.
    /// The shell adds it to the failure of a command that has not found a process. `None` if they run.
    fn hint(&self, shell: &Shell) -> Option<&'static str> {
        let _ = shell;
        None
    }

    /// The user leaves the prompt, and the program prints what is lost with it. Scripts and single commands end without
    /// this, as a node does that is halted. A failure is not shown: then there is nothing to lose.
    fn leave(&mut self, shell: &mut Shell) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = shell;
        async { Ok(()) }
    }

    /// The names that complete an argument at the prompt, besides those of processes. Asked for
    /// after each command.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The options of a program that starts its processes when a command needs them: those of the program, and one more.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct OnDemand<O: clap::Args> {
    /// Those of the program.
    #[command(flatten)]
    pub options: O,
    /// Start nothing when a command needs it: it is started by hand
    #[arg(long, global = true)]
    pub no_start: bool,
}

/// The options of a program that has none.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct NoOptions {}
