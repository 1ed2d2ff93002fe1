//! A public table.

use std::hint::black_box;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::table::{self, Access, Set, Table};
use tokio::runtime::Runtime;

use super::{KEYS, USERS, keys};
use crate::cost::{Cost, Stopwatch};
use crate::server;

type Numbers = Table<u64, u64, Set>;

pub(super) fn uses(runtime: &Runtime, operations: u64, one: fn(&Numbers, u64) -> u64) -> Cost {
    runtime.block_on(server::run(async move {
        let table: Numbers = table::set("numbers")
            .access(Access::Public)
            .create()
            .expect("the table's name is no name of the node's");
        table
            .insert_all((0..KEYS).map(|key| (key, key)))
            .expect("the table is the client's own");
        let watch = Stopwatch::start();
        let users: Vec<_> = (0..USERS)
            .map(|user| {
                let table = table.clone();
                process::spawn(move |_: Mailbox<Never>| async move {
                    for key in keys(user, operations) {
                        black_box(one(&table, key));
                    }
                })
            })
            .collect();
        for user in users {
            assert_eq!(user.wait().await, ExitReason::Normal);
        }
        watch.stop()
    }))
}
