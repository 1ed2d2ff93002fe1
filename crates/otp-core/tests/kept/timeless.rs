//! A runtime whose timers are not enabled: a wait with a limit fails before anything is sent, and says what is missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::application::{self, Application, ApplicationSpec, Applications, Ended};
use otp_core::gen_server::multi_call;
use otp_core::prelude::*;
use otp_core::task::{self, Task};
use otp_core::worker_pool::WorkerPool;
use otp_core::{
    Agent, Child, PartitionSupervisor, ServerName, StartError, StopError, TaskSupervisor,
    TimeLimit, blocking, proc_lib, process, sys, timer,
};
use tokio::runtime::Builder;

const LIMIT: Duration = Duration::from_secs(5);

/// Counts the calls that reach it, and may answer at once or never.
struct Counter {
    calls: Arc<AtomicU32>,
    kept: Vec<ReplyTo<u32>>,
}

enum Call {
    Now(ReplyTo<u32>),
    Never(ReplyTo<u32>),
}

#[gen_server]
impl GenServer for Counter {
    type Args = Arc<AtomicU32>;
    type Call = Call;

    async fn init(calls: Arc<AtomicU32>, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self {
            calls,
            kept: Vec::new(),
        }))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        match call {
            Call::Now(from) => from.reply(calls),
            Call::Never(from) => {
                self.kept.push(from);
                Reply::later()
            }
        }
    }
}

/// A runtime with timers is entered while the call is polled, but not while its process is.
#[test]
fn a_call_that_is_made_within_another_runtime_fails() {
    let other = Builder::new_multi_thread().enable_all().build();
    let other = other.expect("it starts");
    let handle = other.handle().clone();
    without_timers(move || {
        let handle = handle.clone();
        async move {
            let (counter, _) = counter().await;
            for _ in 0..2 {
                let mut call = std::pin::pin!(counter.call(Call::Never));
                let called = std::future::poll_fn(|cx| {
                    let _entered = handle.enter();
                    call.as_mut().poll(cx)
                });
                let failed = called.await.expect_err("there is no timer");
                assert!(matches!(failed, CallError::NoRuntime { .. }), "{failed:?}");
            }
        }
    });
}

/// Runs a process in a runtime without timers, whichever it is.
fn without_timers<F: Future<Output: Send + 'static> + Send + 'static>(body: impl Fn() -> F) {
    for threads in [0, 2] {
        let mut builder = match threads {
            0 => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        let runtime = builder.build().expect("it is made");
        let run = Node::new().run(body());
        runtime.block_on(run).expect("it does not crash");
    }
}

async fn counter() -> (ServerRef<Counter>, Arc<AtomicU32>) {
    let calls = Arc::default();
    let counter = Counter::options().name("counter").start(Arc::clone(&calls));
    (counter.await.expect("it starts"), calls)
}

fn tells(error: impl std::fmt::Display) {
    let error = error.to_string();
    assert!(error.contains("enable_time"), "{error}");
}

/// The message of the panic with which a process that does this ends.
async fn panic_of<F: Future + Send>(body: impl FnOnce() -> F + Send + 'static) -> String {
    let process = process::spawn(|_: Mailbox<Never>| async move { drop(body().await) });
    match process.wait().await {
        ExitReason::Panic(panic) => panic.message.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_call_with_a_limit_is_not_made() {
    without_timers(|| async {
        let (server, calls) = counter().await;
        for _ in 0..2 {
            let failed = server.call(Call::Now).await.expect_err("there is no timer");
            assert!(matches!(failed, CallError::NoRuntime { .. }), "{failed:?}");
            tells(failed);
        }
        let named = ServerName::<Counter>::new("counter");
        tells(
            named
                .call(Call::Now)
                .timeout(LIMIT)
                .await
                .expect_err("the same"),
        );
        // The waker is not that of the task.
        let both = futures_util::future::join(server.call(Call::Now), server.call(Call::Now));
        let (one, other) = both.await;
        tells(one.expect_err("the same"));
        tells(other.expect_err("the same"));
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        // These need no timer.
        let call = server.call(Call::Now).timeout(TimeLimit::Infinity);
        assert_eq!(call.await, Ok(1));
        let call = server.call(Call::Never).timeout(Duration::ZERO);
        assert!(matches!(call.await, Err(CallError::Timeout { .. })));
    });
}

#[test]
fn a_call_without_a_limit_sees_the_end_of_its_server() {
    without_timers(|| async {
        let (server, _) = counter().await;
        let node = process::node();
        let killed = server.clone();
        process::spawn(move |_: Mailbox<Never>| async move {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            node.exit(&killed, ExitReason::Kill);
        });
        let call = server.call(Call::Never).timeout(TimeLimit::Infinity).await;
        assert!(matches!(call, Err(CallError::Exited { .. })), "{call:?}");
    });
}

#[test]
fn a_request_stays_and_is_waited_for_without_a_limit() {
    without_timers(|| async {
        let (server, calls) = counter().await;
        let mut request = server.send_request(Call::Never);
        let waited = request.wait(LIMIT).await.expect("it ends");
        tells(waited.expect_err("there is no timer"));
        let mut request = server.send_request(Call::Now);
        let answer = request.wait(TimeLimit::Infinity).await.expect("it ends");
        assert_eq!((answer, calls.load(Ordering::Relaxed)), (Ok(2), 2));
        let names = [ServerName::<Counter>::new("counter")];
        let message = panic_of(move || async move { multi_call(&names, LIMIT, Call::Now).await });
        tells(message.await);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_system_request_a_start_and_a_stop_with_a_limit_are_refused() {
    without_timers(|| async {
        let (server, _) = counter().await;
        tells(sys::suspend(&server).await.expect_err("there is no timer"));
        let suspended = sys::get_status(&server).timeout(TimeLimit::Infinity).await;
        assert_eq!(suspended.expect("it answers").mode, sys::Mode::Running);

        let stop = server.stop().timeout(LIMIT).await.expect_err("the same");
        assert!(matches!(stop, StopError::NoRuntime { .. }), "{stop:?}");
        tells(stop);
        assert!(server.is_alive());
        server.stop().await.expect("without a limit it stops");

        let started = Counter::options()
            .timeout(LIMIT)
            .start(Arc::default())
            .await;
        let error = started.expect_err("there is no timer");
        assert_eq!(error, StartError::NoRuntime);
        tells(error);
        let started = proc_lib::options()
            .timeout(LIMIT)
            .start(|_: Mailbox<Never>, ack: proc_lib::InitAck| async move { ack.ok() });
        assert_eq!(started.await.err(), Some(StartError::NoRuntime));
        let processes = process::node().processes().len();
        assert_eq!(processes, 1, "none was started");
    });
}

#[test]
fn a_task_a_stream_a_thread_and_a_timer_say_what_they_need() {
    without_timers(|| async {
        let forever = || Task::spawn(std::future::pending::<()>());
        tells(panic_of(move || async move { forever().await }).await);
        let begun = Arc::new(AtomicU32::new(0));
        let seen = begun.clone();
        let message = panic_of(move || async move {
            let stream = task::async_stream(0..3, move |_| {
                seen.fetch_add(1, Ordering::Relaxed);
                async {}
            });
            futures_util::StreamExt::collect::<Vec<_>>(stream).await
        });
        tells(message.await);
        let seen = begun.clone();
        let work = move || seen.fetch_add(1, Ordering::Relaxed);
        tells(panic_of(move || async move { blocking::run(work).timeout(LIMIT).await }).await);
        assert_eq!(begun.load(Ordering::Relaxed), 0);
        let message = panic_of(|| async { timer::send_after("nobody", LIMIT, ()) });
        tells(message.await);
        // Nothing holds a lock, and others go on.
        assert_eq!(process::node().system_info().timers, 0);
        let agent = Agent::start(|| 7).await.expect("it starts");
        let seven = agent.get(|n| *n).timeout(TimeLimit::Infinity).await;
        assert_eq!(seven, Ok(7));
    });
}

/// An application that has begun to start.
struct Begun;

impl Application for Begun {
    type Args = ();

    async fn start((): ()) -> Result<(Child, Self), ExitReason> {
        panic!("without timers no application starts");
    }
}

// Their children are stopped with a limit.
#[test]
fn supervisors_pools_and_applications_do_not_start() {
    without_timers(|| async {
        let child = || ChildSpec::worker("one", || Agent::start_link(|| 1));
        let tree = Supervisor::new(Strategy::OneForOne).child(child());
        assert_eq!(tree.start().await.err(), Some(StartError::NoRuntime));
        let dynamic = DynamicSupervisor::new().start().await;
        assert_eq!(dynamic.err(), Some(StartError::NoRuntime));
        let tasks = TaskSupervisor::new().start().await;
        assert_eq!(tasks.err(), Some(StartError::NoRuntime));
        let parts = PartitionSupervisor::new("parts", move |_| child())
            .start()
            .await;
        assert_eq!(parts.err(), Some(StartError::NoRuntime));
        let pool = WorkerPool::options(1, || Counter::start_link(Arc::default()));
        assert_eq!(pool.start().await.err(), Some(StartError::NoRuntime));
        assert_eq!(process::node().processes().len(), 1, "none was started");

        let all = Applications::here();
        let started = all.start(ApplicationSpec::new::<Begun>("begun", ())).await;
        match started.expect_err("there is no timer") {
            application::StartApplicationError::Failed { reason, .. } => tells(reason),
            other => panic!("{other}"),
        }
        // A wait with a limit begins no shutdown.
        tells(panic_of(|| async { Applications::here().shutdown(LIMIT).await }).await);
        let library = ApplicationSpec::library("units");
        assert_eq!(all.start(library).await, Ok(()));
        assert_eq!(all.shutdown(TimeLimit::Infinity).await, Ended::Stopped);
    });
}

#[test]
fn a_task_that_cannot_be_stopped_in_time_gets_no_signal() {
    without_timers(|| async {
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let message = panic_of(move || async move {
            let task = Task::spawn_with(move |mut mailbox: Mailbox<Exit>| async move {
                mailbox.trap_exit(|exit| exit);
                let exit = mailbox.receive().await;
                assert!(exit.reason.is_abnormal(), "{exit:?}");
                assert!(!matches!(exit.reason, ExitReason::Shutdown), "{exit:?}");
                drop(tell);
            });
            // It traps exits from here on.
            tokio::task::yield_now().await;
            task.shutdown(LIMIT).await
        });
        tells(message.await);
        assert!(told.await.is_err());
    });
}
