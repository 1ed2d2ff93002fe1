//! Exercise 4.2 at a prompt: characters in a registry made by hand.
//!
//! `cargo run -p ch4-dynamic --example directory`

#[allow(unreachable_pub)]
mod directory;

use ch4_dynamic::api::{Hero, NEWCOMERS, Stage, newcomers};
use ch4_dynamic::boundary::CharacterArgs;
use ch4_dynamic::supervision::child;
use clap::Subcommand;
use directory::{Clerk, Directory};
use otp_core::DynamicSupervisorRef;
use otp_core::prelude::*;
use otp_shell::value::{Text, line};
use otp_shell::{Die, Failure, Kill, Named, NoOptions, Program, Shell};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a character
    #[command(after_help = "Example:\n  add-character yoshi hello")]
    AddCharacter {
        #[command(flatten)]
        it: Named,
        /// The first line
        #[arg(value_parser = line)]
        line: Text,
    },
    /// Print the lines of a character
    #[command(after_help = "Example:\n  say yoshi")]
    Say(Named),
    /// Make a character panic
    #[command(after_help = "Example:\n  die yoshi")]
    Die(Die),
    /// Send an exit signal to a process
    #[command(after_help = "Example:\n  kill clerk")]
    Kill(Kill),
    /// Stop a character
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Named),
    /// List the entries of the registry
    #[command(after_help = "Example:\n  entries")]
    Entries,
}

struct Session(Directory);

impl Program for Session {
    const NAME: &'static str = "directory";
    const ABOUT: &'static str = "Characters in a registry made by hand";
    type Options = NoOptions;
    type Command = Command;

    fn new(_: &NoOptions) -> Self {
        Self(Directory::default())
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let newcomers = self.newcomers(shell).await?;
        match command {
            Command::AddCharacter {
                it: Named { name },
                line,
            } => {
                let (stage, via) = (Stage::printing(shell.printer()), self.name(&name));
                let args = CharacterArgs {
                    name: name.clone(),
                    line: line.into(),
                    restarted: false,
                    last_words: None,
                    stage,
                };
                newcomers.start_child(child(&name, via, args)).await?;
                Ok(())
            }
            Command::Say(Named { name }) => {
                let lines = self.hero(&name).say().await;
                shell.print(lines.map_err(|error| Failure::of_call(&name, error))?)
            }
            Command::Die(die) => {
                let (hero, name) = (self.hero(die.name()), die.name().to_owned());
                let call = || async {
                    let died = hero.die_by_call().await;
                    died.map_err(|error| Failure::of_call(&name, error))
                };
                die.run(|| hero.whereis(), || hero.die(), call, shell).await
            }
            Command::Kill(kill) => kill.run(|name| self.hero(name).whereis(), shell).await,
            Command::RemoveCharacter(Named { name }) => {
                let pid = self.hero(&name).whereis();
                let pid =
                    pid.ok_or_else(|| Failure::new(format_args!("there is no character {name}")))?;
                Ok(newcomers.terminate_child(pid).await?)
            }
            Command::Entries => {
                let mut entries = self.0.entries();
                entries.sort();
                shell.print_pairs(entries, "no entries")
            }
        }
    }
}

impl Session {
    fn name(&self, name: &str) -> Name {
        Name::via(Arc::new(self.0.clone()), name.to_owned())
    }

    fn hero(&self, name: &str) -> Hero {
        Hero::named(self.name(name))
    }

    /// The supervisor of the characters. Starts the clerk and the supervisor if they do not run.
    async fn newcomers(&self, shell: &mut Shell) -> Result<DynamicSupervisorRef, Failure> {
        if newcomers().is_err() {
            let directory = self.0.clone();
            let tree = Supervisor::new(Strategy::OneForOne)
                .child(ChildSpec::worker("clerk", move || {
                    Clerk::options().name("clerk").start_link(directory.clone())
                }))
                .child(ChildSpec::supervisor(NEWCOMERS, || {
                    DynamicSupervisor::new().name(NEWCOMERS).start_link()
                }));
            shell.start_linked(|| tree.clone().start_link()).await?;
        }
        Ok(newcomers()?)
    }
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
