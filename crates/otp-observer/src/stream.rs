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
use tokio::time::sleep;

use crate::state::{Open, State};
use crate::views::View;

/// How often a view is looked at, if that is quick.
pub(crate) const STEP: Duration = Duration::from_millis(500);

/// When another node is asked again that has not shown anything.
const FAR_REST: Duration = Duration::from_secs(2);

/// A page rests for so many times as long as it has worked.
const SHARE: u32 = 199;

/// How long to rest after work that took `cost`, where so many share what may be spent.
pub(crate) fn rest(step: Duration, cost: Duration, pages: usize) -> Duration {
    let pages = u32::try_from(pages.max(1)).unwrap_or(u32::MAX);
    step.max(cost.saturating_mul(SHARE).saturating_mul(pages))
}

/// What a page looks at.
pub(crate) enum Target {
    /// A view of this node.
    Here(View),
    /// What another node makes of the page's query.
    There { node: String, query: String },
}

impl Target {
    /// Whether it changes at once when a process ends.
    fn shows_ends(&self) -> bool {
        matches!(self, Self::Here(view) if view.shows_ends())
    }

    /// What it shows at this moment, and how long to rest after that.
    async fn look(&mut self, state: &Arc<State>) -> (String, Duration) {
        match self {
            Self::Here(view) => {
                let (text, cost) = glance(view, state).await;
                (text, rest(STEP, cost, state.pages()))
            }
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

/// What a view shows at this moment, and how much work that was.
pub(crate) async fn glance(view: &mut View, state: &Arc<State>) -> (String, Duration) {
    let ((text, aside), cost) = metered(view.look(state)).await;
    (text, cost.saturating_add(aside))
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
            (text, self.rest) = self.target.look(state).await;
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
            let rest = rest(STEP, Duration::from_millis(cost), pages);
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
