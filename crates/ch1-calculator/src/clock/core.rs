//! Counting ticks. Pure: the time comes from outside.

use chrono::NaiveTime;
use std::fmt;

/// A clock face: how often it has ticked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    ticks: u64,
}

/// One tick, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// 1 for the first.
    pub number: u64,
    /// When it was.
    pub time: NaiveTime,
}

impl Clock {
    /// Ticks, at this time of day.
    pub fn tick(&mut self, time: NaiveTime) -> Tick {
        self.ticks += 1;
        Tick {
            number: self.ticks,
            time,
        }
    }

    /// How often it has ticked.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tick {}: {}", self.number, self.time.format("%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_tells_its_number_and_the_time() {
        let time = NaiveTime::from_hms_milli_opt(7, 5, 9, 900).expect("a time");
        let mut clock = Clock::default();
        assert_eq!(clock.tick(time).to_string(), "tick 1: 07:05:09");
        assert_eq!(clock.tick(time).number, 2);
        assert_eq!(clock.ticks(), 2);
    }
}
