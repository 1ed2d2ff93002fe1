//! The command line: a tree that is started for one command, or one that lives through a session.
//!
//! Only these files print.

mod command;
mod options;

use self::command::{AppCommand, Command, Needs};
use self::options::Options;
use crate::api::{self, Event, Hero, Plan, Role, SUPER_VISOR, Stage, character};
use otp_core::application::ExitStatus;
use otp_core::{CallError, DynamicSupervisorRef, ExitReason, SupervisorRef};
use otp_shell::rig::Rig;
use otp_shell::{Aftermath, Failure, Mode, Printer, Program, Shell, child, plain};
use std::process::ExitCode;

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Cli>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Cli>()
}

/// One life of the shell.
struct Cli {
    options: Options,
    /// Whether anything has been started in it.
    started: bool,
}

impl Program for Cli {
    const NAME: &'static str = "ch3-super-duper";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("Three characters that crash, and the supervisor that brings them back")
            .after_help(
                "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave\n\n\
                 The same in a script:\n  $ ch3-super-duper --strategy one-for-all -e 'app start' -e children \
                 -e 'die superdave' -e children -e 'app stop'",
            )
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            started: false,
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let plan = self.options.plan(shell.printer());
        let needs = command.needs();
        match command {
            Command::App(AppCommand::Start { options }) => {
                self.started = true;
                let plan = options.or(&self.options).plan(shell.printer());
                let visor = shell.start_linked(|| api::start_link(&plan)).await?;
                match shell.mode() {
                    Mode::OneShot => stop(&visor, ExitReason::Normal, shell).await,
                    Mode::Script | Mode::Interactive => Ok(()),
                }
            }
            command if needs == Needs::Nothing => {
                self.started |= matches!(command, Command::Start { .. });
                run(command, &plan, shell).await
            }
            command if shell.mode() == Mode::OneShot => {
                let visor = api::start_link(&plan).await?;
                let shows = needs == Needs::TreeBeforeAndAfter;
                if shows {
                    let before = row(&visor).await?;
                    shell.print(format_args!("before: {before}"))?;
                }
                let done = run(command, &plan, shell).await;
                if shows {
                    let after = row(&visor).await?;
                    shell.print(format_args!("after:  {after}"))?;
                }
                stop(&visor, ExitReason::Normal, shell).await?;
                done
            }
            command => {
                let by_itself = !self.started && !self.options.no_start;
                if by_itself && !matches!(command, Command::Kill(_)) {
                    self.started = true;
                    shell.start_linked(|| api::start_link(&plan)).await?;
                }
                run(command, &plan, shell).await
            }
        }
    }

    fn names(&self) -> Vec<String> {
        Role::names().map(str::to_owned).collect()
    }
}

async fn run(command: Command, plan: &Plan, shell: &mut Shell) -> Result<(), Failure> {
    match command {
        Command::App(AppCommand::Start { .. }) => Ok(()),
        Command::App(AppCommand::Run) => serve(plan, shell).await,
        Command::App(AppCommand::Stop { reason }) => stop(&visor(shell)?, reason, shell).await,
        Command::Start { hero, line } => {
            Hero::named(hero.name)
                .start_link(line.map(String::from), plan)
                .await?;
            Ok(())
        }
        Command::Say(hero) => match Hero::named(hero.name).say().await {
            Ok(line) => shell.print(line),
            Err(error) => Err(unanswered(error, shell)),
        },
        Command::Die { hero, call, times } => {
            for _ in 0..times {
                die(&hero.name, call, shell).await?;
            }
            Ok(())
        }
        Command::Kill(kill) => kill.run(|_| None, shell).await,
        Command::Stop { hero, reason } => {
            let stop = Hero::named(hero.name.clone());
            match shell.target(&hero.name) {
                Ok(pid) => Aftermath::of_attempt(pid, stop.stop(reason)).await?,
                Err(_) => stop.stop(reason).await?,
            }
            Ok(())
        }
        Command::Add {
            hero,
            line,
            declared,
            crowd: to_crowd,
        } => {
            let visor = visor(shell)?;
            let spec = character(plan, &hero.name, line.map(String::from), declared);
            let child = match to_crowd {
                true => crowd(shell)?.start_child(spec).await?,
                false => visor.start_child(spec).await?,
            };
            shell.print_started(&child)
        }
        Command::Remove(hero) => {
            let pid = shell.target(&hero.name)?;
            Ok(crowd(shell)?.terminate_child(pid).await?)
        }
        Command::Child(command) => command.run(&visor(shell)?, SUPER_VISOR, shell).await,
    }
}

/// Runs the tree as an application, until Ctrl-C or its end.
async fn serve(plan: &Plan, shell: &mut Shell) -> Result<(), Failure> {
    match api::run(shell.node(), plan, shell.interrupted()).await {
        ExitStatus::Stopped => shell.print("stopped super_duper"),
        ExitStatus::Interrupted => Err(Failure::interrupted()),
        failed => Err(Failure::new(failed)),
    }
}

async fn stop(visor: &SupervisorRef, reason: ExitReason, shell: &mut Shell) -> Result<(), Failure> {
    api::stop(visor, reason).await?;
    shell.print(format_args!("stopped {SUPER_VISOR}"))
}

/// A cast returns at once. The command does not: it waits until all that comes of it has been told.
async fn die(name: &str, call: bool, shell: &mut Shell) -> Result<(), Failure> {
    let hero = Hero::named(name.to_owned());
    // So that `await NAME --back` knows which process it was.
    let target = shell.target(name);
    let Some(pid) = hero.whereis() else {
        return match target {
            Ok(_) => Err(Failure::new(format_args!("{name} is no character"))),
            Err(_) if call => hero
                .die_by_call()
                .await
                .map_err(|error| unanswered(error, shell)),
            Err(_) => shell.print(format_args!(
                "nobody is registered as {name}, and nobody hears it"
            )),
        };
    };
    let answer = Aftermath::of_end(pid, async {
        match call {
            true => hero.die_by_call().await,
            false => {
                hero.die();
                Ok(())
            }
        }
    });
    Ok(answer.await?)
}

/// The supervisor, which must run.
fn visor(shell: &Shell) -> Result<SupervisorRef, Failure> {
    api::super_visor(shell.node())
        .ok_or_else(|| Failure::new("super_visor does not run: `app start` starts it"))
}

/// The dynamic supervisor, which must run.
fn crowd(shell: &Shell) -> Result<DynamicSupervisorRef, Failure> {
    api::crowd(shell.node()).ok_or_else(|| {
        Failure::new("crowd does not run: start the tree with the option --with crowd")
    })
}

/// Why there is no answer; and what to type if there is no tree.
fn unanswered(error: CallError, shell: &Shell) -> Failure {
    match error {
        CallError::NoProcess { .. } if api::super_visor(shell.node()).is_none() => {
            Failure::new(format_args!("{error}: `app start` starts the characters"))
        }
        error => error.into(),
    }
}

/// The children on one line.
async fn row(visor: &SupervisorRef) -> Result<String, CallError> {
    let children = visor.which_children().await?;
    let children: Vec<String> = children.iter().map(|it| child(it).join(" ")).collect();
    Ok(match children.is_empty() {
        true => "nobody".to_owned(),
        false => children.join(", "),
    })
}

/// A stage that prints what happens.
pub fn stage(printer: Printer) -> Stage {
    Stage::new(move |event| match event {
        Event::Start(name, pid, again) => {
            let start = if again { "restart" } else { "start" };
            printer.line(format_args!("{start} {name} {pid}"));
        }
        Event::Mayday(name, reason) => {
            printer.line(format_args!("Mayday! {name} goes down: {}", plain(&reason)));
        }
        Event::Gone(name) => printer.line(format_args!("{name} is gone")),
    })
}
