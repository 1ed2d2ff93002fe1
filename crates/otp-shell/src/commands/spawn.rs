//! `spawn`, `spawn-link`, `spawn-monitor`: processes that end in one way or another.

use crate::failure::Failure;
use crate::printer::Printer;
use crate::shell::{Mode, Shell};
use crate::show::plain;
use crate::value::{name, reason};
use clap::{Args, Subcommand};
use otp_core::prelude::*;
use otp_core::{MonitorRef, process};
use tokio::sync::oneshot;

/// What a process does.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
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
pub(crate) struct Patient {
    /// Its name
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Have it trap exits
    #[arg(long)]
    trap: bool,
}

/// The future of a process.
enum Plan {
    /// It ends by itself.
    Ends,
    /// It stays, under this name if it has one.
    Stays(Option<String>),
}

pub(super) async fn spawn(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let (plan, printer) = (what.plan(), shell.printer());
    let (gate, opened) = oneshot::channel();
    let process = process::spawn(move |me| what.run(me, printer, opened));
    announce(&process, None, gate, plan, shell).await
}

pub(super) async fn spawn_link(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let (plan, printer) = (what.plan(), shell.printer());
    let (gate, opened) = oneshot::channel();
    let process = process::spawn_link(move |me| what.run(me, printer, opened));
    announce(&process, None, gate, plan, shell).await
}

pub(super) async fn spawn_monitor(what: What, shell: &mut Shell) -> Result<(), Failure> {
    let (plan, printer) = (what.plan(), shell.printer());
    let (gate, opened) = oneshot::channel();
    let (process, monitor) = process::spawn_monitor(move |me| what.run(me, printer, opened));
    shell.on_down(monitor);
    announce(&process, Some(monitor), gate, plan, shell).await?;
    match shell.mode() {
        // Nothing will ask for it later.
        Mode::OneShot => shell.flush().await,
        Mode::Script | Mode::Interactive => Ok(()),
    }
}

/// Opened when the pid has been printed: later output of the process comes after it.
type Gate = oneshot::Sender<()>;

/// Names a process and prints its pid. If the process ends soon, it also waits for the end, and for its links and
/// monitors.
async fn announce(
    process: &ProcessRef<Exit>,
    monitor: Option<MonitorRef>,
    gate: Gate,
    plan: Plan,
    shell: &mut Shell,
) -> Result<(), Failure> {
    if let Plan::Stays(Some(name)) = &plan {
        process::register(name.clone(), process)?;
    }
    let pid = process.pid();
    match monitor {
        Some(monitor) => shell.print(format_args!("{pid} {monitor}"))?,
        None => shell.print(pid)?,
    }
    // A process that was ended in the meantime does not wait for it.
    let _ = gate.send(());
    if let Plan::Ends = plan {
        process.wait().await;
        // If the process has taken the shell along, this is where the shell ends.
        tokio::task::yield_now().await;
    }
    Ok(())
}

impl What {
    /// The expected end of the process.
    fn plan(&self) -> Plan {
        match self {
            Self::Signal { reason, patient } if patient.trap && *reason != ExitReason::Kill => {
                Plan::Stays(patient.name.clone())
            }
            Self::Wait(patient) => Plan::Stays(patient.name.clone()),
            _ => Plan::Ends,
        }
    }

    async fn run(
        self,
        mut me: Mailbox<Exit>,
        printer: Printer,
        opened: oneshot::Receiver<()>,
    ) -> ExitReason {
        if let Self::Signal { patient, .. } | Self::Wait(patient) = &self
            && patient.trap
        {
            me.trap_exit(|exit| exit);
        }
        // Closed unopened if the shell has ended, or has not got the name: the process goes on all the same.
        let _ = opened.await;
        let (patient, signal) = match self {
            Self::Panic => panic!("oh snap"),
            Self::Exit { reason } => process::exit_self(reason),
            Self::Normal => return ExitReason::Normal,
            Self::Signal { reason, patient } => (patient, Some(reason)),
            Self::Wait(patient) => (patient, None),
        };
        if let Some(reason) = signal {
            process::exit(me.pid(), reason);
        }
        tell(me, patient.name, printer).await
    }
}

/// Prints the exits that arrive, until one of them ends the process.
async fn tell(mut me: Mailbox<Exit>, name: Option<String>, printer: Printer) -> ExitReason {
    let who = name.unwrap_or_else(|| me.pid().to_string());
    loop {
        let exit = me.receive().await;
        let reason = plain(&exit.reason);
        printer.line(format_args!("{who} got EXIT from {}: {reason}", exit.from));
    }
}
