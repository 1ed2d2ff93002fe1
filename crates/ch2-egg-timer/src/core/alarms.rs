//! The pending alarms, and the detection of stale rings.

use crate::core::{Alarm, AlarmName, Status};
use std::collections::BTreeMap;
use std::time::SystemTime;

// ANCHOR: alarms
/// The pending alarms by name, each with its timer, a `T`.
///
/// A ring contains its timer. It is valid if that is the current timer of its alarm. The ring of a cancelled or replaced alarm is
/// stale.
#[derive(Debug, Default)]
pub struct Alarms<A, T>(BTreeMap<AlarmName, (Alarm<A>, T)>);

impl<A, T: PartialEq> Alarms<A, T> {
    /// Creates an empty collection.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets an alarm. Returns the timer of the replaced alarm, if an alarm had the same name.
    pub fn set(&mut self, alarm: Alarm<A>, timer: T) -> Option<T> {
        let replaced = self.0.insert(alarm.name.clone(), (alarm, timer));
        replaced.map(|(_, timer)| timer)
    }

    /// Removes an alarm before it rings. Returns its timer, or `None` if no alarm has this name.
    pub fn cancel(&mut self, name: &AlarmName) -> Option<T> {
        self.0.remove(name).map(|(_, timer)| timer)
    }

    /// Removes and returns the alarm of a ring, or returns `None` if the ring is stale.
    pub fn ring(&mut self, name: &AlarmName, timer: &T) -> Option<Alarm<A>> {
        self.0.get(name).filter(|(_, current)| current == timer)?;
        self.0.remove(name).map(|(alarm, _)| alarm)
    }

    /// Whether an alarm of this name is pending.
    pub fn contains(&self, name: &AlarmName) -> bool {
        self.0.contains_key(name)
    }

    /// The status of each alarm at `now`, sorted by name.
    pub fn status(&self, now: SystemTime) -> Vec<Status> {
        self.0.values().map(|(it, _)| it.status(now)).collect()
    }

    /// The names of the pending alarms, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(AlarmName::as_str).collect()
    }
}
// ANCHOR_END: alarms

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> AlarmName {
        text.parse().expect("a name")
    }

    /// The action of the alarm that rings.
    fn ring(alarms: &mut Alarms<u32, u32>, text: &str, timer: u32) -> Option<u32> {
        let alarm = alarms.ring(&name(text), &timer)?;
        Some(alarm.action)
    }

    /// Sets an alarm whose action is the number of its timer.
    fn set(alarms: &mut Alarms<u32, u32>, text: &str, timer: u32) -> Option<u32> {
        let alarm = Alarm {
            name: name(text),
            length: "1m".parse().expect("a minute"),
            due: SystemTime::UNIX_EPOCH,
            action: timer,
        };
        alarms.set(alarm, timer)
    }

    #[test]
    fn a_timer_rings_once() {
        let mut alarms = Alarms::new();
        assert_eq!(set(&mut alarms, "eggs", 1), None);
        assert_eq!(ring(&mut alarms, "eggs", 1), Some(1));
        assert_eq!(ring(&mut alarms, "eggs", 1), None);
    }

    // ANCHOR: test
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
    // ANCHOR_END: test

    // S27
    #[test]
    fn status_is_sorted_by_name() {
        let mut alarms = Alarms::new();
        assert_eq!(alarms.status(SystemTime::UNIX_EPOCH), []);
        for (timer, text) in ["waffles", "eggs", "bacon"].into_iter().enumerate() {
            set(&mut alarms, text, u32::try_from(timer).expect("three"));
        }
        let names: Vec<_> = alarms
            .status(SystemTime::UNIX_EPOCH)
            .into_iter()
            .map(|status| status.name.to_string())
            .collect();
        assert_eq!(names, ["bacon", "eggs", "waffles"]);
        assert_eq!(alarms.names(), ["bacon", "eggs", "waffles"]);
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
        /// The model has the current timer of each name.
        #[test]
        fn only_the_current_timer_rings_an_alarm(steps in steps()) {
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
                        let expected = model[which].take_if(|current| *current == timer);
                        prop_assert_eq!(ring(&mut alarms, names[which], timer), expected);
                    }
                }
                let pending = model.iter().filter(|current| current.is_some()).count();
                prop_assert_eq!(alarms.names().len(), pending);
            }
        }
    }
}
