//! Exercise 4.3 and scenario S86: the lines that a character has learned, after a crash.
//!
//! `cargo run -p ch4-dynamic --example memory`

#[allow(unreachable_pub)]
mod memory;
#[allow(unreachable_pub)]
mod pupil;

use ch3_super_duper::supervision::{Visor, restart_flag};
use ch4_dynamic::api::{NEWCOMERS, SUPER_VISOR, Stage, newcomers, super_visor};
use ch4_dynamic::boundary::CharacterArgs;
use clap::{Args, Subcommand};
use memory::{MEMORY, Memory, MemoryOwner};
use otp_core::prelude::*;
use otp_core::supervisor::SupervisorModule;
use otp_shell::value::{Text, line};
use otp_shell::{Aftermath, ChildCommand, ChildOptions, Failure, Kill, Named, Program, Shell};
use otp_text::limit::Limit;
use pupil::{Call, Cast, Pupil};
use std::process::ExitCode;

#[derive(Debug, Clone, Args)]
struct Options {
    /// The place where the characters store their lines
    #[arg(long, global = true, value_name = "WHERE", value_enum, default_value_t)]
    keep_in: Memory,
    #[command(flatten)]
    children: ChildOptions,
}

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
    /// Teach a character a line
    #[command(after_help = "Example:\n  learn yoshi egg")]
    Learn {
        #[command(flatten)]
        it: Named,
        /// The line. A character with an empty line fails at its start
        line: Text,
        /// Let the character panic after it has learned the line
        #[arg(long)]
        fatal: bool,
    },
    /// Make a character panic
    #[command(after_help = "Example:\n  die yoshi")]
    Die(Named),
    /// Send an exit signal to a process
    #[command(after_help = "Example:\n  kill memory")]
    Kill(Kill),
    /// Stop a character
    #[command(after_help = "Example:\n  remove-character yoshi")]
    RemoveCharacter(Named),
    /// List the lines in the table
    #[command(after_help = "Example:\n  memories")]
    Memories,
    #[command(flatten)]
    Child(ChildCommand),
}

struct Session(Options);

impl Program for Session {
    const NAME: &'static str = "memory";
    const ABOUT: &'static str = "Characters that store their lines in a table";
    type Options = Options;
    type Command = Command;

    fn new(options: &Options) -> Self {
        Self(options.clone())
    }

    /// Starts the tree first, if it does not run.
    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        let stage = Stage::printing(shell.printer());
        if super_visor().is_err() {
            let start =
                || Visor::start_link((SUPER_VISOR, false, stage.clone(), self.tree(&stage)));
            shell.start_linked(start).await?;
        }
        match command {
            Command::AddCharacter {
                it: Named { name },
                line,
            } => {
                let spec = self.character(name, line.into(), stage);
                newcomers()?.start_child(spec).await?;
                Ok(())
            }
            Command::Say(Named { name }) => {
                let lines = server(&name).call(Call::Say).await?;
                shell.print(lines.join(" / "))
            }
            Command::Learn {
                it: Named { name },
                line,
                fatal,
            } => match fatal {
                true => end_by(&name, Cast::LearnAndDie(line.into()), shell).await,
                false => {
                    let learn = |from| Call::Learn(line.into(), from);
                    Ok(server(&name).call(learn).await?)
                }
            },
            Command::Die(Named { name }) => end_by(&name, Cast::Die, shell).await,
            Command::Kill(kill) => kill.run(|_| None, shell).await,
            Command::RemoveCharacter(Named { name }) => {
                let pid = shell.target(&name)?;
                Ok(newcomers()?.terminate_child(pid).await?)
            }
            Command::Memories => {
                let rows = Memory::rows()?.into_iter();
                let rows = rows.map(|(name, lines)| (name, lines.join(" / ")));
                shell.print_pairs(rows, "the table is empty")
            }
            Command::Child(command) => command.run(&super_visor()?, NEWCOMERS, shell).await,
        }
    }
}

impl Session {
    // ANCHOR: tree
    /// The supervision tree. The owner of the table starts before the characters that use it.
    fn tree(&self, stage: &Stage) -> Supervisor {
        let owner = (self.0.keep_in == Memory::Table).then(|| {
            let (stage, is_restart) = (stage.clone(), restart_flag());
            ChildSpec::worker(MEMORY, move || {
                let options = MemoryOwner::options().name(MEMORY);
                options.start_link((stage.clone(), is_restart()))
            })
        });
        let Limit { max, period } = self.0.children.limit();
        let newcomers = ChildSpec::supervisor(NEWCOMERS, move || {
            let newcomers = DynamicSupervisor::new().max_restarts(max, period);
            newcomers.name(NEWCOMERS).start_link()
        });
        Supervisor::new(Strategy::OneForOne)
            .max_restarts(max, period)
            .children(owner)
            .child(newcomers)
    }
    // ANCHOR_END: tree

    fn character(&self, name: String, line: String, stage: Stage) -> ChildSpec {
        let (memory, is_restart) = (self.0.keep_in, restart_flag());
        ChildSpec::worker(name.clone(), move || {
            let args = CharacterArgs {
                name: name.clone(),
                line: line.clone(),
                restarted: is_restart(),
                last_words: None,
                stage: stage.clone(),
            };
            let options = Pupil::options().name(name.clone());
            options.start_link((args, memory))
        })
    }
}

fn server(name: &str) -> ServerName<Pupil> {
    ServerName::new(name.to_owned())
}

/// Ends a character by this cast, and waits until its supervisor has handled its end.
async fn end_by(name: &str, cast: Cast, shell: &mut Shell) -> Result<(), Failure> {
    let server = server(name);
    let pid = server.whereis().map(|it| it.pid());
    Aftermath::of_cast(name, pid, || server.cast(cast), shell).await
}

fn main() -> ExitCode {
    otp_shell::main::<Session>()
}
