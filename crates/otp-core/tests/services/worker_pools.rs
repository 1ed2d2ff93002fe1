//! Pools of workers that are lent out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::guard::Backoff;
use otp_core::prelude::*;
use otp_core::test::{Probe, idle};
use otp_core::worker_pool::{
    CheckoutError, Lease, OnHolderEnd, PoolStatus, WorkerPool, WorkerPoolOptions,
};
use otp_core::{StartError, process};
use tokio::time::{Instant, sleep};

use crate::guards::stand_still;

struct Worker(u32);

enum Call {
    Number(ReplyTo<u32>),
    Crash(ReplyTo<()>),
}

#[gen_server]
impl GenServer for Worker {
    type Args = u32;
    type Call = Call;

    async fn init(number: u32, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        if number == u32::MAX {
            return Err("none left".into());
        }
        Ok(Init::state(Self(number)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Number(from) => from.reply(self.0),
            Call::Crash(from) => {
                drop(from);
                panic!("the worker crashes")
            }
        }
    }
}

/// Workers with the numbers 0, 1, 2 and so on; from `last` on they do not start.
fn numbered(size: usize, last: &Arc<AtomicU32>) -> WorkerPoolOptions<Worker> {
    let (next, last) = (AtomicU32::new(0), last.clone());
    WorkerPool::options(size, move || {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let broken = number >= last.load(Ordering::SeqCst);
        Worker::start_link(if broken { u32::MAX } else { number })
    })
}

fn options(size: usize) -> WorkerPoolOptions<Worker> {
    numbered(size, &Arc::new(AtomicU32::new(1_000)))
}

async fn pool(size: usize) -> WorkerPool<Worker> {
    options(size).start_link().await.expect("it starts")
}

async fn number(lease: &Lease<Worker>) -> u32 {
    lease.call(Call::Number).await.expect("the worker lives")
}

async fn status(pool: &WorkerPool<Worker>) -> (usize, usize, usize, usize) {
    let PoolStatus {
        idle,
        lent,
        missing,
        waiting,
    } = pool.status().await.expect("it lives");
    (idle, lent, missing, waiting)
}

#[otp_core::test]
async fn a_worker_is_lent_to_one_at_a_time_and_comes_back() {
    let pool = pool(2).await;
    let (a, b) = (
        pool.checkout().await.expect("one"),
        pool.checkout().await.expect("two"),
    );
    assert_ne!(number(&a).await, number(&b).await);
    assert_eq!(status(&pool).await, (0, 2, 0, 0));
    let before = Instant::now();
    let none = pool.checkout().timeout(Duration::from_secs(2)).await;
    assert_eq!(
        none.map(drop),
        Err(CheckoutError::Timeout(Duration::from_secs(2)))
    );
    assert!(before.elapsed() >= Duration::from_secs(2));
    assert_eq!(
        status(&pool).await,
        (0, 2, 0, 0),
        "who has given up has no place any more"
    );
    let first = number(&a).await;
    drop(a);
    assert_eq!(
        number(&pool.checkout().await.expect("it is back")).await,
        first
    );
    drop(b);
    assert_eq!(status(&pool).await, (2, 0, 0, 0));
}

#[otp_core::test]
async fn callers_are_served_in_their_order_and_so_many_may_wait() {
    let pool = options(1)
        .max_waiting(2)
        .start_link()
        .await
        .expect("it starts");
    let lease = pool.checkout().await.expect("it is free");
    let served = Probe::new();
    for name in ["a", "b"] {
        let (other, served) = (pool.clone(), served.clone());
        process::spawn(move |_: Mailbox<Never>| async move {
            let lease = other
                .checkout()
                .timeout(Duration::from_secs(60))
                .await
                .expect("it is served");
            served.report(name);
            sleep(Duration::from_secs(1)).await;
            drop(lease);
        });
        while status(&pool).await.3 < if name == "a" { 1 } else { 2 } {
            tokio::task::yield_now().await;
        }
    }
    let full = pool.checkout().await.map(drop);
    assert_eq!(full, Err(CheckoutError::QueueFull { waiting: 2 }));
    drop(lease);
    assert_eq!((served.next().await, served.next().await), ("a", "b"));
}

#[otp_core::test]
async fn a_caller_that_ends_or_gives_up_is_passed_over() {
    let pool = pool(1).await;
    let lease = pool.checkout().await.expect("it is free");
    let other = pool.clone();
    let waiting = process::spawn(move |_: Mailbox<Never>| async move {
        let _lease = other.checkout().timeout(Duration::from_secs(60)).await;
    });
    while status(&pool).await.3 == 0 {
        tokio::task::yield_now().await;
    }
    process::exit(&waiting, ExitReason::Kill);
    waiting.wait().await;
    assert_eq!(status(&pool).await, (0, 1, 0, 0));
    // It has its answer on the way when it gives up.
    let mut checkout = Box::pin(pool.checkout());
    tokio::select! {
        biased;
        _ = &mut checkout => panic!("none is free"),
        () = tokio::task::yield_now() => {}
    }
    drop(lease);
    for _ in 0..5 {
        tokio::task::yield_now().await;
    }
    drop(checkout);
    assert_eq!(number(&pool.checkout().await.expect("it is free")).await, 0);
}

#[otp_core::test]
async fn the_worker_of_a_holder_that_ends_is_used_again_or_replaced() {
    for (does, next) in [(OnHolderEnd::Reuse, 0), (OnHolderEnd::Replace, 1)] {
        let pool = options(1)
            .on_holder_end(does)
            .start_link()
            .await
            .expect("it starts");
        let (other, has) = (pool.clone(), Probe::new());
        let tell = has.clone();
        let holder = process::spawn(move |_: Mailbox<Never>| async move {
            let lease = other.checkout().await.expect("it is free");
            tell.report(lease.worker().clone());
            // Not even its destructor gives it back.
            std::mem::forget(lease);
            std::future::pending::<()>().await;
        });
        let worker = has.next().await;
        process::exit(&holder, ExitReason::Kill);
        let lease = pool.checkout().await.expect("it is free again");
        assert_eq!(number(&lease).await, next, "{does:?}");
        if does == OnHolderEnd::Replace {
            assert_eq!(worker.wait().await, ExitReason::Shutdown);
        }
        drop(lease);
        assert_eq!(status(&pool).await, (1, 0, 0, 0));
    }
}

#[otp_core::test]
async fn a_worker_that_ends_is_started_anew_and_failed_starts_wait() {
    let last = Arc::new(AtomicU32::new(3));
    let backoff = Backoff::constant(Duration::from_secs(10));
    let pool = numbered(2, &last)
        .backoff(backoff)
        .start_link()
        .await
        .expect("it starts");
    sleep(Duration::from_secs(9)).await;
    let lease = pool.checkout().await.expect("it is free");
    let crashed = lease.call(Call::Crash).await;
    assert!(
        matches!(crashed, Err(CallError::Exited { .. })),
        "{crashed:?}"
    );
    idle().await;
    assert_eq!(
        status(&pool).await,
        (1, 0, 1, 0),
        "10 s since its start are not over"
    );
    sleep(Duration::from_secs(1)).await;
    assert_eq!(status(&pool).await, (2, 0, 0, 0), "number 2 has come");
    drop(lease);
    assert_eq!(
        status(&pool).await,
        (2, 0, 0, 0),
        "a dead one is not given back"
    );
    sleep(Duration::from_secs(10)).await;
    let lease = pool.checkout().await.expect("it is free");
    let _ = lease.call(Call::Crash).await;
    idle().await;
    assert_eq!(status(&pool).await, (1, 0, 1, 0), "number 3 does not start");
    last.store(1_000, Ordering::SeqCst);
    sleep(Duration::from_secs(9)).await;
    assert_eq!(status(&pool).await, (1, 0, 1, 0));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(status(&pool).await, (2, 0, 0, 0));
}

#[otp_core::test]
async fn a_pool_whose_workers_do_not_start_does_not_start() {
    let broken = numbered(3, &Arc::new(AtomicU32::new(2)));
    let error = broken.start().await.map(drop);
    let Err(StartError::Init(reason)) = error else {
        panic!("{error:?}");
    };
    assert!(reason.to_string().contains("none left"), "{reason}");
    let none = WorkerPool::<Worker>::options(1, || async { panic!("boom") })
        .start()
        .await;
    assert!(
        matches!(none, Err(StartError::Init(ExitReason::Panic(_)))),
        "{none:?}"
    );
}

#[otp_core::test]
async fn a_pool_stands_under_a_supervisor_and_stops_its_workers() {
    let start = || options(2).name("pool").start_link();
    let tree = Supervisor::new(Strategy::OneForOne).child(ChildSpec::supervisor("pool", start));
    let tree = tree.start_link().await.expect("it starts");
    let pool = WorkerPool::<Worker>::find(&process::node(), "pool").expect("it runs");
    let lease = pool.checkout().await.expect("it is free");
    let worker = lease.worker().clone();
    let (other, told) = (pool.clone(), Probe::new());
    let tell = told.clone();
    let taken = pool.checkout().await.expect("it is free");
    process::spawn(move |_: Mailbox<Never>| async move {
        tell.report(None);
        let error = other
            .checkout()
            .timeout(Duration::from_secs(60))
            .await
            .map(drop);
        tell.report(Some(error));
    });
    assert_eq!(told.next().await, None);
    while status(&pool).await.3 == 0 {
        tokio::task::yield_now().await;
    }
    tree.stop().await.expect("it stops");
    assert_eq!(worker.wait().await, ExitReason::Shutdown);
    let error = told.next().await.expect("it is told");
    assert!(
        matches!(error, Err(CheckoutError::Pool(CallError::Exited { .. }))),
        "{error:?}"
    );
    drop((lease, taken));
    assert!(!pool.is_alive());
    assert!(matches!(pool.checkout().await, Err(CheckoutError::Pool(_))));
}

#[otp_core::test]
async fn a_pool_of_none_has_one_and_without_time_only_a_free_worker_is_lent() {
    let pool = pool(0).await;
    assert_eq!(status(&pool).await, (1, 0, 0, 0));
    let lease = pool.checkout().timeout(Duration::ZERO).await;
    let lease = lease.expect("it is free");
    let none = pool.checkout().timeout(Duration::ZERO).await.map(drop);
    assert_eq!(none, Err(CheckoutError::Timeout(Duration::ZERO)));
    assert_eq!(status(&pool).await, (0, 1, 0, 0));
    drop(lease);
    let lease = pool.checkout().timeout(Duration::MAX).await;
    assert_eq!(number(&lease.expect("it is back")).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_has_just_crashed_is_not_lent_to_the_next_caller() {
    let work = async {
        let last = Arc::new(AtomicU32::new(u32::MAX));
        let pool = numbered(1, &last)
            .backoff(Backoff::constant(Duration::ZERO))
            .start_link()
            .await
            .expect("it starts");
        for round in 0..100 {
            let lease = pool.checkout().await.expect("it is free");
            let crashed = lease.call(Call::Crash).await;
            assert!(crashed.is_err(), "{crashed:?}");
            // It is back before the pool has heard of the crash, or not.
            drop(lease);
            let lease = pool.checkout().await.expect("another one is started");
            let answer = lease.call(Call::Number).await;
            assert_eq!(answer, Ok(round + 1));
        }
        Ok::<_, Stop>(())
    };
    Node::new().try_run(work).await.expect("it ends well");
}

#[otp_core::test]
async fn a_pool_waits_for_a_worker_that_blocks_its_thread() {
    struct Blocks(
        Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>,
        Probe<&'static str>,
    );

    #[gen_server]
    impl GenServer for Blocks {
        type Args = Self;
        type Cast = ();

        async fn init(args: Self, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
            Ok(Init::state(args))
        }

        async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
            self.1.report("begins");
            let _ = self.0.lock().expect("no panic").recv();
            self.1.report("ends");
            Next::NoReply
        }
    }

    let (let_go, wait) = std::sync::mpsc::channel::<()>();
    let (told, wait) = (Probe::new(), Arc::new(std::sync::Mutex::new(wait)));
    let tell = told.clone();
    let pool = WorkerPool::options(1, move || {
        let worker = Blocks(wait.clone(), tell.clone());
        Blocks::options().own_thread().start_link(worker)
    });
    let pool = pool.worker_shutdown(Shutdown::Within(Duration::from_millis(10)));
    let still = stand_still();
    let pool = pool.start().await.expect("it starts");
    let lease = pool.checkout().await.expect("it is free");
    lease.cast(());
    assert_eq!(told.next().await, "begins");
    drop(still);
    let (stopping, stopped) = (pool.clone(), told.clone());
    let stop = otp_core::Task::spawn(async move {
        stopping.stop().await.expect("it stops");
        stopped.report("stopped");
    });
    // All limits pass.
    sleep(Duration::from_secs(60)).await;
    assert_eq!(told.drain(), [""; 0]);
    let _still = stand_still();
    drop(let_go);
    stop.await.expect("no panic");
    assert_eq!(told.drain(), ["ends", "stopped"]);
}
