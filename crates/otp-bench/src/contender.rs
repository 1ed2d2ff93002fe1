//! Who takes part: the floor, ours, and whoever another program adds.

use crate::workload::{self, Side, WORKLOADS};

/// One who takes part in the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Contender {
    /// What it is called in the tables.
    pub name: &'static str,
    /// What it runs, by the name of the workload. It has no part in the others.
    pub sides: &'static [(&'static str, Side)],
}

/// Bare tokio: what all others are compared with.
pub const FLOOR: Contender = Contender {
    name: "floor",
    sides: &{
        let mut sides = [NOTHING; WORKLOADS.len()];
        let mut index = 0;
        while index < sides.len() {
            sides[index] = (WORKLOADS[index].name, WORKLOADS[index].floor);
            index += 1;
        }
        sides
    },
};

/// otp-core, with every feature on.
pub const OURS: Contender = Contender {
    name: "otp-core",
    sides: &{
        let mut sides = [NOTHING; WORKLOADS.len()];
        let mut index = 0;
        while index < sides.len() {
            sides[index] = (WORKLOADS[index].name, WORKLOADS[index].ours);
            index += 1;
        }
        sides
    },
};

/// What the BEAM is called where it takes part: some goals are set beside it.
pub const BEAM: &str = "BEAM";

/// What the lists above are filled with until each workload has been put in its place.
const NOTHING: (&str, Side) = ("", workload::CALL.floor);

impl Contender {
    /// How it runs a workload, if it takes part in it.
    pub fn side(&self, workload: &str) -> Option<Side> {
        let found = self.sides.iter().find(|(name, _)| *name == workload);
        found.map(|&(_, side)| side)
    }
}

#[cfg(test)]
mod tests {
    use super::{FLOOR, OURS};
    use crate::workload::WORKLOADS;

    #[test]
    fn floor_and_ours_take_part_in_every_workload() {
        for workload in WORKLOADS {
            let floor = FLOOR.side(workload.name).unwrap();
            let ours = OURS.side(workload.name).unwrap();
            assert!(std::ptr::fn_addr_eq(floor, workload.floor));
            assert!(std::ptr::fn_addr_eq(ours, workload.ours));
        }
        assert!(FLOOR.side("").is_none());
    }
}
