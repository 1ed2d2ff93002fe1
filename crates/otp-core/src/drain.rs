//! Drains: children that finish what they have before they end.
//!
//! A supervisor stops its children in the reverse of their order, and gives each its time ([`Shutdown`](crate::Shutdown)). A server that
//! traps exits has its turn in [`terminate`](crate::GenServer::terminate), after all messages that came before. A future, such as that of a
//! web server, knows nothing of exits: it would be dropped at once, with its requests. [`child_spec`] makes a child of one that
//! gets a [`Drain`], which says when to take no more work; the process ends when the future does, or is killed when its
//! time is over.
//!
//! # Differences from OTP
//!
//! OTP has nothing of the kind; there it is written with `terminate/2`. What takes in requests stands last in the supervisor, so that it
//! is drained first, while what it uses still runs.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use otp_core::drain;
//! use otp_core::prelude::*;
//! use tokio::sync::mpsc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # Node::new().try_run(async {
//! let (done, mut seen) = mpsc::unbounded_channel();
//! // With axum: `axum::serve(listener, app).with_graceful_shutdown(drain.wait())`.
//! let work = drain::child_spec("work", move |drain| {
//!     let done = done.clone();
//!     async move {
//!         drain.wait().await;
//!         let _ = done.send("finished");
//!     }
//! });
//! let tree = Supervisor::new(Strategy::OneForOne)
//!     .child(work.shutdown(Shutdown::Within(Duration::from_secs(30))))
//!     .start_link()
//!     .await?;
//! tree.stop().await?;
//! assert_eq!(seen.recv().await, Some("finished"));
//! # Ok(())
//! # }).await.expect("it starts");
//! # }
//! ```

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;

use crate::child_spec::{ChildId, ChildSpec};
use crate::exit::{ExitReason, Outcome};
use crate::process::{self, Exit, Mailbox, current};

/// Says when to take no more work.
#[derive(Debug, Clone)]
pub struct Drain(watch::Receiver<bool>);

impl Drain {
    /// Whether the process has been told to end.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the process is told to end. The future holds nothing of this value.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut begun = self.0.clone();
        async move {
            // An error is the end of the process, after which nobody is to take work either.
            drop(begun.wait_for(|begun| *begun).await);
        }
    }
}

/// The specification of a child that runs a future, and is told by the [`Drain`] when to come to an end. Its time for that is its
/// [`shutdown`](ChildSpec::shutdown), 5 s unless something else is said. How it ends by itself is what the future returns.
pub fn child_spec<F, W>(id: impl Into<ChildId>, work: F) -> ChildSpec
where
    F: Fn(Drain) -> W + Send + Sync + 'static,
    W: Future<Output: Outcome> + Send + 'static,
{
    let work = Arc::new(work);
    ChildSpec::worker(id, move || {
        let work = work.clone();
        async move {
            let supervisor = current();
            process::spawn_link(move |mut mailbox: Mailbox<Exit>| {
                mailbox.trap_exit(|exit| exit);
                async move {
                    let (begin, begun) = watch::channel(false);
                    let told = pin!(told(&mut mailbox, supervisor, &begin));
                    let work = pin!(async { (*work)(Drain(begun)).await.into_reason() });
                    until(work, told).await
                }
            })
        }
    })
}

/// Waits for the exit that ends the process at once. The supervisor's is not that: it begins the drain, and is what the process ends with.
async fn told(
    mailbox: &mut Mailbox<Exit>,
    supervisor: crate::pid::Pid,
    begin: &watch::Sender<bool>,
) -> (ExitReason, bool) {
    loop {
        let Exit { from, reason, .. } = mailbox.receive().await;
        if from == supervisor {
            begin.send_replace(true);
            return (reason, true);
        }
        // As if it did not trap exits: it does so for its supervisor only.
        if reason != ExitReason::Normal || from == current::process().head().pid {
            return (reason, false);
        }
    }
}

/// Runs the work to its end, unless an exit ends it before.
async fn until(
    mut work: Pin<&mut impl Future<Output = ExitReason>>,
    mut told: Pin<&mut impl Future<Output = (ExitReason, bool)>>,
) -> ExitReason {
    let first = poll_fn(|cx| {
        if let Poll::Ready(told) = told.as_mut().poll(cx) {
            return Poll::Ready(Err(told));
        }
        work.as_mut().poll(cx).map(Ok)
    });
    match first.await {
        Ok(reason) => reason,
        Err((reason, false)) => reason,
        Err((reason, true)) => {
            work.await;
            reason
        }
    }
}
