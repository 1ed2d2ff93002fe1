//! Tables: what goes in, what is found, what goes out.

use std::collections::HashSet;

use otp_core::process;
use otp_core::table::{self, Access, Bag, DuplicateBag, OrderedSet, Table, TableError};

use crate::support::in_process;

fn set() -> Table<&'static str, i64> {
    table::set("set").create().expect("nobody else has it")
}

fn ordered_set() -> Table<i64, &'static str, OrderedSet> {
    table::ordered_set("ordered")
        .create()
        .expect("nobody else has it")
}

fn bag() -> Table<&'static str, i64, Bag> {
    table::bag("bag").create().expect("nobody else has it")
}

fn duplicate_bag() -> Table<&'static str, i64, DuplicateBag> {
    table::duplicate_bag("duplicates")
        .create()
        .expect("nobody else has it")
}

// ETS-001, ETS-005
#[tokio::test(start_paused = true)]
async fn sets_have_one_value_for_a_key_and_bags_have_many() {
    in_process(async {
        let (set, ordered) = (set(), ordered_set());
        for value in [1, 2, 1] {
            assert_eq!(set.insert("k", value), Ok(()));
        }
        assert_eq!((set.lookup(&"k"), set.len()), (Ok(Some(1)), Ok(1)));
        for value in ["a", "b"] {
            assert_eq!(ordered.insert(7, value), Ok(()));
        }
        assert_eq!((ordered.lookup(&7), ordered.len()), (Ok(Some("b")), Ok(1)));

        let (bag, duplicates) = (bag(), duplicate_bag());
        for value in [2, 1, 2, 3] {
            assert_eq!(bag.insert("k", value), Ok(()));
            assert_eq!(duplicates.insert("k", value), Ok(()));
        }
        // ETS-006: in the order of insertion.
        assert_eq!((bag.lookup(&"k"), bag.len()), (Ok(vec![2, 1, 3]), Ok(3)));
        let found = (duplicates.lookup(&"k"), duplicates.len());
        assert_eq!(found, (Ok(vec![2, 1, 2, 3]), Ok(4)));
    })
    .await;
}

// ETS-005
#[tokio::test(start_paused = true)]
async fn insert_new_takes_only_free_keys_and_of_a_list_all_or_none() {
    in_process(async {
        let set = set();
        assert_eq!(set.insert_new("a", 1), Ok(true));
        assert_eq!(set.insert_new("a", 2), Ok(false));
        assert_eq!(set.lookup(&"a"), Ok(Some(1)));
        assert_eq!(set.insert_all_new([("b", 1), ("a", 2)]), Ok(false));
        assert_eq!(set.lookup(&"b"), Ok(None));
        assert_eq!(set.insert_all_new([("b", 1), ("c", 2)]), Ok(true));
        assert_eq!(set.insert_all([("b", 5), ("d", 6), ("d", 7)]), Ok(()));
        assert_eq!(set.lookup(&"b"), Ok(Some(5)));
        assert_eq!(set.lookup(&"d"), Ok(Some(7)), "the last one counts");

        let bag = bag();
        bag.insert("k", 1).unwrap();
        assert_eq!(bag.insert_new("k", 9), Ok(false));
        assert_eq!(bag.insert_all_new([("z", 1), ("k", 1)]), Ok(false));
        assert_eq!(
            (bag.lookup(&"z"), bag.lookup(&"k")),
            (Ok(vec![]), Ok(vec![1]))
        );
        assert_eq!(bag.insert_all_new([("z", 1), ("z", 2), ("z", 1)]), Ok(true));
        assert_eq!(bag.lookup(&"z"), Ok(vec![1, 2]));
        assert_eq!(bag.insert_new("y", 1), Ok(true));

        let ordered = ordered_set();
        assert_eq!(ordered.insert_new(1, "a"), Ok(true));
        assert_eq!(ordered.insert_new(1, "b"), Ok(false));
        assert_eq!(ordered.insert_all_new([(2, "c"), (1, "d")]), Ok(false));
        assert_eq!(ordered.entries(), Ok(vec![(1, "a")]));
    })
    .await;
}

// ETS-006
#[tokio::test(start_paused = true)]
async fn a_missing_key_is_found_empty_and_deleting_it_succeeds() {
    in_process(async {
        let (set, bag, ordered) = (set(), bag(), ordered_set());
        assert_eq!(
            (set.lookup(&"no"), set.contains(&"no")),
            (Ok(None), Ok(false))
        );
        assert_eq!(
            (bag.lookup(&"no"), bag.contains(&"no")),
            (Ok(vec![]), Ok(false))
        );
        assert_eq!(
            (ordered.lookup(&1), ordered.contains(&1)),
            (Ok(None), Ok(false))
        );
        assert_eq!((set.delete(&"no"), bag.delete(&"no")), (Ok(()), Ok(())));
        assert_eq!((set.take(&"no"), ordered.take(&1)), (Ok(None), Ok(None)));

        set.insert_all([("a", 1), ("b", 2)]).unwrap();
        bag.insert_all([("a", 1), ("a", 2), ("b", 3)]).unwrap();
        ordered.insert_all([(1, "a"), (2, "b")]).unwrap();
        assert_eq!((set.take(&"a"), set.delete(&"a")), (Ok(Some(1)), Ok(())));
        assert_eq!(
            (bag.take(&"a"), bag.contains(&"a")),
            (Ok(vec![1, 2]), Ok(false))
        );
        assert_eq!((ordered.delete(&1), ordered.len()), (Ok(()), Ok(1)));
        assert_eq!((set.len(), bag.len()), (Ok(1), Ok(1)));
        assert_eq!(
            (set.contains(&"b"), set.delete_all(), set.len()),
            (Ok(true), Ok(()), Ok(0))
        );
    })
    .await;
}

// ETS-006
#[tokio::test(start_paused = true)]
async fn what_is_found_is_a_copy() {
    in_process(async {
        let table = table::set::<u8, Vec<u8>>("copies").create().unwrap();
        table.insert(1, vec![1]).unwrap();
        let mut found = table.lookup(&1).unwrap().unwrap();
        found.push(2);
        assert_eq!(table.lookup(&1), Ok(Some(vec![1])));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_looked_at_stays_as_it_is_while_another_value_takes_its_place() {
    in_process(async {
        let table = table::set::<String, u64>("replaced").create().unwrap();
        table.insert("one".to_owned(), 1).unwrap();
        let seen = table.select(|key, value| {
            table.insert(key.clone(), 2).unwrap();
            table.update_counter(key, 5).unwrap();
            Some(*value)
        });
        assert_eq!(seen, Ok(vec![1]));
        assert_eq!(table.lookup(&"one".to_owned()), Ok(Some(7)));
        assert_eq!(table.take(&"one".to_owned()), Ok(Some(7)));
        assert_eq!(table.lookup(&"one".to_owned()), Ok(None));
    })
    .await;
}

// ETS-006
#[tokio::test(start_paused = true)]
async fn objects_are_deleted_by_what_they_are() {
    in_process(async {
        let (set, bag, ordered) = (set(), duplicate_bag(), ordered_set());
        set.insert_all([("a", 1), ("b", 2), ("c", 3)]).unwrap();
        assert_eq!(set.delete_matching(|_, value| *value > 1), Ok(2));
        assert_eq!(set.entries(), Ok(vec![("a", 1)]));
        bag.insert_all([("k", 2), ("k", 1), ("k", 2), ("k", 3)])
            .unwrap();
        assert_eq!(bag.delete_matching(|_, value| *value == 2), Ok(2));
        assert_eq!(bag.lookup(&"k"), Ok(vec![1, 3]));
        assert_eq!(bag.delete_matching(|key, _| *key == "k"), Ok(2));
        assert_eq!((bag.len(), bag.contains(&"k")), (Ok(0), Ok(false)));
        ordered.insert_all((0..10).map(|n| (n, "x"))).unwrap();
        assert_eq!(ordered.delete_matching(|key, _| key % 2 == 0), Ok(5));
        assert_eq!(ordered.first(), Ok(Some(1)));
    })
    .await;
}

// ETS-007
#[tokio::test(start_paused = true)]
async fn a_value_is_changed_in_one_step() {
    in_process(async {
        let (set, ordered) = (set(), ordered_set());
        assert_eq!(set.update(&"k", |value| *value += 1), Ok(None));
        assert_eq!(set.len(), Ok(0), "there was nothing to change");
        let add = |value: &mut i64| {
            *value += 1;
            *value
        };
        assert_eq!(set.update_or_insert(&"k", 10, add), Ok(11));
        assert_eq!(set.update_or_insert(&"k", 10, add), Ok(12));
        assert_eq!(set.update(&"k", add), Ok(Some(13)));
        assert_eq!(set.lookup(&"k"), Ok(Some(13)));
        ordered.insert(1, "a").unwrap();
        assert_eq!(
            ordered.update(&1, |value| std::mem::replace(value, "b")),
            Ok(Some("a"))
        );
        assert_eq!(ordered.update_or_insert(&2, "c", |value| *value), Ok("c"));
        assert_eq!(ordered.entries(), Ok(vec![(1, "b"), (2, "c")]));
    })
    .await;
}

// ETS-007
#[tokio::test(start_paused = true)]
async fn a_counter_counts_up_and_down_and_does_not_overflow() {
    in_process(async {
        let set = set();
        assert_eq!(set.update_counter(&"c", 1), Ok(None));
        assert_eq!(set.update_counter_or(&"c", 1, 10), Ok(11));
        assert_eq!(set.update_counter(&"c", -5), Ok(Some(6)));
        let overflow = TableError::Overflow {
            table: "set".into(),
        };
        assert_eq!(set.update_counter(&"c", i64::MAX), Err(overflow.clone()));
        assert_eq!(set.lookup(&"c"), Ok(Some(6)), "nothing has changed");
        assert_eq!(set.update_counter_or(&"c", i64::MAX, 0), Err(overflow));
    })
    .await;
}

// ETS-007: what would wait for itself for ever is an error.
#[tokio::test(start_paused = true)]
async fn a_function_that_changes_a_value_cannot_use_tables() {
    in_process(async {
        let (set, other) = (set(), ordered_set());
        set.insert("k", 1).unwrap();
        let (mine, others) = (set.clone(), other.clone());
        let tried = set.update(&"k", move |_| {
            (mine.lookup(&"k"), others.insert(1, "a"), others.len())
        });
        let inside = |table: &'static str| TableError::InsideUpdate {
            table: table.into(),
        };
        let refused = (
            Err(inside("set")),
            Err(inside("ordered")),
            Err(inside("ordered")),
        );
        assert_eq!(tried, Ok(Some(refused)));
        let mine = set.clone();
        let deleted = set.delete_matching(move |key, _| mine.lookup(key).is_err());
        assert_eq!((deleted, other.len()), (Ok(1), Ok(0)));

        // One that panics leaves the table usable.
        let public = table::set::<u8, u8>("public")
            .access(Access::Public)
            .create()
            .unwrap();
        public.insert(1, 1).unwrap();
        let there = public.clone();
        let failing = process::spawn(move |_: otp_core::Mailbox<()>| async move {
            there.update(&1, |_| panic!("in the middle")).map(drop)
        });
        failing.wait().await;
        assert_eq!(public.update(&1, |value| *value += 1), Ok(Some(())));
        assert_eq!(public.lookup(&1), Ok(Some(2)));
        // In a walk, tables may be used.
        let walked = public.fold(0, |sum, key, value| {
            assert_eq!(public.lookup(key), Ok(Some(*value)));
            sum + u32::from(*value)
        });
        assert_eq!(walked, Ok(2));
    })
    .await;
}

// ETS-008
#[tokio::test(start_paused = true)]
async fn an_ordered_set_is_walked_in_the_order_of_its_keys() {
    in_process(async {
        let table = ordered_set();
        assert_eq!((table.first(), table.last()), (Ok(None), Ok(None)));
        table
            .insert_all([(3, "c"), (1, "a"), (2, "b"), (5, "e")])
            .unwrap();
        assert_eq!((table.first(), table.last()), (Ok(Some(1)), Ok(Some(5))));
        assert_eq!((table.next(&3), table.prev(&3)), (Ok(Some(5)), Ok(Some(2))));
        assert_eq!(
            (table.next(&4), table.prev(&4)),
            (Ok(Some(5)), Ok(Some(3))),
            "it is absent"
        );
        assert_eq!((table.next(&5), table.prev(&1)), (Ok(None), Ok(None)));
        let keys = table.fold(Vec::new(), |mut keys, key, _| {
            keys.push(*key);
            keys
        });
        assert_eq!(keys, Ok(vec![1, 2, 3, 5]));
        let odd = table.select(|key, value| (key % 2 == 1).then_some(*value));
        assert_eq!(odd, Ok(vec!["a", "c", "e"]));
    })
    .await;
}

// ETS-008
#[tokio::test(start_paused = true)]
async fn other_tables_are_walked_in_any_order_and_each_object_comes_once() {
    in_process(async {
        let set = table::set::<u32, u32>("set").create().unwrap();
        set.insert_all((0..1000).map(|n| (n, n * 2))).unwrap();
        let seen = set
            .fold(HashSet::new(), |mut seen, key, value| {
                assert_eq!(*value, key * 2);
                assert!(seen.insert(*key));
                seen
            })
            .unwrap();
        assert_eq!(seen.len(), 1000);
        // The table may change during the walk.
        let walked = set.fold(0, |walked, key, _| {
            set.delete(key).unwrap();
            walked + 1
        });
        assert_eq!((walked, set.len()), (Ok(1000), Ok(0)));
        let bag = duplicate_bag();
        bag.insert_all([("a", 1), ("a", 1), ("b", 1)]).unwrap();
        assert_eq!(bag.fold(0, |n, _, _| n + 1), Ok(3));
    })
    .await;
}
