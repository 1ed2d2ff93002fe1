//! The commands that every program has.

mod look;
mod mail;
mod signals;
mod spawn;
mod timers;
mod wait;

pub(crate) use self::look::{far_node, title};
use crate::failure::Failure;
use crate::observe::{self, Observe};
use crate::program::Program;
use crate::script::How;
use crate::shell::Shell;
use crate::value::{Text, duration, reason};
use clap::{Args, Subcommand, ValueEnum};
use otp_core::ExitReason;
use std::path::PathBuf;
use std::time::Duration;

/// A command of the shell's own.
#[derive(Debug, Subcommand)]
pub(crate) enum Builtin {
    /// List the processes
    #[command(after_help = "Example:\n  processes")]
    Processes,
    /// Look at a process: links, monitors, queue, status, ancestors
    #[command(after_help = "Example:\n  info self")]
    Info(Who),
    /// Draw the processes under those that started them, supervisors with all of their children
    #[command(after_help = "Example:\n  tree")]
    Tree,
    /// Serve a page in the browser that shows what happens inside, and print its link
    #[command(after_help = "Example:\n  observe 4000 --acts")]
    Observe(Observe),
    /// Print the pid of the process that has a name, or undefined
    #[command(after_help = "Example:\n  whereis superdave")]
    Whereis {
        /// A registered name
        name: String,
    },
    /// Print whether a process lives
    #[command(after_help = "Example:\n  alive 0.2.0")]
    Alive(Who),
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  kill superdave shutdown")]
    Kill {
        #[command(flatten)]
        who: Who,
        /// Why: normal, shutdown, kill or any text
        #[arg(default_value = "kill", value_parser = reason)]
        reason: ExitReason,
    },
    /// Start a process
    #[command(subcommand)]
    #[command(after_help = "Example:\n  spawn panic")]
    Spawn(spawn::What),
    /// Start a process that is linked with the shell
    #[command(subcommand)]
    #[command(after_help = "Example:\n  spawn-link exit oops")]
    SpawnLink(spawn::What),
    /// Start a process that the shell monitors: its end is a message for flush
    #[command(subcommand)]
    #[command(after_help = "Example:\n  spawn-monitor panic")]
    SpawnMonitor(spawn::What),
    /// Watch a process: its end will be a message for flush
    #[command(after_help = "Example:\n  monitor superdave")]
    Monitor(Who),
    /// Link the shell with a process: if one crashes, so does the other
    #[command(after_help = "Example:\n  link superdave")]
    Link(Who),
    /// Remove the link with a process
    #[command(after_help = "Example:\n  unlink superdave")]
    Unlink(Who),
    /// Turn the exits of linked processes into messages, or stop doing so
    #[command(name = "trap_exit", alias = "trap-exit")]
    #[command(after_help = "Example:\n  trap_exit on")]
    TrapExit {
        /// From now on
        switch: Switch,
    },
    /// Send a message to a process: a text to the shell, and to others what the program can read
    #[command(after_help = "Example:\n  send self hello")]
    Send {
        #[command(flatten)]
        who: Who,
        /// What to say
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        text: Vec<Text>,
    },
    /// Print what the shell has received
    #[command(after_help = "Example:\n  flush")]
    Flush,
    /// Wait for the next message to the shell, and print it
    #[command(after_help = "Example:\n  receive --limit 1s")]
    Receive {
        /// How long at most
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
        limit: Duration,
    },
    /// Send the shell a text after a while
    #[command(after_help = "Example:\n  send-after 5s hello")]
    SendAfter {
        #[command(flatten)]
        what: timers::Later,
        /// Send it to the process that has this name by then
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
    },
    /// Send the shell a text again and again
    #[command(after_help = "Example:\n  send-interval 1s tick")]
    SendInterval(timers::Later),
    /// Stop a timer of send-after or send-interval, and print the time that was left
    #[command(after_help = "Example:\n  cancel-timer 1")]
    CancelTimer {
        /// Its number
        timer: usize,
    },
    /// Print the time left until a timer of send-after or send-interval fires
    #[command(after_help = "Example:\n  read-timer 1")]
    ReadTimer {
        /// Its number
        timer: usize,
    },
    /// Do nothing for a while
    #[command(after_help = "Example:\n  sleep 1s500ms")]
    Sleep {
        /// How long: numbers with units, such as 500ms, 5s, 1m30s
        #[arg(value_parser = duration)]
        duration: Duration,
    },
    /// Wait until a process with the name has died or been replaced; until there is one, if there is none
    #[command(after_help = "Example:\n  await superdave --limit 5s")]
    Await {
        /// A name
        name: String,
        #[command(flatten)]
        change: Change,
        /// How long at most
        #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
        limit: Duration,
    },
    /// Run the commands in a file, one a line
    #[command(after_help = "Example:\n  run demo.txt --echo")]
    Run {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Leave the program
    #[command(after_help = "Example:\n  exit 1")]
    Exit {
        /// The exit code; that of the first failure unless given
        code: Option<u8>,
    },
}

/// A process.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// A registered name, a pid such as 0.42.0, or self
    #[arg(value_name = "NAME|PID")]
    pub(crate) target: String,
}

/// The events of a process that may have happened already: they are counted from the last command for the name.
#[derive(Debug, Clone, Copy, Args)]
#[group(multiple = false)]
pub(crate) struct Change {
    /// Wait until the process that the last command went to is dead, also if it is by now
    #[arg(long)]
    pub(crate) gone: bool,
    /// Wait until another process has the name than the one that the last command went to
    #[arg(long)]
    pub(crate) back: bool,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// Runs a command inside the shell process.
pub(crate) async fn run<P: Program>(
    builtin: Builtin,
    program: &mut P,
    shell: &mut Shell,
) -> Result<(), Failure> {
    match builtin {
        Builtin::Processes => look::processes(shell),
        Builtin::Info(who) => look::info(program, shell, &who).await,
        Builtin::Tree => shell.tree().await,
        Builtin::Observe(page) => observe::run(page, shell).await,
        Builtin::Whereis { name } => look::whereis(program, shell, &name).await,
        Builtin::Alive(who) => look::alive(program, shell, &who).await,
        Builtin::Kill { who, reason } => signals::kill(program, shell, &who, reason).await,
        Builtin::Spawn(what) => spawn::spawn(what, shell).await,
        Builtin::SpawnLink(what) => spawn::spawn_link(what, shell).await,
        Builtin::SpawnMonitor(what) => spawn::spawn_monitor(what, shell).await,
        Builtin::Monitor(who) => signals::monitor(program, shell, who).await,
        Builtin::Link(who) => signals::link(program, shell, &who).await,
        Builtin::Unlink(who) => signals::unlink(program, shell, &who).await,
        Builtin::TrapExit { switch } => {
            signals::trap_exit(shell, switch);
            Ok(())
        }
        Builtin::Send { who, text } => mail::send(program, shell, &who, text.join(" ")).await,
        Builtin::Flush => shell.flush().await,
        Builtin::Receive { limit } => mail::receive(shell, limit).await,
        Builtin::SendAfter { what, to } => timers::send_after(shell, what, to),
        Builtin::SendInterval(what) => timers::send_interval(shell, what),
        Builtin::CancelTimer { timer } => timers::cancel(shell, timer),
        Builtin::ReadTimer { timer } => timers::read(shell, timer),
        Builtin::Sleep { duration } => {
            tokio::time::sleep(duration).await;
            Ok(())
        }
        Builtin::Await {
            name,
            change,
            limit,
        } => wait::run(program, shell, &name, change, limit).await,
        Builtin::Run { .. } | Builtin::Exit { .. } => {
            unreachable!("these are for whoever gives the shell its commands")
        }
    }
}
