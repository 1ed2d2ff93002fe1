//! A registry made by hand: a type that registers a process under a name, finds it, and removes it.

use otp_core::prelude::*;
use otp_core::{NameRegistry, Target};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

// ANCHOR: directory
/// Processes by name. Clones share their entries.
///
/// The entries are a map that all processes read and write. The runtime adds an entry for a process that is started with a name, and
/// removes it when the process ends. The [`Clerk`] is a process that removes all other entries of dead processes.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    by_name: HashMap<String, Pid>,
    /// The process that monitors new entries.
    clerk: Option<ServerRef<Clerk>>,
}

/// A server that monitors all processes of a directory, and removes the entries of dead ones.
#[derive(Debug)]
pub struct Clerk(Directory);

impl Directory {
    /// All entries, unordered.
    pub fn entries(&self) -> Vec<(String, Pid)> {
        let entries = self.lock();
        let by_name = entries.by_name.iter();
        by_name.map(|(name, pid)| (name.clone(), *pid)).collect()
    }

    /// Sets the clerk, which gets the pid of each later entry. Returns the pids of the earlier entries.
    fn set_clerk(&self, clerk: ServerRef<Clerk>) -> Vec<Pid> {
        let mut entries = self.lock();
        entries.clerk = Some(clerk);
        entries.by_name.values().copied().collect()
    }

    fn remove(&self, matches: impl Fn(&str, Pid) -> bool) {
        self.lock().by_name.retain(|name, pid| !matches(name, *pid));
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // No code panics with this lock.
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
        // The monitor of a dead process sends its DOWN at once.
        for pid in directory.set_clerk(ctx.me()) {
            ctx.monitor(pid);
        }
        Ok(Init::state(Self(directory)))
    }

    async fn handle_info(&mut self, info: Info<Pid>, ctx: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(pid) => {
                ctx.monitor(pid);
            }
            Info::Down(down) => self.0.remove(|_, pid| down.target == Target::Pid(pid)),
            Info::Timeout | Info::Exit(_) => {}
        }
        Next::NoReply
    }
}
// ANCHOR_END: clerk
