//! The work of processes, as numbers of the crate `metrics`: see [`guide::metrics`](crate::guide::metrics).
//!
//! Without the feature `metrics` these functions are empty: messages have no send time, and the clock is not read.

#[cfg(feature = "metrics")]
pub(crate) use self::with::{
    Sent, called, ended, restarted, started, taken, timed, timed_call, timed_out,
};
#[cfg(not(feature = "metrics"))]
pub(crate) use self::without::{Sent, called, ended, started, taken, timed, timed_call, timed_out};

#[cfg(not(feature = "metrics"))]
mod without {
    use std::future::Future;

    use crate::process::inspection::span::Doing;
    use crate::process::life::block::Process;

    /// When a message was sent.
    #[derive(Clone, Copy)]
    pub(crate) struct Sent;

    impl Sent {
        #[inline(always)]
        pub(crate) fn now() -> Self {
            Self
        }
    }

    #[inline(always)]
    pub(crate) fn started(_: fn() -> &'static str) {}

    #[inline(always)]
    pub(crate) fn ended(_: &dyn Process) {}

    #[inline(always)]
    pub(crate) fn called(_: &'static str) {}

    #[inline(always)]
    pub(crate) fn timed_out(_: &'static str) {}

    #[inline(always)]
    pub(crate) fn taken(_: &'static str, _: Sent) {}

    #[inline(always)]
    pub(crate) fn timed<F: Future>(_: &'static str, _: Doing, future: F) -> F {
        future
    }

    #[inline(always)]
    pub(crate) fn timed_call<T>(_: &'static str, _: Doing, callback: impl FnOnce() -> T) -> T {
        callback()
    }
}

#[cfg(feature = "metrics")]
mod with {
    use std::future::Future;
    use std::time::Instant;

    use metrics::{counter, histogram};

    use crate::exit::ExitReason;
    use crate::process::inspection::span::Doing;
    use crate::process::life::block::Process;
    use crate::util::panic;

    /// When a message was sent. By the system's clock, also where tokio's is paused.
    #[derive(Clone, Copy)]
    pub(crate) struct Sent(Instant);

    impl Sent {
        pub(crate) fn now() -> Self {
            Self(Instant::now())
        }
    }

    /// A recorder is the user's. A panic in it ends no process.
    fn record(numbers: impl FnOnce()) {
        panic::run_quietly(numbers);
    }

    pub(crate) fn started(server_type: fn() -> &'static str) {
        record(|| counter!("otp_processes_started_total", "type" => server_type()).increment(1));
    }

    /// A process is dead.
    pub(crate) fn ended(process: &dyn Process) {
        let head = process.head();
        let reason = head.ended().map_or("none", |reason| class(&reason));
        if process.carrier().is_some() {
            // It is a process of another node.
            return;
        }
        let server_type = (head.initial_call)();
        record(|| {
            counter!("otp_processes_ended_total", "type" => server_type, "reason" => reason)
                .increment(1);
        });
    }

    /// The kind of an exit reason: a label must have few values.
    fn class(reason: &ExitReason) -> &'static str {
        match reason {
            ExitReason::Normal => "normal",
            ExitReason::Shutdown | ExitReason::ShutdownWith(_) => "shutdown",
            ExitReason::Kill | ExitReason::Killed => "killed",
            ExitReason::Panic(_) => "panic",
            ExitReason::NoProcess => "noproc",
            ExitReason::NoConnection => "noconnection",
            _ => "error",
        }
    }

    pub(crate) fn restarted(supervisor: &'static str, times: u64) {
        record(|| counter!("otp_restarts_total", "supervisor" => supervisor).increment(times));
    }

    pub(crate) fn called(server_type: &'static str) {
        record(|| counter!("otp_calls_total", "type" => server_type).increment(1));
    }

    pub(crate) fn timed_out(server_type: &'static str) {
        record(|| counter!("otp_call_timeouts_total", "type" => server_type).increment(1));
    }

    /// A message has been taken from the queue.
    pub(crate) fn taken(server_type: &'static str, Sent(at): Sent) {
        record(|| histogram!("otp_queue_seconds", "type" => server_type).record(at.elapsed()));
    }

    /// A callback whose time is recorded when it ends.
    pub(crate) async fn timed<F: Future>(
        server_type: &'static str,
        doing: Doing,
        callback: F,
    ) -> F::Output {
        let _running = RunningCallback::new(server_type, doing);
        callback.await
    }

    /// The same of a callback that never waits.
    pub(crate) fn timed_call<T>(
        server_type: &'static str,
        doing: Doing,
        callback: impl FnOnce() -> T,
    ) -> T {
        let _running = RunningCallback::new(server_type, doing);
        callback()
    }

    /// A callback, until it returns, panics or is ended by a signal.
    struct RunningCallback {
        server_type: &'static str,
        callback: &'static str,
        began: Instant,
    }

    impl RunningCallback {
        fn new(server_type: &'static str, doing: Doing) -> Self {
            Self {
                server_type,
                callback: doing.name(),
                began: Instant::now(),
            }
        }
    }

    impl Drop for RunningCallback {
        fn drop(&mut self) {
            let Self {
                server_type,
                callback,
                began,
            } = *self;
            record(|| {
                histogram!("otp_handle_seconds", "type" => server_type, "callback" => callback)
                    .record(began.elapsed());
            });
        }
    }
}
