//! Whether memory goes on growing.

/// What may come and go without anything leaking: the capacity of tables and of pools, which is kept for reuse.
const TOLERANCE: usize = 64 * 1024;

/// The fewest rounds whose halves can be compared.
const FEWEST: usize = 8;

/// By how many bytes what is in use after a round has grown from the first half of the rounds to the second, if by more than is
/// tolerated. The first quarter of them is left out: it fills what is kept.
pub(crate) fn growth(bytes: &[usize]) -> Option<usize> {
    if bytes.len() < FEWEST {
        return None;
    }
    let settled = &bytes[bytes.len() / 4..];
    let (first, second) = settled.split_at(settled.len() / 2);
    let growth = median(second).saturating_sub(median(first));
    (growth > TOLERANCE).then_some(growth)
}

/// The one in the middle: a round that ends at an odd moment counts for little.
fn median(bytes: &[usize]) -> usize {
    let mut sorted = bytes.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::growth;

    const KIB: usize = 1024;

    #[test]
    fn a_little_more_each_round_is_growth() {
        let leaking: Vec<usize> = (0..20).map(|round| 1000 * KIB + round * 20 * KIB).collect();
        assert_eq!(growth(&leaking), Some(160 * KIB));
    }

    #[test]
    fn what_fills_in_the_first_rounds_or_comes_and_goes_is_none() {
        let mut bytes = vec![1000 * KIB; 20];
        bytes[..4].copy_from_slice(&[100 * KIB, 500 * KIB, 900 * KIB, 990 * KIB]);
        bytes[15] = 5000 * KIB;
        assert_eq!(growth(&bytes), None);
    }

    #[test]
    fn a_handful_of_rounds_says_nothing() {
        assert_eq!(growth(&[1, 10_000_000, 20_000_000, 30_000_000]), None);
    }
}
