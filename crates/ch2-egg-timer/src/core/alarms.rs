//! The alarms that wait, and which rings still count.

use crate::core::{Alarm, AlarmName, Moment, Status, Wall};
use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

/// The pending alarms, by name.
///
/// Each is kept beside the `T` of the timer that was started for it. A ring brings that `T` along,
/// and only the ring of the *present* timer counts: one that was already on its way when its alarm
/// was cancelled or replaced is stale.
///
/// Timers count on the monotonic clock only. When the wall clock has jumped, each alarm needs [another](Self::wind).
#[derive(Debug)]
pub struct Alarms<A, T> {
    pending: BTreeMap<AlarmName, (Alarm<A>, T)>,
}

/// What the ring of a timer is for.
#[derive(Debug)]
pub enum Rung<A> {
    /// This alarm, whose time has come.
    Due(Alarm<A>),
    /// An alarm that waits longer: the wall clock was set back after the timer was started.
    Early,
    /// None any more.
    Stale,
}

impl<A, T: PartialEq> Alarms<A, T> {
    /// No alarm at all.
    pub fn new() -> Self {
        Self {
            pending: BTreeMap::new(),
        }
    }

    /// Sets an alarm. Gives back the timer of the alarm that had the same name and is now replaced.
    pub fn set(&mut self, alarm: Alarm<A>, timer: T) -> Option<T> {
        self.pending
            .insert(alarm.name().clone(), (alarm, timer))
            .map(|(_, replaced)| replaced)
    }

    /// Takes an alarm out before it rings. Gives back its timer, or `None` when no such alarm
    /// waits.
    pub fn cancel(&mut self, name: &AlarmName) -> Option<T> {
        self.pending.remove(name).map(|(_, timer)| timer)
    }

    /// Decides what a ring is for, and takes out its alarm if that is due.
    pub fn ring(&mut self, name: &AlarmName, timer: &T, now: Moment) -> Rung<A> {
        match self.pending.remove(name) {
            Some((alarm, present)) if present == *timer => {
                if alarm.remaining(now).is_zero() {
                    return Rung::Due(alarm);
                }
                self.pending.insert(name.clone(), (alarm, present));
                Rung::Early
            }
            Some(other) => {
                self.pending.insert(name.clone(), other);
                Rung::Stale
            }
            None => Rung::Stale,
        }
    }

    /// Gives every alarm another timer, in the order in which they ring. `start` makes a timer for an alarm that waits
    /// for so long, `stop` gets the former one.
    pub fn wind(
        &mut self,
        now: Moment,
        mut start: impl FnMut(&AlarmName, Duration) -> T,
        mut stop: impl FnMut(T),
    ) {
        let mut all: Vec<_> = self.pending.values_mut().collect();
        all.sort_by_key(|(alarm, _)| alarm.expiry());
        for (alarm, timer) in all {
            let next = start(alarm.name(), alarm.remaining(now));
            stop(mem::replace(timer, next));
        }
    }

    /// The alarms that ring at another moment of the wall clock than their owner knows, with that moment. The owner
    /// knows it from now on.
    pub fn tell_moved(&mut self, now: Moment) -> Vec<(AlarmName, Wall)> {
        let all = self.pending.values_mut();
        all.filter_map(|(alarm, _)| Some((alarm.name().clone(), alarm.tell_moved(now)?)))
            .collect()
    }

    /// Whether an alarm of this name waits.
    pub fn contains(&self, name: &AlarmName) -> bool {
        self.pending.contains_key(name)
    }

    /// How each alarm stands at `now`, sorted by name.
    pub fn status(&self, now: Moment) -> Vec<Status> {
        self.pending
            .values()
            .map(|(alarm, _)| alarm.status(now))
            .collect()
    }

    /// The names of the pending alarms, sorted.
    pub fn names(&self) -> impl Iterator<Item = &AlarmName> {
        self.pending.keys()
    }
}

impl<A, T: PartialEq> Default for Alarms<A, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Length;
    use proptest::prelude::*;
    use std::time::Instant;

    fn name(text: &str) -> AlarmName {
        text.parse().expect("a name")
    }

    fn now() -> Moment {
        Moment {
            monotonic: Instant::now(),
            wall: Wall::EPOCH + Duration::from_secs(1_700_000_000),
        }
    }

    /// Long after all alarms of these tests.
    fn tomorrow() -> Moment {
        let (day, now) = (Duration::from_secs(86_400), now());
        Moment {
            monotonic: now.monotonic + day,
            wall: now.wall + day,
        }
    }

    /// Rings when the alarm is due; what it carried.
    fn ring(alarms: &mut Alarms<u32, u32>, text: &str, timer: u32) -> Option<u32> {
        match alarms.ring(&name(text), &timer, tomorrow()) {
            Rung::Due(alarm) => Some(alarm.into_action()),
            Rung::Stale => None,
            Rung::Early => panic!("{text} waits longer than a day"),
        }
    }

    /// An alarm that carries the number of its timer as what to do.
    fn set(alarms: &mut Alarms<u32, u32>, text: &str, timer: u32) -> Option<u32> {
        let length = Length::try_from(Duration::from_secs(60)).expect("a minute");
        alarms.set(Alarm::new(name(text), length, now(), timer), timer)
    }

    #[test]
    fn a_ring_counts_once() {
        let mut alarms = Alarms::new();
        assert_eq!(set(&mut alarms, "eggs", 1), None);
        assert_eq!(ring(&mut alarms, "eggs", 1), Some(1));
        assert_eq!(ring(&mut alarms, "eggs", 1), None);
    }

    #[test]
    fn the_ring_of_a_replaced_or_cancelled_alarm_is_stale() {
        let mut alarms = Alarms::new();
        set(&mut alarms, "eggs", 1);
        assert_eq!(set(&mut alarms, "eggs", 2), Some(1));
        assert_eq!(ring(&mut alarms, "eggs", 1), None);
        assert_eq!(alarms.cancel(&name("eggs")), Some(2));
        assert_eq!(alarms.cancel(&name("eggs")), None);
        assert_eq!(ring(&mut alarms, "eggs", 2), None);
    }

    #[test]
    fn a_ring_that_comes_too_early_takes_nothing_out() {
        let mut alarms = Alarms::new();
        set(&mut alarms, "eggs", 1);
        assert!(matches!(alarms.ring(&name("eggs"), &1, now()), Rung::Early));
        assert_eq!(ring(&mut alarms, "eggs", 1), Some(1));
    }

    #[test]
    fn all_timers_are_wound_in_the_order_of_the_rings() {
        let mut alarms = Alarms::new();
        let start = now();
        for (timer, (text, length)) in [("a", "90s"), ("b", "30s"), ("c", "2h")]
            .into_iter()
            .enumerate()
        {
            let length = length.parse().expect("a length");
            alarms.set(Alarm::new(name(text), length, start, ()), timer);
        }
        // The machine has slept for a minute.
        let slept = Moment {
            wall: start.wall + Duration::from_secs(60),
            ..start
        };
        let (mut started, mut stopped) = (Vec::new(), Vec::new());
        let start = |name: &AlarmName, wait: Duration| {
            started.push((name.to_string(), wait.as_secs()));
            started.len() + 10
        };
        alarms.wind(slept, start, |timer| stopped.push(timer));
        let expected = [("b", 0), ("a", 30), ("c", 7140)];
        assert_eq!(
            started,
            expected.map(|(name, wait)| (name.to_owned(), wait))
        );
        assert_eq!(stopped, [1, 0, 2]);
        assert!(matches!(alarms.ring(&name("b"), &1, slept), Rung::Stale));
        assert!(matches!(alarms.ring(&name("b"), &11, slept), Rung::Due(_)));
        assert_eq!(alarms.tell_moved(slept), []);
    }

    // S27
    #[test]
    fn status_is_sorted_by_name() {
        let mut alarms = Alarms::new();
        assert_eq!(alarms.status(now()), []);
        for (timer, text) in ["waffles", "eggs", "bacon"].into_iter().enumerate() {
            set(&mut alarms, text, u32::try_from(timer).expect("three"));
        }
        let names: Vec<_> = alarms
            .status(now())
            .into_iter()
            .map(|status| status.name.to_string())
            .collect();
        assert_eq!(names, ["bacon", "eggs", "waffles"]);
        assert!(
            alarms
                .names()
                .map(AlarmName::as_str)
                .eq(["bacon", "eggs", "waffles"])
        );
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(usize),
        Cancel(usize),
        Ring(usize, u32),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (0..3_usize).prop_map(Step::Set),
            (0..3_usize).prop_map(Step::Cancel),
            (0..3_usize, 0..30_u32).prop_map(|(which, timer)| Step::Ring(which, timer)),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// Against the simplest model there is: for each name the timer that may ring it.
        #[test]
        fn only_the_present_timer_rings_an_alarm(steps in steps()) {
            let names = ["a", "b", "c"];
            let mut alarms = Alarms::new();
            let mut model = [None; 3];
            let mut timer = 0;
            for step in steps {
                match step {
                    Step::Set(which) => {
                        timer += 1;
                        let replaced = set(&mut alarms, names[which], timer);
                        prop_assert_eq!(replaced, model[which].replace(timer));
                    }
                    Step::Cancel(which) => {
                        prop_assert_eq!(alarms.cancel(&name(names[which])), model[which].take());
                    }
                    Step::Ring(which, timer) => {
                        let expected = model[which].take_if(|present| *present == timer);
                        prop_assert_eq!(ring(&mut alarms, names[which], timer), expected);
                    }
                }
                let pending = model.iter().filter(|present| present.is_some()).count();
                prop_assert_eq!(alarms.names().count(), pending);
            }
        }
    }
}
