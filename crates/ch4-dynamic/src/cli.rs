//! The command line: a project that is started when a command needs it, and lives through a session.
//!
//! Only these files print.

mod character;
mod child;
mod command;
mod node;
mod options;
mod rps;
mod show;
mod value;

use self::command::Command;
use self::options::Options;
use crate::api::Project;
use crate::nodes::api::Cluster;
use otp_core::{ExitReason, Mailbox, Pid, StartError};
use otp_shell::rig::Rig;
use otp_shell::{Failure, Program, Shell};
use std::collections::HashMap;
use std::process::ExitCode;

/// Runs the program with the arguments it was started with; returns its exit code.
pub fn main() -> ExitCode {
    otp_shell::main::<Chapter>()
}

/// The program for tests that run it inside themselves.
pub fn rig() -> Rig {
    Rig::of::<Chapter>()
}

/// The state of a session.
struct Chapter {
    options: Options,
    project: Option<Project>,
    /// The process of each character when a command last went to it.
    last: HashMap<String, Pid>,
    cluster: Cluster,
    rps: rps::Table,
}

impl Program for Chapter {
    const NAME: &'static str = "ch4-dynamic";
    type Options = Options;
    type Command = Command;

    fn about(command: clap::Command) -> clap::Command {
        command
            .version(env!("CARGO_PKG_VERSION"))
            .about("Characters that come and go while the program runs, and are found by name")
            .after_help(
                "Example:\n  ch4-dynamic -e 'add-character yoshi hello' -e 'die yoshi' \
                 -e 'await yoshi' -e 'say yoshi'",
            )
    }

    fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            project: None,
            last: HashMap::new(),
            cluster: Cluster::default(),
            rps: rps::Table::default(),
        }
    }

    async fn run(&mut self, command: Command, shell: &mut Shell) -> Result<(), Failure> {
        match command {
            Command::Character(command) => character::run(command, self, shell).await,
            Command::Child(command) => child::run(command, self, shell).await,
            Command::Node { command } => {
                node::join(&self.options.node, &self.cluster, shell.printer()).await?;
                node::run(command, &self.cluster, shell).await
            }
            Command::Rps { command } => self.rps.run(command, shell).await,
        }
    }

    async fn wait_for(&mut self, name: &str, shell: &mut Shell) -> Option<Result<(), Failure>> {
        character::wait_for(name, self, shell).await
    }

    fn names(&self) -> Vec<String> {
        let entries = self
            .project
            .as_ref()
            .and_then(|project| project.plan().names.entries());
        entries
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect()
    }
}

impl Chapter {
    /// The project, which is started unless it runs.
    async fn project(&mut self, shell: &mut Shell) -> Result<&Project, Failure> {
        if self
            .project
            .as_ref()
            .is_none_or(|project| !project.is_alive())
        {
            let project = loop {
                let plan = self.options.plan(shell.printer());
                match Project::start_link(plan).await {
                    // That of a shell which has died is still saying its last words.
                    Err(StartError::AlreadyStarted(pid)) if is_orphan(pid, shell) => {
                        end_of(pid, shell).await;
                    }
                    started => break started?,
                }
            };
            self.project = Some(project);
        }
        Ok(self.project.as_ref().expect("it has just been started"))
    }
}

/// Whether whoever has started a process has died, so that it will soon be gone as well.
fn is_orphan(pid: Pid, shell: &Shell) -> bool {
    let node = shell.node();
    let info = node.process_info(pid);
    info.is_none_or(|info| {
        !info
            .ancestors
            .first()
            .is_some_and(|parent| node.is_alive(*parent))
    })
}

/// Waits until a process has ended.
async fn end_of(pid: Pid, shell: &mut Shell) {
    let watch = async move |mut mailbox: Mailbox<()>| {
        mailbox.monitor(pid, |_| ());
        mailbox.receive().await;
    };
    // It does nothing that could fail.
    let _ = shell.node().run_with(watch).await;
}

/// A reason for users: what went wrong, without the place in our source that the report names.
fn plain(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => other.to_string(),
    }
}
