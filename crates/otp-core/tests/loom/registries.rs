//! A process is entered in a registry, or looked up there, while it ends.

use std::sync::Arc;

use loom::thread::{self, JoinHandle};

use crate::address::via::Refused;
use crate::model;
use crate::node::Node;
use crate::registry::tables::Tables;
use crate::stage::{Actor, boom, exit_of};
use crate::util::panic::Pair;

type Keys = Tables<&'static str, ()>;

/// A registry, whose own process is not let run.
struct Stage {
    node: Node,
    keeper: Actor,
    keys: Keys,
}

impl Stage {
    fn new() -> Arc<Self> {
        let node = Node::new();
        Arc::new(Self {
            keeper: Actor::trapping(&node),
            keys: Keys::new(true, 1),
            node,
        })
    }

    fn enter(&self, actor: &Actor) -> Result<(), Refused> {
        self.keys.insert(
            &self.keeper.process,
            &actor.process,
            Pair::new(("it", ())),
            || true,
        )
    }

    fn remove(&self, actor: &Actor) -> usize {
        self.keys
            .remove(Some(&self.keeper.process), actor.pid, &"it", |_| true)
    }

    /// Does what the registry's own process does when it gets a message of an end.
    fn clear_away(&self, owner: &Actor) {
        let told = self.keeper.told();
        if !told.is_empty() {
            assert_eq!(exit_of(told, owner.pid), boom());
            self.keys.release(owner.pid);
        }
    }

    /// The process ends on a thread of its own, and what it leaves is cleared away at once.
    fn ends(self: &Arc<Self>, actor: &Actor) -> JoinHandle<()> {
        let (stage, actor) = (self.clone(), actor.clone());
        thread::spawn(move || {
            actor.live(async { boom() });
            stage.clear_away(&actor);
        })
    }

    /// Checks that nothing is left when all owners have ended.
    fn ends_empty(self: Arc<Self>) {
        assert!(self.keys.is_empty());
        assert_eq!(self.keeper.links(), []);
        let Ok(stage) = Arc::try_unwrap(self) else {
            panic!("somebody still holds it");
        };
        stage.keeper.leave();
    }
}

// REG-001
#[test]
fn an_entry_for_a_process_that_ends_is_refused_or_cleared_away() {
    model(|| {
        let stage = Stage::new();
        let b = Actor::new(&stage.node);
        let life = stage.ends(&b);
        let entered = stage.enter(&b);
        assert!(matches!(entered, Ok(()) | Err(Refused::NoProcess)));
        life.join().expect("it has died");
        assert_eq!(stage.keys.whereis("it"), None, "never a dead one");
        stage.clear_away(&b);
        stage.ends_empty();
        b.assert_forgotten();
    });
}

// REG-001
#[test]
fn a_key_that_is_given_up_as_its_owner_ends_is_free() {
    model(|| {
        let stage = Stage::new();
        let b = Actor::new(&stage.node);
        stage.enter(&b).expect("the key is free");
        let life = stage.ends(&b);
        // None, if it has been cleared away already.
        assert!(stage.remove(&b) <= 1);
        life.join().expect("it has died");
        stage.ends_empty();
        b.assert_forgotten();
    });
}

// REG-001
#[test]
fn a_key_goes_from_one_that_ends_to_its_successor() {
    model(|| {
        let stage = Stage::new();
        let [a, b] = [Actor::new(&stage.node), Actor::new(&stage.node)];
        stage.enter(&b).expect("the key is free");
        let life = stage.ends(&b);
        let is_ending = b.head().is_exiting();
        let taken = stage.enter(&a);
        life.join().expect("it has died");
        match taken {
            Ok(()) => assert_eq!(stage.keys.whereis("it"), Some(a.pid)),
            Err(Refused::Taken(pid)) if pid == b.pid && !is_ending => {
                stage.enter(&a).expect("nobody has it any more");
            }
            Err(other) => panic!("{other:?}"),
        }
        assert_eq!(stage.remove(&a), 1);
        stage.ends_empty();
        a.leave();
        b.assert_forgotten();
    });
}
