//! What the cache decides: what is fresh, and whether a value is being computed already. Plain values; no clock.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// A value, and when it expires.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry<V> {
    value: V,
    expires: Instant,
}

impl<V> Entry<V> {
    /// A value that expires `ttl` after `now`.
    pub(crate) fn new(value: V, now: Instant, ttl: Duration) -> Self {
        let expires = now + ttl;
        Self { value, expires }
    }

    /// Whether the value may still be used.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.expires
    }

    /// The value, if it may still be used.
    pub(crate) fn fresh(self, now: Instant) -> Option<V> {
        self.is_fresh(now).then_some(self.value)
    }
}

/// The computations that run, each with those who wait for its value.
pub(crate) struct Flights<K, W> {
    waiters: HashMap<K, Vec<W>>,
}

impl<K: Eq + Hash, W> Flights<K, W> {
    /// Starts with no computation.
    pub(crate) fn new() -> Self {
        let waiters = HashMap::new();
        Self { waiters }
    }

    /// Adds somebody who waits for the value of a key. Returns whether it is the first: then the computation is to be
    /// started.
    pub(crate) fn join(&mut self, key: K, waiter: W) -> bool {
        let waiters = self.waiters.entry(key).or_default();
        waiters.push(waiter);
        waiters.len() == 1
    }

    /// Ends a computation. Returns those who have waited for it.
    pub(crate) fn land(&mut self, key: &K) -> Vec<W> {
        self.waiters.remove(key).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_fresh_until_it_expires() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let entry = Entry::new("tea", now, second);
        assert!(entry.is_fresh(now));
        assert!(!entry.is_fresh(now + second));
        assert_eq!(entry.fresh(now + second / 2), Some("tea"));
    }

    #[test]
    fn only_the_first_to_ask_starts_a_computation() {
        let mut flights = Flights::new();
        assert!(flights.join("tea", 1));
        assert!(!flights.join("tea", 2));
        assert!(flights.join("coffee", 3));
        assert_eq!(flights.land(&"tea"), [1, 2]);
        assert_eq!(flights.land(&"tea"), [0; 0]);
        assert!(flights.join("tea", 4));
    }
}
