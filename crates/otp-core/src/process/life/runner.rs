//! The tasks of tokio's that processes run in, one process after another.
//!
//! A task of tokio's is an aligned allocation and an entry in a list of its runtime. Both take more time than the rest of a
//! short life. So a task whose process has ended rests on its thread for a while, and runs the next process that starts
//! there. A thread keeps few of them.
//!
//! A waker of the former process wakes the next one, which a future has to expect at any time.

use std::cell::RefCell;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use tokio::runtime::{Handle, Id};

use super::run;
use crate::util::lock::Lock;

/// All that the task of a process does.
pub(super) type LifeFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How many tasks rest on a thread at most.
const KEPT: usize = 256;

thread_local! {
    static RESTING: RefCell<Vec<Resting>> = const { RefCell::new(Vec::new()) };
}

/// Runs a life in a task that rests on this thread, or in a new one.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub(super) fn start(mut life: LifeFuture) {
    let runtime = Handle::current();
    while let Some(resting) = take() {
        if resting.runtime() == Some(runtime.id()) {
            match resting.give(life) {
                Ok(()) => return,
                Err(refused) => life = refused,
            }
        }
    }
    let runner = LifeRunner {
        life: Some(life),
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
    life: Option<LifeFuture>,
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
    Given(LifeFuture),
    /// The task has ended, or is to end.
    Gone,
}

/// A task that rests. It ends if this is dropped.
struct Resting(Option<Arc<RestPlace>>);

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
        self.life = None;
        match self.rest(cx.waker()) {
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
    fn rest(&mut self, waker: &Waker) -> bool {
        let keep = |resting: &RefCell<Vec<Resting>>| {
            let mut resting = resting.borrow_mut();
            if resting.len() == KEPT {
                return false;
            }
            let place = self.place.get_or_insert_with(RestPlace::here);
            let rests = State::Resting(waker.clone());
            place.state.with(|state| *state = rests);
            resting.push(Resting(Some(place.clone())));
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
        Some(self.0.as_ref()?.runtime)
    }

    /// Wakes the task with a life.
    ///
    /// # Errors
    ///
    /// Gives the life back if the runtime has dropped the task.
    fn give(mut self, life: LifeFuture) -> Result<(), LifeFuture> {
        let Some(place) = self.0.take() else {
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
        if let Some(place) = self.0.take()
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
