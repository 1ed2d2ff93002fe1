//! The decisions of the cache: whether a value has expired, and whether a computation of it runs. It has only values, and no clock.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// A value and the time at which it expires.
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

    /// Whether the value has not expired.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.expires
    }

    /// The value, if it has not expired.
    pub(crate) fn fresh(self, now: Instant) -> Option<V> {
        self.is_fresh(now).then_some(self.value)
    }
}

/// The running computations, each with the callers that wait for its value.
pub(crate) struct Computations<K, W> {
    waiters: HashMap<K, Vec<W>>,
}

impl<K: Eq + Hash, W> Computations<K, W> {
    /// Creates the collection without computations.
    pub(crate) fn new() -> Self {
        let waiters = HashMap::new();
        Self { waiters }
    }

    /// Adds a caller that waits for the value of a key. Returns whether it is the first one: then the caller must start the
    /// computation.
    pub(crate) fn join(&mut self, key: K, waiter: W) -> bool {
        let waiters = self.waiters.entry(key).or_default();
        waiters.push(waiter);
        waiters.len() == 1
    }

    /// Ends a computation. Returns the callers that have waited for it.
    pub(crate) fn finish(&mut self, key: &K) -> Vec<W> {
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
    fn only_the_first_caller_starts_a_computation() {
        let mut computations = Computations::new();
        assert!(computations.join("tea", 1));
        assert!(!computations.join("tea", 2));
        assert!(computations.join("coffee", 3));
        assert_eq!(computations.finish(&"tea"), [1, 2]);
        assert_eq!(computations.finish(&"tea"), [0; 0]);
        assert!(computations.join("tea", 4));
    }
}
