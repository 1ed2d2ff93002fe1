//! Which task runs next: left to tokio, unless a test has the order drawn from a seed, with the feature
//! `explore`. With the feature, a program that has never drawn an order reads one flag as a process is made, and one at each
//! step of its end.

#[cfg(feature = "explore")]
pub(crate) use drawn::{Scheduled, interrupts, is_drawn, poll_endless, run};

/// The entries of a map, in the map's order.
#[cfg(not(feature = "explore"))]
pub(crate) fn in_any_order<K, V>(
    entries: impl IntoIterator<Item = (K, V)>,
) -> impl Iterator<Item = (K, V)> {
    entries.into_iter()
}

/// The entries of a map, in an order that is drawn.
#[cfg(feature = "explore")]
pub(crate) fn in_any_order<K: Ord, V>(
    entries: impl IntoIterator<Item = (K, V)>,
) -> impl Iterator<Item = (K, V)> {
    match is_drawn() {
        false => drawn::Entries::AsTheyCome(entries.into_iter()),
        true => drawn::Entries::Shuffled(drawn::shuffled(entries).into_iter()),
    }
}

#[cfg(feature = "explore")]
mod drawn {
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Waker};

    use pin_project_lite::pin_project;

    /// A system that still runs after so many turns is taken for one that never ends.
    const ENDLESS: usize = 300_000;

    /// The largest share of its turns that a task skips, in eighths.
    const LAZIEST: u64 = 7;

    /// Whether any thread has ever drawn an order. Each thread sees what it has written itself.
    static EVER_DRAWN: AtomicBool = AtomicBool::new(false);

    thread_local! {
        static SCHEDULE: RefCell<Option<DrawnSchedule>> = const { RefCell::new(None) };
    }

    /// The schedule of a system, all of whose tasks run on one thread.
    struct DrawnSchedule {
        random: Random,
        tasks: u32,
        /// The tasks that have run, in order.
        turns: Vec<u32>,
        /// Turns that were offered to tasks. Skipped turns count.
        offered: usize,
        outside: Option<Waker>,
    }

    /// Runs `f` with all tasks that it makes on the schedule of this seed; returns also which tasks ran, in order.
    pub(crate) fn run<T>(seed: u64, f: impl FnOnce() -> T) -> (T, Vec<u32>) {
        struct Reset;

        impl Drop for Reset {
            fn drop(&mut self) {
                SCHEDULE.set(None);
            }
        }

        EVER_DRAWN.store(true, Ordering::Relaxed);
        SCHEDULE.set(Some(DrawnSchedule {
            random: Random(seed),
            tasks: 0,
            turns: Vec::new(),
            offered: 0,
            outside: None,
        }));
        let _reset = Reset;
        let value = f();
        let turns = with(|schedule| std::mem::take(&mut schedule.turns));
        (value, turns.unwrap_or_default())
    }

    /// Ready when the system has had too many turns.
    pub(crate) fn poll_endless(cx: &mut Context<'_>) -> Poll<()> {
        let endless = with(|schedule| {
            schedule.outside = Some(cx.waker().clone());
            schedule.offered > ENDLESS
        });
        match endless {
            Some(true) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Whether the order is drawn from a seed.
    #[inline]
    pub(crate) fn is_drawn() -> bool {
        EVER_DRAWN.load(Ordering::Relaxed) && with(|_| ()).is_some()
    }

    /// Whether a process is interrupted before its next message: nearly every second time.
    pub(crate) fn interrupts() -> bool {
        with(|schedule| schedule.random.below(16) < 7).unwrap_or(false)
    }

    /// One iterator of the two kinds: those of std that could be both take two hundred instructions more.
    pub(super) enum Entries<I: Iterator> {
        AsTheyCome(I),
        Shuffled(std::vec::IntoIter<I::Item>),
    }

    impl<I: Iterator> Iterator for Entries<I> {
        type Item = I::Item;

        #[inline]
        fn next(&mut self) -> Option<I::Item> {
            match self {
                Self::AsTheyCome(entries) => entries.next(),
                Self::Shuffled(entries) => entries.next(),
            }
        }
    }

    /// Sorts and then shuffles: the order they come in may be another each time.
    #[cold]
    pub(super) fn shuffled<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> Vec<(K, V)> {
        let mut entries = Vec::from_iter(entries);
        with(|schedule| {
            entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            for place in 1..entries.len() {
                entries.swap(place, schedule.random.index(place + 1));
            }
        });
        entries
    }

    fn with<T>(f: impl FnOnce(&mut DrawnSchedule) -> T) -> Option<T> {
        // `try_with`: a task may be dropped while the thread ends.
        SCHEDULE
            .try_with(|schedule| schedule.borrow_mut().as_mut().map(f))
            .ok()
            .flatten()
    }

    pin_project! {
        /// A task that skips turns as the schedule decides, and then goes to the end of the queue.
        pub(crate) struct Scheduled<F> {
            number: u32,
            laziness: u64,
            #[pin]
            task: F,
        }
    }

    impl<F> Scheduled<F> {
        pub(crate) fn new(task: F) -> Self {
            let drawn = with(|schedule| {
                schedule.tasks += 1;
                (schedule.tasks, schedule.random.below(LAZIEST + 1))
            });
            let (number, laziness) = drawn.unwrap_or_default();
            Self {
                number,
                laziness,
                task,
            }
        }
    }

    impl<F: Future<Output = ()>> Future for Scheduled<F> {
        type Output = ();

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            let this = self.project();
            let runs = with(|schedule| schedule.turn(*this.number, this.laziness));
            if runs == Some(false) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            this.task.poll(cx)
        }
    }

    impl DrawnSchedule {
        /// Whether a task uses its turn.
        fn turn(&mut self, task: u32, laziness: &mut u64) -> bool {
            self.offered += 1;
            if self.offered > ENDLESS
                && let Some(outside) = &self.outside
            {
                outside.wake_by_ref();
            }
            // Each task is faster or slower than others for a while, so that one may do much while another does
            // nothing: most faults need that.
            if self.random.below(16) == 0 {
                *laziness = self.random.below(LAZIEST + 1);
            }
            let runs = self.random.below(8) >= *laziness;
            if runs {
                self.turns.push(task);
            }
            runs
        }
    }

    /// Numbers without rhyme or reason, the same ones for the same seed (SplitMix64).
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) % n
        }

        fn index(&mut self, length: usize) -> usize {
            let index = self.below(length as u64);
            usize::try_from(index).expect("it is less than a length")
        }
    }
}
