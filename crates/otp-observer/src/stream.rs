//! A view as a stream of events: each time that it has changed, and never for more than a small part of a core.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::sse::Event;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::{Mutex, oneshot};
use tokio::time::sleep;

use crate::observer::background;
use crate::state::{LOOKS, Open, State};
use crate::views::{Params, View};

/// When another node is asked again that has not shown anything.
const FAR_REST: Duration = Duration::from_secs(2);

/// A page rests for so many times as long as it has worked.
const SHARE: u32 = 199;

/// How long to rest after work that took `cost`, where so many share what may be spent.
pub(crate) fn rest(step: Duration, cost: Duration, pages: usize) -> Duration {
    let pages = u32::try_from(pages.max(1)).unwrap_or(u32::MAX);
    step.max(cost.saturating_mul(SHARE).saturating_mul(pages))
}

/// A view that is shown.
#[derive(Clone)]
pub(crate) struct Shown {
    view: Arc<Mutex<View>>,
    shows_ends: bool,
    step: Duration,
}

impl Shown {
    /// Nothing if there is no such view.
    pub(crate) fn of(params: &Params) -> Option<Self> {
        let view = View::of(params)?;
        Some(Self {
            shows_ends: view.shows_ends(),
            view: Arc::new(Mutex::new(view)),
            step: params.step(),
        })
    }

    /// What it shows at this moment, and how long to rest after that. The work has its turn, and goes on to its end also if nobody waits
    /// for it any more, so that it is paid for.
    pub(crate) async fn look(&self, state: &Arc<State>) -> (String, Duration) {
        let turn = state.turn().await;
        let (view, state, pages) = (self.view.clone(), state.clone(), state.pages());
        let (tell, told) = oneshot::channel();
        background(async move {
            let mut view = view.lock().await;
            let ((text, aside), cost) = metered(view.look(&state)).await;
            let cost = cost.saturating_add(aside);
            turn.pay(cost.saturating_mul(LOOKS));
            let _unwanted = tell.send((text, cost));
        });
        let (text, cost) = told.await.unwrap_or_default();
        (text, rest(self.step, cost, pages))
    }
}

/// What a page looks at.
pub(crate) enum Target {
    /// A view of this node.
    Here(Shown),
    /// What another node makes of the page's query.
    There { node: String, query: String },
}

impl Target {
    /// Whether it changes at once when a process ends.
    fn shows_ends(&self) -> bool {
        matches!(self, Self::Here(shown) if shown.shows_ends)
    }

    /// What it shows at this moment, and how long to rest after that.
    async fn look(&self, state: &Arc<State>) -> (String, Duration) {
        match self {
            Self::Here(shown) => shown.look(state).await,
            Self::There { node, query } => {
                let looked = match state.far() {
                    Some(far) => far.look(node, query.clone()).await,
                    None => Err("this page shows no other nodes".to_owned()),
                };
                let failed = |why| (json!({ "failed": why }).to_string(), FAR_REST);
                looked.unwrap_or_else(failed)
            }
        }
    }
}

/// A page that looks at something.
struct Looking {
    state: Arc<State>,
    target: Target,
    last: String,
    rest: Duration,
    _open: Open,
}

/// What a view shows, now and whenever that has changed; until the observer is dropped.
pub(crate) fn stream(
    state: Arc<State>,
    target: Target,
    open: Open,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let looking = Looking {
        state,
        target,
        last: String::new(),
        rest: Duration::ZERO,
        _open: open,
    };
    unfold(looking, |mut looking| async {
        let text = looking.next().await?;
        Some((Ok(Event::default().data(text)), looking))
    })
}

impl Looking {
    async fn next(&mut self) -> Option<String> {
        loop {
            let state = &self.state;
            tokio::select! {
                () = state.closed() => return None,
                () = sleep(self.rest) => {}
                () = state.places.changed(), if self.target.shows_ends() => {}
            }
            let text;
            (text, self.rest) = tokio::select! {
                () = state.closed() => return None,
                looked = self.target.look(state) => looked,
            };
            if text != self.last {
                self.last.clone_from(&text);
                return Some(text);
            }
        }
    }
}

/// The output of a future, and how long its polls took. What it waits for costs nothing.
async fn metered<F: Future>(future: F) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let mut cost = Duration::ZERO;
    let output = poll_fn(|cx| {
        let begun = Instant::now();
        let polled = future.as_mut().poll(cx);
        cost += begun.elapsed();
        polled
    });
    let output = output.await;
    (output, cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_worked_long_rests_long() {
        let check = |cost, pages, expected| {
            let rest = rest(
                Duration::from_millis(500),
                Duration::from_millis(cost),
                pages,
            );
            assert_eq!(rest, Duration::from_millis(expected));
        };
        check(0, 1, 500);
        check(2, 1, 500);
        check(100, 1, 19_900);
        check(100, 3, 59_700);
        check(100, 0, 19_900);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_costs_nothing() {
        let wait = async {
            sleep(Duration::from_secs(60)).await;
            42
        };
        let (output, cost) = metered(wait).await;
        assert_eq!(output, 42);
        assert!(cost < Duration::from_secs(30), "{cost:?}");
    }
}
