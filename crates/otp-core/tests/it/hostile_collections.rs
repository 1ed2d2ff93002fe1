//! Several values that panic as they are dropped, where the runtime has them together: none of them ends the program, and
//! what belongs to the others still happens.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use otp_core::gen_server::RequestSet;
use otp_core::prelude::*;
use otp_core::task::Task;
use otp_core::{Registry, TaskSupervisor, TimeLimit, gen_server, process, sys, table, task};

const SOON: Duration = Duration::from_millis(10);

/// Panics as it is dropped.
#[derive(Debug, Clone)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

/// The copy of it cannot be made; those of others panic as they are dropped.
#[derive(Debug)]
enum Copied {
    Bad,
    Original,
    Copy,
}

impl Clone for Copied {
    fn clone(&self) -> Self {
        assert!(!matches!(self, Self::Bad), "no copy");
        Self::Copy
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        assert!(!matches!(self, Self::Copy), "bomb");
    }
}

struct Armory;

#[gen_server]
impl GenServer for Armory {
    type Call = ReplyTo<Bomb>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(Bomb)
    }
}

/// Does it in a process of its own; how that ends is not looked at.
async fn apart(body: impl Future<Output = ()> + Send + 'static) {
    process::spawn(|_: Mailbox<Never>| body).wait().await;
}

fn panics<T>(f: impl FnOnce() -> T) -> bool {
    let f = || std::mem::forget(f());
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

fn bombs() -> [Task<Bomb>; 3] {
    let hangs = async {
        std::future::pending::<()>().await;
        Bomb
    };
    [
        Task::spawn(async { Bomb }),
        Task::spawn(async { Bomb }),
        Task::spawn(hangs),
    ]
}

#[otp_core::test]
async fn values_of_tasks_that_are_not_taken_may_panic() {
    apart(async { assert!(task::await_many(bombs(), SOON).await.is_err()) }).await;
    apart(async {
        let mut tasks = bombs();
        let all = task::yield_many(&mut tasks, TimeLimit::Infinity);
        assert!(tokio::time::timeout(SOON, all).await.is_err());
    })
    .await;
    apart(async {
        let tasks = Vec::from(bombs());
        tokio::time::sleep(SOON).await;
        drop(tasks);
    })
    .await;
}

#[otp_core::test]
async fn answers_of_requests_that_are_not_taken_may_panic() {
    let ask = |server: &ServerRef<Armory>| server.send_request(|from| from);
    let server = Armory::start(()).await.expect("its init does nothing");
    let same = server.clone();
    apart(async move {
        let requests = vec![ask(&same), ask(&same)];
        tokio::time::sleep(SOON).await;
        drop(requests);
    })
    .await;
    let same = server.clone();
    apart(async move {
        let mut requests = RequestSet::new();
        (0..3).for_each(|n| requests.add(n, ask(&same)));
        tokio::time::sleep(SOON).await;
        drop(requests);
    })
    .await;
    let mut names = Vec::new();
    for name in ["one", "two", "three"] {
        let server = Armory::start(()).await.expect("its init does nothing");
        process::register(name, &server).expect("the name is free");
        names.push(ServerName::<Armory>::new(name));
    }
    sys::suspend(&names[2]).await.expect("it lives");
    apart(async move {
        let all = gen_server::multi_call(&names, TimeLimit::Infinity, |from| from);
        assert!(tokio::time::timeout(SOON, all).await.is_err());
    })
    .await;
}

/// The first of four waits for ever, and counts its end; the values of the others are bombs.
async fn work(n: u32, ended: Arc<AtomicU32>) -> Bomb {
    struct Counts(Arc<AtomicU32>);

    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let _counts = (n == 0).then(|| Counts(ended));
    if n == 0 {
        std::future::pending::<()>().await;
    }
    Bomb
}

#[otp_core::test]
async fn a_stream_ends_its_tasks_whatever_the_results_of_others_do() {
    let supervisor = TaskSupervisor::new()
        .start()
        .await
        .expect("the name is free");
    let ended = Arc::new(AtomicU32::new(0));
    for linked in [true, false] {
        for way in 0..3 {
            let (ended, supervisor) = (ended.clone(), supervisor.clone());
            apart(async move {
                let work = move |n| work(n, ended.clone());
                let stream = match linked {
                    true => task::async_stream(0..4, work),
                    false => supervisor.async_stream_nolink(0..4, work),
                };
                let mut stream = stream.max_concurrency(4).timeout(SOON * 2);
                if way < 2 {
                    assert!(tokio::time::timeout(SOON, stream.next()).await.is_err());
                }
                match way {
                    0 => drop(stream),
                    1 => stream.close().await,
                    _ => assert!(matches!(
                        stream.next().await,
                        Some(Err(ExitReason::Timeout))
                    )),
                }
            })
            .await;
        }
    }
    tokio::time::sleep(SOON).await;
    assert_eq!(ended.load(Ordering::Relaxed), 6);
}

#[otp_core::test]
async fn entries_of_a_registry_may_panic_while_they_are_copied_or_looked_at() {
    let registry = Registry::<u32, Copied>::duplicate("copies");
    registry.start_link().await.expect("the name is free");
    for value in [Copied::Original, Copied::Original, Copied::Bad] {
        registry.register(1_u32, value).expect("the registry runs");
    }
    let me = process::current();
    assert!(panics(|| registry.lookup(&1)));
    assert!(panics(|| registry.values(&1, me)));
    assert!(panics(|| registry.matching(&1, |_| true)));
    // It has no need of copies.
    assert!(!panics(|| registry.select(|_, _, _| Some(Bomb))));
    let mut looked_at = 0;
    assert!(panics(|| registry.select(|_, _, _| {
        looked_at += 1;
        assert!(looked_at < 3);
        Some(Bomb)
    })));
    assert_eq!(registry.count(), 3);

    let registry = Registry::<u32, Bomb>::duplicate("bombs");
    registry.start_link().await.expect("the name is free");
    for _ in 0..3 {
        registry.register(1_u32, Bomb).expect("the registry runs");
    }
    panics(|| registry.count_matching(&1, |_| true));
    panics(|| registry.unregister_matching(1_u32, |_| true));
    assert!(panics(|| registry.matching(&1, |_| panic!("no match"))) || registry.is_empty());
    apart(async move {
        (0..3).for_each(|_| registry.register(2_u32, Bomb).expect("the registry runs"));
    })
    .await;
}

#[otp_core::test]
async fn objects_of_a_table_may_panic_while_they_come_go_and_are_copied() {
    let bombs = |n: u32| (0..n).map(|n| (n, Bomb));
    let table = table::set("of bombs").create().expect("it has no name");
    let fails = |n: u32| {
        assert!(n < 3, "no more objects");
        (n, Bomb)
    };
    assert!(panics(|| table.insert_all((0..4).map(fails))));
    assert!(panics(|| table.insert_all_new((0..4).map(fails))));
    table.insert(2, Bomb).expect("it is there");
    let mut looked_at = 0;
    let others = table.clone();
    apart(async move {
        panics(|| others.insert_all(bombs(4)));
        panics(|| others.insert_all_new(bombs(4)));
    })
    .await;
    panics(|| table.insert_all(bombs(4)));
    assert!(panics(|| table.select(|_, _| {
        looked_at += 1;
        assert!(looked_at < 3);
        Some(Bomb)
    })));
    assert_eq!(table.len(), Ok(4));

    let bag = table::duplicate_bag("a bag of bombs")
        .create()
        .expect("it has no name");
    bag.insert_all((0..3).map(|_| (1, Bomb)))
        .expect("it is there");
    panics(|| bag.delete(&1));
    assert_eq!(bag.len(), Ok(0));
}

#[otp_core::test]
async fn a_copy_of_a_table_may_panic_half_way() {
    let objects = || {
        [
            (1, Copied::Original),
            (1, Copied::Original),
            (1, Copied::Bad),
        ]
    };
    let bag = table::duplicate_bag("bag")
        .create()
        .expect("it has no name");
    bag.insert_all(objects()).expect("it is there");
    assert!(panics(|| bag.lookup(&1)));
    assert!(panics(|| bag.entries()));
    let ordered = table::ordered_set("ordered")
        .create()
        .expect("it has no name");
    ordered
        .insert_all((1..).zip(objects().map(|(_, value)| value)))
        .expect("it is there");
    assert!(panics(|| ordered.entries()));
    assert_eq!(ordered.len(), Ok(3));
}
