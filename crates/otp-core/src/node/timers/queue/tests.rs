//! The queue beside a model that is a plain list.

use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn once() -> TimerAction {
    TimerAction::Once(Box::new(|| {}))
}

fn every(period: u32, missed: MissedTicks) -> TimerAction {
    TimerAction::Repeat(Box::new(Interval {
        period: period * MS,
        missed,
        send: Box::new(|| {}),
    }))
}

#[derive(Debug, Clone)]
enum Step {
    Start { owner: u64, delay: u32 },
    Interval { owner: u64, period: u32 },
    Cancel(usize),
    EndOwner(u64),
    Pass(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u64, 0..30_u32).prop_map(|(owner, delay)| Step::Start { owner, delay }),
        1 => (0..4_u64, 1..10_u32).prop_map(|(owner, period)| Step::Interval { owner, period }),
        3 => any::<usize>().prop_map(Step::Cancel),
        1 => (0..4_u64).prop_map(Step::EndOwner),
        3 => (0..20_u32).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 0..400)
}

/// A timer as it should be.
struct Model {
    key: TimerKey,
    owner: u64,
    at: Instant,
    period: Option<Duration>,
}

fn fires(queue: &mut TimerQueue, now: Instant) -> Vec<u64> {
    let mut fired = Vec::new();
    while let Some(Firing { key, action }) = queue.pop(now) {
        fired.push(key.id);
        if let TimerAction::Repeat(_) = action {
            assert!(queue.arm_again(key, now, action).is_none());
        }
    }
    fired
}

proptest! {
    // TIM-002, TIM-004, TIM-006
    #[test]
    fn it_does_what_a_list_does(steps in steps()) {
        let mut queue = TimerQueue::default();
        let mut model: Vec<Model> = Vec::new();
        let mut gone: Vec<TimerKey> = Vec::new();
        let (mut now, mut id) = (Instant::now(), 0);
        for step in steps {
            match step {
                Step::Start { owner, delay } => {
                    id += 1;
                    let at = now + delay * MS;
                    let key = queue.insert(id, (owner > 0).then_some(owner), When::At(at));
                    prop_assert!(queue.arm(key, once()).is_none());
                    model.push(Model { key, owner, at, period: None });
                }
                Step::Interval { owner, period } => {
                    id += 1;
                    let at = now + period * MS;
                    let key = queue.insert(id, (owner > 0).then_some(owner), When::At(at));
                    prop_assert!(queue.arm(key, every(period, MissedTicks::Skip)).is_none());
                    model.push(Model { key, owner, at, period: Some(period * MS) });
                }
                Step::Cancel(which) if !model.is_empty() => {
                    let timer = model.remove(which % model.len());
                    prop_assert_eq!(queue.due(timer.key), Some(When::At(timer.at)));
                    let removed = queue.remove(timer.key);
                    prop_assert!(matches!(removed, Some((at, Some(_))) if at == When::At(timer.at)));
                    gone.push(timer.key);
                }
                Step::Cancel(_) => {}
                Step::EndOwner(owner) => {
                    let (ended, rest): (Vec<Model>, _) =
                        model.into_iter().partition(|timer| timer.owner == owner && owner > 0);
                    model = rest;
                    prop_assert_eq!(queue.remove_owned(owner).len(), ended.len());
                    gone.extend(ended.into_iter().map(|timer| timer.key));
                }
                Step::Pass(time) => {
                    now += time * MS;
                    let mut due: Vec<_> = model.iter_mut().filter(|timer| timer.at <= now).collect();
                    due.sort_by_key(|timer| (timer.at, timer.key.id));
                    let expected: Vec<u64> = due.iter().map(|timer| timer.key.id).collect();
                    for timer in due {
                        if let Some(period) = timer.period {
                            timer.at = MissedTicks::Skip.next(timer.at, now, period);
                        }
                    }
                    prop_assert_eq!(fires(&mut queue, now), expected);
                    let (fired, rest) =
                        model.into_iter().partition(|timer| timer.at <= now);
                    model = rest;
                    let fired: Vec<Model> = fired;
                    gone.extend(fired.into_iter().map(|timer| timer.key));
                }
            }
            prop_assert_eq!(queue.len(), model.len());
            let (entries, valid) = queue.heap.counts();
            prop_assert_eq!(valid, model.len());
            prop_assert_eq!(queue.first(), model.iter().map(|timer| timer.at).min());
            prop_assert!(entries <= 2 * valid + FEW + 1);
            for key in &gone {
                prop_assert_eq!(queue.due(*key), None, "its number is not given out again");
            }
        }
        prop_assert_eq!(queue.clear().len(), model.len());
    }
}

// TIM-009
#[test]
fn a_late_interval_lets_others_go_first() {
    let start = Instant::now();
    let mut queue = TimerQueue::default();
    let mut start_one = |id, at: u32, action| {
        let key = queue.insert(id, None, When::At(start + at * MS));
        assert!(queue.arm(key, action).is_none());
    };
    start_one(1, 10, every(10, MissedTicks::CatchUp(3)));
    start_one(2, 10, every(10, MissedTicks::CatchUp(2)));
    start_one(3, 35, once());
    assert_eq!(fires(&mut queue, start + 40 * MS), [1, 2, 3, 1, 2, 1, 2, 1]);
}

// TIM-002
#[test]
fn an_interval_that_is_cancelled_while_it_fires_is_not_armed_again() {
    let start = Instant::now();
    let mut queue = TimerQueue::default();
    let key = queue.insert(1, Some(7), When::At(start));
    assert!(queue.arm(key, every(10, MissedTicks::Skip)).is_none());
    let firing = queue.pop(start).expect("it is due");
    assert!(matches!(queue.remove(key), Some((_, None))));
    assert!(queue.arm_again(key, start, firing.action).is_some());
    assert_eq!((queue.len(), queue.first()), (0, None));
}
