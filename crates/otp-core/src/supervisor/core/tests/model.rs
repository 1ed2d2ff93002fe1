//! A second supervisor, for the tests of the first: a list of children and loops over it, and no idea that
//! anything could take time.

use std::time::Duration;

use crate::child_spec::{ChildSpec, Restart};
use crate::exit::ExitReason;
use crate::supervisor::{AutoShutdown, Flags, Strategy};

/// What comes of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Runs,
    Fails,
    Ignores,
}

/// Why a child ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Normal,
    Shutdown,
    Killed,
    Boom,
}

impl Why {
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Self::Normal => ExitReason::Normal,
            Self::Shutdown => ExitReason::Shutdown,
            Self::Killed => ExitReason::Killed,
            Self::Boom => ExitReason::other("boom"),
        }
    }
}

/// What will come of starts and stops, over and over; and the pids that will be given out.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    starts: Vec<Outcome>,
    ends: Vec<Why>,
    started: usize,
    ended: usize,
    pids: u64,
}

impl Script {
    pub(crate) fn new(starts: Vec<Outcome>, ends: Vec<Why>) -> Self {
        Self {
            starts,
            ends,
            started: 0,
            ended: 0,
            pids: 0,
        }
    }

    pub(crate) fn start(&mut self) -> (Outcome, u64) {
        let outcome = self.starts[self.started % self.starts.len()];
        self.started += 1;
        self.pids += 1;
        (outcome, self.pids)
    }

    pub(crate) fn end(&mut self) -> Why {
        let why = self.ends[self.ended % self.ends.len()];
        self.ended += 1;
        why
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Start(String, Outcome),
    Stop(String),
    Report(String, String),
    Answer(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Up(u64),
    Due(u64),
    Down,
}

struct Kid {
    id: String,
    restart: Restart,
    significant: bool,
    is: Is,
}

impl Kid {
    fn of(spec: &ChildSpec) -> Self {
        Self {
            id: spec.id().to_string(),
            restart: spec.restart_type(),
            significant: spec.is_significant(),
            is: Is::Down,
        }
    }
}

pub(crate) struct Model {
    flags: Flags,
    kids: Vec<Kid>,
    script: Script,
    restarts: Vec<Duration>,
    /// Attempts that wait, oldest first: whose, and which.
    due: Vec<(String, u64)>,
    dues: u64,
    pub(crate) now: Duration,
    pub(crate) steps: Vec<Step>,
    pub(crate) is_over: bool,
}

impl Model {
    pub(crate) fn new(flags: Flags, specs: &[ChildSpec], script: Script) -> Self {
        Self {
            flags,
            kids: specs.iter().map(Kid::of).collect(),
            script,
            restarts: Vec::new(),
            due: Vec::new(),
            dues: 0,
            now: Duration::ZERO,
            steps: Vec::new(),
            is_over: false,
        }
    }

    pub(crate) fn children(&self) -> Vec<(String, String)> {
        let is = |kid: &Kid| match kid.is {
            Is::Up(pid) => pid.to_string(),
            Is::Due(_) => "restarting".to_owned(),
            Is::Down => "stopped".to_owned(),
        };
        self.kids
            .iter()
            .map(|kid| (kid.id.clone(), is(kid)))
            .collect()
    }

    pub(crate) fn begin(&mut self) {
        let all: Vec<String> = self.kids.iter().map(|kid| kid.id.clone()).collect();
        for id in all {
            if self.start(&id).is_none() {
                self.report("StartError", &id);
                self.is_over = true;
                self.stop_from(0);
                return;
            }
        }
    }

    pub(crate) fn end(&mut self) {
        self.stop_from(0);
    }

    pub(crate) fn exited(&mut self, pid: u64, why: Why) {
        let Some(at) = self.kids.iter().position(|kid| kid.is == Is::Up(pid)) else {
            return;
        };
        let id = self.kids[at].id.clone();
        let abnormal = matches!(why, Why::Killed | Why::Boom);
        self.kids[at].is = Is::Down;
        match self.kids[at].restart {
            Restart::Permanent => {
                self.report("ChildTerminated", &id);
                self.again(&id);
            }
            Restart::Transient if abnormal => {
                self.report("ChildTerminated", &id);
                self.again(&id);
            }
            Restart::Transient | Restart::Temporary => {
                if abnormal {
                    self.report("ChildTerminated", &id);
                }
                let significant = self.kids[at].significant;
                if self.kids[at].restart == Restart::Temporary {
                    self.kids.remove(at);
                }
                let left = |kid: &Kid| kid.significant && kid.is != Is::Down;
                self.is_over |= significant
                    && match self.flags.auto_shutdown {
                        AutoShutdown::Never => false,
                        AutoShutdown::AnySignificant => true,
                        AutoShutdown::AllSignificant => !self.kids.iter().any(left),
                    };
            }
        }
    }

    pub(crate) fn retry(&mut self) {
        if self.due.is_empty() {
            return;
        }
        let (id, due) = self.due.remove(0);
        let is_due = |kid: &Kid| kid.id == id && kid.is == Is::Due(due);
        if self.kids.iter().any(is_due) {
            self.again(&id);
        }
    }

    pub(crate) fn start_child(&mut self, spec: &ChildSpec) {
        let never = self.flags.auto_shutdown == AutoShutdown::Never;
        let permanent = spec.restart_type() == Restart::Permanent;
        let id = spec.id().to_string();
        let answer = if spec.is_significant() && (never || permanent) {
            "bad spec".to_owned()
        } else if let Some(at) = self.at(&id) {
            match self.kids[at].is {
                Is::Up(pid) => format!("already started {pid}"),
                _ => "already present".to_owned(),
            }
        } else {
            self.kids.push(Kid::of(spec));
            match self.start(&id) {
                Some(pid) => format!("{pid:?}"),
                None => {
                    self.kids.pop();
                    "failed".to_owned()
                }
            }
        };
        self.steps.push(Step::Answer(answer));
    }

    pub(crate) fn terminate_child(&mut self, id: &str) {
        let answer = match self.at(id) {
            Some(at) => {
                self.stop(at);
                "ok"
            }
            None => "not found",
        };
        self.steps.push(Step::Answer(answer.to_owned()));
    }

    pub(crate) fn restart_child(&mut self, id: &str) {
        let answer = match self.at(id).map(|at| self.kids[at].is) {
            None => "not found".to_owned(),
            Some(Is::Up(_)) => "running".to_owned(),
            Some(Is::Due(_)) => "restarting".to_owned(),
            Some(Is::Down) => match self.start(id) {
                Some(pid) => format!("{pid:?}"),
                None => "failed".to_owned(),
            },
        };
        self.steps.push(Step::Answer(answer));
    }

    pub(crate) fn delete_child(&mut self, id: &str) {
        let answer = match self.at(id).map(|at| (at, self.kids[at].is)) {
            None => "not found",
            Some((_, Is::Up(_))) => "running",
            Some((_, Is::Due(_))) => "restarting",
            Some((at, Is::Down)) => {
                self.kids.remove(at);
                "ok"
            }
        };
        self.steps.push(Step::Answer(answer.to_owned()));
    }

    fn at(&self, id: &str) -> Option<usize> {
        self.kids.iter().position(|kid| kid.id == id)
    }

    fn report(&mut self, what: &str, id: &str) {
        self.steps
            .push(Step::Report(what.to_owned(), id.to_owned()));
    }

    /// None if it failed, otherwise its pid if it runs.
    fn start(&mut self, id: &str) -> Option<Option<u64>> {
        let (outcome, pid) = self.script.start();
        self.steps.push(Step::Start(id.to_owned(), outcome));
        let at = self.at(id)?;
        match outcome {
            Outcome::Runs => self.kids[at].is = Is::Up(pid),
            Outcome::Fails => return None,
            Outcome::Ignores if self.kids[at].restart == Restart::Temporary => {
                self.kids.remove(at);
            }
            Outcome::Ignores => self.kids[at].is = Is::Down,
        }
        Some((outcome == Outcome::Runs).then_some(pid))
    }

    fn stop(&mut self, at: usize) {
        let kid = &mut self.kids[at];
        let was_up = matches!(kid.is, Is::Up(_));
        kid.is = Is::Down;
        let (id, restart) = (kid.id.clone(), kid.restart);
        if was_up {
            self.steps.push(Step::Stop(id.clone()));
            let well = match self.script.end() {
                Why::Shutdown => true,
                Why::Normal => restart != Restart::Permanent,
                Why::Killed | Why::Boom => false,
            };
            if !well {
                self.report("ShutdownError", &id);
            }
        }
        if restart == Restart::Temporary {
            self.kids.remove(at);
        }
    }

    fn stop_from(&mut self, first: usize) {
        for at in (first..self.kids.len()).rev() {
            self.stop(at);
        }
    }

    fn again(&mut self, id: &str) {
        self.restarts.push(self.now);
        let (now, period) = (self.now, self.flags.period);
        let recent = self.restarts.iter().filter(|then| now - **then <= period);
        let at = self.at(id).expect("who is restarted is a child");
        if recent.count() > self.flags.max_restarts {
            self.report("Limit", id);
            self.kids[at].is = Is::Down;
            self.is_over = true;
            return;
        }
        let concerned: Vec<String> = match self.flags.strategy {
            Strategy::OneForOne => vec![id.to_owned()],
            Strategy::OneForAll => {
                self.stop_from(0);
                self.kids.iter().map(|kid| kid.id.clone()).collect()
            }
            Strategy::RestForOne => {
                self.stop_from(at);
                self.kids[at..].iter().map(|kid| kid.id.clone()).collect()
            }
        };
        for id in concerned {
            if self.start(&id).is_some() {
                continue;
            }
            self.report("StartError", &id);
            self.dues += 1;
            let at = self.at(&id).expect("who is restarted is a child");
            self.kids[at].is = Is::Due(self.dues);
            self.due.push((id, self.dues));
            return;
        }
    }
}
