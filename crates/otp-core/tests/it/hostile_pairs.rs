//! Two values of the user's that are together, both of which panic as they are dropped, and as they are hashed, compared
//! or copied: the program does not end, nothing is left half done, and what comes next is done.

use std::cell::Cell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use otp_core::gen_server::RequestSet;
use otp_core::prelude::*;
use otp_core::registry::{Listener, RegistryEvent};
use otp_core::table::{self, Access, Kind, Set, Table, TableError};
use otp_core::test::Probe;
use otp_core::{NameRegistry, ProcessRef, Recipient, Registry, process, task, timer};

use crate::support::settle;

/// What a [`Bad`] does badly.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Nothing,
    Drop,
    /// This one, and to drop.
    Hash,
    Compare,
    Clone,
}

thread_local! {
    static DEED: Cell<Deed> = const { Cell::new(Deed::Nothing) };
}

/// Panics also while another panic unwinds.
#[derive(Debug)]
struct Bad(u32);

impl Drop for Bad {
    fn drop(&mut self) {
        assert!(DEED.get() == Deed::Nothing, "dropped");
    }
}

impl Clone for Bad {
    fn clone(&self) -> Self {
        assert!(DEED.get() != Deed::Clone || self.0 != 2, "cloned");
        Self(self.0)
    }
}

impl Hash for Bad {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert!(DEED.get() != Deed::Hash || self.0 != 2, "hashed");
        0.hash(state);
    }
}

impl PartialEq for Bad {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Bad {}

impl PartialOrd for Bad {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bad {
    fn cmp(&self, other: &Self) -> Ordering {
        let is_one = self.0 == 2 || other.0 == 2;
        assert!(DEED.get() != Deed::Compare || !is_one, "compared");
        self.0.cmp(&other.0)
    }
}

impl NameRegistry for Bad {
    fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> {
        Ok(())
    }

    fn unregister_name(&self, _: &str, _: Pid) {}

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        process::get()
    }
}

/// Does this while values are bad, and says whether it panicked.
fn badly<T>(deed: Deed, f: impl FnOnce() -> T) -> bool {
    DEED.set(deed);
    // What is returned is the test's own.
    let done = catch_unwind(AssertUnwindSafe(|| std::mem::forget(f())));
    DEED.set(Deed::Nothing);
    done.is_err()
}

fn object(n: u32) -> (Bad, Bad) {
    (Bad(n), Bad(n))
}

const DEEDS: [Deed; 4] = [Deed::Drop, Deed::Hash, Deed::Compare, Deed::Clone];

/// Every way in and out of a table.
async fn in_and_out<S>(make: impl Fn() -> Table<Bad, Bad, S>)
where
    S: Kind<Bad, Bad>,
{
    // What is lent to an operation is the test's own.
    let (own, two) = (make(), Bad(2));
    for deed in DEEDS {
        let half = || own.insert_all([object(1), object(2), object(3)]);
        let before = own.len().expect("it is there");
        if badly(deed, half) && deed != Deed::Drop {
            assert_eq!(own.len(), Ok(before), "{deed:?}: nothing half");
        }
        badly(deed, || {
            own.insert_all_new([object(3), object(4), object(2)])
        });
        badly(deed, || own.insert(Bad(2), Bad(3)));
        badly(deed, || own.insert_new(Bad(2), Bad(3)));
        badly(deed, || own.entries());
        badly(deed, || own.lookup(&two));
        badly(deed, || own.fold(0, |sum, _, _| sum + 1));
        badly(deed, || own.delete_matching(|key, _| key.0 == 1));
        badly(deed, || own.delete(&two));
        badly(deed, || own.take(&two));
        badly(deed, || {
            own.insert_all((0..4).map(|n| {
                assert!(n < 3, "no more");
                object(n)
            }))
        });
        badly(deed, || own.delete_all());
        assert_eq!(own.len(), Ok(0), "{deed:?}");
    }
    // To another process's table, and to one that is gone, nothing gets in.
    for delete in [false, true] {
        let (probe, asked) = (Probe::new(), Probe::new());
        let (there, done) = (own.clone(), probe.clone());
        if delete {
            own.insert_all([object(1), object(2)]).expect("it is there");
            badly(Deed::Drop, || own.delete_table());
        }
        process::spawn(move |_: Mailbox<Never>| async move {
            asked.report(badly(Deed::Drop, || there.insert(Bad(1), Bad(1))));
            badly(Deed::Drop, || there.insert_new(Bad(1), Bad(1)));
            badly(Deed::Drop, || there.insert_all([object(1), object(2)]));
            badly(Deed::Drop, || there.insert_all_new([object(1), object(2)]));
            done.report(asked.next().await);
        });
        assert!(probe.next().await, "the value is dropped there");
        assert!(matches!(own.len(), Ok(0) | Err(TableError::NoTable { .. })));
    }
}

#[otp_core::test]
async fn a_table_survives_keys_and_values_that_are_both_bad() {
    in_and_out(|| table::set("bad").create().expect("it has no name")).await;
    in_and_out(|| table::ordered_set("bad").create().expect("it has no name")).await;
    in_and_out(|| table::bag("bad").create().expect("it has no name")).await;
    in_and_out(|| {
        table::duplicate_bag("bad")
            .create()
            .expect("it has no name")
    })
    .await;
}

#[otp_core::test]
async fn an_update_that_panics_leaves_the_table_as_it_was() {
    let set: Table<Bad, Bad> = table::set("bad").create().expect("it has no name");
    let ordered = table::ordered_set("bad").create().expect("it has no name");
    ordered.insert(Bad(1), Bad(1)).expect("it is there");
    set.insert(Bad(1), Bad(1)).expect("it is there");
    let f = |value: &mut Bad| {
        value.0 = 7;
        panic!("no update")
    };
    for key in [Bad(1), Bad(2)] {
        let either = || set.update_or_insert(&key, Bad(5), f);
        assert!(badly(Deed::Drop, either));
        let either = || ordered.update_or_insert(&key, Bad(5), f);
        assert!(badly(Deed::Drop, either));
        let is_there = key.0 == 1;
        assert_eq!(badly(Deed::Drop, || set.update(&key, f)), is_there);
        assert_eq!(badly(Deed::Drop, || ordered.update(&key, f)), is_there);
    }
    assert_eq!(set.entries(), Ok(vec![object(1)]));
    assert_eq!(ordered.entries(), Ok(vec![object(1)]));
}

#[otp_core::test]
async fn a_table_of_bad_objects_ends_with_its_owner() {
    for _ in 0..2 {
        let owner = process::spawn(|_: Mailbox<Never>| async {
            let access = Access::Public;
            let table: Table<Bad, Bad, Set> = table::set("bad").access(access).create()?;
            table.insert_all([object(1), object(2), object(3)])?;
            let table = table::ordered_set("bad").create()?;
            table.insert_all([object(1), object(2), object(3)])?;
            DEED.set(Deed::Drop);
            Ok::<_, TableError>(())
        });
        assert_eq!(owner.wait().await, ExitReason::Normal);
        DEED.set(Deed::Nothing);
    }
}

#[otp_core::test]
async fn a_registry_survives_keys_and_values_that_are_both_bad() {
    let probe = Probe::new();
    let told = probe.clone();
    let hears = process::spawn(|mut mailbox: Mailbox<RegistryEvent<Bad, Bad>>| async move {
        loop {
            let event = mailbox.receive().await;
            if let RegistryEvent::Register { key, .. } = &event {
                told.report(key.0);
            }
            std::mem::forget(event);
        }
    });
    process::register("hears", &hears).expect("the name is free");
    let fails = Listener::process("hears", |event: RegistryEvent<Bad, Bad>| -> u32 {
        // What a function of the user's has itself ends the program, as everywhere.
        std::mem::forget(event);
        panic!("no message")
    });
    let listens = Listener::process("hears", |event: RegistryEvent<Bad, Bad>| event);
    let options = Registry::options("bad").listener(fails).listener(listens);
    let registry = options.unique();
    registry.start_link().await.expect("the name is free");
    registry.register(Bad(1), Bad(1)).expect("it is free");
    assert_eq!(probe.next().await, 1, "whatever the other listener did");
    let two = Bad(2);
    for deed in DEEDS {
        // Taken; and a key that cannot be hashed, compared or copied.
        badly(deed, || registry.register(Bad(1), Bad(2)));
        assert_eq!(registry.count(), 1, "{deed:?}");
        let gets_in = !badly(deed, || registry.register(Bad(2), Bad(2)));
        settle().await;
        if !gets_in && deed != Deed::Drop {
            assert_eq!(registry.count(), 1, "{deed:?}: nothing half");
        }
        badly(deed, || registry.lookup(&two));
        badly(deed, || registry.unregister(Bad(2)));
        registry.unregister(Bad(2));
        badly(deed, || registry.via_with(Bad(3), Bad(3)));
    }
    let name = registry.via_with(Bad(4), Bad(4));
    badly(Deed::Drop, || drop(name));
    let owner = registry.clone();
    let owner = process::spawn(move |_: Mailbox<Never>| async move {
        owner.register(Bad(5), Bad(5))?;
        DEED.set(Deed::Drop);
        Ok::<_, Stop>(())
    });
    assert_eq!(owner.wait().await, ExitReason::Normal);
    settle().await;
    DEED.set(Deed::Nothing);
    assert_eq!(registry.count(), 1);
    registry.register(Bad(6), Bad(6)).expect("it still works");
}

/// A process, found by a via name, that ends with a reason; both the registry and the reason are bad.
fn watched(mailbox: &mut Mailbox<Option<Down>>, keep: bool) -> ProcessRef<()> {
    let ends = process::spawn(|mut mailbox: Mailbox<()>| async move {
        mailbox.receive().await;
        ExitReason::other(Bad(1))
    });
    process::put(ends.pid());
    let name = Name::via(Arc::new(Bad(2)), "bad");
    mailbox.monitor(name, move |down| keep.then_some(down));
    ends
}

#[otp_core::test]
async fn a_down_may_be_bad_in_its_name_and_in_its_reason() {
    // Received and dropped there, dropped by what maps it, left in the mailbox, flushed, given up with the monitor, and never
    // asked for.
    for way in 0..6 {
        let watcher = process::spawn(move |mut mailbox: Mailbox<Option<Down>>| async move {
            let ends = watched(&mut mailbox, way != 1);
            let monitor = process::spawn_monitor(|mut mailbox: Mailbox<()>| async move {
                mailbox.receive().await;
                ExitReason::error(BadError(Bad(1)))
            });
            DEED.set(Deed::Drop);
            ends.send(());
            monitor.0.send(());
            match way {
                0 | 1 => drop(mailbox.receive().await),
                2 => settle().await,
                3 => {
                    settle().await;
                    mailbox.demonitor_flush(monitor.1);
                }
                4 => {
                    mailbox.demonitor(monitor.1);
                    drop(mailbox);
                }
                _ => {
                    drop(ends);
                    process::exit(process::current(), ExitReason::Kill);
                }
            }
        });
        let reason = watcher.wait().await;
        settle().await;
        DEED.set(Deed::Nothing);
        let expected = match way {
            5 => ExitReason::Killed,
            _ => ExitReason::Normal,
        };
        assert_eq!(reason, expected, "{way}");
    }
}

#[derive(Debug)]
struct BadError(Bad);

impl std::fmt::Display for BadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for BadError {}

#[otp_core::test]
async fn a_timer_may_be_bad_in_its_message_and_in_what_maps_it() {
    let probe = Probe::new();
    let told = probe.clone();
    let receiver = process::spawn(|mut mailbox: Mailbox<u32>| async move {
        loop {
            told.report(mailbox.receive().await);
        }
    });
    let recipient = || {
        let (one, two) = (Bad(1), Bad(2));
        let first = Recipient::from(&receiver).map(move |n: u32| n + one.0);
        first.map(move |message: Bad| message.0 + two.0)
    };
    let soon = Duration::from_millis(5);
    for way in 0..3 {
        let timer = match way {
            0 => timer::send_after(recipient(), soon, Bad(3)),
            1 => timer::start_timer(recipient(), soon, |_| Bad(3)),
            _ => timer::send_interval(recipient(), soon, Bad(3)),
        };
        badly(Deed::Drop, || timer.cancel());
    }
    let timer = timer::send_after(recipient(), soon, Bad(3));
    timer::send_after(&receiver, soon, 9);
    DEED.set(Deed::Drop);
    tokio::time::sleep(soon * 2).await;
    assert_eq!(probe.next().await, 9, "the next timer goes on");
    DEED.set(Deed::Nothing);
    assert_eq!(timer.cancel(), None);
    timer::send_after(recipient(), soon, Bad(3));
    DEED.set(Deed::Drop);
    process::exit(&receiver, ExitReason::Kill);
    receiver.wait().await;
    DEED.set(Deed::Nothing);
}

struct Giver;

#[gen_server]
impl GenServer for Giver {
    type Call = ReplyTo<Bad>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<Bad>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(Bad(1))
    }
}

#[otp_core::test]
async fn requests_and_streams_may_be_bad_in_their_labels_and_in_their_answers() {
    // Dropped before and after the answer has come, and given to a process that has ended itself.
    for way in 0..3 {
        let asker = process::spawn(move |_: Mailbox<Never>| async move {
            let server = Giver::start(()).await?;
            let mut requests = RequestSet::new();
            requests.add(Bad(1), server.send_request(|from| from));
            requests.add(Bad(2), server.send_request(|from| from));
            let mut stream = task::async_stream((1..3).map(Bad), |n: Bad| async move { n })
                .max_concurrency(2)
                .zip_input_on_exit();
            if way > 0 {
                drop(stream.next().await);
            }
            DEED.set(Deed::Drop);
            if way > 0 {
                settle().await;
            }
            if way == 2 {
                process::exit(process::current(), ExitReason::Normal);
                std::mem::forget(requests.next().await);
                panic!("an await was passed");
            }
            badly(Deed::Drop, || drop(requests));
            badly(Deed::Drop, || drop(stream));
            Ok::<_, Stop>(())
        });
        assert_eq!(asker.wait().await, ExitReason::Normal, "{way}");
        settle().await;
        DEED.set(Deed::Nothing);
    }
    let server = Giver::start(()).await.expect("its init does nothing");
    assert_eq!(server.call(|from| from).await, Ok(Bad(1)));
}
