//! Locks under which no foreign code runs.
//!
//! Foreign code is everything whose source is not in this crate: a value's `Drop`, `Clone`, `Debug`, `Eq` or `Hash`, a
//! waker's `wake`, `clone` or `drop`, a [`NameRegistry`](crate::NameRegistry), a callback. Foreign code may call back
//! into the runtime for the same object whose lock is held, and then a single thread waits for itself. So a critical
//! section is a closure. It returns the values that it removes and the wakers that it takes, and the caller drops and
//! wakes them after the lock has been released:
//!
//! ```text
//! let (removed, waker) = self.state.with(|state| (state.items.remove(&key), state.waker.take()));
//! waker.map(Waker::wake);
//! drop(removed);
//! ```
//!
//! Builds with debug assertions count the critical sections of the current thread. [`in_section`] is for tests, whose
//! hostile values check it in each of their implementations, and [`assert_outside`] guards the places where the runtime
//! itself calls foreign code.

use super::sync::Mutex;

#[cfg(debug_assertions)]
thread_local! {
    static SECTIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A value that threads share, behind a lock that is held for the length of a closure.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs a critical section. Its result leaves the section before the caller drops or wakes anything in it.
    #[inline(always)]
    pub(crate) fn with<R>(&self, section: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.lock();
        let _marked = Section::enter();
        section(&mut value)
    }

    /// As [`with`](Self::with), for a section that must be inlined.
    #[inline(always)]
    pub(crate) fn run<C: Critical<T>>(&self, section: C) -> C::Output {
        self.run_with(section, ())
    }

    /// The same with a value that goes into the section. As a field of the section, a large value would be copied.
    #[inline(always)]
    pub(crate) fn run_with<I, C: Critical<T, I>>(&self, section: C, input: I) -> C::Output {
        let mut value = self.0.lock();
        let _marked = Section::enter();
        section.run(&mut value, input)
    }

    /// Runs a critical section if that needs no waiting.
    #[inline(always)]
    pub(crate) fn try_with<R>(&self, section: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = self.0.try_lock()?;
        let _marked = Section::enter();
        Some(section(&mut value))
    }

    /// The value, for its only owner.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

/// A critical section of a path that each message takes: a method can be marked to be inlined, a closure cannot.
pub(crate) trait Critical<T, I = ()> {
    type Output;

    fn run(self, value: &mut T, input: I) -> Self::Output;
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// Runs a critical section over two locks. The caller gives the one that comes first in the lock order first.
#[inline(always)]
pub(crate) fn with_both<A, B, R>(
    first: &Lock<A>,
    second: &Lock<B>,
    section: impl FnOnce(&mut A, &mut B) -> R,
) -> R {
    first.with(|first| second.with(|second| section(first, second)))
}

/// A value for a function of the user's that must be alone with it.
///
/// Holding a turn is no critical section: no lock that the runtime itself needs is held meanwhile, and only threads
/// that want the same turn wait. A thread that holds one never waits for another.
pub(crate) struct Turn<T = ()>(Mutex<T>);

impl<T> Turn<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Waits for the turn, and holds it while `f` runs.
    pub(crate) fn take<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        assert_outside();
        f(&mut self.0.lock())
    }

    /// Waits until no thread holds the turn.
    pub(crate) fn wait(&self) {
        assert_outside();
        drop(self.0.lock());
    }
}

/// Marks a critical section of a lock that is not a [`Lock`], such as a shard of a concurrent map.
pub(crate) struct Section(());

impl Section {
    #[inline(always)]
    pub(crate) fn enter() -> Self {
        #[cfg(debug_assertions)]
        count(|sections| sections + 1);
        Self(())
    }
}

impl Drop for Section {
    #[inline(always)]
    fn drop(&mut self) {
        #[cfg(debug_assertions)]
        count(|sections| sections - 1);
    }
}

#[cfg(debug_assertions)]
fn count(change: impl FnOnce(usize) -> usize) {
    // A value may be dropped while the thread itself ends. Then the count is no longer read.
    let _ = SECTIONS.try_with(|sections| sections.set(change(sections.get())));
}

/// Whether this thread is in a critical section of the runtime. Always false in builds without debug assertions.
#[inline(always)]
pub(crate) fn in_section() -> bool {
    #[cfg(debug_assertions)]
    return SECTIONS
        .try_with(|sections| sections.get() > 0)
        .unwrap_or(false);
    #[cfg(not(debug_assertions))]
    false
}

/// Foreign code is about to run.
#[inline(always)]
#[track_caller]
pub(crate) fn assert_outside() {
    debug_assert!(
        !in_section(),
        "foreign code runs under a lock of the runtime"
    );
}
