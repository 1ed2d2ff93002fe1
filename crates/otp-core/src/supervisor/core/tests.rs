//! Thousands of random lives of a supervisor, without a process: each event is compared with what a model
//! makes of it, and what must be true of any life is checked besides.

mod model;
mod stage;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

use self::model::{Model, Outcome, Script, Step, Why};
use self::stage::{Stage, pid};
use super::*;
use crate::child_spec::{Restart, Shutdown};

/// Ids that children can have.
const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// What a life is made of. Children are counted among those that run, or among the ids.
#[derive(Debug, Clone)]
enum Op {
    /// A child that runs ends.
    Crash(usize, Why),
    Start(usize, Restart, bool),
    Terminate(usize),
    Restart(usize),
    Delete(usize),
    /// The oldest attempt that waits is made.
    Retry,
    /// Another linked process ends.
    Stranger,
    Wait(u64),
}

/// A whole life.
#[derive(Debug, Clone)]
struct Life {
    flags: Flags,
    children: Vec<(Restart, bool)>,
    script: Script,
    ops: Vec<Op>,
}

fn why() -> impl Generator<Value = Why> {
    prop_oneof![
        1 => Just(Why::Normal),
        1 => Just(Why::Shutdown),
        1 => Just(Why::Killed),
        3 => Just(Why::Boom),
    ]
}

fn restart() -> impl Generator<Value = Restart> {
    prop_oneof![
        2 => Just(Restart::Permanent),
        1 => Just(Restart::Transient),
        1 => Just(Restart::Temporary),
    ]
}

fn op() -> impl Generator<Value = Op> {
    let id = 0..IDS.len();
    prop_oneof![
        6 => (0..8_usize, why()).prop_map(|(child, why)| Op::Crash(child, why)),
        2 => (id.clone(), restart(), any::<bool>()).prop_map(|(id, restart, significant)| Op::Start(id, restart, significant)),
        1 => id.clone().prop_map(Op::Terminate),
        1 => id.clone().prop_map(Op::Restart),
        1 => id.prop_map(Op::Delete),
        4 => Just(Op::Retry),
        1 => Just(Op::Stranger),
        2 => (0..4000_u64).prop_map(Op::Wait),
    ]
}

fn life() -> impl Generator<Value = Life> {
    let flags = (
        prop_oneof![
            Just(Strategy::OneForOne),
            Just(Strategy::OneForAll),
            Just(Strategy::RestForOne)
        ],
        0..6_usize,
        1..5000_u64,
        prop_oneof![
            2 => Just(AutoShutdown::Never),
            1 => Just(AutoShutdown::AnySignificant),
            1 => Just(AutoShutdown::AllSignificant)
        ],
    );
    let flags = flags.prop_map(|(strategy, max_restarts, period, auto_shutdown)| Flags {
        strategy,
        max_restarts,
        period: Duration::from_millis(period),
        auto_shutdown,
    });
    let outcome = prop_oneof![8 => Just(Outcome::Runs), 2 => Just(Outcome::Fails), 1 => Just(Outcome::Ignores)];
    let script = (vec(outcome, 1..40), vec(why(), 1..20))
        .prop_map(|(starts, ends)| Script::new(starts, ends));
    let children = vec((restart(), any::<bool>()), 0..IDS.len());
    (flags, children, script, vec(op(), 0..60)).prop_map(|(flags, children, script, ops)| Life {
        flags,
        children,
        script,
        ops,
    })
}

fn spec(id: &'static str, restart: Restart, significant: bool) -> ChildSpec {
    let start = || std::future::ready(Child::ignore());
    ChildSpec::worker(id, start)
        .restart(restart)
        .significant(significant)
        .shutdown(Shutdown::Infinity)
}

/// Plays a life to its end.
fn play(life: Life) {
    let auto = life.flags.auto_shutdown;
    let specs: Vec<ChildSpec> = life
        .children
        .iter()
        .zip(IDS)
        .map(|((restart, significant), id)| {
            let may = *restart != Restart::Permanent && auto != AutoShutdown::Never;
            spec(id, *restart, *significant && may)
        })
        .collect();
    let mut model = Model::new(life.flags, &specs, life.script.clone());
    let core = SupervisorCore::new(life.flags, specs).expect("the specifications are in order");
    let mut stage = Stage::new(core, life.script);
    stage.perform(SupervisorCore::begin);
    model.begin();
    check(&mut stage, &mut model, &"begin");
    let mut admitted: Vec<Duration> = Vec::new();
    for op in life.ops {
        if stage.is_over {
            break;
        }
        let by_itself = matches!(op, Op::Crash(..) | Op::Retry);
        enact(&mut stage, &mut model, &op);
        let starts = stage
            .steps
            .iter()
            .any(|step| matches!(step, Step::Start(..)));
        if by_itself && starts {
            admitted.retain(|then| stage.now - *then <= life.flags.period);
            admitted.push(stage.now);
            assert!(admitted.len() <= life.flags.max_restarts, "{admitted:?}");
        }
        check(&mut stage, &mut model, &op);
    }
    stage.perform(SupervisorCore::end_all);
    model.end();
    check(&mut stage, &mut model, &"end");
    assert!(stage.alive.is_empty(), "left over: {:?}", stage.alive);
}

fn enact(stage: &mut Stage, model: &mut Model, op: &Op) {
    match *op {
        Op::Crash(child, why) => {
            let Some(number) = stage.alive.keys().nth(child).copied() else {
                return;
            };
            stage.alive.remove(&number);
            let now = stage.now;
            stage.perform(|core, actions| core.exited(pid(number), why.reason(), now, actions));
            model.exited(number, why);
        }
        Op::Start(id, restart, significant) => {
            let spec = spec(IDS[id], restart, significant);
            model.start_child(&spec);
            stage.start_child(spec);
        }
        Op::Terminate(id) => {
            stage.terminate_child(IDS[id].into());
            model.terminate_child(IDS[id]);
        }
        Op::Restart(id) => {
            stage.restart_child(IDS[id].into());
            model.restart_child(IDS[id]);
        }
        Op::Delete(id) => {
            stage.delete_child(IDS[id].into());
            model.delete_child(IDS[id]);
        }
        Op::Retry => {
            if let Some(retry) = stage.retries.pop_front() {
                let now = stage.now;
                stage.perform(|core, actions| core.retry(retry, now, actions));
            }
            model.retry();
        }
        Op::Stranger => {
            let (stranger, now) = (pid(u64::MAX), stage.now);
            stage.perform(|core, actions| core.exited(stranger, Why::Boom.reason(), now, actions));
        }
        Op::Wait(time) => {
            stage.now += Duration::from_millis(time);
            model.now = stage.now;
        }
    }
}

fn check(stage: &mut Stage, model: &mut Model, what: &dyn std::fmt::Debug) {
    assert_eq!(stage.steps, model.steps, "{what:?}");
    assert_eq!(stage.is_over, model.is_over, "{what:?}");
    assert_eq!(stage.children(), model.children(), "{what:?}");
    in_order(&stage.steps, &stage.core);
    let running = stage.core.children.iter();
    let running = running.filter(|entry| matches!(entry.state, ChildState::Running(_)));
    assert_eq!(running.count(), stage.alive.len(), "nobody is forgotten");
    stage.steps.clear();
    model.steps.clear();
}

/// Stops come before starts, the last child first; starts come in order. (The rollback of a start that has
/// failed is the other way round, and has nothing after it.)
fn in_order(steps: &[Step], core: &SupervisorCore) {
    let order: Vec<String> = core
        .children
        .iter()
        .map(|entry| entry.spec.id().to_string())
        .collect();
    let at = |id: &String| order.iter().position(|other| other == id);
    let places = |wanted: fn(&Step) -> Option<&String>| {
        let ids = steps.iter().filter_map(wanted);
        ids.filter_map(at).collect::<Vec<_>>()
    };
    let stops = places(|step| match step {
        Step::Stop(id) => Some(id),
        _ => None,
    });
    let starts = places(|step| match step {
        Step::Start(id, _) => Some(id),
        _ => None,
    });
    assert!(stops.is_sorted_by(|a, b| a > b), "{steps:?}");
    assert!(starts.is_sorted_by(|a, b| a < b), "{steps:?}");
}

fn many_cases() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(many_cases())]

    // SUP-009, SUP-010, SUP-017, SUP-018, SUP-019, SUP-020, SUP-021, SUP-022, SUP-023, SUP-025, SUP-027,
    // SUP-028, SUP-033, SUP-040, SUP-044
    #[test]
    fn random_lives_are_as_a_model_says(life in life()) {
        play(life);
    }
}

// SUP-028
#[test]
fn an_attempt_that_was_overtaken_is_not_made() {
    let flags = Flags {
        strategy: Strategy::OneForOne,
        max_restarts: 10,
        period: Duration::from_secs(5),
        auto_shutdown: AutoShutdown::Never,
    };
    let spec = spec("a", Restart::Permanent, false);
    let mut core = SupervisorCore::new(flags, vec![spec]).expect("the specification is in order");
    let now = Duration::ZERO;
    let actions = &mut Actions::new();
    let fails = |core: &mut SupervisorCore, pid, actions: &mut Actions<_>| {
        core.exited(pid, Why::Boom.reason(), now, actions);
        let Some(Action::Start(start)) = actions.pop_back() else {
            panic!("it is started again");
        };
        core.started(start, Err(Why::Boom.reason()), actions);
        let Some(Action::Retry(retry)) = actions.pop_back() else {
            panic!("there is another attempt");
        };
        actions.clear();
        retry
    };
    core.begin(actions);
    let Some(Action::Start(start)) = actions.pop_back() else {
        panic!("it is started");
    };
    core.started(start, Ok(Child::new(pid(1))), actions);
    let retry = fails(&mut core, pid(1), actions);
    assert!(
        core.terminate_child("a".into())
            .is_ok_and(|stop| stop.is_none())
    );
    core.retry(retry, now, actions);
    assert!(actions.is_empty());
    // Nor does it count for a later failure.
    let start = core.restart_child("a".into()).expect("it does not run");
    core.requested(&start, &Ok(Child::new(pid(2))));
    fails(&mut core, pid(2), actions);
    core.retry(retry, now, actions);
    assert!(actions.is_empty());
}
