//! The tasks of a service.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use super::engine::Bell;
use super::{Service, ServiceTurn};

/// The task that the bell wakes.
pub(super) async fn first(bell: Arc<Bell>) {
    poll_fn(|cx| {
        bell.answer(cx.waker());
        serve(&bell.service, cx)
    })
    .await;
}

/// The task that starters wake, which goes with its runtime.
pub(super) async fn second(tenancy: Tenancy) {
    poll_fn(|cx| {
        if let Some(service) = tenancy.service.upgrade() {
            service.note_second(tenancy.engine, cx.waker());
        }
        serve(&tenancy.service, cx)
    })
    .await;
}

/// One turn of a task. The service is held only meanwhile, so that it ends with its node.
fn serve(service: &Weak<Service>, cx: &mut Context<'_>) -> Poll<()> {
    let Some(service) = service.upgrade() else {
        return Poll::Ready(());
    };
    match service.fire() {
        ServiceTurn::Rest => Poll::Pending,
        // Behind all tasks that are ready, and behind tokio's own timers.
        ServiceTurn::Yield => pin!(tokio::task::yield_now()).poll(cx),
    }
}

/// Reports to the service when its runtime drops the task that holds this.
pub(super) struct Tenancy {
    pub(super) service: Weak<Service>,
    pub(super) engine: u64,
}

impl Drop for Tenancy {
    fn drop(&mut self) {
        if let Some(service) = self.service.upgrade() {
            service.evicted(self.engine);
        }
    }
}
