//! Supervisors and what a user may hand to them: start functions, ids and reasons that misbehave.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::child_spec::ChildId;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, DynamicSupervisor, SupervisorRef, process};
use tokio::time::{Instant, sleep};

use crate::collector::collect;
use crate::scripted::everywhere;
use crate::support::in_process;

pub(crate) async fn visor() -> SupervisorRef {
    let visor = Supervisor::new(Strategy::OneForOne).start().await;
    visor.expect("it has no children")
}

pub(crate) fn idler() -> ProcessRef<Never> {
    process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>())
}

pub(crate) fn idle(id: impl Into<ChildId>) -> ChildSpec {
    ChildSpec::worker(id, || async { idler() })
}

/// A supervisor still does what it is there for.
pub(crate) async fn assert_works(visor: &SupervisorRef) {
    let child = visor.start_child(idle("works")).await;
    let pid = child.expect("it starts").pid().expect("it runs");
    assert_eq!(visor.terminate_child("works").await, Ok(()));
    assert_eq!(visor.delete_child("works").await, Ok(()));
    assert!(!process::node().is_alive(pid));
}

#[test]
fn a_start_function_that_returns_its_supervisor_or_one_above_has_failed() {
    everywhere(|| async {
        let outer = visor().await;
        let above = outer.pid();
        for shutdown in [Shutdown::Infinity, Shutdown::Within(Duration::ZERO)] {
            let inner = ChildSpec::supervisor("inner", move || async move {
                let own = ChildSpec::worker("own", || async { Child::new(process::current()) });
                let above = ChildSpec::worker("above", move || async move { Child::new(above) });
                let inner = Supervisor::new(Strategy::OneForOne).start_link().await?;
                for spec in [own.shutdown(shutdown), above.shutdown(shutdown)] {
                    let refused = inner.start_child(spec).await.unwrap_err().to_string();
                    assert!(
                        refused.contains("its supervisor or one above it"),
                        "{refused}"
                    );
                }
                assert_works(&inner).await;
                Ok::<_, ExitReason>(inner.pid())
            });
            outer.start_child(inner).await.unwrap();
            assert_eq!(outer.terminate_child("inner").await, Ok(()));
            assert_eq!(outer.delete_child("inner").await, Ok(()));
        }
        let dynamic = DynamicSupervisor::new().start_link().await.unwrap();
        let own = ChildSpec::worker("own", || async { Child::new(process::current()) });
        assert!(dynamic.start_child(own).await.is_err());
        assert_eq!(dynamic.stop().await, Ok(()));
        assert_eq!(outer.stop().await, Ok(()));
    });
}

// A supervisor waits for no process that cannot tell it of its end.
#[test]
fn a_start_function_may_return_any_process() {
    everywhere(|| async {
        let outer = visor().await;
        let shared = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>()).pid();
        let dead = process::spawn(|_: Mailbox<Never>| async {});
        dead.wait().await;
        let elsewhere = Node::new().spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        for (id, pid) in [
            ("dead", dead.pid()),
            ("elsewhere", elsewhere.pid()),
            ("one", shared),
            ("other", shared),
        ] {
            let child = ChildSpec::worker(id, move || async move { Child::new(pid) });
            let child = child.shutdown(Shutdown::Infinity);
            assert_eq!(outer.start_child(child).await.unwrap().pid(), Some(pid));
        }
        assert_eq!(outer.terminate_child("other").await, Ok(()));
        assert_eq!(outer.terminate_child("one").await, Ok(()));
        assert_works(&outer).await;
        assert_eq!(outer.stop().await, Ok(()));
        assert!(!process::node().is_alive(shared));
    });
}

/// An id that counts its uses, and panics in those that it is told to.
struct Id {
    number: u32,
    panics: bool,
    uses: Arc<AtomicUsize>,
}

impl Id {
    fn used(&self) {
        self.uses.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "on purpose");
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.used();
        other.used();
        self.number == other.number
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // All of them meet.
        0.hash(state);
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.used();
        write!(f, "{}", self.number)
    }
}

impl Drop for Id {
    fn drop(&mut self) {
        self.used();
    }
}

#[test]
fn an_id_that_panics_does_not_end_the_supervisor() {
    everywhere(|| async {
        let (_reports, _guard) = collect();
        let visor = visor().await;
        let uses = Arc::new(AtomicUsize::new(0));
        let id = |number, panics| {
            let uses = uses.clone();
            ChildId::key(Id {
                number,
                panics,
                uses,
            })
        };
        let other = visor
            .start_child(idle("other"))
            .await
            .unwrap()
            .pid()
            .unwrap();
        for _ in 0..3 {
            let first = visor.start_child(idle(id(1, true))).await.unwrap();
            let pid = first.pid().unwrap();
            // A comparison that panics finds a difference.
            assert!(visor.terminate_child(id(1, false)).await.is_err());
            let second = visor.start_child(idle(id(1, false))).await;
            assert!(second.is_ok());
            // Reports name it.
            process::exit(pid, ExitReason::Kill);
            assert_works(&visor).await;
            visor.terminate_child(id(1, false)).await.ok();
            let _ = visor.delete_child(id(1, false)).await;
        }
        assert!(uses.load(Ordering::Relaxed) > 0);
        assert!(process::node().is_alive(other), "the same supervisor runs");
        assert_eq!(visor.stop().await, Ok(()));
    });
}

/// Panics as it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

impl Future for Bomb {
    type Output = ProcessRef<Never>;

    fn poll(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::task::Poll::Ready(idler())
    }
}

// SUP-014
#[test]
fn what_a_start_function_holds_may_panic_as_it_is_dropped() {
    everywhere(|| async {
        let visor = visor().await;
        let dynamic = DynamicSupervisor::new().start_link().await.unwrap();
        let bomb = Bomb;
        let holds = ChildSpec::worker("holds", move || {
            let _ = &bomb;
            async { idler() }
        });
        let holds = holds.restart(Restart::Temporary);
        // The last hold on the function is the supervisor's.
        visor.start_child(holds).await.unwrap();
        assert_eq!(visor.terminate_child("holds").await, Ok(()));
        assert_works(&visor).await;

        // A panic in a future is a failed start, also if it comes when the future has done its work.
        let future = ChildSpec::worker("future", || Bomb);
        assert!(visor.start_child(future.clone()).await.is_err());
        assert!(dynamic.start_child(future).await.is_err());
        let panics = ChildSpec::worker("panics", || async {
            let _bomb = Bomb;
            std::future::ready(()).await;
            idler()
        });
        // Its future panics as it is polled, while it drops the bomb.
        assert!(visor.start_child(panics).await.is_err());
        assert_works(&visor).await;
        assert_eq!((visor.stop().await, dynamic.stop().await), (Ok(()), Ok(())));
    });
}

/// A reason whose last holder panics.
#[derive(Debug)]
struct Reason;

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        self.type_id() == other.type_id()
    }
}

impl Drop for Reason {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_reason_that_panics_as_it_is_dropped_does_not_end_the_supervisor() {
    everywhere(|| async {
        let told = Probe::new();
        let its = told.clone();
        let ends = ChildSpec::worker("ends", move || {
            let told = its.clone();
            async move {
                told.report("start");
                process::spawn_link(|_: Mailbox<Never>| async {
                    tokio::task::yield_now().await;
                    ExitReason::other(Reason)
                })
            }
        });
        let fails = ChildSpec::worker("fails", || async {
            Err::<Child, _>(ExitReason::other(Reason))
        });
        let visor =
            Supervisor::new(Strategy::OneForOne).max_restarts(usize::MAX, Duration::from_secs(1));
        let visor = visor.start_link().await.unwrap();
        visor.start_child(ends.clone()).await.unwrap();
        for _ in 0..3 {
            told.next().await;
        }
        std::mem::forget(visor.start_child(fails).await);
        assert!(process::node().is_alive(visor.pid()));
        visor.terminate_child("ends").await.unwrap();
        assert_works(&visor).await;
        visor.stop().await.unwrap();
    });
}

// SUP-027
#[tokio::test(start_paused = true)]
async fn restarts_without_an_end_do_not_stop_a_paused_clock() {
    in_process(async {
        let period = Duration::from_secs(1);
        // Its first start succeeds, and every other one fails.
        let fails: fn() -> ChildSpec = || {
            let tries = AtomicUsize::new(0);
            ChildSpec::worker("fails", move || {
                let number = tries.fetch_add(1, Ordering::Relaxed);
                async move {
                    match number {
                        0 => Ok(process::spawn_link(|_: Mailbox<Never>| async {})),
                        _ => Err(ExitReason::other("again")),
                    }
                }
            })
        };
        let crashes: fn() -> ChildSpec = || {
            ChildSpec::worker("crashes", || async {
                process::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("again") })
            })
        };
        for spec in [fails, crashes] {
            let visor = Supervisor::new(Strategy::OneForOne).max_restarts(usize::MAX, period);
            let visor = visor.start().await.unwrap();
            visor.start_child(spec()).await.unwrap();
            let dynamic = DynamicSupervisor::new().max_restarts(usize::MAX, period);
            let dynamic = dynamic.start().await.unwrap();
            dynamic.start_child(spec()).await.unwrap();
            let start = Instant::now();
            sleep(Duration::from_millis(50)).await;
            assert!(start.elapsed() < Duration::from_millis(60));
            assert_eq!(visor.stop().await, Ok(()));
            assert_eq!(dynamic.stop().await, Ok(()));
        }
    })
    .await;
}

// SUP-030
#[tokio::test(start_paused = true)]
async fn a_permanent_child_may_be_allowed_to_end_with_normal_when_it_is_told_to() {
    for (allow, reports) in [(false, 1), (true, 0)] {
        let (heard, _guard) = collect();
        in_process(async move {
            let visor = visor().await;
            let server = ChildSpec::worker("http", || async {
                process::spawn_link(|mut mailbox: Mailbox<()>| async move {
                    mailbox.trap_exit(|_| ());
                    mailbox.receive().await;
                })
            });
            let server = server.allow_normal_shutdown(allow);
            let first = visor.start_child(server).await.unwrap().pid().unwrap();
            tokio::task::yield_now().await;
            // It is started again all the same.
            let process = process::node().process_ref::<()>(first).unwrap();
            process.send(());
            process.wait().await;
            let counts = visor.count_children().await.unwrap();
            assert_eq!(counts.active, 1);
            tokio::task::yield_now().await;
            assert_eq!(visor.terminate_child("http").await, Ok(()));
        })
        .await;
        let is_told = |report: &crate::collector::Report| {
            report
                .field("context")
                .is_some_and(|context| context.contains("shutdown_error"))
        };
        let told = heard.take().iter().filter(|report| is_told(report)).count();
        assert_eq!(told, reports);
    }
}
