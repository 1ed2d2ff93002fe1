//! What is said to a character, and done to it.
//!
//! A cast returns at once, and so does an exit signal. The commands do not: they wait until its effects are over, so that
//! these are told before the next command runs.

use super::value::{line, name, reason};
use super::{Chapter, plain};
use crate::api::Hero;
use ch3_super_duper::api::Aftermath;
use clap::{Args, Subcommand};
use otp_core::{CallError, ExitReason, Pid, process};
use otp_shell::{Failure, Shell};
use std::time::Duration;
use tokio::time::sleep;

/// How often we look whether a character is back: nobody tells us.
const LOOK: Duration = Duration::from_millis(2);

#[derive(Debug, Subcommand)]
pub(super) enum CharacterCommand {
    /// Have a character say what it knows
    #[command(after_help = "Example:\n  ch4-dynamic say superman")]
    Say {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    Learn(Learn),
    Die(Die),
    /// Send a process an exit signal
    #[command(after_help = "Example:\n  kill yoshi")]
    Kill {
        /// A character, a registered name, a pid such as 0.42.0, or self
        #[arg(value_name = "NAME|PID")]
        target: String,
        /// Why: normal, shutdown, kill or any text
        #[arg(default_value = "kill", value_parser = reason)]
        reason: ExitReason,
    },
    /// Print the process that a character is, or undefined
    #[command(after_help = "Example:\n  where yoshi")]
    Where {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
}

/// Teach a character a line
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  learn yoshi egg")]
pub(super) struct Learn {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// The line
    line: String,
    /// Have it die of the line
    #[arg(long)]
    fatal: bool,
    /// Take an empty line, too, which no character survives a restart with
    #[arg(long)]
    unchecked: bool,
}

/// Tell a character to die: it panics
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  die yoshi")]
pub(super) struct Die {
    /// Its name
    #[arg(value_parser = name)]
    name: String,
    /// Ask it to, and wait for the answer that cannot come
    #[arg(long)]
    call: bool,
}

pub(super) async fn run(
    command: CharacterCommand,
    chapter: &mut Chapter,
    shell: &mut Shell,
) -> Result<(), Failure> {
    match command {
        CharacterCommand::Say { name } => {
            let lines = hero(&name, chapter, shell).await?.say().await;
            shell.print(lines.map_err(call_failed)?)
        }
        CharacterCommand::Learn(learn) => teach(learn, chapter, shell).await,
        CharacterCommand::Die(Die { name, call }) => {
            let hero = hero(&name, chapter, shell).await?;
            let Some(pid) = target(&name, &hero, chapter) else {
                return match call {
                    true => hero.die_by_call().await.map_err(call_failed),
                    false => unheard(&name, shell),
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
            calm(aftermath, chapter).await;
            answer
        }
        CharacterCommand::Kill { target, reason } => {
            let hero = hero(&target, chapter, shell).await?;
            let pid = match self::target(&target, &hero, chapter) {
                Some(pid) => pid,
                None => shell.target(&target)?,
            };
            kill(pid, reason, chapter, shell).await;
            Ok(())
        }
        CharacterCommand::Where { name } => match hero(&name, chapter, shell).await?.whereis() {
            Some(pid) => shell.print(pid),
            None => shell.print("undefined"),
        },
    }
}

/// Waits until a character is back that a command has gone to, or until there is one of this name.
pub(super) async fn wait_for(
    name: &str,
    chapter: &mut Chapter,
    shell: &mut Shell,
) -> Option<Result<(), Failure>> {
    let hero = chapter.project.as_ref()?.hero(name);
    let last = chapter.last.get(name).copied();
    if last.is_none() && hero.whereis().is_none() && shell.node().whereis(name.to_owned()).is_some()
    {
        return None;
    }
    loop {
        // One that answers has told that it has started.
        if hero.whereis() != last && hero.say().await.is_ok() {
            return Some(Ok(()));
        }
        sleep(LOOK).await;
    }
}

async fn teach(learn: Learn, chapter: &mut Chapter, shell: &mut Shell) -> Result<(), Failure> {
    if !learn.unchecked {
        line(&learn.line).map_err(|error| {
            Failure::usage(format_args!("invalid line {:?}: {error}", learn.line))
        })?;
    }
    let hero = hero(&learn.name, chapter, shell).await?;
    if !learn.fatal {
        return hero.learn(learn.line).await.map_err(call_failed);
    }
    let Some(pid) = target(&learn.name, &hero, chapter) else {
        return unheard(&learn.name, shell);
    };
    let aftermath = Aftermath::of(pid).await;
    hero.learn_and_die(learn.line);
    calm(aftermath, chapter).await;
    Ok(())
}

async fn kill(pid: Pid, reason: ExitReason, chapter: &Chapter, shell: &mut Shell) {
    let aftermath = Aftermath::of(pid).await;
    process::exit(pid, reason);
    match shell.node().is_alive(pid) {
        // It traps exits, or does not mind this one.
        true => aftermath.forget(),
        false => calm(aftermath, chapter).await,
    }
}

/// Waits until the supervisors have done what they do about an end, and are not about to try it once more.
async fn calm(aftermath: Aftermath, chapter: &Chapter) {
    aftermath.wait().await;
    let Some(project) = &chapter.project else {
        return;
    };
    while project.is_alive() && !project.is_calm().await {
        sleep(LOOK).await;
    }
}

async fn hero(name: &str, chapter: &mut Chapter, shell: &mut Shell) -> Result<Hero, Failure> {
    Ok(chapter.project(shell).await?.hero(name))
}

/// The process of a character that may not survive what comes: `await` waits for the next one of its name.
fn target(name: &str, hero: &Hero, chapter: &mut Chapter) -> Option<Pid> {
    let pid = hero.whereis()?;
    chapter.last.insert(name.to_owned(), pid);
    Some(pid)
}

/// A cast to nobody is no error, and is not noticed by anybody but us.
fn unheard(name: &str, shell: &Shell) -> Result<(), Failure> {
    shell.print(format_args!(
        "nobody has the name {name}, and nobody hears it"
    ))
}

/// Why a character did not answer, without the place in our source.
pub(super) fn call_failed(error: CallError) -> Failure {
    match error {
        CallError::Exited { server, reason } => Failure::new(format_args!(
            "{server} ended before it answered: {}",
            plain(&reason)
        )),
        other => other.into(),
    }
}
