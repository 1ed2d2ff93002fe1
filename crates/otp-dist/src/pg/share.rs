//! A scope of otp-core's that is one over nodes.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use otp_core::pg::{self, GroupEvent, Scope};
use otp_core::remote::crossing;
use otp_core::{CallError, Mailbox};
use otp_etf::{Term, from_term, to_term};
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use super::{Change, Groups, Waits};
use crate::core::Core;

/// How often a scope is looked for whose process does not run.
const AGAIN: Duration = Duration::from_millis(100);

/// The messages to the process between the two scopes.
pub(crate) enum Told<G> {
    Here(GroupEvent<G>),
    There(u64, Change, Waits),
    Ended,
}

impl Groups {
    /// All members of this node leave all groups.
    fn leave_all(&self, core: &Core) {
        let local = self.state.lock().state.local.clone();
        for (group, members) in local {
            for pid in members {
                self.leave(core, &group, pid);
            }
        }
    }
}

/// Keeps both in step for as long as the node runs; see [`Distribution::share`](crate::Distribution::share).
pub(crate) async fn share<G>(
    core: Arc<Core>,
    scope: Scope<G>,
    groups: Arc<Groups>,
    mailbox: Mailbox<Told<G>>,
) where
    G: Eq + Hash + Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let mut between = Between {
        core,
        scope,
        groups,
        mailbox,
        life: 0,
    };
    loop {
        // A failure is the end of the scope's process: the next one has no members, and gets those of other nodes
        // again.
        let _ended = between.one_life().await;
        // Meanwhile nothing waits for it.
        let former = between.groups.state.lock().listener.take();
        drop(former);
        while between
            .mailbox
            .receive()
            .timeout(Duration::ZERO)
            .await
            .is_some()
        {}
        between.groups.leave_all(&between.core);
        tokio::time::sleep(AGAIN).await;
    }
}

struct Between<G: Send + 'static> {
    core: Arc<Core>,
    scope: Scope<G>,
    groups: Arc<Groups>,
    mailbox: Mailbox<Told<G>>,
    /// The life of the scope's process to which the changes of other nodes were reported.
    life: u64,
}

impl<G> Between<G>
where
    G: Eq + Hash + Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    async fn one_life(&mut self) -> Result<(), CallError> {
        let Some(process) = self.scope.pid() else {
            return Ok(());
        };
        self.life += 1;
        let life = self.life;
        self.mailbox.monitor(process, |_| Told::Ended);
        let me = self.mailbox.me();
        let (_, known) = self.scope.monitor_scope(&me, Told::Here).await?;
        let core = self.core.clone();
        self.groups.listen(move |change| {
            me.send(Told::There(life, change, Waits::new(&core.scopes)));
        });
        for (group, members) in known {
            self.here(&group, &pg::Change::Join(members));
        }
        loop {
            match self.mailbox.receive().await {
                Told::Here(event) => self.here(&event.group, &event.change),
                Told::There(of, change, _waits) if of == life => self.there(change).await?,
                Told::There(..) => {}
                Told::Ended => return Ok(()),
            }
        }
    }

    /// Processes of this node have joined or left.
    fn here(&self, group: &G, change: &pg::Change) {
        let group = match crossing(self.core.clone(), || to_term(group)) {
            Ok(group) => group,
            Err(error) => {
                tracing::warn!(%error, "a group's name cannot be told to other nodes");
                return;
            }
        };
        let (pg::Change::Join(pids) | pg::Change::Leave(pids)) = change;
        for pid in pids.iter().filter(|pid| pid.node() == self.core.node.id()) {
            match change {
                pg::Change::Join(_) => self.groups.join(&self.core, group.clone(), *pid),
                pg::Change::Leave(_) => {
                    self.groups.leave(&self.core, &group, *pid);
                }
            }
        }
    }

    /// Processes of other nodes have.
    async fn there(&mut self, change: Change) -> Result<(), CallError> {
        let (Change::Joined(group, _) | Change::Left(group, _)) = &change;
        let Some(group) = self.read(group) else {
            return Ok(());
        };
        match change {
            Change::Joined(_, pids) => self.scope.join_remote(group, pids).await,
            Change::Left(_, pids) => self.scope.leave_remote(group, pids).await,
        }
    }

    fn read(&self, group: &Term) -> Option<G> {
        let read = crossing(self.core.clone(), || from_term(group));
        if let Err(error) = &read {
            tracing::debug!(%error, "a group of another node has no name here");
        }
        read.ok()
    }
}

impl<G: Send + 'static> Drop for Between<G> {
    fn drop(&mut self) {
        let former = self.groups.state.lock().listener.take();
        drop(former);
        self.groups.leave_all(&self.core);
    }
}
