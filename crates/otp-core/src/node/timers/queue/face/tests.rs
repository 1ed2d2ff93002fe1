//! Timers of the wall clock beside a model that is a plain list.

use std::time::Duration;

use proptest::prelude::*;

use super::super::{FEW, Firing, TimerAction, TimerKey, TimerQueue};
use super::*;
use crate::time::ManualClock;

/// So much that the time which a test takes does not count.
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone)]
enum Step {
    Start { owner: u64, hour: u32 },
    Cancel(usize),
    EndOwner(u64),
    Jump(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u64, 0..30_u32).prop_map(|(owner, hour)| Step::Start { owner, hour }),
        3 => any::<usize>().prop_map(Step::Cancel),
        1 => (0..4_u64).prop_map(Step::EndOwner),
        2 => (0..30_u32).prop_map(Step::Jump),
    ];
    prop::collection::vec(step, 0..400)
}

struct Model {
    key: TimerKey,
    owner: u64,
    due: SystemTime,
}

fn fires(queue: &mut TimerQueue, now: Instant) -> Vec<u64> {
    let mut fired = Vec::new();
    while let Some(Firing { key, .. }) = queue.pop(now) {
        fired.push(key.id);
    }
    fired
}

proptest! {
    #[test]
    fn it_does_what_a_list_does(steps in steps()) {
        let hour = |hour| SystemTime::UNIX_EPOCH + hour * HOUR;
        let hands = ManualClock::new(hour(0));
        let clock = hands.clock();
        let mut queue = TimerQueue::default();
        let mut model: Vec<Model> = Vec::new();
        let (mut now, mut id) = (Instant::now(), 0);
        for step in steps {
            match step {
                Step::Start { owner, hour: due } => {
                    id += 1;
                    let due = hour(due);
                    let when = When::Wall { clock: clock.clone(), due, look: clock.next_look(due, now) };
                    let key = queue.insert(id, (owner > 0).then_some(owner), when);
                    let refused = queue.arm(key, TimerAction::Once(Box::new(|| {})));
                    prop_assert!(refused.is_none());
                    model.push(Model { key, owner, due });
                }
                Step::Cancel(which) if !model.is_empty() => {
                    let timer = model.remove(which % model.len());
                    let removed = queue.remove(timer.key);
                    let is_its = matches!(removed, Some((When::Wall { due, .. }, Some(_))) if due == timer.due);
                    prop_assert!(is_its);
                }
                Step::Cancel(_) => {}
                Step::EndOwner(owner) => {
                    let is_gone = |timer: &mut Model| timer.owner == owner && owner > 0;
                    let gone: Vec<Model> = model.extract_if(.., is_gone).collect();
                    prop_assert_eq!(queue.remove_owned(owner).len(), gone.len());
                }
                Step::Jump(to) => {
                    // A little behind the hour, and before the next one.
                    let shown = hour(to) + HOUR / 2;
                    hands.set(shown);
                    now += Duration::from_secs(1);
                    let mut due: Vec<Model> = model.extract_if(.., |it| it.due <= shown).collect();
                    due.sort_by_key(|timer| (timer.due, timer.key.id));
                    let expected: Vec<u64> = due.iter().map(|timer| timer.key.id).collect();
                    prop_assert_eq!(fires(&mut queue, now), expected);
                }
            }
            prop_assert_eq!(queue.len(), model.len());
            // Whatever the clock does, it is looked at within a second.
            let look = queue.first();
            prop_assert_eq!(look.is_some(), !model.is_empty());
            prop_assert!(look.is_none_or(|look| look <= now + Duration::from_secs(1)));
            let face = queue.faces.first();
            let ((entries, valid), timers) = face.map_or(((0, 0), 0), |it| (it.heap.counts(), it.timers));
            prop_assert_eq!((valid, timers), (model.len(), model.len()));
            prop_assert!(entries <= 2 * valid + FEW + 1);
        }
        prop_assert_eq!(queue.clear().len(), model.len());
    }
}

#[test]
fn the_place_of_a_clock_without_timers_is_used_again() {
    let now = Instant::now();
    let mut queue = TimerQueue::default();
    for id in 1..100 {
        let clock = ManualClock::new(SystemTime::UNIX_EPOCH).clock();
        let due = SystemTime::UNIX_EPOCH + HOUR;
        let look = clock.next_look(due, now);
        let key = queue.insert(id, None, When::Wall { clock, due, look });
        assert!(queue.arm(key, TimerAction::Once(Box::new(|| {}))).is_none());
        assert_eq!(queue.first(), Some(look));
        assert!(queue.remove(key).is_some());
        assert_eq!((queue.first(), queue.faces.len()), (None, 1));
    }
}
