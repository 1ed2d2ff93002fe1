//! Tables whose keys and values misbehave.

use otp_core::process::ContentsQuery;
use otp_core::table::{
    self, Access, Bag, DuplicateBag, Kind, OrderedSet, Set, Table, TableOptions, Transfer,
};
use otp_core::{ExitReason, Mailbox, Never, process};

use super::hostile::{Case, Hostile, Stage, case, look_around, settle};

type Of<S> = Table<Hostile, Hostile, S>;

/// Uses the table in every way in which all kinds can be used.
async fn use_table<S>(stage: Stage, options: TableOptions<Hostile, Hostile, S>)
where
    S: Kind<Hostile, Hostile>,
    S::Found: Send,
{
    let v = |n| stage.value(n);
    let held = v(30);
    let table: Of<S> = options
        .visible_as(move |key, value| (format!("{key:?}"), format!("{value:?} {held:?}")))
        .named()
        .access(Access::Public)
        .create()
        .expect("nothing misbehaves yet");
    for n in 0..4 {
        table.insert(v(n), v(n)).expect("nothing misbehaves yet");
    }
    let (again, there) = (stage.clone(), table.clone());
    stage.arm(move || {
        look_around(&again.node);
        let (key, value) = (again.value(1), again.value(7));
        // Inside a function that changes a value it is an error, elsewhere it works; it never waits.
        let _ = there.contains(&key);
        let _ = there.lookup(&key).map(|found| again.let_go(found));
        let _ = there.insert(again.value(9), value);
        let _ = there.entries().map(|entries| again.let_go(entries));
        let _ = there.len();
        let _ = there.name();
        let _ = there.set_no_heir();
        again.let_go(key);
    });
    let key = v(1);
    // Each step by itself: one that panics must not keep the others from being tried.
    let steps: Vec<Box<dyn FnOnce() + Send>> = vec![
        Box::new({
            let stage = stage.clone();
            move || {
                for info in stage.node.table_infos() {
                    let query = ContentsQuery::new().containing("7");
                    drop(stage.node.table_contents(info.number, &query));
                }
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || drop(table.insert(stage.value(1), stage.value(20)))
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || drop(table.insert(stage.value(5), stage.value(5)))
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let objects = [
                    (stage.value(1), stage.value(21)),
                    (stage.value(6), stage.value(6)),
                ];
                drop(table.insert_all(objects));
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || drop(table.insert_new(stage.value(1), stage.value(22)))
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let objects = [
                    (stage.value(1), stage.value(23)),
                    (stage.value(8), stage.value(8)),
                ];
                drop(table.insert_all_new(objects));
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let objects = [
                    (stage.value(11), stage.value(1)),
                    (stage.value(11), stage.value(1)),
                ];
                drop(table.insert_all_new(objects));
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let found = table.lookup(&stage.calm(|| stage.value(1)));
                stage.let_go(found);
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let selected = table.select(|key, value| Some((key.clone(), value.clone())));
                stage.let_go(selected);
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let entries = table.entries();
                stage.let_go(entries);
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let folded = table.fold(stage.value(0), |_, key, _| key.clone());
                stage.let_go(folded);
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                let taken = table.take(&stage.value(2));
                stage.let_go(taken);
            }
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || drop(table.delete(&stage.value(3)))
        }),
        Box::new({
            let (table, stage) = (table.clone(), stage.clone());
            move || {
                drop(table.delete_matching(|key, value| *key == *value || stage.value(6) == *key));
            }
        }),
        Box::new({
            let table = table.clone();
            move || drop(table.rename("another"))
        }),
    ];
    for step in steps {
        // A process of its own for each, so that its panic ends only that.
        process::spawn(move |_: Mailbox<Never>| async move { step() })
            .wait()
            .await;
    }
    stage.let_go(key);
    // From hand to hand: the one it is given to ends, and has no heir.
    let heir = process::spawn(
        |mut mailbox: Mailbox<(Hostile, Transfer<Of<S>>)>| async move {
            mailbox.receive().await;
        },
    );
    let captured = stage.value(30);
    let _ = table.set_heir(&heir, move |transfer| (captured.clone(), transfer));
    let captured = stage.value(31);
    let _ = table.set_heir(&heir, move |transfer| (captured.clone(), transfer));
    let next = process::spawn(
        |mut mailbox: Mailbox<(Hostile, Transfer<Of<S>>)>| async move {
            mailbox.receive().await;
            ExitReason::Shutdown
        },
    );
    let given = stage.value(32);
    let _ = table.give_away(&next, move |transfer| (given, transfer));
    settle().await;
    let given = stage.value(33);
    let refused = table.give_away(&next, move |transfer| (given, transfer));
    stage.let_go(refused);
    let found = table::named::<Hostile, Hostile, S>("another");
    stage.let_go(found);
    let _ = table.delete_table();
}

/// What only tables with one value for a key can do.
macro_rules! use_unique {
    ($stage:ident, $make:expr) => {{
        let stage: Stage = $stage;
        let table = $make
            .access(Access::Public)
            .create()
            .expect("nothing misbehaves yet");
        for n in 0..3 {
            table
                .insert(stage.value(n), stage.value(n))
                .expect("nothing misbehaves yet");
        }
        let (again, there) = (stage.clone(), table.clone());
        stage.arm(move || {
            look_around(&again.node);
            let key = again.value(1);
            let _ = there.update(&key, |_| ());
            let _ = there.insert(again.value(1), again.value(4));
            let _ = there.delete(&key);
            again.let_go(key);
        });
        for absent in [false, true] {
            let (table, stage) = (table.clone(), stage.clone());
            process::spawn(move |_: Mailbox<Never>| async move {
                let key = stage.value(1);
                let _ = match absent {
                    false => table
                        .update(&key, |value| *value = stage.value(5))
                        .map(drop),
                    true => table.update_or_insert(&stage.value(8), stage.value(6), |value| {
                        *value = stage.value(7);
                    }),
                };
                stage.let_go(key);
            })
            .wait()
            .await;
        }
        let (there, last) = (stage.clone(), table.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            let _ = last.update(&there.value(1), |value| {
                let old = std::mem::replace(value, there.value(9));
                there.let_go(old);
            });
        })
        .wait()
        .await;
        let _ = table.delete_all();
    }};
}

pub(crate) fn cases() -> Vec<Case> {
    let all = &[
        "table.rs::insert",
        "table.rs::insert_all",
        "table.rs::insert_new",
        "table.rs::insert_all_new",
        "table.rs::lookup",
        "table.rs::contains",
        "table.rs::take",
        "table.rs::delete",
        "table.rs::delete_matching",
        "table.rs::fold",
        "table.rs::select",
        "table/look.rs::named",
        "table/owner.rs::rename",
        "table/owner.rs::give_away",
        "table/owner.rs::set_heir",
        "table/look.rs::table",
        "table/options.rs::heir",
        "table/options.rs::visible_as",
    ];
    vec![
        case("a set", all, |stage| {
            use_table::<Set>(stage, table::set("t"))
        }),
        case("an ordered set", all, |stage| {
            use_table::<OrderedSet>(stage, table::ordered_set("t"))
        }),
        case("a bag", all, |stage| {
            use_table::<Bag>(stage, table::bag("t"))
        }),
        case("a duplicate bag", all, |stage| {
            use_table::<DuplicateBag>(stage, table::duplicate_bag("t"))
        }),
        case(
            "an update in a set",
            &[
                "table/values.rs::update",
                "table/values.rs::update_or_insert",
                "table/options.rs::set",
            ],
            |stage| async move { use_unique!(stage, table::set::<Hostile, Hostile>("u")) },
        ),
        case(
            "an update in an ordered set",
            &["table/options.rs::ordered_set"],
            |stage| async move { use_unique!(stage, table::ordered_set::<Hostile, Hostile>("u")) },
        ),
        case(
            "counters and neighbours",
            &[
                "table/values.rs::update_counter",
                "table/values.rs::update_counter_or",
                "table/values.rs::next",
                "table/values.rs::prev",
                "table/options.rs::bag",
                "table/options.rs::duplicate_bag",
            ],
            |stage| async move {
                let numbers = table::ordered_set::<Hostile, i64>("n")
                    .create()
                    .expect("nothing misbehaves yet");
                let set = table::set::<Hostile, i64>("n")
                    .create()
                    .expect("nothing misbehaves yet");
                for n in 0..4 {
                    numbers
                        .insert(stage.value(n), 0)
                        .expect("nothing misbehaves yet");
                    set.insert(stage.value(n), 0)
                        .expect("nothing misbehaves yet");
                }
                let (again, there, other) = (stage.clone(), numbers.clone(), set.clone());
                stage.arm(move || {
                    let key = again.value(1);
                    let _ = there.update_counter(&key, 1);
                    let _ = other.update_counter_or(&key, 1, 1);
                    again.let_go(key);
                });
                // The owner alone may write; each of its operations may panic.
                for way in 0..5 {
                    let (set, numbers, there) = (set.clone(), numbers.clone(), stage.clone());
                    let tried = std::panic::AssertUnwindSafe(move || {
                        let key = there.value(1);
                        match way {
                            0 => drop(set.update_counter(&key, 1)),
                            1 => drop(set.update_counter_or(&there.value(7), 1, 0)),
                            2 => drop(numbers.update_counter(&key, 1)),
                            3 => drop(numbers.update_counter_or(&there.value(7), 1, 0)),
                            _ => {
                                let near = (numbers.next(&key), numbers.prev(&key));
                                let ends = (numbers.first(), numbers.last());
                                there.let_go((near, ends));
                            }
                        }
                        there.let_go(key);
                    });
                    let _ = std::panic::catch_unwind(tried).map_err(std::mem::forget);
                }
            },
        ),
        case(
            "a table that dies with its owner",
            &[],
            |stage| async move {
                let table = table::set("t").heir(
                    process::spawn(|_: Mailbox<(Hostile, Transfer<Of<Set>>)>| async {}),
                    {
                        let captured = stage.value(1);
                        move |transfer| (captured.clone(), transfer)
                    },
                );
                let table = table.create().expect("nothing misbehaves yet");
                for n in 0..5 {
                    table
                        .insert(stage.value(n), stage.value(n))
                        .expect("nothing misbehaves yet");
                }
                let again = stage.clone();
                stage.arm(move || {
                    look_around(&again.node);
                    let _ = table.len();
                });
            },
        ),
    ]
}
