//! Hashing of numbers that are given out one after the other: pids and monitors.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are such numbers.
///
/// Processes that are started one after the other are mostly also used, stopped and forgotten close to each other in
/// time. A hash that spreads them over a map of a million entries makes each access a cache miss and a page walk; this
/// one keeps neighbours together. The runtime assigns the numbers, so the hash need not resist keys that are chosen to
/// collide.
pub(crate) type Numbered = BuildHasherDefault<NumberHasher>;

/// See [`Numbered`].
#[derive(Debug, Default)]
pub(crate) struct NumberHasher(u64);

/// Neighbours within so many bits stay neighbours.
const NEAR: u32 = 10;

/// The bits by which a map distinguishes the entries of one bucket, and those by which a map of several shards chooses
/// one.
const HIGH: u64 = !0 << 48;

/// 2^64 divided by the golden ratio: multiples of it lie far apart.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for NumberHasher {
    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.wrapping_add(number);
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = self.0.wrapping_add(u64::from(number) << 32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(GOLDEN).wrapping_add(u64::from(*byte));
        }
    }

    /// The low bits choose the bucket. The low bits of the number would be enough, if the numbers of long-lived
    /// processes were not sometimes multiples of a power of two. So the higher bits are folded in, in a way that gives
    /// different buckets to all numbers of a range as long as the map.
    fn finish(&self) -> u64 {
        let number = self.0;
        let folded = number ^ (number >> NEAR) ^ (number >> (2 * NEAR));
        (folded & !HIGH) | (number.wrapping_mul(GOLDEN) & HIGH)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;
    use std::num::NonZeroU64;

    use super::Numbered;
    use crate::pid::{NodeId, Pid};

    fn hash(number: u64) -> u64 {
        let number = NonZeroU64::new(number).expect("pids count from 1");
        Numbered::default().hash_one(Pid::new(NodeId(3), number))
    }

    /// How many of so many numbers have a bucket of their own in a map of 65,536 buckets.
    fn check(numbers: impl Iterator<Item = u64>, expected: usize) {
        let buckets: HashSet<_> = numbers.map(|number| hash(number) & 0xFFFF).collect();
        assert_eq!(buckets.len(), expected);
    }

    #[test]
    fn numbers_in_a_row_share_no_bucket() {
        check(1 << 16..1 << 17, 1 << 16);
        check(5 << 40..(5 << 40) + (1 << 16), 1 << 16);
    }

    #[test]
    fn every_so_manieth_number_finds_a_bucket_of_its_own() {
        for power in 0..=20 {
            check((1..=1_000).map(|number| number << power), 1_000);
        }
    }

    #[test]
    fn neighbours_stay_neighbours() {
        let mut near = 0;
        for number in 1..10_000 {
            let (here, there) = (hash(number) & 0xFFFF, hash(number + 1) & 0xFFFF);
            near += usize::from(here.abs_diff(there) < 64);
        }
        assert!(near > 9_800, "{near}");
    }

    #[test]
    fn the_bits_that_tell_entries_apart_differ() {
        let tags: HashSet<_> = (1..=1_000).map(|number| hash(number) >> 57).collect();
        assert_eq!(tags.len(), 128);
    }
}
