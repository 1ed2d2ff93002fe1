//! A solution of exercise 4.2: a map. The two functions that change it first compare its entry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use otp_core::prelude::*;
use otp_core::{Name, NameRegistry};

/// Processes by their keys.
#[derive(Default)]
pub struct Directory {
    entries: Mutex<HashMap<String, Pid>>,
}

/// The three functions that a via name uses.
impl NameRegistry for Directory {
    /// Registers a process, or returns the process that has the key already.
    fn register_name(&self, key: &str, pid: Pid) -> Result<(), Pid> {
        let mut entries = self
            .entries
            .lock()
            .expect("no thread panics with this lock");
        match entries.get(key) {
            Some(holder) => Err(*holder),
            None => {
                entries.insert(key.to_owned(), pid);
                Ok(())
            }
        }
    }

    /// Removes a process. If another process has the key in the meantime, it keeps the key.
    fn unregister_name(&self, key: &str, pid: Pid) {
        let mut entries = self
            .entries
            .lock()
            .expect("no thread panics with this lock");
        if entries.get(key) == Some(&pid) {
            entries.remove(key);
        }
    }

    /// The process that has the key.
    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let entries = self
            .entries
            .lock()
            .expect("no thread panics with this lock");
        entries.get(key).copied()
    }
}

/// The name of a character in a directory.
pub fn name(directory: &Arc<Directory>, key: &'static str) -> Name {
    Name::via(directory.clone(), key)
}
