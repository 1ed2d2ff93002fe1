//! Tables whose owners end, and one that everybody writes.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::table::{self, OrderedSet, Set, Table};

use super::stage::{PATIENCE, Stage, obey};
use super::{Note, Operation};
use crate::world::VAULT;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "tables inherited",
        weight: 8,
        perform: |stage, mailbox| Box::pin(inherited(stage, mailbox)),
    },
    Operation {
        name: "tables shared",
        weight: 8,
        perform: |stage, _| Box::pin(shared(stage)),
    },
    Operation {
        name: "tables by name",
        weight: 4,
        perform: |stage, _| Box::pin(named(stage)),
    },
];

/// A table's owner ends, and its heir gets it with all that is in it.
async fn inherited(mut stage: Stage, mut mailbox: Mailbox<Note>) {
    let heir = mailbox.me();
    let objects = stage.random.u64(1..200);
    let owner = process::spawn(move |mailbox| async move {
        let table = table::set("legacy").heir(&heir, |transfer| Note::Table(transfer.table));
        let table: Table<u64, u64, Set> = table.create().expect("it has no name to be taken");
        let filled = table.insert_all((0..objects).map(|n| (n, n)));
        filled.expect("the owner may write");
        heir.send(Note::Ready);
        obey(mailbox).await
    });
    if mailbox.receive().timeout(PATIENCE).await.is_none() {
        return stage.complain("a process has not made its table".to_owned());
    }
    stage.end(&owner);
    let is_table = |note: &Note| matches!(note, Note::Table(_));
    match mailbox.receive_match(is_table).timeout(PATIENCE).await {
        Some(Note::Table(table)) => {
            let found = table.len().ok().map(|length| length as u64);
            if found != Some(objects) || table.owner() != Some(process::current()) {
                stage.complain(format!("a table of {objects} objects came with {found:?}"));
            }
            // Otherwise it ends with this process.
            if stage.chance(2) && table.delete_table().is_err() {
                stage.complain("an inherited table could not be deleted".to_owned());
            }
        }
        _ => stage.complain(format!("no table came within {PATIENCE:?}")),
    }
}

/// Everybody counts in the same table, which may be gone at any time.
async fn shared(mut stage: Stage) {
    for _ in 0..stage.random.u32(1..200) {
        let Ok(vault) = table::named::<u64, u64, Set>(VAULT) else {
            return;
        };
        let key = stage.random.u64(..1000);
        // What comes back is an error if its owner has just ended.
        let _ = match stage.random.u32(..4) {
            0 => vault.delete(&key),
            1 => vault.lookup(&key).map(drop),
            2 => vault.insert_new(key, 0).map(drop),
            _ => vault.update_counter_or(&key, 1, 0).map(drop),
        };
    }
}

/// Tables of one's own, some of them under names that others want too.
async fn named(mut stage: Stage) {
    for _ in 0..stage.random.u32(1..10) {
        let name = format!("table {}", stage.random.u32(..10));
        let table = table::ordered_set(name.clone());
        let table: Result<Table<u64, u64, OrderedSet>, _> = match stage.chance(2) {
            true => table.named().create(),
            false => table.create(),
        };
        match table {
            Ok(table) => {
                let written = table.insert_all((0..20).map(|n| (n, n)));
                if written.is_err() || table.first() != Ok(Some(0)) {
                    stage.complain(format!("the owner could not use {name}"));
                }
                // Otherwise it ends with this process.
                if stage.chance(2) && table.delete_table().is_err() {
                    stage.complain(format!("the owner could not delete {name}"));
                }
            }
            Err(table::TableError::NameTaken { .. }) => {}
            Err(error) => stage.complain(format!("{name} was not made: {error}")),
        }
    }
}
