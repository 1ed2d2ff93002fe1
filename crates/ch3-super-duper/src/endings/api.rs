//! Ends a character under a supervisor, and looks what has become of it.

use crate::boundary::{Cast, Character, Entrance, Stage};
use otp_core::prelude::*;
use otp_core::process;
use std::fmt;

/// A way to end a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It panics.
    Die,
    /// It stops by itself, for this reason.
    Leave(Because),
    /// It is stopped as one stops a server, with `normal`.
    Stop,
    /// It gets an exit signal.
    Signal(Because),
}

/// A reason that one would give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// All is well.
    Normal,
    /// An order.
    Shutdown,
    /// An order with something to say.
    ShutdownWith,
    /// The signal that nobody survives.
    Kill,
    /// Any other.
    Oops,
}

/// What has become of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It did not end.
    LivesOn,
    /// It was started again.
    Restarted,
    /// It stays down, and its supervisor remembers it.
    Stopped,
    /// It stays down, and its supervisor has forgotten it.
    Forgotten,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Die,
        Self::Leave(Because::Normal),
        Self::Leave(Because::Shutdown),
        Self::Leave(Because::ShutdownWith),
        Self::Leave(Because::Oops),
        Self::Stop,
        Self::Signal(Because::Kill),
        Self::Signal(Because::Shutdown),
        Self::Signal(Because::Normal),
        Self::Signal(Because::Oops),
    ];

    /// Ends a character in this way under a supervisor of its own, and says what has become of it.
    ///
    /// # Errors
    ///
    /// An [`ExitReason`] if the supervisor does not start or does not answer.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub async fn fate(self, restart: Restart) -> Result<Fate, ExitReason> {
        const ID: &str = "subject";
        let spec = ChildSpec::worker(ID, || {
            Character::start_link(Entrance {
                name: ID.to_owned(),
                line: Some(String::new()),
                trap: false,
                lives: 0,
                stage: Stage::new(|_| ()),
            })
        });
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .child(spec.restart(restart))
            .start_link()
            .await?;
        let first = supervisor.which_child(ID).await?.and_then(|it| it.pid());
        let first = first.ok_or_else(|| ExitReason::other("the subject has not started"))?;
        self.apply(first).await;
        let fate = match supervisor.which_child(ID).await? {
            None => Fate::Forgotten,
            Some(child) => match child.pid() {
                None => Fate::Stopped,
                Some(pid) if pid == first => Fate::LivesOn,
                Some(_) => Fate::Restarted,
            },
        };
        supervisor.stop().await?;
        Ok(fate)
    }

    /// Does it, and returns when the character is dead, if it dies of it. Its supervisor has been told by then.
    async fn apply(self, pid: Pid) {
        let node = process::node();
        let Some(server) = server(&node, pid) else {
            return;
        };
        match self {
            Self::Die => server.cast(Cast::Die),
            Self::Leave(because) => server.cast(Cast::Leave(because.reason())),
            Self::Stop => {
                // Whatever it says to that is seen in its fate.
                let _ = server.stop().await;
            }
            Self::Signal(because) => process::exit(pid, because.reason()),
        }
        if self != Self::Signal(Because::Normal) {
            server.wait().await;
        }
    }
}

fn server(node: &Node, pid: Pid) -> Option<ServerRef<Character>> {
    Some(node.process_ref(pid)?.into())
}

impl Because {
    fn reason(self) -> ExitReason {
        match self {
            Self::Normal => ExitReason::Normal,
            Self::Shutdown => ExitReason::Shutdown,
            Self::ShutdownWith => ExitReason::shutdown_with("done"),
            Self::Kill => ExitReason::Kill,
            Self::Oops => ExitReason::other("oops"),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Die => f.pad("panics"),
            Self::Leave(because) => f.pad(&format!("stops itself: {}", because.reason())),
            Self::Stop => f.pad("is stopped: normal"),
            Self::Signal(because) => f.pad(&format!("exit signal: {}", because.reason())),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LivesOn => "lives on",
            Self::Restarted => "restarted",
            Self::Stopped => "stopped",
            Self::Forgotten => "forgotten",
        })
    }
}
