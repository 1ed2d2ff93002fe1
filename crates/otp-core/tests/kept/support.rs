//! Servers that behave as they are told.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use tokio::time::sleep;

/// A server that traps exits from the beginning of its `init` on, and takes its time.
pub(crate) struct Slow {
    terminate: Duration,
}

/// How long its callbacks take, and where it reports its pid at the beginning of `init`.
#[derive(Clone)]
pub(crate) struct Times {
    pub(crate) init: Duration,
    pub(crate) terminate: Duration,
    pub(crate) begun: Probe<Pid>,
}

impl Times {
    pub(crate) fn of_init(init: Duration) -> Self {
        Self {
            init,
            terminate: Duration::ZERO,
            begun: Probe::new(),
        }
    }

    pub(crate) fn of_terminate(terminate: Duration) -> Self {
        Self {
            init: Duration::ZERO,
            terminate,
            begun: Probe::new(),
        }
    }
}

#[gen_server]
impl GenServer for Slow {
    type Args = Times;

    async fn init(times: Times, context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        times.begun.report(context.pid());
        sleep(times.init).await;
        Ok(Init::state(Self {
            terminate: times.terminate,
        }))
    }

    async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) {
        sleep(self.terminate).await;
    }
}

/// A server that ends with an error as soon as it has started.
pub(crate) struct Mayfly;

#[gen_server]
impl GenServer for Mayfly {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self).then(Next::Stop(ExitReason::other("dead"))))
    }
}

/// A supervisor of these children.
pub(crate) async fn tree(children: impl IntoIterator<Item = ChildSpec>) -> otp_core::SupervisorRef {
    let tree = children
        .into_iter()
        .fold(Supervisor::new(Strategy::OneForOne), Supervisor::child);
    tree.start_link().await.expect("it starts")
}

/// As [`tree`], not linked with the test.
pub(crate) async fn loose_tree(
    children: impl IntoIterator<Item = ChildSpec>,
) -> otp_core::SupervisorRef {
    let tree = children
        .into_iter()
        .fold(Supervisor::new(Strategy::OneForOne), Supervisor::child);
    tree.start().await.expect("it starts")
}

/// Waits for the end of a process, which may have ended before.
pub(crate) async fn end_of(pid: Pid) {
    drop(otp_core::test::ended(&otp_core::process::node(), pid).await);
}

pub(crate) fn is_alive(pid: Pid) -> bool {
    otp_core::process::node().process_info(pid).is_some()
}
