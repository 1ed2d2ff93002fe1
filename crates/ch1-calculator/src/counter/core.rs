//! Counting.

/// The count after one more.
///
/// # Panics
///
/// With `overflow` when there is no such number.
pub fn inc(count: u64) -> u64 {
    count
        .checked_add(1)
        .expect("overflow: the counter is at its end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_is_one_more() {
        assert_eq!(inc(0), 1);
        assert_eq!(inc(inc(40)), 42);
        assert_eq!(inc(u64::MAX - 1), u64::MAX);
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn a_counter_at_its_end_crashes_and_does_not_begin_again() {
        inc(u64::MAX);
    }
}
