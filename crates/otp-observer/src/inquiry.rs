//! Questions to servers that may be stuck.
//!
//! A question stands in the server's mailbox until it is answered, also when nobody waits for the answer any more. So a
//! server is asked again only after it has answered: one that is stuck has one question of the observer's in its mailbox,
//! however many pages show it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use otp_core::Pid;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::observer::background;

/// How long a page waits for an answer before it shows the last one.
const PATIENCE: Duration = Duration::from_millis(200);

/// The most servers whose answers are kept.
const MOST: usize = 10_000;

/// What was asked and answered.
pub(crate) struct Inquiries<T>(Arc<Mutex<HashMap<Pid, Inquiry<T>>>>);

struct Inquiry<T> {
    last: Option<T>,
    /// Since when the server owes an answer.
    asked: Option<Instant>,
    answered: watch::Sender<()>,
}

/// What is known of a server.
pub(crate) struct Known<T> {
    /// The last answer; none if it has never given one.
    pub(crate) answer: Option<T>,
    /// For how long it owes the next one.
    pub(crate) owes: Option<Duration>,
}

impl<T> Default for Inquiries<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone + Send + 'static> Inquiries<T> {
    /// Asks a server, unless it owes an answer, and waits for a moment. A question without an answer leaves nothing.
    pub(crate) async fn ask<F>(&self, server: Pid, question: impl FnOnce() -> F) -> Known<T>
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let mut answered = {
            let mut known = self.known();
            if known.len() > MOST {
                known.retain(|_, inquiry| inquiry.asked.is_some());
            }
            let inquiry = known.entry(server).or_insert_with(|| Inquiry {
                last: None,
                asked: None,
                answered: watch::channel(()).0,
            });
            let answered = inquiry.answered.subscribe();
            if inquiry.asked.is_none() {
                inquiry.asked = Some(Instant::now());
                background(self.wait_for(server, question()));
            }
            answered
        };
        // Without an answer in time there is the last one.
        let _ = timeout(PATIENCE, answered.changed()).await;
        let known = self.known();
        let inquiry = known.get(&server);
        Known {
            answer: inquiry.and_then(|inquiry| inquiry.last.clone()),
            owes: inquiry.and_then(|inquiry| Some(inquiry.asked?.elapsed())),
        }
    }

    fn wait_for(
        &self,
        server: Pid,
        answer: impl Future<Output = Option<T>> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let inquiries = Self(self.0.clone());
        async move {
            let answer = answer.await;
            let mut known = inquiries.known();
            let Some(inquiry) = known.get_mut(&server) else {
                return;
            };
            inquiry.answered.send_replace(());
            match answer {
                Some(answer) => {
                    inquiry.last = Some(answer);
                    inquiry.asked = None;
                }
                None => drop(known.remove(&server)),
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Pid, Inquiry<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use otp_core::{Mailbox, Node};
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_owes_an_answer_is_not_asked_again() {
        let server = Node::new().spawn(|_: Mailbox<()>| std::future::pending::<()>());
        let (inquiries, asked) = (Inquiries::default(), AtomicUsize::new(0));
        let (answer, answered) = oneshot::channel();
        let first = inquiries.ask(server.pid(), || {
            asked.fetch_add(1, Ordering::Relaxed);
            async move { answered.await.ok() }
        });
        let first = first.await;
        assert!(first.answer.is_none() && first.owes.is_some());
        let again = || inquiries.ask(server.pid(), || async { unreachable!("it owes an answer") });
        assert!(again().await.answer.is_none());
        answer.send("here").expect("somebody waits");
        let known = again().await;
        assert_eq!((known.answer, asked.into_inner()), (Some("here"), 1));
    }
}
