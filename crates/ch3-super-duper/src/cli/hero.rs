//! What is said to a character, and done to it.
//!
//! A cast returns at once, and so does an exit signal. The commands do not: they wait until its effects are over, so that
//! these are told before the next command runs.

use super::plain;
use super::value::{name, reason};
use crate::api::{Aftermath, Hero, Plan};
use clap::{Args, Subcommand};
use otp_core::{CallError, ExitReason, process};
use otp_shell::{Failure, Shell};

#[derive(Debug, Subcommand)]
pub(super) enum HeroCommand {
    /// Start a character without a supervisor, linked with the shell
    #[command(after_help = "Example:\n  start superdave")]
    Start(Start),
    /// Have a character say its line
    #[command(after_help = "Example:\n  $ ch3-super-duper say supermario")]
    Say {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Tell a character to die: it panics
    #[command(after_help = "Example:\n  $ ch3-super-duper --strategy one-for-all die superdave")]
    Die(Die),
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart temporary kill superman")]
    Kill {
        /// A registered name, a pid such as 0.42.0, or self
        #[arg(value_name = "NAME|PID")]
        target: String,
        /// Why: normal, shutdown, kill or any text
        #[arg(default_value = "kill", value_parser = reason)]
        reason: ExitReason,
    },
    /// Stop a character from outside, in good order
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient stop superman")]
    Stop {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
        /// Why: normal, shutdown or any text
        #[arg(default_value = "normal", value_parser = reason)]
        reason: ExitReason,
    },
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// What it says, if nobody knows
    line: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Die {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// Ask it to, and wait for the answer that cannot come
    #[arg(long)]
    call: bool,
    /// How often, each time when it is back
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    times: u32,
}

pub(super) async fn run(
    command: HeroCommand,
    plan: &Plan,
    shell: &mut Shell,
) -> Result<(), Failure> {
    match command {
        HeroCommand::Start(Start { name, line }) => {
            let hero = Hero::named(name);
            hero.start_link(line, plan.trap, plan.stage.clone()).await?;
            Ok(())
        }
        HeroCommand::Say { name } => {
            let line = Hero::named(name).say().await.map_err(call_failed)?;
            shell.print(line)
        }
        HeroCommand::Die(Die { name, call, times }) => {
            for _ in 0..times {
                die(&name, call, shell).await?;
            }
            Ok(())
        }
        HeroCommand::Kill { target, reason } => kill(&target, reason, shell).await,
        HeroCommand::Stop { name, reason } => stop(name, reason, shell).await,
    }
}

async fn die(name: &str, call: bool, shell: &mut Shell) -> Result<(), Failure> {
    let hero = Hero::named(name.to_owned());
    // So that `await NAME --back` knows who it was. That there is nobody is no error here.
    let target = shell.target(name);
    let Some(pid) = hero.whereis() else {
        return match (call, target) {
            (_, Ok(_)) => Err(Failure::new(format_args!("{name} is no character"))),
            (true, _) => hero.die_by_call().await.map_err(call_failed),
            // A cast to nobody is no error, and is not noticed by anybody but us.
            (false, _) => shell.print(format_args!(
                "nobody is registered as {name}, and nobody hears it"
            )),
        };
    };
    let aftermath = Aftermath::of(pid).await;
    let answer = match call {
        true => hero.die_by_call().await.map_err(call_failed),
        false => {
            hero.die();
            Ok(())
        }
    };
    aftermath.wait().await;
    answer
}

async fn kill(target: &str, reason: ExitReason, shell: &mut Shell) -> Result<(), Failure> {
    let pid = shell.target(target)?;
    let aftermath = Aftermath::of(pid).await;
    process::exit(pid, reason);
    match shell.node().is_alive(pid) {
        // It traps exits, or does not mind this one.
        true => aftermath.forget(),
        false => aftermath.wait().await,
    }
    Ok(())
}

async fn stop(name: String, reason: ExitReason, shell: &mut Shell) -> Result<(), Failure> {
    let target = shell.target(&name).ok();
    let aftermath = match target {
        Some(pid) => Some((pid, Aftermath::of(pid).await)),
        None => None,
    };
    let stopped = Hero::named(name).stop(reason).await;
    match aftermath {
        Some((pid, aftermath)) if shell.node().is_alive(pid) => aftermath.forget(),
        Some((_, aftermath)) => aftermath.wait().await,
        None => {}
    }
    Ok(stopped?)
}

/// Why a character did not answer, without the place in our source.
fn call_failed(error: CallError) -> Failure {
    match error {
        CallError::Exited { server, reason } => Failure::new(format_args!(
            "{server} ended before it answered: {}",
            plain(&reason)
        )),
        other => other.into(),
    }
}
