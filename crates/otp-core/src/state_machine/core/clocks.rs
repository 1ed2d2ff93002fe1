//! The time-outs of a machine, as numbers: each setting of a time-out has a separate number.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use foldhash::fast::RandomState;

use crate::util::numbered::Numbered;

/// The events that end a time-out before it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state_machine) enum Ends {
    /// Only a cancellation or a new setting.
    Never,
    /// A change of state.
    WithState,
    /// The next event of any kind.
    WithEvent,
}

/// The time of a time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state_machine) enum RingTime<D> {
    /// Before any message.
    Zero,
    /// By a timer.
    Later(D),
    /// Never: it is cancelled.
    Never,
    /// The time of the running time-out; if none runs, zero.
    Update,
}

/// The setting of one time-out by a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::state_machine) enum Setting<T, D> {
    Set {
        timer: T,
        ends: Ends,
        when: RingTime<D>,
    },
    Cancel(T),
}

impl<T: Eq + Hash, D> Setting<T, D> {
    /// The name of the time-out.
    pub(super) fn timer(&self) -> &T {
        let (Self::Set { timer, .. } | Self::Cancel(timer)) = self;
        timer
    }

    /// Keeps the last setting of each name. An update behind another setting updates the time-out that ran before
    /// both.
    pub(super) fn keep_last(settings: &mut Vec<Self>) {
        if settings.len() < 2 {
            return;
        }
        let mut seen = HashSet::with_hasher(RandomState::default());
        let from_the_end = settings.iter().rev();
        let mut kept: Vec<bool> = from_the_end.map(|it| seen.insert(it.timer())).collect();
        settings.retain(|_| kept.pop() == Some(true));
    }
}

/// The command for the timer of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::state_machine) enum Command<D> {
    Start(u64, D),
    Stop(u64),
}

/// All that run, by number and by name.
///
/// A name is hashed and compared as it is set or cancelled, before anything changes. From then on it is found by its number
/// and its hash, so that no code of the user's runs as a time-out ends.
pub(in crate::state_machine) struct Clocks<T, D> {
    last: u64,
    by_number: HashMap<u64, Clock<T>, Numbered>,
    /// The hash of each name, with its number.
    by_hash: BTreeSet<(u64, u64)>,
    hasher: RandomState,
    /// The time-outs of zero that have not come yet. They come in the order of their numbers.
    zeros: BTreeSet<u64>,
    with_state: BTreeSet<u64>,
    with_event: BTreeSet<u64>,
    due: PhantomData<fn() -> D>,
}

struct Clock<T> {
    name: T,
    hash: u64,
    ends: Ends,
}

impl<T: Eq + Hash, D> Clocks<T, D> {
    pub(super) fn new() -> Self {
        Self {
            last: 0,
            by_number: HashMap::default(),
            by_hash: BTreeSet::new(),
            hasher: RandomState::default(),
            zeros: BTreeSet::new(),
            with_state: BTreeSet::new(),
            with_event: BTreeSet::new(),
            due: PhantomData,
        }
    }

    pub(super) fn set(&mut self, setting: Setting<T, D>, commands: &mut Vec<Command<D>>) {
        let hash = self.hasher.hash_one(setting.timer());
        let present = self.find(hash, setting.timer());
        let Setting::Set { timer, ends, when } = setting else {
            return self.stop(present, commands);
        };
        let clock = Clock {
            name: timer,
            hash,
            ends,
        };
        match (when, present) {
            // The one that runs gets this name, which equals its own, and keeps its time.
            (RingTime::Update, Some(number)) => {
                let former = self.remove(number);
                self.enter(number, clock);
                drop(former);
            }
            (RingTime::Never, present) => self.stop(present, commands),
            (RingTime::Zero | RingTime::Update, present) => {
                self.stop(present, commands);
                let number = self.number();
                self.enter(number, clock);
                self.zeros.insert(number);
            }
            (RingTime::Later(due), present) => {
                self.stop(present, commands);
                let number = self.number();
                self.enter(number, clock);
                commands.push(Command::Start(number, due));
            }
        }
    }

    /// The number of the time-out with this name. Compares names, and changes nothing.
    fn find(&self, hash: u64, name: &T) -> Option<u64> {
        let those = self.by_hash.range((hash, 0)..=(hash, u64::MAX));
        let mut numbers = those.map(|(_, number)| *number);
        numbers.find(|number| {
            self.by_number
                .get(number)
                .is_some_and(|it| it.name == *name)
        })
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn enter(&mut self, number: u64, clock: Clock<T>) {
        self.by_hash.insert((clock.hash, number));
        if let Some(those) = self.ended(clock.ends) {
            those.insert(number);
        }
        self.by_number.insert(number, clock);
    }

    /// Ends all time-outs that end at this occasion.
    pub(super) fn end_all(&mut self, ends: Ends, commands: &mut Vec<Command<D>>) {
        while let Some(number) = self.ended(ends).and_then(BTreeSet::pop_first) {
            self.stop(Some(number), commands);
        }
    }

    /// Ends the one that runs, if there is one.
    fn stop(&mut self, present: Option<u64>, commands: &mut Vec<Command<D>>) {
        let Some(number) = present else { return };
        let was_zero = self.zeros.remove(&number);
        if self.remove(number).is_some() && !was_zero {
            commands.push(Command::Stop(number));
        }
    }

    /// Whether there are time-outs that end at this occasion.
    #[inline]
    pub(super) fn has(&self, ends: Ends) -> bool {
        match ends {
            Ends::Never => false,
            Ends::WithState => !self.with_state.is_empty(),
            Ends::WithEvent => !self.with_event.is_empty(),
        }
    }

    #[inline]
    pub(super) fn has_zero(&self) -> bool {
        !self.zeros.is_empty()
    }

    /// The first time-out of zero. It is removed.
    pub(super) fn take_zero(&mut self) -> Option<T> {
        let number = self.zeros.pop_first()?;
        self.take(number)
    }

    /// The time-out with this number. It is removed.
    pub(super) fn take(&mut self, number: u64) -> Option<T> {
        self.remove(number).map(|clock| clock.name)
    }

    fn remove(&mut self, number: u64) -> Option<Clock<T>> {
        let clock = self.by_number.remove(&number)?;
        self.by_hash.remove(&(clock.hash, number));
        if let Some(those) = self.ended(clock.ends) {
            those.remove(&number);
        }
        Some(clock)
    }

    fn ended(&mut self, ends: Ends) -> Option<&mut BTreeSet<u64>> {
        match ends {
            Ends::Never => None,
            Ends::WithState => Some(&mut self.with_state),
            Ends::WithEvent => Some(&mut self.with_event),
        }
    }

    pub(super) fn names(&self) -> Vec<&T> {
        let mut clocks: Vec<_> = self.by_number.iter().collect();
        clocks.sort_unstable_by_key(|(number, _)| **number);
        clocks.into_iter().map(|(_, clock)| &clock.name).collect()
    }
}
