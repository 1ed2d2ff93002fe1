//! The commands, as they are typed in all three ways to run the program.

use super::app::AppCommand;
use super::child::ChildCommand;
use super::egg::EggCommand;
use super::hero::HeroCommand;
use super::one_shot::Company;
use super::spawn::What;
use super::value::name;
use clap::Subcommand;

/// All of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start or stop the supervisor and all that is under it
    #[command(subcommand)]
    App(AppCommand),
    #[command(flatten)]
    Hero(HeroCommand),
    #[command(flatten)]
    Child(ChildCommand),
    /// List the children of the supervisor, the last one first
    #[command(after_help = "Example:\n  $ ch3-super-duper children")]
    Children,
    /// Count the children of the supervisor
    #[command(after_help = "Example:\n  $ ch3-super-duper count")]
    Count,
    /// Print how a child is started, restarted and stopped
    #[command(after_help = "Example:\n  $ ch3-super-duper --restart transient spec superman")]
    Spec {
        /// The child's id
        #[arg(value_parser = name)]
        name: String,
    },
    /// Draw the supervision tree, and mark what has been restarted since the last look
    #[command(after_help = "Example:\n  $ ch3-super-duper --with duo tree")]
    Tree,
    /// Start a process
    #[command(subcommand)]
    #[command(after_help = "Example:\n  $ ch3-super-duper spawn panic")]
    Spawn(What),
    /// Start a process that is linked with the shell
    #[command(subcommand)]
    #[command(after_help = "Example:\n  $ ch3-super-duper spawn-link exit oops")]
    SpawnLink(What),
    /// Start a process that the shell watches: its end is a message
    #[command(subcommand)]
    #[command(after_help = "Example:\n  $ ch3-super-duper spawn-monitor panic")]
    SpawnMonitor(What),
    /// Use the egg timer under the supervisor (exercise 3.5)
    #[command(subcommand)]
    Egg(EggCommand),
    /// End a character in every way, with each type of restart (exercise 3.4)
    #[command(after_help = "Example:\n  $ ch3-super-duper --log off endings")]
    Endings,
}

impl Command {
    /// What a command needs around it when it is the only one; `None` if it needs no tree.
    pub(super) fn company(&self) -> Option<Company> {
        match self {
            Self::Hero(HeroCommand::Start(_)) => None,
            Self::Hero(HeroCommand::Say { .. }) => Some(Company::Tree),
            Self::Hero(_) | Self::Child(_) => Some(Company::BeforeAndAfter),
            Self::Children | Self::Count | Self::Spec { .. } | Self::Tree | Self::Egg(_) => {
                Some(Company::Tree)
            }
            Self::App(AppCommand::Start) => Some(Company::Alone),
            Self::App(AppCommand::Run | AppCommand::Stop { .. })
            | Self::Spawn(_)
            | Self::SpawnLink(_)
            | Self::SpawnMonitor(_)
            | Self::Endings => None,
        }
    }
}
