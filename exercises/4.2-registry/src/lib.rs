//! Exercise 4.2: a registry of one's own, behind a via name. The task is in `TASK.md`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use otp_core::prelude::*;
use otp_core::{Name, NameRegistry};

/// Names and who has them.
#[derive(Default)]
pub struct Directory {
    entries: Mutex<HashMap<String, Pid>>,
}

/// The three questions that a via name asks.
impl NameRegistry for Directory {
    /// Enters a process, unless the key is taken: then it returns who has it.
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        // Yours to write.
        let _ = (key, pid);
        Ok(())
    }

    /// Strikes a process out. It may be late: by now another process may have the key, and keeps it.
    fn unregister_name(&self, key: &str, pid: Pid) {
        // Yours to write.
        let _ = (key, pid);
    }

    /// Who has the key.
    fn whereis_name(&self, key: &str) -> Option<Pid> {
        // Yours to write.
        let _ = (key, &self.entries);
        None
    }
}

/// The name of a character in a directory.
pub fn name(directory: &Arc<Directory>, key: &'static str) -> Name {
    Name::via(directory.clone(), key)
}
