//! The core driven through random lives, beside a small model of what its actions have brought about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;

/// `a` and `d` need nothing, `b` needs `a`, `l` is a library that needs `a`.
const NAMES: [&str; 4] = ["a", "b", "d", "l"];

fn needs(name: &str) -> Arc<Needs> {
    let dependencies = match name {
        "b" | "l" => vec!["a".to_owned()],
        _ => Vec::new(),
    };
    Arc::new(Needs {
        dependencies,
        is_library: name == "l",
    })
}

#[derive(Debug, Clone, Copy)]
enum Op {
    /// A request for an application, in a callback of another one or from outside.
    Start(usize, RestartType, Option<usize>),
    Stop(usize, Option<usize>),
    Await(Option<usize>),
    /// A master goes on: it starts, or comes to its end, well or not.
    Master(usize, bool),
    Shutdown,
    Hurry,
}

fn op() -> impl Strategy<Value = Op> {
    let app = 0..NAMES.len();
    let by = prop::option::weighted(0.3, 0..3_usize);
    let restart = prop_oneof![
        4 => Just(RestartType::Temporary),
        1 => Just(RestartType::Transient),
        1 => Just(RestartType::Permanent),
    ];
    prop_oneof![
        8 => (app.clone(), restart, by.clone()).prop_map(|(app, restart, by)| Op::Start(app, restart, by)),
        6 => (app.clone(), by.clone()).prop_map(|(app, by)| Op::Stop(app, by)),
        1 => by.prop_map(Op::Await),
        10 => (app, any::<bool>()).prop_map(|(app, well)| Op::Master(app, well)),
        1 => Just(Op::Shutdown),
        1 => Just(Op::Hurry),
    ]
}

/// What an application does, as its processes would show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Starts,
    Runs,
    /// It has been told to stop.
    Stops,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Start,
    Stop,
    Await,
}

#[derive(Default)]
struct World {
    core: ControllerCore<u32>,
    lives: BTreeMap<String, Life>,
    /// In the order of their starts.
    started: Vec<String>,
    /// Of each request for a start, and of each application.
    types: BTreeMap<u32, RestartType>,
    fatal: BTreeMap<String, RestartType>,
    held: BTreeSet<String>,
    ending: bool,
    /// The one that the present request asks to stop.
    asked: Option<&'static str>,
    requests: u32,
    /// Requests without an answer: what, for which, made in whose callback.
    open: BTreeMap<u32, (Kind, String, Option<String>)>,
}

impl World {
    fn ask(&mut self, kind: Kind, name: &str, by: Option<usize>) -> Caller<u32> {
        self.requests += 1;
        // Only an application that has a process has callbacks.
        let by = by.map(|by| NAMES[by].to_owned());
        let by = by.filter(|by| self.lives.contains_key(by) && by != "l");
        let asked = (kind, name.to_owned(), by.clone());
        self.open.insert(self.requests, asked);
        let request = self.requests;
        Caller { request, by }
    }

    fn play(&mut self, op: Op) {
        match op {
            Op::Start(app, restart, by) => {
                let name = NAMES[app];
                let from = self.ask(Kind::Start, name, by);
                self.types.insert(self.requests, restart);
                self.held.insert(name.to_owned());
                let (name, needs) = (name.to_owned(), needs(name));
                self.feed(ControllerEvent::Start {
                    name,
                    needs,
                    restart,
                    from,
                });
            }
            Op::Stop(app, by) => {
                let from = self.ask(Kind::Stop, NAMES[app], by);
                self.asked = Some(NAMES[app]);
                self.feed(ControllerEvent::Stop(NAMES[app].to_owned(), from));
                self.asked = None;
            }
            Op::Await(by) => {
                let from = self.ask(Kind::Await, "", by);
                self.feed(ControllerEvent::Await(from));
            }
            Op::Master(app, well) => self.master(NAMES[app], well),
            Op::Shutdown => {
                self.ending = true;
                self.feed(ControllerEvent::Shutdown);
            }
            Op::Hurry => self.feed(ControllerEvent::Hurry),
        }
    }

    fn master(&mut self, name: &str, well: bool) {
        if name == "l" {
            return;
        }
        match self.lives.get(name) {
            Some(Life::Starts) if well => {
                self.lives.insert(name.to_owned(), Life::Runs);
                self.started.push(name.to_owned());
                self.feed(ControllerEvent::Started(name.to_owned(), None));
            }
            Some(life) => {
                let reason = match well {
                    true => ExitReason::Normal,
                    false => ExitReason::other("boom"),
                };
                if *life == Life::Runs {
                    self.ending |= self.fatal[name].is_fatal(&reason);
                }
                self.lives.remove(name);
                self.started.retain(|started| started != name);
                // What its callbacks have asked for is not waited for any more.
                let own = |by: &Option<String>| by.as_deref() == Some(name);
                for (_, _, by) in self.open.values_mut().filter(|open| own(&open.2)) {
                    *by = None;
                }
                self.feed(ControllerEvent::Ended(name.to_owned(), reason));
            }
            None => {}
        }
    }

    fn feed(&mut self, event: ControllerEvent<u32>) {
        let actions = self.core.handle(event);
        for action in actions {
            self.check(action);
        }
        let shown: Vec<String> = self.core.running().into_iter().map(|it| it.name).collect();
        assert_eq!(shown, self.started);
        let alive: BTreeSet<String> = self.lives.keys().cloned().collect();
        assert_eq!(
            self.held, alive,
            "a specification is held for a life, and no longer"
        );
        self.assert_nobody_waits_for_itself();
    }

    fn check(&mut self, action: ControllerAction<u32>) {
        match action {
            ControllerAction::Launch(name) => {
                assert!(!self.ending, "{name} is started during a shutdown");
                for needed in &needs(&name).dependencies {
                    assert_eq!(self.lives.get(needed), Some(&Life::Runs));
                }
                let asked = |open: &(&u32, &(Kind, String, Option<String>))| {
                    open.1.0 == Kind::Start && open.1.1 == name
                };
                let (first, _) = self.open.iter().find(asked).expect("somebody has asked");
                self.fatal.insert(name.clone(), self.types[first]);
                assert_eq!(self.lives.insert(name, Life::Starts), None);
            }
            ControllerAction::Stop(name) => {
                assert_eq!(
                    self.lives.insert(name.clone(), Life::Stops),
                    Some(Life::Runs)
                );
                if self.ending && self.asked != Some(&name) {
                    assert_eq!(
                        self.started.last(),
                        Some(&name),
                        "the last started one first"
                    );
                }
            }
            ControllerAction::Kill(name) => assert!(self.lives.contains_key(&name)),
            ControllerAction::Answer(request, answer) => {
                let open = self.open.remove(&request);
                let (kind, name, by) = open.expect("it is answered once");
                self.judge(&kind, &name, by.as_deref(), answer);
            }
            ControllerAction::Release(name) => {
                self.held.remove(&name);
            }
            ControllerAction::Show => self.show_library(),
            ControllerAction::Report(..) | ControllerAction::Discard(_) => {}
        }
    }

    /// A library has started, or has been stopped, by being noted.
    fn show_library(&mut self) {
        let runs = self.core.is_running("l");
        match (runs, self.lives.contains_key("l")) {
            (true, false) => {
                self.lives.insert("l".to_owned(), Life::Runs);
                self.started.push("l".to_owned());
            }
            (false, true) => {
                self.lives.remove("l");
                self.started.retain(|started| started != "l");
            }
            _ => {}
        }
    }

    fn judge(&self, kind: &Kind, name: &str, by: Option<&str>, answer: ControllerAnswer) {
        let life = self.lives.get(name);
        match answer {
            ControllerAnswer::Start(answer) => {
                assert_eq!(*kind, Kind::Start);
                match answer {
                    // One that starts during a shutdown is stopped as soon as it has.
                    Ok(()) => assert!(matches!(
                        (life, self.ending),
                        (Some(Life::Runs), _) | (Some(Life::Stops), true)
                    )),
                    Err(StartApplicationError::AlreadyStarted(_)) => {
                        assert!(life == Some(&Life::Runs) || by == Some(name));
                    }
                    Err(StartApplicationError::NotStarted { dependency, .. }) => {
                        assert_ne!(self.lives.get(&dependency), Some(&Life::Runs));
                    }
                    Err(StartApplicationError::ShuttingDown(_)) => assert!(self.ending),
                    Err(StartApplicationError::Failed { .. }) => assert_eq!(life, None),
                    Err(StartApplicationError::Circle { path }) => {
                        let ends = [path.first(), path.last()].map(|end| end.map(String::as_str));
                        assert_eq!(ends, [by, by]);
                        assert_eq!(path[1], name);
                    }
                    Err(StartApplicationError::NotLoaded(_)) => {
                        panic!("the core knows nothing of loading")
                    }
                }
            }
            ControllerAnswer::Stop(answer) => {
                assert_eq!(*kind, Kind::Stop);
                let held = self.held.contains(name);
                assert_eq!(held, life.is_some(), "what has stopped can be unloaded");
                match answer {
                    // One whose callback it is does not wait, and so may be told before the stop has begun.
                    Ok(()) => assert!(life.is_none() || by.is_some() || self.restarted(name)),
                    Err(StopApplicationError::NotStarted(_)) => {
                        assert!(life != Some(&Life::Runs) || self.restarted(name));
                    }
                }
            }
            ControllerAnswer::Await(_) => {
                assert_eq!(*kind, Kind::Await);
                assert!(self.ending && (self.lives.is_empty() || by.is_some()));
            }
        }
    }

    /// Whether its next life begins with the end of the one that was waited for.
    fn restarted(&self, name: &str) -> bool {
        self.lives.contains_key(name)
    }

    /// Requests of callbacks that wait make no circle: that would be a wait without an end.
    fn assert_nobody_waits_for_itself(&self) {
        let edges: Vec<(&str, &str)> = self
            .open
            .values()
            .filter(|open| open.0 != Kind::Await)
            .filter_map(|(_, on, by)| Some((by.as_deref()?, on.as_str())))
            .collect();
        for start in NAMES {
            let mut reached = vec![start];
            let mut next = 0;
            while let Some(&at) = reached.get(next) {
                for (_, on) in edges.iter().filter(|(by, _)| *by == at) {
                    assert_ne!(*on, start, "{edges:?}");
                    if !reached.contains(on) {
                        reached.push(on);
                    }
                }
                next += 1;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_request_is_answered_once_and_truly(ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World::default();
        for op in ops {
            world.play(op);
        }
        // Every master comes to its end; the last ones may have been launched by the ends of former ones.
        for _ in 0..2 {
            for name in NAMES {
                world.master(name, false);
            }
        }
        world.play(Op::Shutdown);
        for name in NAMES {
            world.master(name, false);
        }
        prop_assert!(world.lives.is_empty() && world.open.is_empty(), "{:?}", world.open);
    }
}

#[test]
fn applications_that_wait_for_each_others_start_are_refused_with_the_way() {
    let mut world = World::default();
    let temporary = RestartType::Temporary;
    world.play(Op::Start(0, temporary, None));
    world.play(Op::Start(2, temporary, Some(0)));
    let from = world.ask(Kind::Start, "a", Some(2));
    let request = from.request;
    let actions = world.core.handle(ControllerEvent::Start {
        name: "a".to_owned(),
        needs: needs("a"),
        restart: temporary,
        from,
    });
    let path = ["d", "a", "d"].map(str::to_owned).to_vec();
    let refused = ControllerAnswer::Start(Err(StartApplicationError::Circle { path }));
    assert_eq!(actions, [ControllerAction::Answer(request, refused)]);
}
