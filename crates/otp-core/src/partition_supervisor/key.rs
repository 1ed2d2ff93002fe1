//! The keys of routes.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::pid::Pid;

/// A key that leads to a partition: always to the same one, as long as their number does not change.
///
/// Whole numbers lead to their absolute value modulo the number of partitions. Text and pids convert too;
/// any other value that can be hashed makes a key with [`of`](Self::of).
///
/// # Examples
///
/// ```
/// use otp_core::partition_supervisor::RouteKey;
///
/// // A number is its own key: 10 goes to partition 2 of four. All else goes by its hash.
/// assert_eq!(RouteKey::from(10_u64), RouteKey::from(10_u64));
/// assert_eq!(RouteKey::of("ann"), RouteKey::of(&"ann".to_owned()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RouteKey(u64);

impl RouteKey {
    /// The key of any value, by its hash.
    pub fn of<T: Hash + ?Sized>(value: &T) -> Self {
        // Without the random seed of a hash map: the same value gives the same key in every process.
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The partition among so many.
    pub(super) fn partition(self, partitions: usize) -> usize {
        let partitions = u64::try_from(partitions).unwrap_or(u64::MAX);
        usize::try_from(self.0 % partitions.max(1)).expect("it is less than a number that fits")
    }
}

impl From<u64> for RouteKey {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<i64> for RouteKey {
    fn from(number: i64) -> Self {
        Self(number.unsigned_abs())
    }
}

impl From<u32> for RouteKey {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<i32> for RouteKey {
    fn from(number: i32) -> Self {
        Self(number.unsigned_abs().into())
    }
}

impl From<usize> for RouteKey {
    fn from(number: usize) -> Self {
        Self(u64::try_from(number).expect("a usize has at most 64 bits"))
    }
}

impl From<&str> for RouteKey {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl From<Pid> for RouteKey {
    fn from(pid: Pid) -> Self {
        Self::of(&pid)
    }
}
