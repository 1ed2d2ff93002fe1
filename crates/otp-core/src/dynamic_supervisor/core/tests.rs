//! Random lives of a dynamic supervisor, without a process. Its children do not concern each other, so what
//! must be true of each can be said without a second supervisor.

use std::collections::{BTreeMap, VecDeque};

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

use super::*;
use crate::child_spec::Restart;
use crate::pid::NodeId;

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Runs,
    Fails,
    Ignores,
}

#[derive(Debug, Clone)]
enum Op {
    Start(Restart),
    /// One of the children that run ends, abnormally or not.
    Exit(usize, bool),
    Terminate(usize),
    /// Terminates a child that waits for its next attempt, by the pid that it had.
    TakeOut(usize),
    Retry,
    Wait(u64),
}

#[derive(Debug, Clone)]
struct Life {
    max_children: usize,
    max_restarts: usize,
    outcomes: Vec<Outcome>,
    ops: Vec<Op>,
}

const PERIOD: Duration = Duration::from_secs(1);

fn life() -> impl Generator<Value = Life> {
    let restart = prop_oneof![
        Just(Restart::Permanent),
        Just(Restart::Transient),
        Just(Restart::Temporary)
    ];
    let op = prop_oneof![
        4 => restart.prop_map(Op::Start),
        4 => (0..8_usize, any::<bool>()).prop_map(|(child, abnormal)| Op::Exit(child, abnormal)),
        1 => (0..8_usize).prop_map(Op::Terminate),
        1 => (0..8_usize).prop_map(Op::TakeOut),
        3 => Just(Op::Retry),
        2 => (0..800_u64).prop_map(Op::Wait),
    ];
    let outcome = prop_oneof![
        6 => Just(Outcome::Runs),
        2 => Just(Outcome::Fails),
        1 => Just(Outcome::Ignores)
    ];
    (0..6_usize, 0..6_usize, vec(outcome, 1..30), vec(op, 0..60)).prop_map(
        |(max_children, max_restarts, outcomes, ops)| Life {
            max_children,
            max_restarts,
            outcomes,
            ops,
        },
    )
}

fn pid(number: u64) -> Pid {
    let number = number.try_into().expect("numbers count from 1");
    Pid::new(NodeId(0), number)
}

fn spec(restart: Restart) -> ChildSpec {
    let start = || std::future::ready(Child::ignore());
    ChildSpec::worker("any", start).restart(restart)
}

struct Stage {
    core: DynamicCore,
    outcomes: Vec<Outcome>,
    started: usize,
    pids: u64,
    now: Duration,
    /// The children that run, with their types.
    running: BTreeMap<u64, Restart>,
    /// Who waits for another attempt, by the pid that it had.
    waiting: BTreeMap<u64, Restart>,
    retries: VecDeque<Retry<Pid>>,
    starts: usize,
    gave_up: bool,
}

impl Stage {
    /// Tells the core of an event that concerns the child with this former pid, if any.
    fn perform(
        &mut self,
        decide: impl FnOnce(&mut DynamicCore, &mut Actions<DynamicCore>),
        concerns: Option<(u64, Restart)>,
    ) {
        self.starts = 0;
        let mut actions = Actions::new();
        decide(&mut self.core, &mut actions);
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Start(start) => {
                    assert!(actions.is_empty());
                    let outcome = self.start(&start.spec);
                    if outcome.is_err() {
                        self.waiting.extend(concerns);
                    }
                    self.core.started(start, outcome, &mut actions);
                }
                Action::Stop(stop) => match stop.then {},
                Action::Retry(retry) => {
                    let concerned = concerns.map(|(former, _)| pid(former));
                    assert_eq!(concerned, Some(retry.0), "only a restart is tried again");
                    self.retries.push_back(retry);
                }
                Action::Report(_) => {}
                Action::End(_) => self.gave_up = true,
            }
        }
    }

    fn start(&mut self, spec: &ChildSpec) -> Result<Child, ExitReason> {
        self.starts += 1;
        let outcome = self.outcomes[self.started % self.outcomes.len()];
        self.started += 1;
        self.pids += 1;
        match outcome {
            Outcome::Runs => {
                self.running.insert(self.pids, spec.restart_type());
                Ok(Child::new(pid(self.pids)))
            }
            Outcome::Fails => Err(ExitReason::other("bad")),
            Outcome::Ignores => Ok(Child::ignore()),
        }
    }

    fn start_child(&mut self, spec: ChildSpec) -> Result<Child, StartChildError> {
        self.starts = 0;
        self.core.admit(&spec)?;
        let outcome = self.start(&spec);
        self.core.added(Arc::new(spec), outcome)
    }

    fn terminate_child(&mut self, pid: Pid) -> Result<(), TerminateChildError> {
        if let Some(child) = self.core.terminate_child(pid)? {
            self.stop(&child);
        }
        Ok(())
    }

    fn stop(&mut self, child: &Leaving) {
        let was = self.running.remove(&child.pid.id());
        assert!(was.is_some(), "who is stopped runs");
    }

    fn enact(&mut self, op: &Op, restarts: &mut Vec<Duration>, life: &Life) {
        match *op {
            Op::Start(restart) => {
                let is_full = self.running.len() + self.waiting.len() >= life.max_children;
                let answer = self.start_child(spec(restart));
                assert_eq!(self.starts, usize::from(!is_full));
                let refused = matches!(answer, Err(StartChildError::MaxChildren(_)));
                assert_eq!(refused, is_full);
            }
            Op::Exit(child, abnormal) => {
                let Some((&number, &restart)) = self.running.iter().nth(child) else {
                    return;
                };
                self.running.remove(&number);
                let reason = match abnormal {
                    true => ExitReason::Killed,
                    false => ExitReason::Normal,
                };
                let comes_back = match restart {
                    Restart::Permanent => true,
                    Restart::Transient => abnormal,
                    Restart::Temporary => false,
                };
                let now = self.now;
                self.perform(
                    |core, actions| core.exited(pid(number), reason, now, actions),
                    Some((number, restart)),
                );
                self.restarted(comes_back, restarts, life);
            }
            Op::Terminate(child) => {
                if let Some(&number) = self.running.keys().nth(child) {
                    assert_eq!(self.terminate_child(pid(number)), Ok(()));
                    assert!(!self.running.contains_key(&number));
                }
                assert!(self.terminate_child(pid(u64::MAX)).is_err());
            }
            Op::TakeOut(child) => {
                if let Some(&number) = self.waiting.keys().nth(child) {
                    self.waiting.remove(&number);
                    assert_eq!(self.terminate_child(pid(number)), Ok(()));
                }
            }
            Op::Retry => {
                let Some(retry) = self.retries.pop_front() else {
                    return;
                };
                let former = retry.0.id();
                let waited = self.waiting.remove(&former);
                let concerns = waited.map(|restart| (former, restart));
                let now = self.now;
                self.perform(|core, actions| core.retry(retry, now, actions), concerns);
                self.restarted(waited.is_some(), restarts, life);
            }
            Op::Wait(time) => self.now += Duration::from_millis(time),
        }
    }

    /// Whether a restart was due; it is made unless there have been too many.
    fn restarted(&self, was_due: bool, restarts: &mut Vec<Duration>, life: &Life) {
        if was_due {
            restarts.retain(|then| self.now - *then <= PERIOD);
            restarts.push(self.now);
        }
        let is_one_too_many = was_due && restarts.len() > life.max_restarts;
        assert_eq!(self.starts, usize::from(was_due && !is_one_too_many));
        assert_eq!(self.gave_up, is_one_too_many);
    }
}

fn play(life: &Life) {
    let intensity = Intensity::new(life.max_restarts, PERIOD);
    let mut stage = Stage {
        core: DynamicCore::new(life.max_children, intensity),
        outcomes: life.outcomes.clone(),
        started: 0,
        pids: 0,
        now: Duration::ZERO,
        running: BTreeMap::new(),
        waiting: BTreeMap::new(),
        retries: VecDeque::new(),
        starts: 0,
        gave_up: false,
    };
    let mut restarts = Vec::new();
    for op in &life.ops {
        stage.enact(op, &mut restarts, life);
        if stage.gave_up {
            break;
        }
        let counts = stage.core.children.count();
        assert_eq!(counts.active, stage.running.len(), "{op:?}");
        let all = stage.running.len() + stage.waiting.len();
        assert_eq!(counts.specs, all, "{op:?}");
    }
    let children = stage.core.leave();
    children.iter().for_each(|child| stage.stop(child));
    assert!(stage.running.is_empty(), "nobody is left over");
}

fn many_cases() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(many_cases())]

    // DSU-004, DSU-006, DSU-007, DSU-008, DSU-009, DSU-011
    #[test]
    fn random_lives_keep_every_promise_to_every_child(life in life()) {
        play(&life);
    }
}
