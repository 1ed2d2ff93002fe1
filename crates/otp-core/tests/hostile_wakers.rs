//! Wakers of the user's that panic as they wake or are dropped: only those who wait with them are concerned. The server that answers, the
//! process that sends or ends and the program go on.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context as TaskContext, Wake, Waker};
use std::time::Duration;

use otp_core::drain::{self, Drain};
use otp_core::overload::{ConcurrencyLimit, RateLimit};
use otp_core::prelude::*;
use otp_core::{MailboxLimit, Registry, TimeLimit, process};
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// What the waker does.
#[derive(Clone, Copy, PartialEq)]
enum Bad {
    Wake,
    Drop,
}

struct Alarm(Bad);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        assert!(self.0 != Bad::Wake, "the waker wakes");
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        assert!(self.0 != Bad::Drop, "the waker is dropped");
    }
}

struct Echo;

enum Call {
    Now(ReplyTo<u32>),
    Keep(ReplyTo<u32>),
    Release(ReplyTo<usize>),
}

struct Server(Vec<ReplyTo<u32>>);

#[gen_server]
impl GenServer for Server {
    type Call = Call;
    type Cast = Echo;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(Vec::new())))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Now(from) => from.reply(1),
            Call::Keep(from) => {
                self.0.push(from);
                Reply::later()
            }
            Call::Release(from) => {
                let kept = std::mem::take(&mut self.0);
                let count = kept.len();
                for from in kept {
                    from.send(2);
                }
                from.reply(count)
            }
        }
    }

    async fn handle_cast(&mut self, _: Echo, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }
}

type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

fn wait(future: impl Future<Output: Send> + Send + 'static) -> Wait {
    Box::pin(async move {
        future.await;
    })
}

/// Polls a wait with two wakers, one after the other, of which it has the last copies then.
fn poll(wait: &mut Wait, bad: Bad) {
    for _ in 0..2 {
        let waker = Waker::from(Arc::new(Alarm(bad)));
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _ = wait.as_mut().poll(&mut TaskContext::from_waker(&waker));
        }));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(waker)));
    }
}

fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<&str>();
            if text.is_none_or(|text| !text.starts_with("the waker")) {
                before(info);
            }
        }));
    });
}

/// All that one may wait for, polled with bad wakers.
fn waits(
    bad: Bad,
    node: &Node,
    server: &ServerRef<Server>,
    waiting: &ProcessRef<Never>,
    full: &ProcessRef<u32>,
) -> Vec<(&'static str, Wait)> {
    let long = Duration::from_secs(3600);
    let mut waits = vec![
        (
            "call",
            wait({
                let it = server.clone();
                async move { it.call(Call::Now).await }
            }),
        ),
        (
            "call that is kept",
            wait({
                let it = server.clone();
                async move { it.call(Call::Keep).timeout(long).await }
            }),
        ),
        (
            "call without a limit",
            wait({
                let it = server.clone();
                async move { it.call(Call::Keep).timeout(TimeLimit::Infinity).await }
            }),
        ),
        (
            "request",
            wait({
                let it = server.clone();
                async move { it.send_request(Call::Keep).wait(long).await }
            }),
        ),
        (
            "end of a server",
            wait({
                let it = server.clone();
                async move { it.wait().await }
            }),
        ),
        (
            "end of a process",
            wait({
                let it = waiting.clone();
                async move { it.wait().await }
            }),
        ),
        (
            "end by pid",
            wait({
                let (it, of) = (waiting.pid(), node.clone());
                async move { of.wait(it).await }
            }),
        ),
        (
            "room",
            wait({
                let it = full.clone();
                async move { it.reserve().await }
            }),
        ),
        (
            "room for a message",
            wait({
                let it = full.clone();
                async move { it.send_wait(2).await }
            }),
        ),
        ("run", wait(node.run(std::future::pending::<()>()))),
        (
            "start",
            wait({
                let it = node.clone();
                async move { Server::options().on(&it).start(()).await }
            }),
        ),
    ];
    for (_, wait) in &mut waits {
        poll(wait, bad);
    }
    waits
}

/// A wait that is woken, and one that is dropped.
async fn check(bad: Bad, inside: bool) {
    quiet();
    let node = Node::new();
    let server = Server::options()
        .on(&node)
        .start(())
        .await
        .expect("it goes well");
    let waiting = node.spawn(|_: Mailbox<Never>| std::future::pending::<()>());
    let full = node.spawn(|mut mailbox: Mailbox<u32>| async move {
        mailbox.set_limit(Some(MailboxLimit::refuse(1)));
        mailbox.receive_match(|n| *n == 9).await;
        while mailbox.receive().timeout(Duration::ZERO).await.is_some() {}
        std::future::pending::<()>().await;
    });
    while node
        .process_info(full.pid())
        .is_none_or(|info| info.status != process::Status::Waiting)
    {
        yield_now().await;
    }
    full.send(1);

    for drops in [false, true] {
        let (node, server, waiting, full) =
            (node.clone(), server.clone(), waiting.clone(), full.clone());
        let begin = async move {
            for (name, wait) in waits(bad, &node, &server, &waiting, &full) {
                if drops {
                    let _ = catch_unwind(AssertUnwindSafe(|| drop(wait)));
                } else {
                    std::mem::forget(wait);
                }
                assert!(server.is_alive(), "{name}");
                assert!(full.is_alive() && waiting.is_alive(), "{name}");
            }
        };
        match inside {
            true => Node::new().run(begin).await.expect("it goes well"),
            false => begin.await,
        }
    }
    // The server answers a call whose caller cannot be woken, and goes on.
    assert_eq!(server.call(Call::Now).await, Ok(1));
    assert!(server.call(Call::Release).await.is_ok());
    assert_eq!(server.call(Call::Now).await, Ok(1));
    // Room, for those who cannot be woken.
    process_ends(&full, &node).await;
    process_ends(&waiting, &node).await;
    node.exit(&server, ExitReason::Shutdown);
    assert_eq!(server.wait().await, ExitReason::Shutdown);
}

async fn process_ends<M: Send + 'static>(process: &ProcessRef<M>, node: &Node) {
    node.exit(process, ExitReason::Shutdown);
    assert_eq!(process.wait().await, ExitReason::Shutdown);
}

#[tokio::test]
async fn one_that_panics_as_it_wakes() {
    check(Bad::Wake, false).await;
}

#[tokio::test]
async fn one_that_panics_as_it_is_dropped() {
    check(Bad::Drop, false).await;
}

#[tokio::test]
async fn one_inside_of_a_process_that_panics_as_it_wakes() {
    check(Bad::Wake, true).await;
}

#[tokio::test]
async fn one_inside_of_a_process_that_panics_as_it_is_dropped() {
    check(Bad::Drop, true).await;
}

/// Waits with bad wakers for what others give: those do not end over them, and neither does a thread of the runtime.
async fn check_givers() {
    quiet();
    let node = Node::new();
    let scope = node.clone();
    let checked = node.run_with(move |mut mailbox: Mailbox<&'static str>| async move {
        let mut waits: Vec<Wait> = Vec::new();
        let mut add = |mut it: Wait| {
            poll(&mut it, Bad::Wake);
            waits.push(it);
        };

        // A mailbox that is received from elsewhere, and one who sends to it.
        let (lend, lent) = oneshot::channel();
        let owner = process::spawn(move |mailbox: Mailbox<u32>| async move {
            let _ = lend.send(mailbox);
            std::future::pending::<()>().await;
        });
        let mut lent = lent.await.expect("it goes well");
        add(wait(async move { lent.receive().await }));
        let to = owner.clone();
        let sender = process::spawn(move |_: Mailbox<Never>| async move { to.send(1) });
        assert_eq!(sender.wait().await, ExitReason::Normal, "sends");

        // A section under a lock, and room among few.
        let registry: Registry<u32> = Registry::unique("locks");
        registry.start_link().await.expect("it goes well");
        let room = ConcurrencyLimit::new(1).max_waiting(9);
        let (locks, limit, told) = (registry.clone(), room.clone(), mailbox.me());
        let holder = process::spawn(move |mut held: Mailbox<()>| async move {
            let permit = limit.enter().await.expect("it goes well");
            let section = || async move {
                told.send("holds");
                held.receive().await;
            };
            locks.lock(1_u32, section).await.expect("it goes well");
            drop(permit);
        });
        assert_eq!(mailbox.receive().await, "holds");
        let (locks, limit) = (registry.clone(), room.clone());
        add(wait(async move { locks.lock(1_u32, || async {}).await }));
        add(wait(async move { limit.enter().await }));
        holder.send(());
        assert_eq!(holder.wait().await, ExitReason::Normal, "lets go");

        // Timers, which the runtime fires.
        let server = Server::start(()).await.expect("it goes well");
        let soon = Duration::from_millis(1);
        add(wait(
            async move { server.call(Call::Keep).timeout(soon).await },
        ));
        let (lend, lent) = oneshot::channel();
        process::spawn(move |mailbox: Mailbox<u32>| async move {
            let _ = lend.send(mailbox);
            std::future::pending::<()>().await;
        });
        let mut lent = lent.await.expect("it goes well");
        add(wait(async move { lent.receive().timeout(soon).await }));
        let rate = RateLimit::new(1, soon);
        rate.try_take().expect("it goes well");
        add(wait(async move { rate.take().await }));
        for _ in 0..3 {
            tokio::time::sleep(soon).await;
        }

        // A guard and its child.
        let (runs, is_told) = (mailbox.me(), mailbox.me());
        let child = drain::child_spec("work", move |drain: Drain| {
            runs.send("runs");
            let is_told = is_told.clone();
            async move {
                let mut waits = wait(drain.wait());
                poll(&mut waits, Bad::Wake);
                std::mem::forget(waits);
                drain.wait().await;
                is_told.send("is told");
            }
        });
        let tree = Supervisor::new(Strategy::OneForOne)
            .child(child)
            .start_link()
            .await
            .expect("it goes well");
        assert_eq!(mailbox.receive().await, "runs");
        tree.stop().await.expect("it goes well");
        assert_eq!(mailbox.receive().await, "is told");
        waits.into_iter().for_each(std::mem::forget);
        drop(scope);
    });
    assert_eq!(checked.await, Ok(()));
}

#[tokio::test]
async fn those_who_wake_one_go_on() {
    check_givers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wake_one_on_another_thread_go_on() {
    check_givers().await;
}
