//! The owner of a table, its users, and its end.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::table::{self, Access, Set, Table, TableError};
use otp_core::test::Probe;

use crate::puppet::{Puppet, boom};
use crate::support::{act, in_process, quiet};
use crate::table_heirs::{Told, heir};

pub(crate) type Shared = Table<u32, u32>;

/// A puppet of this node with a table of this access, with one object in it.
pub(crate) async fn owner(access: Access) -> (Puppet, Shared) {
    let puppet = Puppet::new(&process::node());
    let make = move || {
        let table = table::set("shared").access(access).create()?;
        table.insert(1, 1)?;
        Ok::<_, TableError>(table)
    };
    let table = puppet.does(move |_| make()).await;
    (puppet, table.expect("the name is not used"))
}

pub(crate) fn no_table(table: &'static str) -> TableError {
    TableError::NoTable {
        table: table.into(),
    }
}

// ETS-002, S86
#[tokio::test(start_paused = true)]
async fn a_table_ends_with_its_owner_whatever_way_that_ends() {
    in_process(async {
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            boom(),
            ExitReason::Killed,
        ] {
            let (puppet, table) = owner(Access::Public).await;
            assert_eq!(table.owner(), Some(puppet.pid()));
            assert_eq!(table.lookup(&1), Ok(Some(1)));
            puppet.ends(reason).await;
            let error = table.lookup(&1).unwrap_err();
            assert_eq!(error, no_table("shared"));
            assert_eq!(
                error.to_string(),
                "there is no table shared: its owner has ended, or it was deleted"
            );
            assert_eq!(table.insert(1, 1), Err(no_table("shared")));
            assert_eq!(
                (table.owner(), table.len()),
                (None, Err(no_table("shared")))
            );
        }
    })
    .await;
}

// ETS-002
#[tokio::test(start_paused = true)]
async fn a_table_is_gone_and_its_objects_dropped_before_anyone_is_told() {
    in_process(async {
        let value = std::sync::Arc::new(());
        let held = value.clone();
        let table = table::set::<u32, _>("values").named();
        let server = crate::support::Lab::start(quiet()).await.unwrap();
        server.cast(act(move |_, _| {
            let table = table.access(Access::Public).create().unwrap();
            table.insert(1, held).unwrap();
            Next::Stop(boom())
        }));
        assert_eq!(server.wait().await, boom());
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
        let found = table::named::<u32, std::sync::Arc<()>, Set>("values");
        assert_eq!(found.err(), Some(no_table("values")));
    })
    .await;
}

// ETS-002
#[tokio::test(start_paused = true)]
async fn a_deleted_table_is_gone() {
    in_process(async {
        let table: Shared = table::set("mine").named().create().unwrap();
        let other = table.clone();
        assert_eq!(table, other);
        assert_eq!(table.delete_table(), Ok(()));
        assert_eq!(other.lookup(&1), Err(no_table("mine")));
        assert_eq!(table.delete_table(), Err(no_table("mine")));
        assert_eq!(table.rename("new"), Err(no_table("mine")));
        // The name is free, and the old handles do not find the new table.
        let again: Shared = table::set("mine").named().create().unwrap();
        assert_ne!(table, again);
        assert_eq!(other.lookup(&1), Err(no_table("mine")));
        // A public table is deleted by anyone, as in OTP.
        let (_puppet, public) = owner(Access::Public).await;
        assert_eq!(public.delete_table(), Ok(()));
        let (puppet, protected) = owner(Access::Protected).await;
        assert!(matches!(
            protected.delete_table(),
            Err(TableError::Denied { .. })
        ));
        assert_eq!(protected.owner(), Some(puppet.pid()));
    })
    .await;
}

// ETS-003
#[tokio::test(start_paused = true)]
async fn others_may_do_what_the_access_says() {
    in_process(async {
        let heir = heir(&Probe::new(), None).await;
        for (access, reads, writes) in [
            (Access::Private, false, false),
            (Access::Protected, true, false),
            (Access::Public, true, true),
        ] {
            let (puppet, table) = owner(access).await;
            let denied = TableError::Denied {
                table: "shared".into(),
                owner: puppet.pid(),
                access,
            };
            let check = |allowed: bool, done: Option<TableError>| match allowed {
                true => assert_eq!(done, None, "{access}"),
                false => assert_eq!(done, Some(denied.clone()), "{access}"),
            };
            check(reads, table.lookup(&1).err());
            check(reads, table.contains(&1).err());
            check(reads, table.entries().err());
            check(writes, table.insert(2, 2).err());
            check(writes, table.insert_all([(2, 2)]).err());
            check(writes, table.insert_new(3, 3).err());
            check(writes, table.update(&1, |value| *value += 1).err());
            check(writes, table.update_counter(&1, 1).err());
            check(writes, table.take(&9).err());
            check(writes, table.delete_matching(|_, _| false).err());
            check(writes, table.rename("shared").err());
            check(false, table.set_access(Access::Public).err());
            check(false, table.set_no_heir().err());
            let given = table.give_away(&heir, |transfer| Told::Transfer("", transfer));
            check(false, given.err());
            assert!(table.len().is_ok(), "everyone may ask that");
            let there = table.clone();
            let own = puppet
                .does(move |_| there.entries().map(|entries| entries.len()))
                .await;
            assert_eq!(own, Ok(if writes { 3 } else { 1 }));
            assert_eq!(table.access(), access);
        }
    })
    .await;
}

// ETS-003
#[tokio::test(start_paused = true)]
async fn the_owner_may_change_the_access() {
    in_process(async {
        let (puppet, table) = owner(Access::Private).await;
        for access in [Access::Protected, Access::Public, Access::Private] {
            let there = table.clone();
            assert_eq!(puppet.does(move |_| there.set_access(access)).await, Ok(()));
            assert_eq!(table.lookup(&1).is_ok(), access != Access::Private);
            assert_eq!(table.insert(2, 2).is_ok(), access == Access::Public);
        }
        let error = table.lookup(&1).unwrap_err().to_string();
        let pid = puppet.pid();
        assert_eq!(
            error,
            format!("table shared is private and belongs to {pid}, which alone may do this")
        );
    })
    .await;
}

// ETS-003: code outside of processes owns no table.
#[tokio::test(start_paused = true)]
async fn code_outside_of_processes_is_a_stranger() {
    let node = Node::new();
    let tables = Probe::new();
    let report = tables.clone();
    let owner = node.spawn(move |mut mailbox: Mailbox<()>| async move {
        let public: Shared = table::set("public")
            .named()
            .access(Access::Public)
            .create()?;
        let protected: Shared = table::set("protected").create()?;
        report.report((public, protected));
        mailbox.receive().await;
        Ok::<_, TableError>(())
    });
    let (public, protected) = tables.next().await;
    assert_eq!(
        (public.insert(1, 2), public.lookup(&1)),
        (Ok(()), Ok(Some(2)))
    );
    assert_eq!(protected.lookup(&1), Ok(None));
    assert!(matches!(
        protected.insert(1, 1),
        Err(TableError::Denied { .. })
    ));
    assert_eq!(node.table("public"), Ok(public.clone()));
    // Names are a node's own.
    let elsewhere = Node::new().table::<u32, u32, Set>("public");
    assert_eq!(elsewhere, Err(no_table("public")));
    owner.send(());
    owner.wait().await;
    assert_eq!(public.insert(1, 2), Err(no_table("public")));
}

// ETS-004
#[tokio::test(start_paused = true)]
async fn a_named_table_is_found_by_those_who_know_its_type() {
    in_process(async {
        let table: Shared = table::set("one").named().create().unwrap();
        assert_eq!(table::named("one"), Ok(table.clone()));
        let taken = TableError::NameTaken {
            table: "one".into(),
        };
        let again = table::ordered_set::<u8, u8>("one").named().create();
        assert_eq!(again.err(), Some(taken.clone()));
        let unnamed = table::set::<u8, u8>("one").create();
        assert!(unnamed.is_ok(), "this one is not found by it");
        let wrong = table::named::<u32, String, Set>("one").unwrap_err();
        let text = wrong.to_string();
        assert!(
            text.starts_with("table one is no ") && text.contains("String"),
            "{text}"
        );
        assert_eq!(table::named::<u32, u32, Set>("two"), Err(no_table("two")));

        // Renamed.
        let other: Shared = table::set("two").named().create().unwrap();
        assert_eq!(other.rename("one"), Err(taken));
        assert_eq!(table::named("two"), Ok(other.clone()));
        assert_eq!(table.rename("three"), Ok(()));
        assert_eq!(table.name(), "three");
        assert_eq!(table::named::<u32, u32, Set>("one"), Err(no_table("one")));
        assert_eq!(table::named("three"), Ok(table.clone()));
        assert_eq!(
            (other.rename("one"), table.rename("three")),
            (Ok(()), Ok(()))
        );
        assert_eq!(table::named("one"), Ok(other));
    })
    .await;
}

// ETS-004, ETS-002
#[tokio::test(start_paused = true)]
async fn the_name_goes_with_the_table() {
    in_process(async {
        let puppet = Puppet::new(&process::node());
        let made = puppet
            .does(|_| table::set::<u32, u32>("one").named().create())
            .await;
        made.unwrap().rename("two").unwrap_err();
        assert!(table::named::<u32, u32, Set>("one").is_ok());
        puppet.ends(boom()).await;
        let own: Shared = table::set("one").named().create().unwrap();
        own.delete_table().unwrap();
        assert_eq!(table::named::<u32, u32, Set>("one"), Err(no_table("one")));
    })
    .await;
}

// ETS-009
#[otp_core::test]
async fn a_table_is_handed_over_without_a_message() {
    let other = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
    let notes = table::set::<u8, u8>("notes").create().expect("it is made");
    notes.insert(1, 2).expect("it is there");
    assert_eq!(notes.hand_over(&other), Ok(()));
    assert_eq!(notes.owner(), Some(other.pid()));
    assert_eq!(notes.lookup(&1), Ok(Some(2)));
    let info = process::node().process_info(other.pid()).expect("it lives");
    assert_eq!(info.message_queue_len, 0);
    let again = notes.hand_over(process::current());
    assert!(matches!(again, Err(TableError::Denied { .. })), "{again:?}");
    other.send(());
    other.wait().await;
    assert!(!notes.is_alive());

    let more = table::set::<u8, u8>("more").create().expect("it is made");
    let refused = more.hand_over(&other);
    assert!(
        matches!(refused, Err(TableError::NoReceiver { .. })),
        "{refused:?}"
    );
    assert_eq!(more.owner(), Some(process::current()));
}
