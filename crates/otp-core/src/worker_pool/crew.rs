//! The bookkeeping of a pool, without its process: lent workers, free workers and waiting callers.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Workers `W`, leases and places by tickets `T`, and callers `C`.
#[derive(Debug)]
pub(super) struct Crew<T, W, C> {
    idle: VecDeque<W>,
    lent: HashMap<T, W>,
    waiting: VecDeque<(T, C)>,
    max_waiting: usize,
}

/// The result of a request for a worker.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Served<W, C> {
    Now(W, C),
    Waits,
    /// None is free, and so many wait.
    Full(usize, C),
}

impl<T: Copy + Eq + Hash, W: Clone, C> Crew<T, W, C> {
    pub(super) fn new(max_waiting: usize) -> Self {
        Self {
            idle: VecDeque::new(),
            lent: HashMap::new(),
            waiting: VecDeque::new(),
            max_waiting,
        }
    }

    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.idle.len(), self.lent.len(), self.waiting.len())
    }

    /// A caller asks for a worker. If none is free it may wait.
    pub(super) fn ask(
        &mut self,
        ticket: T,
        caller: C,
        waits: bool,
        is_alive: impl Fn(&W) -> bool,
    ) -> Served<W, C> {
        // A worker that has just ended is not lent. Its guard reports the end, and then the next worker.
        while let Some(worker) = self.idle.pop_front() {
            if is_alive(&worker) {
                self.lent.insert(ticket, worker.clone());
                return Served::Now(worker, caller);
            }
        }
        let waiting = self.waiting.len();
        if !waits || waiting >= self.max_waiting {
            return Served::Full(waiting, caller);
        }
        self.waiting.push_back((ticket, caller));
        Served::Waits
    }

    /// A lease is over, or a place is given up. Returns the worker of the lease.
    pub(super) fn end(&mut self, ticket: T) -> Option<W> {
        if let Some(worker) = self.lent.remove(&ticket) {
            return Some(worker);
        }
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
        None
    }

    /// A worker is free. Returns the caller that gets it, if one waits.
    pub(super) fn free(&mut self, worker: W) -> Option<(T, W, C)> {
        match self.waiting.pop_front() {
            Some((ticket, caller)) => {
                self.lent.insert(ticket, worker.clone());
                Some((ticket, worker, caller))
            }
            // The worker that was used last is used next, so that workers that are not needed stay unused.
            None => {
                self.idle.push_front(worker);
                None
            }
        }
    }

    /// A worker has ended.
    pub(super) fn lose(&mut self, is: impl Fn(&W) -> bool) {
        self.idle.retain(|worker| !is(worker));
        self.lent.retain(|_, worker| !is(worker));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Ask,
        End(usize),
        Lose(usize),
        Start,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Ask),
            4 => (0..40_usize).prop_map(Step::End),
            1 => (0..10_usize).prop_map(Step::Lose),
            1 => Just(Step::Start),
        ]
    }

    proptest! {
        #[test]
        fn no_worker_is_lent_twice_and_callers_are_served_in_order(steps in prop::collection::vec(step(), 0..200)) {
            let mut crew = Crew::new(5);
            let (mut next, mut workers) = (0, HashSet::new());
            let mut holds: HashMap<usize, usize> = HashMap::new();
            let mut queue: VecDeque<usize> = VecDeque::new();
            for (number, step) in steps.into_iter().enumerate() {
                let served = match step {
                    Step::Ask => {
                        next += 1;
                        match crew.ask(next, next, true, |_| true) {
                            Served::Now(worker, ticket) => Some((ticket, worker)),
                            Served::Waits => {
                                queue.push_back(next);
                                None
                            }
                            Served::Full(waiting, _) => {
                                prop_assert_eq!(waiting, 5);
                                None
                            }
                        }
                    }
                    Step::End(ticket) => {
                        queue.retain(|it| *it != ticket);
                        let worker = crew.end(ticket);
                        prop_assert_eq!(worker, holds.remove(&ticket));
                        let given = worker.and_then(|worker| crew.free(worker));
                        given.map(|(ticket, worker, _)| {
                            assert_eq!(queue.pop_front(), Some(ticket));
                            (ticket, worker)
                        })
                    }
                    Step::Lose(worker) => {
                        crew.lose(|it| *it == worker);
                        workers.remove(&worker);
                        holds.retain(|_, held| *held != worker);
                        None
                    }
                    Step::Start => {
                        let worker = 100 + number;
                        workers.insert(worker);
                        crew.free(worker).map(|(ticket, worker, _)| {
                            assert_eq!(queue.pop_front(), Some(ticket));
                            (ticket, worker)
                        })
                    }
                };
                if let Some((ticket, worker)) = served {
                    prop_assert!(!holds.values().any(|held| *held == worker), "lent twice");
                    prop_assert!(workers.contains(&worker), "it does not run");
                    holds.insert(ticket, worker);
                }
                let (idle, lent, waiting) = crew.counts();
                prop_assert_eq!((idle + lent, lent, waiting), (workers.len(), holds.len(), queue.len()));
                prop_assert!(idle == 0 || waiting == 0);
            }
        }
    }
}
