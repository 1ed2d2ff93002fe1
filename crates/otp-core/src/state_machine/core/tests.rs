//! The core beside a model that is as plain as can be: lists that are searched from the start.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::{Command, Ends, InternalEvent, MachineCore, RingTime, Setting, TransitionParts};

type Name = u8;
type Order = Setting<Name, u32>;

#[derive(Debug, Clone)]
enum Move {
    /// An event is handled: the next one inside, or one from outside.
    Handle(Answer),
    /// The timer of the n-th setting that was ever started rings.
    Ring(usize),
}

/// What the callback answers.
#[derive(Debug, Clone)]
struct Answer {
    changed: bool,
    postpones: bool,
    inserts: usize,
    settings: Vec<Order>,
}

/// A time-out of the model.
#[derive(Debug, Clone)]
struct Running {
    name: Name,
    ends: Ends,
    /// The timer that rings for it; none for zero.
    timer: Option<u32>,
}

#[derive(Default)]
struct Model {
    inside: Vec<u32>,
    postponed: Vec<u32>,
    /// In the order of their setting.
    running: Vec<Running>,
}

impl Model {
    fn end(&mut self, ended: impl Fn(&Running) -> bool) {
        self.running.retain(|running| !ended(running));
    }

    fn next(&mut self) -> Option<InternalEvent<u32, Name>> {
        if !self.inside.is_empty() {
            return Some(InternalEvent::Event(self.inside.remove(0)));
        }
        let at = self.running.iter().position(|it| it.timer.is_none())?;
        Some(InternalEvent::Timeout(self.running.remove(at).name))
    }

    fn apply(&mut self, change: &TransitionParts<u32, Name, u32>) {
        self.postponed.extend(change.postponed);
        if change.changed {
            self.end(|it| it.ends == Ends::WithState);
            let rest = std::mem::take(&mut self.inside);
            self.inside.append(&mut self.postponed);
            self.inside.extend(rest);
        }
        for (at, setting) in change.settings.iter().enumerate() {
            let mut later = change.settings[at + 1..].iter();
            if later.any(|it| it.timer() == setting.timer()) {
                continue;
            }
            match *setting {
                Setting::Cancel(name) => self.end(|it| it.name == name),
                Setting::Set { timer, ends, when } => self.set(timer, ends, when),
            }
        }
        let rest = std::mem::replace(&mut self.inside, change.inserted.clone());
        self.inside.extend(rest);
    }

    fn set(&mut self, name: Name, ends: Ends, when: RingTime<u32>) {
        if when == RingTime::Update
            && let Some(running) = self.running.iter_mut().find(|it| it.name == name)
        {
            running.ends = ends;
            return;
        }
        self.end(|it| it.name == name);
        let timer = match when {
            RingTime::Never => return,
            RingTime::Zero | RingTime::Update => None,
            RingTime::Later(timer) => Some(timer),
        };
        self.running.push(Running { name, ends, timer });
    }

    fn ring(&mut self, timer: u32) -> Option<Name> {
        let at = self.running.iter().position(|it| it.timer == Some(timer))?;
        Some(self.running.remove(at).name)
    }

    fn timers(&self) -> Vec<u32> {
        let mut timers: Vec<_> = self.running.iter().filter_map(|it| it.timer).collect();
        timers.sort_unstable();
        timers
    }
}

fn ends() -> impl Strategy<Value = Ends> {
    prop_oneof![
        Just(Ends::Never),
        Just(Ends::WithState),
        Just(Ends::WithEvent)
    ]
}

fn setting() -> impl Strategy<Value = Order> {
    let when = prop_oneof![
        Just(RingTime::Zero),
        Just(RingTime::Later(0)),
        Just(RingTime::Never),
        Just(RingTime::Update)
    ];
    prop_oneof![
        4 => (0..4_u8, ends(), when).prop_map(|(timer, ends, when)| Setting::Set { timer, ends, when }),
        1 => (0..4_u8).prop_map(Setting::Cancel),
    ]
}

fn moves() -> impl Strategy<Value = Move> {
    let answer = (
        any::<bool>(),
        any::<bool>(),
        0..3_usize,
        vec(setting(), 0..4),
    );
    let answer = answer.prop_map(|(changed, postpones, inserts, settings)| Answer {
        changed,
        postpones,
        inserts,
        settings,
    });
    prop_oneof![5 => answer.prop_map(Move::Handle), 1 => (0..20_usize).prop_map(Move::Ring)]
}

/// The core and the model side by side, and the timers that the core has started.
struct Pair {
    core: MachineCore<u32, Name, u32>,
    model: Model,
    /// The number of the setting behind each timer, by the time that is given to it.
    started: Vec<(u32, u64)>,
    stopped: Vec<u64>,
    last: u32,
}

impl Pair {
    fn new() -> Self {
        Self {
            core: MachineCore::new(),
            model: Model::default(),
            started: Vec::new(),
            stopped: Vec::new(),
            last: 0,
        }
    }

    fn fresh(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    fn play(&mut self, step: Move) {
        match step {
            Move::Ring(n) => {
                let Some(&(timer, number)) = self.started.get(n) else {
                    return;
                };
                let rang = self.core.rang(number);
                assert_eq!(rang, self.model.ring(timer));
                self.stopped.push(number);
            }
            Move::Handle(answer) => self.handle(&answer),
        }
        self.compare();
    }

    fn handle(&mut self, answer: &Answer) {
        assert_eq!(self.core.has_next(), {
            let model = &self.model;
            !model.inside.is_empty() || model.running.iter().any(|it| it.timer.is_none())
        });
        let next = self.core.next();
        assert_eq!(next, self.model.next());
        let event = match next {
            Some(InternalEvent::Event(event)) => event,
            Some(InternalEvent::Timeout(_)) | None => self.fresh(),
        };
        let mut commands = Vec::new();
        self.core.begin(&mut commands);
        self.model.end(|it| it.ends == Ends::WithEvent);
        let change = || TransitionParts {
            changed: answer.changed,
            postponed: answer.postpones.then_some(event),
            inserted: Vec::new(),
            settings: answer.settings.clone(),
        };
        let (mut ours, mut models) = (change(), change());
        for (setting, its) in ours.settings.iter_mut().zip(&mut models.settings) {
            if let Setting::Set {
                when: RingTime::Later(at),
                ..
            } = setting
            {
                *at = self.fresh();
            }
            *its = setting.clone();
        }
        ours.inserted = (0..answer.inserts).map(|_| self.fresh()).collect();
        models.inserted.clone_from(&ours.inserted);
        self.core.apply(ours, &mut commands);
        self.model.apply(&models);
        for command in commands {
            match command {
                Command::Start(number, at) => self.started.push((at, number)),
                Command::Stop(number) => self.stopped.push(number),
            }
        }
    }

    fn compare(&self) {
        assert!(self.core.inside().eq(&self.model.inside));
        assert!(self.core.postponed().eq(&self.model.postponed));
        let mut names: Vec<_> = self.core.timeouts().into_iter().copied().collect();
        let mut wanted: Vec<_> = self.model.running.iter().map(|it| it.name).collect();
        names.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(names, wanted);
        let running = self.started.iter();
        let mut running: Vec<_> = running
            .filter(|(_, number)| !self.stopped.contains(number))
            .map(|(at, _)| *at)
            .collect();
        running.sort_unstable();
        assert_eq!(
            running,
            self.model.timers(),
            "no timer is left over, and none is missing"
        );
    }
}

proptest! {
    // STM-011, STM-012, STM-014, STM-016, STM-018, STM-019, STM-020, STM-036, STM-037
    // STM-040, STM-041, STM-042, STM-043, STM-044, STM-045, STM-046, STM-047
    #[test]
    fn it_does_what_the_model_does(steps in vec(moves(), 0..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.play(step);
        }
    }
}

/// What is set about one time-out, in a row; returns what comes before any message.
fn zeros(settings: impl IntoIterator<Item = Order>) -> Vec<Name> {
    let mut core: MachineCore<(), Name, u32> = MachineCore::new();
    let change = TransitionParts {
        changed: false,
        postponed: None,
        inserted: Vec::new(),
        settings: settings.into_iter().collect(),
    };
    core.apply(change, &mut Vec::new());
    std::iter::from_fn(|| match core.next()? {
        InternalEvent::Timeout(name) => Some(name),
        InternalEvent::Event(()) => None,
    })
    .collect()
}

fn set(timer: Name, when: RingTime<u32>) -> Order {
    let ends = Ends::Never;
    Setting::Set { timer, ends, when }
}

// STM-042
#[test]
fn of_one_name_the_last_setting_of_a_list_counts_in_its_place() {
    let (zero, cancel) = (|name| set(name, RingTime::Zero), Setting::Cancel);
    assert_eq!(zeros([zero(1), zero(2), zero(1)]), [2, 1]);
    assert_eq!(zeros([zero(1), cancel(1)]), []);
    assert_eq!(zeros([cancel(1), zero(1)]), [1]);
    assert_eq!(zeros([zero(1), set(1, RingTime::Later(5))]), []);
    assert_eq!(
        zeros([set(1, RingTime::Later(5)), set(1, RingTime::Update)]),
        [1]
    );
    assert_eq!(zeros([set(1, RingTime::Update)]), [1]);
}
