//! A solution of exercise 4.2: a map, and one comparison in each function that could do harm.

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
        let mut entries = self
            .entries
            .lock()
            .expect("no thread panics while it holds the lock");
        match entries.get(key) {
            Some(holder) => Err(*holder),
            None => {
                entries.insert(key.to_owned(), pid);
                Ok(())
            }
        }
    }

    /// Strikes a process out. It may be late: by now another process may have the key, and keeps it.
    fn unregister_name(&self, key: &str, pid: Pid) {
        let mut entries = self
            .entries
            .lock()
            .expect("no thread panics while it holds the lock");
        if entries.get(key) == Some(&pid) {
            entries.remove(key);
        }
    }

    /// Who has the key.
    fn whereis_name(&self, key: &str) -> Option<Pid> {
        let entries = self
            .entries
            .lock()
            .expect("no thread panics while it holds the lock");
        entries.get(key).copied()
    }
}

/// The name of a character in a directory.
pub fn name(directory: &Arc<Directory>, key: &'static str) -> Name {
    Name::via(directory.clone(), key)
}
