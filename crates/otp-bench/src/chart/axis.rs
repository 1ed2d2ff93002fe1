//! The axis of the ratios: logarithmic, so that twice as cheap is as far from the floor as twice as dear.

/// An axis that begins at some place and has some length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) start: f64,
    pub(super) length: f64,
}

/// The ratios that are marked on the axis, with what stands there; the first and the last are its ends.
pub(super) const TICKS: [(f64, &str); 7] = [
    (0.25, "¼"),
    (0.5, "½"),
    (1.0, "1"),
    (2.0, "2"),
    (4.0, "4"),
    (8.0, "8"),
    (16.0, "16"),
];

/// Where a ratio is on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    At(f64),
    /// Beyond one end of the axis, which is here.
    Beyond(f64),
}

impl Axis {
    /// Where a ratio is.
    pub(super) fn place(&self, ratio: f64) -> Place {
        let (least, greatest) = (TICKS[0].0, TICKS[TICKS.len() - 1].0);
        let at = |ratio: f64| {
            let share = (ratio / least).log2() / (greatest / least).log2();
            self.start + share * self.length
        };
        if (least..=greatest).contains(&ratio) {
            Place::At(at(ratio))
        } else {
            Place::Beyond(at(ratio.clamp(least, greatest)))
        }
    }

    /// Where the floor is, which is where all bars begin.
    pub(super) fn floor(&self) -> f64 {
        self.place(1.0).position()
    }
}

impl Place {
    pub(super) fn position(self) -> f64 {
        match self {
            Self::At(position) | Self::Beyond(position) => position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Place};

    const AXIS: Axis = Axis {
        start: 100.0,
        length: 60.0,
    };

    #[test]
    fn every_doubling_is_as_long_as_the_next() {
        assert_eq!(AXIS.place(0.25), Place::At(100.0));
        assert_eq!(AXIS.place(0.5), Place::At(110.0));
        assert_eq!(AXIS.floor(), 120.0);
        assert_eq!(AXIS.place(16.0), Place::At(160.0));
    }

    #[test]
    fn what_is_beyond_the_axis_ends_with_it() {
        assert_eq!(AXIS.place(290.0), Place::Beyond(160.0));
        assert_eq!(AXIS.place(0.01), Place::Beyond(100.0));
    }
}
