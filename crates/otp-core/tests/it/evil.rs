//! Values, wakers and a registry that do their worst when they get their chance.

use std::future::{Future, poll_fn};
use std::panic::panic_any;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Wake, Waker};

use otp_core::prelude::*;
use otp_core::test::in_critical_section;
use otp_core::{NameRegistry, process};

use crate::support::{Order, act};

/// What foreign code does when it gets its chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spite {
    Panics,
    /// The payload of its panic panics in turn.
    PanicsOnAndOn,
    /// It asks and tells the runtime all sorts of things about the very process.
    CallsBack,
}

pub(crate) const SPITES: [Spite; 3] = [Spite::Panics, Spite::PanicsOnAndOn, Spite::CallsBack];

/// Foreign code around one process.
#[derive(Clone)]
pub(crate) struct Evil {
    pub(crate) spite: Spite,
    pub(crate) node: Node,
    pub(crate) victim: Pid,
    pub(crate) seen: Arc<Sight>,
}

#[derive(Default)]
pub(crate) struct Sight {
    pub(crate) acted: AtomicUsize,
    pub(crate) under_a_lock: AtomicBool,
}

struct Endless;

impl Drop for Endless {
    fn drop(&mut self) {
        panic!("and again");
    }
}

impl Evil {
    fn act(&self) {
        self.seen.acted.fetch_add(1, Ordering::Relaxed);
        if in_critical_section() {
            self.seen.under_a_lock.store(true, Ordering::Relaxed);
        }
        match self.spite {
            Spite::Panics => panic!("evil"),
            Spite::PanicsOnAndOn => panic_any(Endless),
            Spite::CallsBack => {
                let (node, victim) = (&self.node, self.victim);
                let _ = (node.process_info(victim), node.system_info());
                let _ = node.whereis("victim");
                let _ = node.register("another", victim);
                let _ = node.unregister("victim");
                // What a server has not handled is dropped before its end is decided, and this would decide it.
                if !node.is_alive(victim) {
                    node.exit(victim, ExitReason::other("evil"));
                }
                if process::try_current().is_some() {
                    process::put(0_u8);
                    process::spawn(|_: Mailbox<Never>| async {});
                }
            }
        }
    }

    /// A value that acts when it is dropped.
    pub(crate) fn value<const N: u8>(&self) -> Value<N> {
        Value(self.clone())
    }

    /// A waker that wakes another one, and acts then.
    fn waker(&self, waker: &Waker) -> Waker {
        Waker::from(Arc::new(Alarm(self.clone(), waker.clone())))
    }

    pub(crate) fn name(&self) -> Name {
        Name::via(Arc::new(Shelf(self.value::<0>(), self.victim)), "evil")
    }

    pub(crate) fn order(&self) -> Order {
        let value = self.value::<0>();
        act(move |_, _| {
            drop(value);
            Next::NoReply
        })
    }

    /// Waits with a waker of its own.
    pub(crate) async fn waits<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let waker = self.waker(cx.waker());
            future.as_mut().poll(&mut TaskContext::from_waker(&waker))
        })
        .await
    }
}

/// Of as many types as one likes.
#[derive(Clone)]
pub(crate) struct Value<const N: u8>(Evil);

impl<const N: u8> Drop for Value<N> {
    fn drop(&mut self) {
        self.0.act();
    }
}

impl PartialEq for Value<0> {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl std::fmt::Debug for Value<0> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value")
    }
}

struct Alarm(Evil, Waker);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.1.wake_by_ref();
        self.0.act();
    }
}

/// A registry whose code is as bad as its destructor; the one process in it is the given one.
pub(crate) struct Shelf(pub(crate) Value<0>, pub(crate) Pid);

impl NameRegistry for Shelf {
    fn register_name(&self, _: &str, _: Pid) -> Result<(), Pid> {
        Ok(())
    }

    fn unregister_name(&self, _: &str, _: Pid) {
        self.0.0.act();
    }

    fn whereis_name(&self, _: &str) -> Option<Pid> {
        Some(self.1)
    }
}
