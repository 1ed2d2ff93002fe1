//! A registry of our own: a type that can enter a process under a name, remove the entry, and find the process.

use otp_core::prelude::*;
use otp_core::{NameRegistry, Target};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

// ANCHOR: directory
/// Processes by name. Clones are the same directory.
///
/// The entries are a map, which every process reads and writes itself. A process that is started with a name is entered by the runtime,
/// which removes the entry when the process ends. The [`Clerk`] is a process that removes all other entries.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    by_name: HashMap<String, Pid>,
    /// The process that monitors the next entry.
    clerk: Option<ServerRef<Clerk>>,
}

/// Monitors all processes of a directory, and removes those that have ended.
#[derive(Debug)]
pub struct Clerk(Directory);

impl Directory {
    /// All entries, in no particular order.
    pub fn entries(&self) -> Vec<(String, Pid)> {
        let entries = self.lock();
        let by_name = entries.by_name.iter();
        by_name.map(|(name, pid)| (name.clone(), *pid)).collect()
    }

    /// From now on this clerk monitors the processes: those that are entered now, and each that is entered later.
    fn employ(&self, clerk: ServerRef<Clerk>) -> Vec<Pid> {
        let mut entries = self.lock();
        entries.clerk = Some(clerk);
        entries.by_name.values().copied().collect()
    }

    fn remove(&self, goes: impl Fn(&str, Pid) -> bool) {
        self.lock().by_name.retain(|name, pid| !goes(name, *pid));
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NameRegistry for Directory {
    fn register_name(&self, name: &str, pid: Pid) -> Result<(), Pid> {
        let mut entries = self.lock();
        if let Some(holder) = entries.by_name.get(name) {
            return Err(*holder);
        }
        entries.by_name.insert(name.to_owned(), pid);
        if let Some(clerk) = &entries.clerk {
            clerk.send(pid);
        }
        Ok(())
    }

    fn unregister_name(&self, name: &str, pid: Pid) {
        self.remove(|entry, holder| entry == name && holder == pid);
    }

    fn whereis_name(&self, name: &str) -> Option<Pid> {
        self.lock().by_name.get(name).copied()
    }
}
// ANCHOR_END: directory

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("directory")
    }
}

// ANCHOR: clerk
#[gen_server]
impl GenServer for Clerk {
    type Args = Directory;
    type Info = Pid;

    async fn init(directory: Directory, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        // A process that has ended while there was no clerk is reported at once.
        for pid in directory.employ(ctx.me()) {
            ctx.monitor(pid);
        }
        Ok(Init::state(Self(directory)))
    }

    async fn handle_info(&mut self, info: Info<Pid>, ctx: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(entered) => {
                ctx.monitor(entered);
            }
            Info::Down(down) => self.0.remove(|_, pid| down.target == Target::Pid(pid)),
            Info::Timeout | Info::Exit(_) => {}
        }
        Next::NoReply
    }
}
// ANCHOR_END: clerk
