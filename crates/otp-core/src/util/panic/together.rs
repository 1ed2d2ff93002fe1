//! Values of the user's that are together, and are dropped one by one.

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};

use pin_project_lite::pin_project;

use super::run_quietly;

/// A value of the user's that is dropped together with others of the user's.
///
/// A panic of its destructor counts, but for one that comes while another one unwinds: that would end the program, and
/// ends here.
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct OneOfMany<T>(Option<T>);

impl<T> OneOfMany<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect(STAYS)
    }
}

const STAYS: &str = "the value stays until this is dropped";

impl<T> Deref for OneOfMany<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect(STAYS)
    }
}

impl<T> DerefMut for OneOfMany<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect(STAYS)
    }
}

impl<T> Drop for OneOfMany<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() && std::thread::panicking() {
            run_quietly(|| drop(self.0.take()));
        }
    }
}

/// A value of the user's that several have, and that the last one of them drops: together with others, as it may be.
pub(crate) type Shared<T> = Arc<OneOfMany<T>>;

pub(crate) fn shared<T>(value: T) -> Shared<T> {
    Arc::new(OneOfMany::new(value))
}

/// A key of the user's with its value. A tuple of the two ends the program if both panic as it is dropped.
#[allow(missing_debug_implementations, reason = "users have none")]
pub struct Pair<K, V> {
    pub(crate) key: OneOfMany<K>,
    pub(crate) value: OneOfMany<V>,
}

impl<K, V> Pair<K, V> {
    pub(crate) fn new((key, value): (K, V)) -> Self {
        Self {
            key: OneOfMany::new(key),
            value: OneOfMany::new(value),
        }
    }

    /// Copies of both.
    pub(crate) fn of(key: &K, value: &V) -> Self
    where
        K: Clone,
        V: Clone,
    {
        let key = OneOfMany::new(key.clone());
        let value = OneOfMany::new(value.clone());
        Self { key, value }
    }

    pub(crate) fn into_tuple(self) -> (K, V) {
        (self.key.into_inner(), self.value.into_inner())
    }
}

/// A value of the user's inside a value of the runtime's, such as an exit reason. Its destructor may panic without
/// harm: only the panic hook is called. Any thread may be the last holder of the runtime's value, and drop it together
/// with others.
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect(STAYS)
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.as_mut().expect(STAYS)
    }

    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect(STAYS)
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() && self.0.is_some() {
            run_quietly(|| drop(self.0.take()));
        }
    }
}

impl<T: PartialEq> PartialEq for Contained<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for Contained<T> {}

impl<T: Hash> Hash for Contained<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.get().hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for Contained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A waker of the user's for those who wake in code that is not that user's: a panic of it is contained, and so is one of its destructor.
struct Harmless(Contained<Waker>);

impl Wake for Harmless {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        run_quietly(|| self.0.get().wake_by_ref());
    }
}

/// Makes harmless wakers of those that a wait is polled with. A waker that comes again needs no other one.
#[derive(Default)]
pub(crate) struct HarmlessWaker(Option<Arc<Harmless>>);

impl HarmlessWaker {
    pub(crate) fn of(&mut self, waker: &Waker) -> Waker {
        let same = self.0.take_if(|made| made.0.get().will_wake(waker));
        let made = same.unwrap_or_else(|| Arc::new(Harmless(Contained::new(waker.clone()))));
        Waker::from(self.0.insert(made).clone())
    }
}

pin_project! {
    /// A future of the user's that one of the runtime's own waits for, and which is dropped by that: as it unwinds, if the
    /// future's poll has panicked. Its destructor is [one of many](OneOfMany).
    pub(crate) struct Alone<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Alone<F> {
        fn drop(this: Pin<&mut Self>) {
            if mem::needs_drop::<F>() && std::thread::panicking() {
                let mut future = this.project().future;
                run_quietly(|| future.set(None));
            }
        }
    }
}

impl<F> Alone<F> {
    pub(crate) fn new(future: F) -> Self {
        let future = Some(future);
        Self { future }
    }
}

impl<F: Future> Future for Alone<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.as_pin_mut().expect(STAYS).poll(cx)
    }
}

pin_project! {
    /// A callback's future, next to which its process holds nothing whose destructor may panic. It is dropped at once if its poll
    /// panics: unlike one that is [alone](Alone), it costs nothing otherwise.
    pub(crate) struct CallbackFuture<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F> CallbackFuture<F> {
    #[inline(always)]
    pub(crate) fn new(future: F) -> Self {
        let future = Some(future);
        Self { future }
    }
}

impl<F: Future> Future for CallbackFuture<F> {
    type Output = F::Output;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut unwinds = Unwinds(self.project().future);
        let polled = unwinds.0.as_mut().as_pin_mut().expect(STAYS).poll(cx);
        mem::forget(unwinds);
        polled
    }
}

/// Drops a future whose poll has panicked.
struct Unwinds<'a, F>(Pin<&'a mut Option<F>>);

impl<F> Drop for Unwinds<'_, F> {
    #[cold]
    fn drop(&mut self) {
        run_quietly(|| self.0.set(None));
    }
}

pin_project! {
    /// A future that is [alone](Alone), and is dropped as soon as it is ready: its output counts, whatever its
    /// destructor does.
    pub(crate) struct Spent<F> {
        #[pin]
        future: Option<Alone<F>>,
    }
}

impl<F> Spent<F> {
    pub(crate) fn new(future: F) -> Self {
        let future = Some(Alone::new(future));
        Self { future }
    }
}

impl<F: Future> Future for Spent<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut future = self.project().future;
        let output = ready!(future.as_mut().as_pin_mut().expect(STAYS).poll(cx));
        if mem::needs_drop::<F>() {
            run_quietly(|| future.set(None));
        }
        Poll::Ready(output)
    }
}

/// Drops values of the user's one by one: of several that panic one counts, and none ends the program.
pub(crate) fn drop_values<T>(values: impl IntoIterator<Item = T>) {
    let values: Vec<_> = values.into_iter().map(OneOfMany::new).collect();
    drop(values);
}

/// Values of the user's that are together while code of the user's runs: the iterator or the clone that makes them, or
/// a function that reads them. If that code panics, or when the values are dropped, they are dropped [one by
/// one](drop_values).
pub(crate) struct OneByOne<T>(Vec<T>);

impl<T> OneByOne<T> {
    pub(crate) fn new(values: Vec<T>) -> Self {
        Self(values)
    }

    /// The values, for the caller.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        mem::take(&mut self.0)
    }
}

impl<T> Deref for OneByOne<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for OneByOne<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> FromIterator<T> for OneByOne<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut all = Self(Vec::new());
        all.0.extend(values);
        all
    }
}

impl<T> Drop for OneByOne<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            drop_values(self.0.drain(..));
        }
    }
}
