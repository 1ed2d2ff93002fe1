//! The tasks of tokio's that processes run in, one process after another.
//!
//! A task of tokio's is an aligned allocation and an entry in a list of its runtime. Both take more time than the rest of a
//! short life. So a task whose process has ended rests on its thread for a while, and runs the next process that starts
//! there. A thread keeps few of them. The box of the life stays with its task, for the next life of the same type, unless it is large.
//!
//! A waker of the former process wakes the next one, which a future has to expect at any time.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;
use tokio::runtime::{Handle, Id};

use super::run;
use crate::util::lock::Lock;

/// How many tasks rest on a thread at most.
const KEPT: usize = 1024;

/// How many bytes a life has at most whose box is kept.
const KEPT_SIZE: usize = 512;

thread_local! {
    static RESTING: RefCell<Vec<Resting>> = const { RefCell::new(Vec::new()) };
}

pin_project! {
    /// Has one life after another, all made by functions of the same type.
    struct LifeCell<F, L> {
        // All that the task of a process does. None before it has begun and once it has ended.
        #[pin]
        life: Option<L>,
        made_by: PhantomData<fn() -> F>,
    }
}

/// A cell for lives of a type that is not known.
trait AnyLife: Send {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the life. Returns whether the cell may be kept.
    fn clear(self: Pin<&mut Self>) -> bool;
    /// Makes the next life, in its place, with the function in an option of this type; false if it is one of another type.
    fn fill(self: Pin<&mut Self>, make: &mut dyn Any) -> bool;
}

type LifeBox = Pin<Box<dyn AnyLife>>;

impl<F, L> AnyLife for LifeCell<F, L>
where
    F: FnOnce() -> L + 'static,
    L: Future<Output = ()> + Send + 'static,
{
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let life = self.project().life.as_pin_mut();
        life.map_or(Poll::Ready(()), |life| life.poll(cx))
    }

    fn clear(self: Pin<&mut Self>) -> bool {
        self.project().life.set(None);
        size_of::<L>() <= KEPT_SIZE
    }

    fn fill(self: Pin<&mut Self>, make: &mut dyn Any) -> bool {
        let Some(make) = make.downcast_mut::<Option<F>>() else {
            return false;
        };
        let mut life = self.project().life;
        // Cleared first, so that nothing happens between the making and the move to its place: the two become one, unless a
        // call in between may unwind.
        life.set(None);
        if let Some(make) = make.take() {
            life.set(Some(make()));
        }
        true
    }
}

/// A life that is not made yet, of a type that is not known.
trait NewLife {
    /// Makes it in this cell, if there is one and that is for its type, or else in a new one.
    fn enter(&mut self, empty: Option<LifeBox>) -> LifeBox;
}

/// The function that makes a life, until it is called.
struct Unmade<F: FnOnce() -> L, L>(Option<F>);

impl<F, L> NewLife for Unmade<F, L>
where
    F: FnOnce() -> L + 'static,
    L: Future<Output = ()> + Send + 'static,
{
    fn enter(&mut self, empty: Option<LifeBox>) -> LifeBox {
        if let Some(mut empty) = empty
            && empty.as_mut().fill(&mut self.0)
        {
            return empty;
        }
        let mut new: LifeBox = Box::pin(LifeCell {
            life: None::<L>,
            made_by: PhantomData::<fn() -> F>,
        });
        new.as_mut().fill(&mut self.0);
        new
    }
}

/// There was no runtime to start it in. It is dropped like a life that a runtime drops, and its process ends.
impl<F: FnOnce() -> L, L> Drop for Unmade<F, L> {
    fn drop(&mut self) {
        drop(self.0.take().map(|make| make()));
    }
}

/// Runs the life that a function makes in a task that rests on this thread, or in a new one.
///
/// It is made in its place: a future is large and has little in it before its first poll, but a copy copies all of it.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub(super) fn start<F, L>(make: F)
where
    F: FnOnce() -> L + 'static,
    L: Future<Output = ()> + Send + 'static,
{
    start_any(&mut Unmade(Some(make)));
}

fn start_any(life: &mut dyn NewLife) {
    let runtime = Handle::current();
    let mut entered: Option<LifeBox> = None;
    while let Some(mut resting) = take() {
        if resting.runtime() == Some(runtime.id()) {
            let empty = resting.empty.take();
            let life = entered.take().unwrap_or_else(|| life.enter(empty));
            match resting.give(life) {
                Ok(()) => return,
                Err(refused) => entered = Some(refused),
            }
        }
    }
    let runner = LifeRunner {
        life: Some(entered.unwrap_or_else(|| life.enter(None))),
        place: None,
    };
    run::task(&runtime, runner);
}

fn take() -> Option<Resting> {
    // A thread that ends keeps none.
    RESTING
        .try_with(|resting| resting.borrow_mut().pop())
        .ok()
        .flatten()
}

/// The future of the task.
struct LifeRunner {
    life: Option<LifeBox>,
    /// Made when it rests for the first time.
    place: Option<Arc<RestPlace>>,
}

/// Where a task that rests gets its next life.
struct RestPlace {
    runtime: Id,
    state: Lock<State>,
}

enum State {
    Running,
    Resting(Waker),
    Given(LifeBox),
    /// The task has ended, or is to end.
    Gone,
}

/// A task that rests. It ends if this is dropped.
struct Resting {
    place: Option<Arc<RestPlace>>,
    /// The cell of its last life, which has ended.
    empty: Option<LifeBox>,
}

impl Future for LifeRunner {
    type Output = ();

    /// Inlined, as each poll of a process passes it.
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(life) = &mut self.life {
            ready!(life.as_mut().poll(cx));
            return self.ended(cx);
        }
        self.begin(cx)
    }
}

impl LifeRunner {
    #[inline(never)]
    fn begin(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.next() {
            State::Given(mut life) => {
                let polled = life.as_mut().poll(cx);
                self.life = Some(life);
                ready!(polled);
                self.ended(cx)
            }
            State::Gone => Poll::Ready(()),
            State::Running | State::Resting(_) => Poll::Pending,
        }
    }

    #[inline(never)]
    fn ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut empty = self.life.take();
        let is_kept = empty.as_mut().is_some_and(|life| life.as_mut().clear());
        match self.rest(empty.filter(|_| is_kept), cx.waker()) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    /// The life that has been given; otherwise how it is.
    fn next(&self) -> State {
        let Some(place) = &self.place else {
            return State::Gone;
        };
        place.state.with(|state| match state {
            State::Given(_) => mem::replace(state, State::Running),
            State::Gone => State::Gone,
            State::Running | State::Resting(_) => State::Running,
        })
    }

    /// False if enough tasks rest on this thread.
    fn rest(&mut self, empty: Option<LifeBox>, waker: &Waker) -> bool {
        let keep = |resting: &RefCell<Vec<Resting>>| {
            let mut resting = resting.borrow_mut();
            if resting.len() == KEPT {
                return false;
            }
            let place = self.place.get_or_insert_with(RestPlace::here);
            let rests = State::Resting(waker.clone());
            place.state.with(|state| *state = rests);
            resting.push(Resting {
                place: Some(place.clone()),
                empty,
            });
            true
        };
        RESTING.try_with(keep).unwrap_or(false)
    }
}

/// The runtime drops the task.
impl Drop for LifeRunner {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            drop(place.state.with(|state| mem::replace(state, State::Gone)));
        }
    }
}

impl RestPlace {
    fn here() -> Arc<Self> {
        Arc::new(Self {
            runtime: Handle::current().id(),
            state: Lock::new(State::Running),
        })
    }
}

impl Resting {
    fn runtime(&self) -> Option<Id> {
        Some(self.place.as_ref()?.runtime)
    }

    /// Wakes the task with a life.
    ///
    /// # Errors
    ///
    /// Gives the life back if the runtime has dropped the task.
    fn give(mut self, life: LifeBox) -> Result<(), LifeBox> {
        let Some(place) = self.place.take() else {
            return Err(life);
        };
        match change(&place, State::Given(life)) {
            Ok(waker) => {
                waker.wake();
                Ok(())
            }
            Err(State::Given(life)) => Err(life),
            Err(_) => Ok(()),
        }
    }
}

impl Drop for Resting {
    fn drop(&mut self) {
        if let Some(place) = self.place.take()
            && let Ok(waker) = change(&place, State::Gone)
        {
            waker.wake();
        }
    }
}

/// Changes the state of a task that rests. Returns its waker, or, if it does not rest, the state that was to be.
fn change(place: &RestPlace, to: State) -> Result<Waker, State> {
    place.state.with(|state| match mem::replace(state, to) {
        State::Resting(waker) => Ok(waker),
        other => Err(mem::replace(state, other)),
    })
}
