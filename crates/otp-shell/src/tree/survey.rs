//! The answers of a node's supervisors about their children.

use otp_core::supervisor::{AutoShutdown, ChildInfo, Flags};
use otp_core::{DynamicSupervisorRef, Node, Pid, ProcessInfo, Strategy, SupervisorRef};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::timeout;

/// How long a supervisor may take to answer. While it waits for a child to stop, it does not answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// The answers of all supervisors.
#[derive(Debug, Default)]
pub(super) struct Survey(HashMap<Pid, Answers>);

#[derive(Debug)]
struct Answers {
    /// How it behaves, in words.
    flags: String,
    /// In the order of their start.
    children: Vec<ChildInfo>,
}

impl Survey {
    /// Asks those of these processes that are supervisors.
    pub(super) async fn of(node: &Node, infos: &[ProcessInfo]) -> Self {
        let mut survey = Self::default();
        for info in infos {
            let answers = match timeout(PATIENCE, ask(node, info.pid)).await {
                Ok(Some(answers)) => answers,
                Ok(None) => continue,
                Err(_) => Answers {
                    flags: "busy".to_owned(),
                    children: Vec::new(),
                },
            };
            survey.0.insert(info.pid, answers);
        }
        survey
    }

    /// How a supervisor behaves; `None` of a process that is none.
    pub(super) fn flags(&self, pid: Pid) -> Option<&str> {
        Some(&self.0.get(&pid)?.flags)
    }

    /// The children of a supervisor in the order of their start; none of a process that is none.
    pub(super) fn children(&self, pid: Pid) -> &[ChildInfo] {
        self.0.get(&pid).map_or(&[], |answers| &answers.children)
    }
}

/// `None` if the process is no supervisor, or has ended meanwhile.
async fn ask(node: &Node, pid: Pid) -> Option<Answers> {
    if let Some(supervisor) = SupervisorRef::find(node, pid) {
        let flags = supervisor.flags().await.ok()?;
        let mut children = supervisor.which_children().await.ok()?;
        children.reverse();
        return Some(Answers {
            flags: words(&flags),
            children,
        });
    }
    let supervisor = DynamicSupervisorRef::find(node, pid)?;
    let mut children = supervisor.which_children().await.ok()?;
    // They come in no order. This order is at least the same each time.
    children.sort_by_key(ChildInfo::pid);
    Some(Answers {
        flags: "dynamic".to_owned(),
        children,
    })
}

/// A supervisor's flags as OTP spells them.
fn words(flags: &Flags) -> String {
    let strategy = match flags.strategy {
        Strategy::OneForOne => "one_for_one",
        Strategy::OneForAll => "one_for_all",
        Strategy::RestForOne => "rest_for_one",
    };
    let auto_shutdown = match flags.auto_shutdown {
        AutoShutdown::Never => "",
        AutoShutdown::AnySignificant => ", auto_shutdown any_significant",
        AutoShutdown::AllSignificant => ", auto_shutdown all_significant",
    };
    let period = humantime::format_duration(flags.period);
    format!(
        "{strategy}, at most {} in {period}{auto_shutdown}",
        flags.max_restarts
    )
}
