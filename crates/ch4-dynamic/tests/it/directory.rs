//! Exercise 4.2: a registry made by hand.

#[path = "../../examples/directory/directory.rs"]
#[allow(unreachable_pub)]
mod example;

use crate::stage::session;
use example::{Clerk, Directory};
use otp_core::prelude::*;
use otp_core::{NameRegistry, process};
use std::future::pending;
use std::time::Duration;

fn idler() -> ProcessRef<Never> {
    process::spawn(|_: Mailbox<Never>| pending::<()>())
}

/// Waits until the directory has this number of entries.
async fn settle(directory: &Directory, entries: usize) {
    while directory.entries().len() != entries {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_belongs_to_one_process_until_it_is_unregistered() {
    session(async {
        let directory = Directory::default();
        let (ann, bob) = (idler().pid(), idler().pid());
        assert_eq!(directory.register_name("x", ann), Ok(()));
        assert_eq!(directory.register_name("x", bob), Err(ann));
        assert_eq!(directory.register_name("y", bob), Ok(()));
        assert_eq!(directory.whereis_name("x"), Some(ann));
        // Only the holder of a name can be unregistered.
        directory.unregister_name("x", bob);
        assert_eq!(directory.whereis_name("x"), Some(ann));
        directory.unregister_name("x", ann);
        assert_eq!(directory.whereis_name("x"), None);
        assert_eq!(directory.entries(), [("y".to_owned(), bob)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_clerk_removes_the_entries_of_dead_processes() {
    session(async {
        let directory = Directory::default();
        let (early, late, lives) = (idler(), idler(), idler());
        directory.register_name("early", early.pid()).unwrap();
        let clerk = Clerk::start(directory.clone()).await.unwrap();
        directory.register_name("late", late.pid()).unwrap();
        directory.register_name("lives", lives.pid()).unwrap();
        process::exit(&early, ExitReason::Kill);
        settle(&directory, 2).await;
        process::exit(&late, ExitReason::Kill);
        settle(&directory, 1).await;
        assert_eq!(directory.whereis_name("lives"), Some(lives.pid()));

        // The entries remain without the clerk. The next clerk removes those of processes that have died meanwhile.
        clerk.stop().await.unwrap();
        process::exit(&lives, ExitReason::Kill);
        lives.wait().await;
        assert_eq!(directory.whereis_name("lives"), Some(lives.pid()));
        Clerk::start(directory.clone()).await.unwrap();
        settle(&directory, 0).await;
    })
    .await;
}
