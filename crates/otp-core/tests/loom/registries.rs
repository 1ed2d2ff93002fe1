//! A process is entered in a registry, or looked up there, while it ends.

use crate::bounded;
use crate::name::Refused;
use crate::node::Node;
use crate::process::signal::Signal;
use crate::registry::tables::Tables;
use crate::stage::{Actor, boom, exit_of};

type Keys = Tables<&'static str, ()>;

/// What a registry's own process does when it is told of an end.
fn clear_away(tables: &Keys, told: Vec<Signal>, owner: &Actor) {
    assert_eq!(exit_of(told, owner.pid), boom());
    tables.release(owner.pid);
}

// REG-001
#[test]
fn an_entry_for_a_process_that_ends_is_refused_or_cleared_away() {
    bounded(|| {
        let node = Node::new();
        let keeper = Actor::trapping(&node);
        let b = Actor::new(&node);
        let tables = Keys::new(true, 1);
        let life = b.ends(boom());
        let entered = tables.insert(&keeper.process, &b.process, "it", ());
        life.join().expect("it has died");
        assert_eq!(tables.whereis("it"), None, "never a dead one");
        match entered {
            Ok(()) => clear_away(&tables, keeper.told(), &b),
            Err(Refused::NoProcess) => assert!(keeper.told().is_empty(), "and linked all the same"),
            Err(other) => panic!("{other:?}"),
        }
        assert!(tables.is_empty());
        assert_eq!(keeper.links(), []);
        b.assert_forgotten();
        keeper.leave();
    });
}

// REG-001
#[test]
fn a_key_that_is_given_up_as_its_owner_ends_is_free() {
    bounded(|| {
        let node = Node::new();
        let keeper = Actor::trapping(&node);
        let b = Actor::new(&node);
        let tables = Keys::new(true, 1);
        let entered = tables.insert(&keeper.process, &b.process, "it", ());
        entered.expect("the key is free");
        let life = b.ends(boom());
        let removed = tables.remove(Some(keeper.pid), b.pid, &"it", |_| true);
        assert_eq!(removed, 1);
        life.join().expect("it has died");
        let told = keeper.told();
        if !told.is_empty() {
            clear_away(&tables, told, &b);
        }
        assert!(tables.is_empty());
        assert_eq!(keeper.links(), []);
        b.assert_forgotten();
        keeper.leave();
    });
}

// REG-001
#[test]
fn a_key_goes_from_one_that_ends_to_its_successor() {
    bounded(|| {
        let node = Node::new();
        let keeper = Actor::trapping(&node);
        let [a, b] = [Actor::new(&node), Actor::new(&node)];
        let tables = Keys::new(true, 1);
        let enter = |actor: &Actor| tables.insert(&keeper.process, &actor.process, "it", ());
        enter(&b).expect("the key is free");
        let life = b.ends(boom());
        let taken = enter(&a);
        life.join().expect("it has died");
        clear_away(&tables, keeper.told(), &b);
        match taken {
            Ok(()) => assert_eq!(tables.whereis("it"), Some(a.pid)),
            Err(Refused::Taken(pid)) => {
                assert_eq!(pid, b.pid);
                enter(&a).expect("nobody has it any more");
            }
            Err(other) => panic!("{other:?}"),
        }
        assert_eq!(tables.remove(Some(keeper.pid), a.pid, &"it", |_| true), 1);
        assert!(tables.is_empty());
        b.assert_forgotten();
        a.leave();
        keeper.leave();
    });
}
