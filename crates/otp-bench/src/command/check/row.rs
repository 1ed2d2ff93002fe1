//! A workload's counts beside what was recorded.

use serde_json::{Value, json};

use super::MARGIN;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Instructions,
    /// What instructions read from memory and write to it.
    Operands,
    Branches,
    /// Instructions that have a cache line to themselves.
    Locked,
}

impl Counted {
    pub(super) const ALL: [Self; 4] = [
        Self::Instructions,
        Self::Operands,
        Self::Branches,
        Self::Locked,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Operands => "memory operands",
            Self::Branches => "branches",
            Self::Locked => "locked instructions",
        }
    }

    /// What valgrind calls the events that are added up.
    pub(super) fn events(self) -> &'static [&'static str] {
        match self {
            Self::Instructions => &["Ir"],
            Self::Operands => &["Dr", "Dw"],
            Self::Branches => &["Bc", "Bi"],
            Self::Locked => &["Ge"],
        }
    }
}

/// How many an operation takes, on each side.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Count {
    pub(in crate::command) floor: f64,
    pub(in crate::command) ours: f64,
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) counted: Counted,
    pub(super) count: Count,
    /// The ratio that was recorded.
    pub(super) recorded: f64,
}

impl Count {
    /// Ours over the floor.
    pub(super) fn ratio(self) -> f64 {
        self.ours / self.floor
    }
}

impl Row {
    /// Whether the ratio is beyond what was recorded by more than the margin. So is one that is no number: a
    /// side that takes nothing has not run.
    pub(super) fn is_missed(&self) -> bool {
        let holds = self.count.ratio() <= self.limit();
        !holds
    }

    pub(super) fn line(&self) -> String {
        format!(
            "{:<15} {:<19} {:>8.0} {:>8.0} {:>7.2} {:>9.2} {:>7.2}  {}",
            self.name,
            self.counted.name(),
            self.count.floor,
            self.count.ours,
            self.count.ratio(),
            self.recorded,
            self.limit(),
            self.verdict(),
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "workload": self.name,
            "counted": self.counted.name(),
            "floor": self.count.floor,
            "ours": self.count.ours,
            "ratio": self.count.ratio(),
            "recorded": self.recorded,
            "limit": self.limit(),
            "verdict": self.verdict(),
        })
    }

    fn limit(&self) -> f64 {
        self.recorded * MARGIN
    }

    fn verdict(&self) -> &'static str {
        if self.is_missed() {
            "missed"
        } else if self.count.ratio() * MARGIN < self.recorded {
            // From now on the guard could be stricter.
            "better: worth recording"
        } else {
            "holds"
        }
    }
}

pub(super) fn heading() -> String {
    format!(
        "{:<15} {:<19} {:>8} {:>8} {:>7} {:>9} {:>7}",
        "an operation of", "takes", "floor", "ours", "ratio", "recorded", "limit"
    )
}

pub(super) fn footer(missed: usize) -> String {
    match missed {
        0 => format!("every ratio is within {MARGIN} times what was recorded"),
        1 => format!("1 ratio is more than {MARGIN} times what was recorded"),
        many => format!("{many} ratios are more than {MARGIN} times what was recorded"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Counted, Row, footer};

    fn check(ours: f64, is_missed: bool, verdict: &str) {
        let row = Row {
            name: "call",
            counted: Counted::Instructions,
            count: Count { floor: 100.0, ours },
            recorded: 0.8,
        };
        assert_eq!(row.is_missed(), is_missed, "{ours}");
        assert_eq!(row.json()["verdict"], verdict, "{ours}");
        assert!(row.line().ends_with(verdict), "{}", row.line());
    }

    #[test]
    fn a_tenth_more_than_recorded_is_too_much() {
        check(72.0, false, "better: worth recording");
        check(73.0, false, "holds");
        check(87.0, false, "holds");
        check(89.0, true, "missed");
    }

    #[test]
    fn a_side_that_has_not_run_is_missed() {
        let count = Count {
            floor: 0.0,
            ours: 0.0,
        };
        let row = Row {
            name: "call",
            counted: Counted::Locked,
            count,
            recorded: 0.8,
        };
        assert!(row.is_missed());
    }

    #[test]
    fn the_footer_counts_what_is_missed() {
        assert!(footer(0).starts_with("every ratio is within"));
        assert!(footer(1).starts_with("1 ratio is more"));
        assert!(footer(2).starts_with("2 ratios are more"));
    }
}
