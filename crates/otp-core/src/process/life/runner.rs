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
    /// Has one life after another, all of the same type.
    struct LifeCell<L> {
        // All that the task of a process does. None once it has ended.
        #[pin]
        life: Option<L>,
    }
}

/// A cell for lives of a type that is not known.
trait AnyLife: Send {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the life. Returns whether the cell may be kept.
    fn clear(self: Pin<&mut Self>) -> bool;
    /// Takes the life out of an option of this type; false if it is one of another type.
    fn fill(self: Pin<&mut Self>, life: &mut dyn Any) -> bool;
}

type LifeBox = Pin<Box<dyn AnyLife>>;

impl<L: Future<Output = ()> + Send + 'static> AnyLife for LifeCell<L> {
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let life = self.project().life.as_pin_mut();
        life.map_or(Poll::Ready(()), |life| life.poll(cx))
    }

    fn clear(self: Pin<&mut Self>) -> bool {
        self.project().life.set(None);
        size_of::<L>() <= KEPT_SIZE
    }

    fn fill(self: Pin<&mut Self>, life: &mut dyn Any) -> bool {
        match life.downcast_mut::<Option<L>>() {
            Some(life) => {
                self.project().life.set(life.take());
                true
            }
            None => false,
        }
    }
}

/// A life that has no cell yet, of a type that is not known.
trait NewLife {
    /// Puts it into this cell, if there is one and that is for its type, or else into a new one.
    fn enter(&mut self, empty: Option<LifeBox>) -> LifeBox;
}

impl<L: Future<Output = ()> + Send + 'static> NewLife for Option<L> {
    fn enter(&mut self, empty: Option<LifeBox>) -> LifeBox {
        if let Some(mut empty) = empty
            && empty.as_mut().fill(self)
        {
            return empty;
        }
        let life = self.take();
        Box::pin(LifeCell { life })
    }
}

/// Runs a life in a task that rests on this thread, or in a new one.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub(super) fn start(life: impl Future<Output = ()> + Send + 'static) {
    start_any(&mut Some(life));
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
