//! Values that misbehave: whatever the runtime does with one, it panics or calls back into the runtime.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use fastrand::Rng;
use otp_core::prelude::*;
use otp_core::table::{self, Set};
use otp_core::{Name, NameRegistry, process};
use tokio::runtime::Handle;

use crate::listener::BLOW;
use crate::world::VAULT;

/// What a value of the user's is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Drop,
    Clone,
    Debug,
    Eq,
    Hash,
}

const ASKED: [Asked; 5] = [
    Asked::Drop,
    Asked::Clone,
    Asked::Debug,
    Asked::Eq,
    Asked::Hash,
];

/// A message, state, reason, key or object. It panics when it is asked for one thing at most: one that panics as it is
/// dropped because another thing of it has panicked ends the program, and that would be the value's own fault.
pub(crate) struct Hostile {
    number: u64,
    panics: Option<Asked>,
    calls_back: bool,
    /// The process that it is about, and its node.
    about: Pid,
    node: Node,
}

impl Hostile {
    /// About this process.
    pub(crate) fn new(random: &mut Rng, about: impl Into<Pid>) -> Self {
        let panics = match random.usize(..2 * ASKED.len()) {
            n @ 0..5 => Some(ASKED[n]),
            _ => None,
        };
        Self {
            number: random.u64(..20),
            panics,
            calls_back: random.bool(),
            about: about.into(),
            node: process::node(),
        }
    }

    fn asked(&self, what: Asked) {
        if self.calls_back {
            // It may meet other values that panic, and this may be asked because one has.
            attempt(|| self.call_back());
        }
        assert!(self.panics != Some(what), "{BLOW}");
    }

    /// Asks the runtime about the process that this is about, and changes something. None of it may wait for a lock that
    /// is held by whoever has asked.
    fn call_back(&self) {
        let Self { node, about, .. } = self;
        let _ = node.process_info(*about);
        let _ = node.register("hostile", *about);
        let _ = node.unregister("hostile");
        let _ = node.system_info();
        if Handle::try_current().is_ok() {
            node.spawn(|_: Mailbox<Never>| async {});
        }
        if process::try_current().is_some()
            && let Ok(vault) = table::named::<u64, u64, Set>(VAULT)
        {
            let _ = vault.lookup(&self.number);
        }
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.asked(Asked::Drop);
    }
}

impl Clone for Hostile {
    fn clone(&self) -> Self {
        self.asked(Asked::Clone);
        Self {
            node: self.node.clone(),
            ..*self
        }
    }
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asked(Asked::Debug);
        write!(f, "hostile {}", self.number)
    }
}

impl PartialEq for Hostile {
    fn eq(&self, other: &Self) -> bool {
        self.asked(Asked::Eq);
        self.number == other.number
    }
}

impl Eq for Hostile {}

impl Hash for Hostile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.asked(Asked::Hash);
        self.number.hash(state);
    }
}

/// A registry that finds a process only, and misbehaves when it is asked to take a name back or is dropped.
struct Directory(Hostile);

impl NameRegistry for Directory {
    fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> {
        Ok(())
    }

    fn unregister_name(&self, _: &str, _: Pid) {
        self.0.asked(Asked::Eq);
    }

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        Some(self.0.about)
    }
}

/// A name that leads to the process that the value is about.
pub(crate) fn name(value: Hostile) -> Name {
    Name::via(std::sync::Arc::new(Directory(value)), "somebody")
}

/// Does something with hostile values that may end in a panic of theirs.
pub(crate) fn attempt<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// Drops values one by one.
pub(crate) fn let_go<T>(values: impl IntoIterator<Item = T>) {
    for value in values {
        attempt(|| drop(value));
    }
}

/// Keeps panics that are part of the soak from standard error; for before the first node.
pub(crate) fn expect_blows() {
    static EXPECTED: Once = Once::new();

    EXPECTED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if info
                .payload_as_str()
                .is_none_or(|text| !text.contains(BLOW))
            {
                before(info);
            }
        }));
    });
}
