//! Exercise 3.5 and scenario S66: the egg timer of chapter 2 under a supervisor.
//!
//! The egg timer is unchanged. The example adds a child specification, and a slot with a handle to the running timer.
//!
//! `cargo run -p ch3-super-duper --example kitchen`

use ch2_egg_timer::api::EggTimer;
use ch2_egg_timer::boundary::{Event, OnRing};
use ch2_egg_timer::core::{AlarmName, Length};
use clap::Subcommand;
use otp_core::prelude::*;
use otp_core::timer::WallClock;
use otp_shell::value::reason;
use otp_shell::{Aftermath, Failure, NoOptions, Printer, Program, Shell, plain};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the egg timer, and its id among the children.
const EGG_TIMER: &str = "egg_timer";

/// A slot with a handle to the running timer. A restart replaces the handle.
type Current = Arc<Mutex<Option<EggTimer>>>;

// ANCHOR: child
/// The child spec of the egg timer.
fn egg_timer(current: Current, printer: Printer) -> ChildSpec {
    ChildSpec::worker(EGG_TIMER, move || {
        let (current, printer) = (current.clone(), printer.clone());
        async move {
            let output = printer.clone();
            let listener = move |event| print(event, &output);
            let timer = EggTimer::start_link(EGG_TIMER, WallClock::system(), listener).await?;
            let pid = timer.pid();
            let before = current
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .replace(timer);
            let start = if before.is_some() { "restart" } else { "start" };
            printer.line(format_args!("{start} {EGG_TIMER} {pid}"));
            Ok::<_, StartError>(pid)
        }
    })
}
// ANCHOR_END: child

fn print(event: Event, printer: &Printer) {
    match event {
        Event::Rang(name, _) => printer.line(format_args!("ring {name}")),
        Event::Pending(alarm) => printer.line(format_args!("{EGG_TIMER} forgets {alarm}")),
        Event::Stopped(reason) => {
            printer.line(format_args!("{EGG_TIMER} stops: {}", plain(&reason)));
        }
        _ => {}
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set an alarm
    #[command(after_help = "Example:\n  schedule eggs 5m")]
    Schedule {
        /// The name of the alarm
        name: AlarmName,
        /// The duration from now until it rings, such as 90s, 5m or 1h30m
        length: Length,
    },
    /// Print the pending alarms
    #[command(after_help = "Example:\n  status")]
    Status,
    /// Stop the egg timer with a reason
    #[command(after_help = "Example:\n  stop we_broke_something")]
    Stop {
        /// The exit reason: normal, shutdown or any text
        #[arg(value_parser = reason)]
        reason: ExitReason,
    },
}

#[derive(Default)]
struct Kitchen {
    current: Current,
}

impl Program for Kitchen {
    const NAME: &'static str = "kitchen";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self::default()
    }

    /// The first command starts the supervisor, linked with the shell.
    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        if self.timer().is_none() {
            let child = egg_timer(self.current.clone(), shell.printer());
            let supervisor = Supervisor::new(Strategy::OneForOne).name("super_visor");
            let supervisor = supervisor.child(child);
            shell
                .start_linked(|| supervisor.clone().start_link())
                .await?;
        }
        let timer = self
            .timer()
            .ok_or_else(|| Failure::new("there is no egg timer"))?;
        match command {
            Command::Schedule { name, length } => timer
                .schedule(name, length, OnRing::Tell(None))
                .map_err(Failure::new)?,
            Command::Status => {
                let alarms = timer.status().await?;
                let rows: Vec<[String; 1]> = alarms.iter().map(|it| [it.to_string()]).collect();
                shell.print_table(&rows, "no alarms")?;
            }
            Command::Stop { reason } => {
                let stop = async { timer.stop_because(reason) };
                Aftermath::of_end(timer.pid(), stop).await;
            }
        }
        Ok(())
    }
}

impl Kitchen {
    fn timer(&self) -> Option<EggTimer> {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Kitchen>()
}
