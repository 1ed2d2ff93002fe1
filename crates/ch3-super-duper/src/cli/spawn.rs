//! Plain processes that end in one way or another.

use super::plain;
use super::value::{name, reason};
use clap::{Args, Subcommand};
use otp_core::prelude::*;
use otp_core::process;
use otp_shell::{Failure, Mode, Printer, Shell};

/// What a process does.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Panics
    #[command(after_help = "Example:\n  spawn-link panic")]
    Panic,
    /// Ends for a reason
    #[command(after_help = "Example:\n  spawn-link exit oops")]
    Exit {
        /// Why: normal, shutdown or any text
        #[arg(value_parser = reason)]
        reason: ExitReason,
    },
    /// Returns, and so ends with normal
    #[command(after_help = "Example:\n  spawn-monitor normal")]
    Normal,
    /// Sends itself an exit signal, and waits for what comes of it
    #[command(after_help = "Example:\n  spawn-monitor signal kill --trap --name target")]
    Signal {
        /// Why: normal, shutdown, kill or any text
        #[arg(value_parser = reason)]
        reason: ExitReason,
        #[command(flatten)]
        patient: Patient,
    },
    /// Waits for ever, and tells which exits it gets
    #[command(after_help = "Example:\n  spawn wait --trap --name target")]
    Wait(Patient),
}

/// A process that does not end by itself.
#[derive(Debug, Args)]
pub(super) struct Patient {
    /// Its name
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Have it trap exits
    #[arg(long)]
    trap: bool,
}

/// Where the process tells, and who it is.
type Letters = Mailbox<Exit>;

pub(super) async fn spawn(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let ends = what.ends();
    let name = what.name();
    let printer = shell.printer();
    let process = process::spawn(move |me| what.run(me, printer));
    announce(&process, name, ends, shell).await
}

pub(super) async fn spawn_link(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let ends = what.ends();
    let name = what.name();
    let printer = shell.printer();
    let process = process::spawn_link(move |me| what.run(me, printer));
    announce(&process, name, ends, shell).await
}

pub(super) async fn spawn_monitor(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let ends = what.ends();
    let name = what.name();
    let printer = shell.printer();
    let (process, monitor) = process::spawn_monitor(move |me| what.run(me, printer));
    shell.on_down(monitor);
    announce(&process, name, ends, shell).await?;
    match shell.mode() {
        // Nobody will ask for it later.
        Mode::OneShot => shell.flush().await,
        Mode::Script | Mode::Interactive => Ok(()),
    }
}

/// Names a process, and waits for its end if there will be one: then whoever is to hear of it has heard.
async fn announce(
    process: &ProcessRef<Exit>,
    name: Option<String>,
    ends: bool,
    shell: &mut Shell,
) -> Result<(), Failure> {
    // Whoever ends at once has no use for a name.
    if let Some(name) = name.filter(|_| !ends) {
        process::register(name, process)?;
    }
    if ends {
        process.wait().await;
        // If the process has taken us along, here is where we end.
        tokio::task::yield_now().await;
    } else {
        shell.print(process.pid())?;
    }
    Ok(())
}

impl What {
    /// Whether the process ends by itself, as far as one can say beforehand.
    fn ends(&self) -> bool {
        match self {
            Self::Panic | Self::Exit { .. } | Self::Normal => true,
            Self::Signal { reason, patient } => !patient.trap || *reason == ExitReason::Kill,
            Self::Wait(_) => false,
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Panic | Self::Exit { .. } | Self::Normal => None,
            Self::Signal { patient, .. } | Self::Wait(patient) => patient.name.clone(),
        }
    }

    async fn run(self, mut me: Letters, printer: Printer) -> ExitReason {
        match self {
            Self::Panic => panic!("oh snap"),
            Self::Exit { reason } => process::exit_self(reason),
            Self::Normal => ExitReason::Normal,
            Self::Signal { reason, patient } => {
                if patient.trap {
                    me.trap_exit(|exit| exit);
                }
                process::exit(me.pid(), reason);
                tell(me, patient.name, printer).await
            }
            Self::Wait(patient) => {
                if patient.trap {
                    me.trap_exit(|exit| exit);
                }
                tell(me, patient.name, printer).await
            }
        }
    }
}

/// Tells which exits arrive, for as long as none of them ends the process.
async fn tell(mut me: Letters, name: Option<String>, printer: Printer) -> ExitReason {
    let who = name.unwrap_or_else(|| me.pid().to_string());
    loop {
        let exit = me.receive().await;
        let reason = plain(&exit.reason);
        printer.line(format_args!("{who} got EXIT from {}: {reason}", exit.from));
    }
}
