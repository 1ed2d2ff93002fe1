//! A task that a supervisor is asked to start.

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;

use crate::child_spec::{Child, ChildSpec, Restart, Shutdown};
use crate::dynamic_supervisor::DynamicSupervisorRef;
use crate::exit::ExitReason;
use crate::process::block::Process;
use crate::process::lock::Lock;
use crate::process::panic::Spent;
use crate::process::{Birth, Mailbox, current, relations};
use crate::supervisor::StartChildError;
use crate::task::job::{Callers, Job};
use crate::task::pool::Link;

/// The work of the task and, once the supervisor has started it, the handle of its value.
pub(super) struct TaskOrder<B, T: Send + 'static> {
    /// The process that the task is linked with, if it is linked.
    owner: Arc<dyn Process>,
    link: Link,
    callers: Callers,
    work: Lock<Option<B>>,
    state: Lock<OrderState<T>>,
}

enum OrderState<T: Send + 'static> {
    Placed,
    Started(Job<T>),
    /// The process that placed the order has the job.
    Delivered,
    /// The caller waits no more: the task must be ended.
    Unwanted,
}

impl<B: Send + 'static, T: Send + 'static> TaskOrder<B, T> {
    /// An order by the current process.
    pub(super) fn new(owner: Arc<dyn Process>, link: Link, work: B) -> Arc<Self> {
        Arc::new(Self {
            owner,
            link,
            callers: Callers::of_new_task(),
            work: Lock::new(Some(work)),
            state: Lock::new(OrderState::Placed),
        })
    }

    /// Has the supervisor start the task.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it leaves the task running, unless the order is no longer [`Wanted`].
    pub(super) async fn place<M, F>(
        self: &Arc<Self>,
        supervisor: &DynamicSupervisorRef,
        shutdown: Shutdown,
    ) -> Result<Job<T>, StartChildError>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>) -> F,
        F: Future<Output = T> + Send + 'static,
    {
        let order = self.clone();
        let start = move || {
            let started = order.carry_out();
            async { started }
        };
        let spec = ChildSpec::worker("task", start).restart(Restart::Temporary);
        supervisor.start_child(spec.shutdown(shutdown)).await?;
        match self.change(OrderState::Delivered) {
            OrderState::Started(job) => Ok(job),
            _ => unreachable!("a child that was started has left its job"),
        }
    }

    /// Starts the task, in the supervisor's process.
    fn carry_out<M, F>(&self) -> Result<Child, ExitReason>
    where
        M: Send + 'static,
        B: FnOnce(Mailbox<M>) -> F,
        F: Future<Output = T> + Send + 'static,
    {
        let work = self.work.with(Option::take);
        let work = work.expect("a temporary child is started once");
        let supervisor = current::process();
        let birth = Birth::<M>::linked(&supervisor, type_name::<F>);
        let bereft = self.link == Link::Linked
            && !relations::try_link(&birth.process(), &self.owner)
            || self
                .state
                .with(|state| matches!(state, OrderState::Unwanted));
        if bereft {
            birth.abort();
            return Err(ExitReason::NoProcess);
        }
        let mailbox = Mailbox::new(birth.block().clone());
        let work = async move { Spent::new(work(mailbox)).await };
        let job = Job::start(birth, self.callers.clone(), work);
        let child = Child::new(job.pid());
        let unwanted = self.state.with(|state| match state {
            OrderState::Unwanted => Some(job),
            _ => {
                *state = OrderState::Started(job);
                None
            }
        });
        if let Some(job) = unwanted {
            job.exit(supervisor.head().pid, ExitReason::Kill);
        }
        Ok(child)
    }

    fn change(&self, next: OrderState<T>) -> OrderState<T> {
        self.state.with(|state| std::mem::replace(state, next))
    }
}

/// While this lives, the task is waited for. One that is started later, or was not taken, is ended.
pub(super) struct Wanted<'a, B: Send + 'static, T: Send + 'static>(
    pub(super) &'a Arc<TaskOrder<B, T>>,
);

impl<B: Send + 'static, T: Send + 'static> Drop for Wanted<'_, B, T> {
    fn drop(&mut self) {
        if let OrderState::Started(job) = self.0.change(OrderState::Unwanted) {
            job.exit(self.0.owner.head().pid, ExitReason::Kill);
        }
    }
}
