//! Work that blocks its thread, under a clock that runs.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use otp_core::blocking::{self, BlockingError};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Task, process};

/// Work that lasts until it is let go: dropping the sender ends it.
fn stuck() -> (Sender<()>, impl FnOnce() + Send + 'static) {
    let (let_go, wait) = channel::<()>();
    let work = move || {
        let _ = wait.recv();
    };
    (let_go, work)
}

#[otp_core::test(real_clock)]
async fn two_jobs_that_block_end_as_timed_out_and_nobody_notices() {
    let echo = process::spawn(|mut mailbox: Mailbox<ProcessRef<Instant>>| async move {
        loop {
            mailbox.receive().await.send(Instant::now());
        }
    });
    let (holds, jobs): (Vec<_>, Vec<_>) = (0..2).map(|_| stuck()).unzip();
    let limit = Duration::from_millis(100);
    let jobs: Vec<_> = jobs
        .into_iter()
        .map(|job| Task::spawn(async move { blocking::run(job).timeout(limit).await }))
        .collect();
    let asker = process::spawn(move |mut mailbox: Mailbox<Instant>| async move {
        for _ in 0..100 {
            echo.send(mailbox.me());
            mailbox
                .receive()
                .timeout(Duration::from_secs(10))
                .await
                .expect("it answers at once");
        }
    });
    assert_eq!(
        asker.wait().await,
        ExitReason::Normal,
        "others go on meanwhile"
    );
    for job in jobs {
        let ended = job.timeout(Duration::from_secs(10)).await.expect("it ends");
        assert_eq!(ended, Err(BlockingError::Timeout(limit)));
    }
    drop(holds);
}

#[otp_core::test]
async fn work_has_a_result_or_a_panic_and_knows_the_node() {
    assert_eq!(blocking::run(|| 6 * 7).await, Ok(42));
    let failed = blocking::run(|| -> u8 { panic!("boom") }).await;
    let Err(BlockingError::Failed(ExitReason::Panic(info))) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(info.message, "boom");
    process::register("me", process::current()).expect("the name is free");
    let found = blocking::run(|| process::whereis("me")).await;
    assert_eq!(found, Ok(Some(process::current())));
}

#[otp_core::test]
async fn under_a_paused_clock_a_limit_does_not_pass_while_work_is_done() {
    let done = blocking::run(|| (0..1_000_000_u64).sum::<u64>());
    assert_eq!(
        done.timeout(Duration::from_secs(1)).await,
        Ok(499_999_500_000)
    );
}

#[otp_core::test(real_clock)]
async fn a_process_that_waits_for_blocking_work_is_ended_at_once() {
    let (hold, work) = stuck();
    let process = process::spawn(move |_: Mailbox<Never>| async move {
        let _ = blocking::run(work).await;
    });
    process::exit(&process, ExitReason::Kill);
    assert_eq!(process.wait().await, ExitReason::Killed);
    drop(hold);
}

/// A server whose callbacks block.
struct Blocker;

#[gen_server]
impl GenServer for Blocker {
    type Call = (Box<dyn FnOnce() + Send>, ReplyTo<Option<String>>);

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(
        &mut self,
        (work, from): Self::Call,
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        work();
        from.reply(thread::current().name().map(str::to_owned))
    }
}

#[otp_core::test(real_clock)]
async fn a_server_on_a_thread_of_its_own_may_block_it() {
    let blocker = Blocker::options()
        .name("blocker")
        .own_thread()
        .start_link(());
    let blocker = blocker.await.expect("it starts");
    let (hold, work) = stuck();
    let call = blocker.send_request(|from| (Box::new(work) as Box<_>, from));
    let calm = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
    calm.send(());
    assert_eq!(
        calm.wait().await,
        ExitReason::Normal,
        "others go on, on this one thread"
    );
    drop(hold);
    let thread = call
        .await
        .expect("it answers")
        .expect("the thread has a name");
    assert_eq!(thread, format!("process {}", blocker.pid()));
    assert_eq!(process::whereis("blocker"), Some(blocker.pid()));
    blocker.stop().await.expect("it stops");
    assert_eq!(process::whereis("blocker"), None);
}

#[otp_core::test(real_clock)]
async fn links_monitors_and_supervisors_know_it() {
    let start = || {
        Blocker::options()
            .name("blocker")
            .own_thread()
            .start_link(())
    };
    let tree = Supervisor::new(Strategy::OneForOne).child(ChildSpec::worker("blocker", start));
    let tree = tree.start_link().await.expect("it starts");
    let first = ServerName::<Blocker>::new("blocker")
        .whereis()
        .expect("it runs");
    process::exit(&first, ExitReason::other("oops"));
    assert_eq!(first.wait().await, ExitReason::other("oops"));
    let second = loop {
        match ServerName::<Blocker>::new("blocker").whereis() {
            Some(second) => break second,
            None => tokio::task::yield_now().await,
        }
    };
    assert_ne!(first, second);
    tree.stop().await.expect("it stops");
    assert_eq!(second.wait().await, ExitReason::Shutdown);

    let linked = process::spawn(|_: Mailbox<Never>| async {
        blocking::spawn_link(|_: Mailbox<Never>| async { ExitReason::other("boo") });
        std::future::pending::<()>().await;
    });
    assert_eq!(linked.wait().await, ExitReason::other("boo"));
}

#[otp_core::test(real_clock)]
async fn one_that_is_killed_while_it_blocks_is_dead_for_others_and_ends_when_it_comes_back() {
    let begun = Probe::new();
    let tell = begun.clone();
    let (hold, work) = stuck();
    let process = blocking::spawn(move |mut mailbox: Mailbox<()>| async move {
        mailbox.receive().await;
        tell.report(process::current());
        work();
        mailbox.receive().await;
    });
    process.send(());
    begun.next().await;
    process::exit(&process, ExitReason::Kill);
    assert!(!process.is_alive());
    assert_eq!(process.try_send(()), Err(()));
    drop(hold);
    assert_eq!(process.wait().await, ExitReason::Killed);
}

#[test]
fn it_ends_with_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().expect("it can be made");
    let node = Node::new();
    let process = runtime.block_on(node.run(async {
        blocking::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await })
    }));
    let process = process.expect("it starts");
    assert!(process.is_alive());
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().build();
    let reason = other.expect("it can be made").block_on(process.wait());
    assert_eq!(reason, ExitReason::Killed);
}
