//! Drains: children that finish their work before they end.
//!
//! A supervisor stops its children in the reverse of their order, and gives each its time ([`Shutdown`]). A server that
//! traps exits cleans up in [`terminate`](crate::GenServer::terminate), after all messages that came before. A future,
//! such as that of a web server, cannot trap exits: it would be dropped at once, with its requests. [`child_spec`]
//! makes a child of a future that gets a [`Drain`]. The drain signals that it should take no more work. The process
//! ends when the future does, or is killed when its time is over.
//!
//! # Differences from OTP
//!
//! OTP has no such module; there it is written with `terminate/2`. Put the child that takes requests last in the
//! supervisor, so that it is drained first, while the children that it uses still run.
//!
//! In OTP a process that is in `terminate/2` is not ended when its supervisor is killed. A drain keeps its time also in
//! this case: the supervisor's death begins it, and its limit holds. Other linked processes end it as they end a
//! process that does not trap exits, before the drain and during it.
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
use tokio::time::{Instant, Sleep, sleep_until};

use crate::child_spec::{ChildId, ChildSpec, Shutdown};
use crate::exit::{ExitReason, Outcome};
use crate::pid::Pid;
use crate::process::panic::{Alone, Contained};
use crate::process::{self, Exit, Mailbox, current};
use crate::timer::after;

/// Tells a future when to take no more work.
///
/// # Examples
///
/// ```
/// use otp_core::drain::{self, Drain};
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().run_with(|mut mailbox: Mailbox<&'static str>| async move {
/// let me = mailbox.me();
/// let printer = drain::child_spec("printer", move |drain: Drain| {
///     let me = me.clone();
///     async move {
///         me.send("prints");
///         drain.wait().await;
///         assert!(drain.has_begun());
///         me.send("finishes its page");
///     }
/// });
/// let tree = Supervisor::new(Strategy::OneForOne).child(printer).start_link().await?;
/// assert_eq!(mailbox.receive().await, "prints");
/// tree.stop().await?;
/// assert_eq!(mailbox.receive().await, "finishes its page");
/// # Ok::<_, Stop>(())
/// # }).await?.map_err(Stop::into_reason)
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Drain(watch::Receiver<bool>);

impl Drain {
    /// Whether the drain has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the drain begins. The future does not borrow from this value.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut begun = self.0.clone();
        async move {
            // An error is the end of the process: then the future should take no more work either.
            drop(current::harmless(begun.wait_for(|begun| *begun)).await);
        }
    }
}

/// The specification of a child that runs a future, and begins its [`Drain`] when the supervisor stops it. The time for
/// that is its [`shutdown`](ChildSpec::shutdown), 5 s by default. The result of the future is the end of the process,
/// also if it fails during the drain.
pub fn child_spec<F, W>(id: impl Into<ChildId>, work: F) -> ChildSpec
where
    F: Fn(Drain) -> W + Send + Sync + 'static,
    W: Future<Output: Outcome> + Send + 'static,
{
    // The supervisor drops it: a panic of its destructor must not end that.
    let work = Arc::new(Contained::new(work));
    ChildSpec::worker_told(id.into(), move |shutdown| {
        let work = work.clone();
        async move {
            let supervisor = current();
            process::spawn_link(move |mut mailbox: Mailbox<Exit>| {
                mailbox.trap_exit(|exit| exit);
                let (begin, begun) = watch::channel(false);
                async move {
                    let work =
                        pin!(async { Alone::new(work.get()(Drain(begun))).await.into_reason() });
                    drain(work, mailbox, supervisor, shutdown, begin).await
                }
            })
        }
    })
}

/// The next event.
enum DrainEvent {
    Done(ExitReason),
    Told(Exit),
    TimeIsOver,
}

/// Runs the work to its end, unless an exit or its limit ends it before.
///
/// The supervisor enforces the limit, too, by a kill. The limit here also holds when there is no supervisor any more.
async fn drain(
    mut work: Pin<&mut impl Future<Output = ExitReason>>,
    mut mailbox: Mailbox<Exit>,
    supervisor: Pid,
    shutdown: Shutdown,
    begin: watch::Sender<bool>,
) -> ExitReason {
    let mut order = None;
    let mut limit = None;
    loop {
        let mut told = mailbox.receive();
        let event = poll_fn(|cx| {
            if let Poll::Ready(exit) = Pin::new(&mut told).poll(cx) {
                return Poll::Ready(DrainEvent::Told(exit));
            }
            if let Poll::Ready(reason) = work.as_mut().poll(cx) {
                return Poll::Ready(DrainEvent::Done(reason));
            }
            let limit: Option<&mut Pin<Box<Sleep>>> = limit.as_mut();
            limit.map_or(Poll::Pending, |limit| {
                limit.as_mut().poll(cx).map(|()| DrainEvent::TimeIsOver)
            })
        });
        match event.await {
            DrainEvent::Done(reason) => {
                let went_well = !reason.is_abnormal();
                return order.filter(|_| went_well).unwrap_or(reason);
            }
            DrainEvent::TimeIsOver => return ExitReason::Killed,
            DrainEvent::Told(Exit { from, reason }) if from == supervisor => {
                match shutdown {
                    // The supervisor has ended: its order would be a kill.
                    Shutdown::BrutalKill => return ExitReason::Killed,
                    Shutdown::Within(time) if order.is_none() => {
                        limit = Some(Box::pin(sleep_until(after(Instant::now(), time))));
                    }
                    Shutdown::Within(_) | Shutdown::Infinity => {}
                }
                order.get_or_insert(reason);
                begin.send_replace(true);
            }
            // It traps exits only to receive its supervisor's. Any other exit has the same effect as without
            // trapping.
            DrainEvent::Told(Exit { from, reason }) => {
                if reason != ExitReason::Normal || from == current() {
                    return reason;
                }
            }
        }
    }
}
