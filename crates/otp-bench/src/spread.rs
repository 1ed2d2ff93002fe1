//! The median of some samples, between the least and the greatest of them.

/// What a handful of samples comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// As many samples are above it as below.
    pub median: f64,
    /// The least of them.
    pub min: f64,
    /// The greatest of them.
    pub max: f64,
}

impl Spread {
    /// Summarises samples; an even number of them has the mean of the two in the middle as its median.
    ///
    /// # Panics
    ///
    /// Panics when there are none.
    pub fn of(samples: &[f64]) -> Self {
        assert!(!samples.is_empty(), "a spread needs at least one sample");
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (lower, upper) = ((sorted.len() - 1) / 2, sorted.len() / 2);
        Self {
            median: f64::midpoint(sorted[lower], sorted[upper]),
            min: sorted[0],
            max: sorted[sorted.len() - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    fn check(samples: &[f64], median: f64, min: f64, max: f64) {
        assert_eq!(Spread::of(samples), Spread { median, min, max });
    }

    #[test]
    fn the_median_does_not_depend_on_the_order() {
        check(&[3.0], 3.0, 3.0, 3.0);
        check(&[9.0, 1.0, 2.0], 2.0, 1.0, 9.0);
        check(&[4.0, 1.0, 2.0, 8.0], 3.0, 1.0, 8.0);
    }
}
