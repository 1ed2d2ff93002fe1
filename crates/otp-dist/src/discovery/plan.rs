//! The plan of connection attempts: which nodes are dialled, and when. Time and random numbers come from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use otp_etf::Atom;
use tokio::time::Instant;

/// The time until the first attempt is repeated.
const FIRST: Duration = Duration::from_millis(500);

/// No two attempts are further apart than this, chance included.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// How many attempts may be under way: a cluster that starts afresh is no storm.
const AT_ONCE: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Plan {
    nodes: BTreeMap<Atom, Attempts>,
}

#[derive(Debug)]
struct Attempts {
    /// How many have failed since there was a connection.
    failed: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Up,
    Dialling,
    /// To be dialled at this time.
    Down(Instant),
}

impl Plan {
    /// These are the nodes to be connected with. Others are left alone from now on, connected or not; those that were wanted before are
    /// returned.
    pub(super) fn wanted(&mut self, names: &[Atom], now: Instant) -> Vec<Atom> {
        let names: BTreeSet<&Atom> = names.iter().collect();
        let gone: Vec<Atom> = self
            .nodes
            .keys()
            .filter(|it| !names.contains(it))
            .cloned()
            .collect();
        self.nodes.retain(|node, _| names.contains(node));
        for name in names {
            let name = Atom::clone(name);
            self.nodes.entry(name).or_insert(Attempts {
                failed: 0,
                state: State::Down(now),
            });
        }
        gone
    }

    /// A connection exists, made by either side.
    pub(super) fn up(&mut self, node: &Atom) {
        if let Some(attempts) = self.nodes.get_mut(node) {
            attempts.failed = 0;
            attempts.state = State::Up;
        }
    }

    /// A connection is lost. Many nodes see the same loss: chance, from 0 to 1, has them come back one after another.
    pub(super) fn down(&mut self, node: &Atom, now: Instant, chance: f64) {
        if let Some(attempts) = self.nodes.get_mut(node)
            && attempts.state == State::Up
        {
            attempts.state = State::Down(now + FIRST.mul_f64(chance));
        }
    }

    /// An attempt has failed: the next one comes after twice the time, up to a limit, give or take a half.
    pub(super) fn failed(&mut self, node: &Atom, now: Instant, chance: f64) {
        if let Some(attempts) = self.nodes.get_mut(node)
            && attempts.state == State::Dialling
        {
            let factor = 2_u32.saturating_pow(attempts.failed);
            let delay = FIRST.saturating_mul(factor).min(LONGEST.mul_f64(2.0 / 3.0));
            attempts.failed = attempts.failed.saturating_add(1);
            attempts.state = State::Down(now + delay.mul_f64(0.5 + chance));
        }
    }

    /// The nodes to be dialled now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Atom> {
        let dialling = |it: &&Attempts| it.state == State::Dialling;
        let room = AT_ONCE - self.nodes.values().filter(dialling).count();
        let mut due = Vec::new();
        for (node, attempts) in &mut self.nodes {
            if due.len() < room && matches!(attempts.state, State::Down(at) if at <= now) {
                attempts.state = State::Dialling;
                due.push(node.clone());
            }
        }
        due
    }

    /// When there is something to be done next, if no attempt ends before.
    pub(super) fn next(&self) -> Option<Instant> {
        let waiting = self
            .nodes
            .values()
            .filter_map(|attempts| match attempts.state {
                State::Down(at) => Some(at),
                _ => None,
            });
        let dialling = |it: &&Attempts| it.state == State::Dialling;
        // Without room an attempt is allowed only when another one ends.
        let has_room = self.nodes.values().filter(dialling).count() < AT_ONCE;
        waiting.min().filter(|_| has_room)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use otp_etf::Atom;
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::{AT_ONCE, FIRST, LONGEST, Plan};

    fn node(number: usize) -> Atom {
        Atom::new(&format!("n{number}@127.0.0.1")).expect("it is short")
    }

    // DST-027
    #[test]
    fn attempts_are_further_and_further_apart() {
        let mut now = Instant::now();
        let mut plan = Plan::default();
        plan.wanted(&[node(1)], now);
        let mut last = Duration::ZERO;
        for attempt in 0..20 {
            assert_eq!(plan.due(now), [node(1)]);
            assert!(plan.due(now).is_empty(), "it is under way");
            plan.failed(&node(1), now, 0.5);
            let next = plan.next().expect("it goes on");
            let delay = next - now;
            assert!(delay >= last && delay <= LONGEST, "{attempt}: {delay:?}");
            assert!(plan.due(next - Duration::from_millis(1)).is_empty());
            (last, now) = (delay, next);
        }
        assert_eq!(last, LONGEST.mul_f64(2.0 / 3.0));
        // A connection makes it forget that.
        plan.up(&node(1));
        assert_eq!(plan.next(), None);
        plan.down(&node(1), now, 0.5);
        assert_eq!(plan.next(), Some(now + FIRST / 2));
    }

    // DST-027
    #[test]
    fn who_is_wanted_no_more_is_left_alone() {
        let now = Instant::now();
        let mut plan = Plan::default();
        plan.wanted(&[node(1), node(2)], now);
        assert_eq!(plan.due(now), [node(1), node(2)]);
        assert_eq!(plan.wanted(&[node(2), node(3)], now), [node(1)]);
        plan.failed(&node(1), now, 0.0);
        plan.up(&node(2));
        assert_eq!(plan.due(now), [node(3)]);
        assert_eq!(plan.next(), None);
    }

    proptest! {
        // DST-027
        /// In all histories: no node is dialled twice at the same time, there are no bursts, and an unreachable node is
        /// dialled again within the limit.
        #[test]
        fn nobody_is_forgotten(
            events in prop::collection::vec((0_usize..40, 0_u8..4, 0_f64..1.0), 0..300)
        ) {
            let mut now = Instant::now();
            let names: Vec<Atom> = (0..40).map(node).collect();
            let mut plan = Plan::default();
            plan.wanted(&names, now);
            let mut dialling: Vec<Atom> = Vec::new();
            let mut up: Vec<Atom> = Vec::new();
            for (number, event, chance) in events {
                let name = node(number);
                match event {
                    0 => now += Duration::from_millis(number as u64 * 50),
                    1 => {
                        // Also a peer that has connected itself.
                        plan.up(&name);
                        dialling.retain(|it| *it != name);
                        up.push(name);
                    }
                    2 => {
                        plan.down(&name, now, chance);
                        up.retain(|it| *it != name);
                    }
                    _ => {
                        plan.failed(&name, now, chance);
                        dialling.retain(|it| *it != name);
                    }
                }
                for due in plan.due(now) {
                    prop_assert!(!dialling.contains(&due) && !up.contains(&due));
                    dialling.push(due);
                }
                prop_assert!(dialling.len() <= AT_ONCE);
            }
            // From here on everything succeeds.
            for _ in 0..names.len() {
                for due in dialling.drain(..) {
                    plan.up(&due);
                    up.push(due);
                }
                if let Some(next) = plan.next() {
                    prop_assert!(next <= now + LONGEST);
                    dialling = plan.due(now.max(next));
                }
            }
            up.sort_unstable();
            up.dedup();
            prop_assert_eq!(up.len(), names.len());
        }
    }
}
