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
    core: Core,
    outcomes: Vec<Outcome>,
    started: usize,
    pids: u64,
    now: Duration,
    /// The children that run, with their types.
    running: BTreeMap<u64, Restart>,
    /// Who waits for another attempt, by the pid that it had.
    waiting: BTreeMap<u64, Restart>,
    tickets: VecDeque<(Pid, Ticket)>,
    answer: Option<Answer>,
    starts: usize,
    gave_up: bool,
}

impl Stage {
    /// Tells the core of an event that concerns the child with this former pid, if any.
    fn perform(&mut self, event: Event, concerns: Option<(u64, Restart)>) {
        self.answer = None;
        self.starts = 0;
        let mut actions = Actions::new();
        self.core.handle(event, &mut actions);
        while let Some(action) = actions.pop_front() {
            let takes_time = matches!(
                action,
                Action::Start(_) | Action::Stop(_) | Action::StopAll(_)
            );
            assert!(!takes_time || actions.is_empty());
            match action {
                Action::Start(spec) => {
                    self.starts += 1;
                    let outcome = self.outcomes[self.started % self.outcomes.len()];
                    self.started += 1;
                    self.pids += 1;
                    let outcome = match outcome {
                        Outcome::Runs => {
                            self.running.insert(self.pids, spec.restart_type());
                            Ok(Child::new(pid(self.pids)))
                        }
                        Outcome::Fails => {
                            self.waiting.extend(concerns);
                            Err(ExitReason::other("bad"))
                        }
                        Outcome::Ignores => Ok(Child::ignore()),
                    };
                    self.core.handle(Event::Started(outcome), &mut actions);
                }
                Action::Stop(child) => {
                    self.stop(&child);
                    let event = Event::Stopped(child, ExitReason::Shutdown);
                    self.core.handle(event, &mut actions);
                }
                Action::StopAll(children) => {
                    children.iter().for_each(|child| self.stop(child));
                    let ended = children.into_iter();
                    let ended = ended.map(|child| (child, ExitReason::Shutdown)).collect();
                    self.core.handle(Event::AllStopped(ended), &mut actions);
                }
                Action::Retry(former, ticket) => {
                    let concerned = concerns.map(|(former, _)| pid(former));
                    assert_eq!(concerned, Some(former), "only a restart is tried again");
                    self.tickets.push_back((former, ticket));
                }
                Action::Report(_) => {}
                Action::Answer(answer) => self.answer = Some(answer),
                Action::GiveUp => self.gave_up = true,
            }
        }
    }

    fn stop(&mut self, child: &Leaving) {
        let was = self.running.remove(&child.pid.id());
        assert!(was.is_some(), "who is stopped runs");
    }

    fn enact(&mut self, op: &Op, restarts: &mut Vec<Duration>, life: &Life) {
        match *op {
            Op::Start(restart) => {
                let is_full = self.running.len() + self.waiting.len() >= life.max_children;
                self.perform(Event::StartChild(Arc::new(spec(restart))), None);
                assert_eq!(self.starts, usize::from(!is_full));
                let refused = matches!(
                    self.answer,
                    Some(Answer::Start(Err(StartChildError::MaxChildren(_))))
                );
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
                let exited = Event::Exited(pid(number), reason, self.now);
                self.perform(exited, Some((number, restart)));
                self.restarted(comes_back, restarts, life);
            }
            Op::Terminate(child) => {
                if let Some(&number) = self.running.keys().nth(child) {
                    self.perform(Event::TerminateChild(pid(number)), None);
                    assert!(matches!(self.answer, Some(Answer::Terminate(Ok(())))));
                    assert!(!self.running.contains_key(&number));
                }
                self.perform(Event::TerminateChild(pid(u64::MAX)), None);
                assert!(matches!(self.answer, Some(Answer::Terminate(Err(_)))));
            }
            Op::TakeOut(child) => {
                if let Some(&number) = self.waiting.keys().nth(child) {
                    self.waiting.remove(&number);
                    self.perform(Event::TerminateChild(pid(number)), None);
                    assert!(matches!(self.answer, Some(Answer::Terminate(Ok(())))));
                }
            }
            Op::Retry => {
                let Some((former, ticket)) = self.tickets.pop_front() else {
                    return;
                };
                let waited = self.waiting.remove(&former.id());
                let concerns = waited.map(|restart| (former.id(), restart));
                self.perform(Event::Retry(former, ticket, self.now), concerns);
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
        core: Core::new(life.max_children, intensity),
        outcomes: life.outcomes.clone(),
        started: 0,
        pids: 0,
        now: Duration::ZERO,
        running: BTreeMap::new(),
        waiting: BTreeMap::new(),
        tickets: VecDeque::new(),
        answer: None,
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
    stage.perform(Event::End, None);
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
