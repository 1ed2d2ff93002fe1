//! The time-outs of a machine, as numbers: each setting has one of its own.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::marker::PhantomData;

use foldhash::fast::RandomState;

use crate::util::numbered::Numbered;
use crate::util::panic;

/// What ends a time-out before it rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state_machine) enum Ends {
    /// Nothing but to be cancelled or set anew.
    Never,
    /// A change of state.
    WithState,
    /// The next event, whatever it is.
    WithEvent,
}

/// When a time-out is to ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state_machine) enum When<D> {
    /// Before any message.
    Zero,
    /// By a timer.
    Later(D),
    /// Not at all: as if it were cancelled.
    Never,
    /// When the one that runs is to ring; if none runs, as for zero.
    Update,
}

/// Something that a transition sets about one time-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::state_machine) enum Setting<T, D> {
    Set { timer: T, ends: Ends, when: When<D> },
    Cancel(T),
}

/// What is to be done about the timer of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::state_machine) enum Command<D> {
    Start(u64, D),
    Stop(u64),
}

/// All that run, by number and by name.
pub(in crate::state_machine) struct Clocks<T, D> {
    last: u64,
    by_number: HashMap<u64, Clock<T>, Numbered>,
    by_name: HashMap<T, u64, RandomState>,
    /// Those of zero that have not come yet: the order of their numbers is that in which they come.
    zeros: BTreeSet<u64>,
    with_state: BTreeSet<u64>,
    with_event: BTreeSet<u64>,
    due: PhantomData<fn() -> D>,
}

struct Clock<T> {
    name: T,
    ends: Ends,
}

impl<T: Eq + Hash + Clone, D> Clocks<T, D> {
    pub(super) fn new() -> Self {
        Self {
            last: 0,
            by_number: HashMap::default(),
            by_name: HashMap::default(),
            zeros: BTreeSet::new(),
            with_state: BTreeSet::new(),
            with_event: BTreeSet::new(),
            due: PhantomData,
        }
    }

    pub(super) fn set(&mut self, setting: Setting<T, D>, commands: &mut Vec<Command<D>>) {
        match setting {
            Setting::Cancel(name) => self.cancel(&name, commands),
            Setting::Set { timer, ends, when } => {
                if matches!(when, When::Update)
                    && let Some(number) = self.by_name.get(&timer).copied()
                {
                    self.rename(number, timer, ends);
                    return;
                }
                self.cancel(&timer, commands);
                match when {
                    When::Never => {}
                    When::Zero | When::Update => {
                        let number = self.enter(timer, ends);
                        self.zeros.insert(number);
                    }
                    When::Later(due) => {
                        let number = self.enter(timer, ends);
                        commands.push(Command::Start(number, due));
                    }
                }
            }
        }
    }

    fn enter(&mut self, name: T, ends: Ends) -> u64 {
        let number = self.last + 1;
        self.by_name.insert(name.clone(), number);
        self.last = number;
        self.by_number.insert(number, Clock { name, ends });
        if let Some(those) = self.ended(ends) {
            those.insert(number);
        }
        number
    }

    /// Gives a time-out that runs a name that equals its own, and leaves its time.
    fn rename(&mut self, number: u64, name: T, ends: Ends) {
        let Some(former) = self.remove(number) else {
            return;
        };
        self.by_name.remove(&former.name);
        self.by_name.insert(name.clone(), number);
        self.by_number.insert(number, Clock { name, ends });
        if let Some(those) = self.ended(ends) {
            those.insert(number);
        }
    }

    fn cancel(&mut self, name: &T, commands: &mut Vec<Command<D>>) {
        if let Some(number) = self.by_name.remove(name) {
            self.stop(number, commands);
        }
    }

    /// Ends all that such an occasion ends.
    pub(super) fn end_all(&mut self, ends: Ends, commands: &mut Vec<Command<D>>) {
        while let Some(number) = self.ended(ends).and_then(BTreeSet::pop_first) {
            if let Some(clock) = self.by_number.get(&number) {
                self.by_name.remove(&clock.name);
            }
            self.stop(number, commands);
        }
    }

    fn stop(&mut self, number: u64, commands: &mut Vec<Command<D>>) {
        let was_zero = self.zeros.remove(&number);
        if self.remove(number).is_some() && !was_zero {
            commands.push(Command::Stop(number));
        }
    }

    /// Whether there are any that such an occasion ends.
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

    /// The first time-out of zero, which is over with that.
    pub(super) fn take_zero(&mut self) -> Option<T> {
        let number = self.zeros.pop_first()?;
        self.take(number)
    }

    /// The time-out with this number, which is over with that.
    pub(super) fn take(&mut self, number: u64) -> Option<T> {
        let clock = self.remove(number)?;
        self.by_name.remove(&clock.name);
        Some(clock.name)
    }

    fn remove(&mut self, number: u64) -> Option<Clock<T>> {
        let clock = self.by_number.remove(&number)?;
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

/// Names are the user's.
impl<T, D> Drop for Clocks<T, D> {
    fn drop(&mut self) {
        panic::drop_each(self.by_number.drain().map(|(_, clock)| clock.name));
        panic::drop_each(self.by_name.drain().map(|(name, _)| name));
    }
}
