//! Callbacks that call the very thing in which they run: an error, or a wait with a limit; never a standstill.

use std::time::Duration;

use otp_core::event_manager::{
    AddError, EventHandler, EventManager, Handled, HandlerCallError, HandlerId, ManagerContext,
};
use otp_core::gen_server::StopError;
use otp_core::guard::{self, Guard, NotReady};
use otp_core::prelude::*;
use otp_core::pub_sub::{Adapter, Forwarded};
use otp_core::test::Probe;
use otp_core::worker_pool::{CheckoutError, WorkerPool};
use otp_core::{PubSub, Recipient, process, sys};

const LIMIT: Duration = Duration::from_secs(1);

/// A handler that asks its own manager for everything.
struct Asker(EventManager<u32>, Probe<bool>);

impl EventHandler<u32> for Asker {
    type Args = (EventManager<u32>, Probe<bool>);

    async fn init((manager, probe): Self::Args, _: &mut ManagerContext<u32>) -> Result<Self, Stop> {
        Ok(Self(manager, probe))
    }

    async fn handle_event(&mut self, event: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
        let Self(manager, probe) = self;
        if *event == 0 {
            return Handled::Keep;
        }
        let id = HandlerId::<Self>::new();
        let own = |error: &CallError| matches!(error, CallError::CallingSelf { .. });
        let told = manager.sync_notify(0).await;
        probe.report(told.is_err_and(|it| own(&it)));
        let listed = manager.which_handlers().await;
        probe.report(listed.is_err_and(|it| own(&it)));
        let added = manager.add_fn("more", |_| Handled::Keep).await;
        probe.report(matches!(added, Err(AddError::Manager(it)) if own(&it)));
        let deleted = manager.delete_handler(&id).await;
        probe.report(deleted.is_err());
        let status = sys::get_status(&*manager).await;
        probe.report(status.is_err_and(|it| own(&it)));
        let stopped = manager.stop().await;
        probe.report(matches!(stopped, Err(StopError::CallingSelf { .. })));
        // What needs no answer comes afterwards.
        manager.notify(0);
        Handled::Keep
    }
}

impl otp_core::event_manager::HandleCall<u32> for Asker {
    type Call = ReplyTo<bool>;

    async fn handle_call(
        &mut self,
        from: ReplyTo<bool>,
        _: &mut ManagerContext<u32>,
    ) -> Handled<u32> {
        let called = self.0.call(HandlerId::<Self>::new(), |from| from).await;
        let own = matches!(
            called,
            Err(HandlerCallError::Manager(CallError::CallingSelf { .. }))
        );
        from.send(own);
        Handled::Keep
    }
}

#[otp_core::test]
async fn a_handler_that_calls_its_own_manager_gets_an_error() {
    let named = EventManager::<u32>::named("events");
    let manager = EventManager::options().name("events").start().await;
    let manager = manager.expect("the name is free");
    for own in [manager.clone(), named] {
        let (probe, id) = (Probe::new(), HandlerId::<Asker>::new());
        let added = manager.add_handler(&id, (own, probe.clone())).await;
        assert_eq!(added, Ok(()));
        assert_eq!(manager.sync_notify(1).await, Ok(()));
        assert_eq!(probe.drain(), [true; 6]);
        assert_eq!(manager.call(&id, |from| from).await, Ok(true));
        assert!(manager.delete_handler(&id).await.is_ok());
    }
}

/// A machine that calls itself.
struct Selfish;

impl StateMachine for Selfish {
    type Args = ();
    type State = ();
    type Call = ReplyTo<bool>;
    type Cast = Never;
    type Info = Never;
    type Internal = Never;
    type Timer = ();

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, ExitReason> {
        Ok(Initial::state((), Self))
    }

    async fn handle(
        &mut self,
        (): &(),
        event: Event<Self>,
        context: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        let Event::Call(from) = event else {
            return Transition::keep();
        };
        let me = context.me();
        let called = me.call(|from| from).await;
        let asked = sys::get_status(&me).await;
        let stopped = me.stop().await;
        let own = matches!(called, Err(CallError::CallingSelf { .. }))
            && matches!(asked, Err(CallError::CallingSelf { .. }))
            && matches!(stopped, Err(StopError::CallingSelf { .. }));
        Transition::keep().reply(from, own)
    }
}

#[otp_core::test]
async fn a_machine_that_calls_itself_gets_an_error() {
    let machine = Selfish::start(()).await.expect("it starts");
    assert_eq!(machine.call(|from| from).await, Ok(true));
}

/// A worker that checks a worker out of its own pool, when it is asked to.
struct Greedy;

type Pool = WorkerPool<Greedy>;

impl GenServer for Greedy {
    type Args = Option<Name>;
    type Call = (Pool, ReplyTo<Result<(), CheckoutError>>);
    type Cast = Never;
    type Info = Never;
    type Continue = Never;

    async fn init(
        pool: Option<Name>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let Some(pool) = pool else {
            return Ok(Init::state(Self));
        };
        let pool = Pool::find(context.node(), pool).ok_or_else(|| ExitReason::other("no pool"))?;
        match pool.checkout().timeout(LIMIT).await {
            Ok(_) => Ok(Init::state(Self)),
            Err(error) => Err(ExitReason::error(error)),
        }
    }

    async fn handle_call(
        &mut self,
        (pool, from): Self::Call,
        _: &mut Context<Self>,
    ) -> Reply<Self> {
        let had = pool.checkout().timeout(LIMIT).await;
        from.reply(had.map(drop))
    }
}

#[otp_core::test]
async fn a_worker_that_wants_one_of_its_own_pool_waits_in_the_queue() {
    let pool = Pool::options(2, || Greedy::start_link(None)).start().await;
    let pool = pool.expect("it starts");
    let (one, all) = (pool.checkout().await.expect("it is free"), pool.clone());
    assert_eq!(
        one.call(|from| (all, from)).await,
        Ok(Ok(())),
        "another is free"
    );
    let (other, all) = (pool.checkout().await.expect("it is free"), pool.clone());
    let refused = other.call(|from| (all, from)).await;
    assert_eq!(refused, Ok(Err(CheckoutError::Timeout(LIMIT))));
    drop((one, other));
    assert!(pool.checkout().await.is_ok());
}

#[otp_core::test]
async fn a_worker_that_wants_one_in_its_init_keeps_its_pool_from_starting() {
    let options = Pool::options(1, || Greedy::start_link(Some("pool".into()))).name("pool");
    assert!(options.start().await.is_err());
    assert!(process::whereis("pool").is_none());
}

/// Broadcasts what it carries once more, to another topic.
struct Echo(PubSub<u32>);

impl Adapter<u32> for Echo {
    fn forward(&self, _: Option<&str>, forwarded: Forwarded<'_, u32>) {
        if *forwarded.message < 3 {
            let _ = self.0.broadcast("echo", *forwarded.message + 1);
        }
    }
}

#[otp_core::test]
async fn functions_of_subscribers_change_the_subscriptions_as_they_are_told() {
    let topics = PubSub::<u32>::new("topics");
    topics.start().await.expect("the name is free");
    let probe = Probe::new();
    let told = probe.clone();
    let ear = process::spawn(|mut mailbox: Mailbox<u32>| async move {
        loop {
            told.report(mailbox.receive().await);
        }
    });
    let (all, to) = (topics.clone(), ear.clone());
    let mapped = Recipient::from(&ear).map(move |message: u32| {
        all.unsubscribe("news", &to);
        let again = all.subscribe("more", &to);
        let _ = all.broadcast("more", message + 1);
        assert_eq!(again, Ok(()));
        message
    });
    assert_eq!(topics.subscribe("news", mapped), Ok(()));
    assert_eq!(topics.subscribe("news", &ear), Ok(()));
    assert_eq!(topics.broadcast("news", 10), Ok(()));
    assert_eq!(
        [probe.next().await, probe.next().await, probe.next().await],
        [11, 10, 10]
    );
    assert_eq!(topics.subscribers("news"), []);
    assert_eq!(topics.subscribers("more"), [ear.pid()]);
    assert_eq!(topics.broadcast("news", 20), Ok(()));

    let echo = PubSub::<u32>::options("echo")
        .adapter(Echo(topics.clone()))
        .build();
    echo.start().await.expect("the name is free");
    assert_eq!(topics.subscribe("echo", &ear), Ok(()));
    assert_eq!(echo.broadcast("news", 1), Ok(()));
    assert_eq!(probe.next().await, 2);
}

#[otp_core::test]
async fn a_subscriber_may_stop_all_topics_as_it_is_told() {
    let topics = PubSub::<u32>::new("topics");
    topics.start().await.expect("the name is free");
    let probe = Probe::new();
    let told = probe.clone();
    let ear = process::spawn(|mut mailbox: Mailbox<u32>| async move {
        mailbox.trap_exit(|_| 0);
        loop {
            told.report(mailbox.receive().await);
        }
    });
    let pid = topics.pid().expect("it runs");
    let mapped = Recipient::from(&ear).map(move |message: u32| {
        process::exit(pid, ExitReason::Kill);
        message
    });
    assert_eq!(topics.subscribe("news", mapped), Ok(()));
    assert_eq!(topics.broadcast("news", 10), Ok(()));
    let mut heard = [probe.next().await, probe.next().await];
    heard.sort_unstable();
    assert_eq!(heard, [0, 10], "the message, and the end of the topics");
    assert!(topics.broadcast("news", 10).is_err());
}

#[otp_core::test]
async fn a_child_that_waits_for_itself_waits_for_its_limit() {
    let probe = Probe::new();
    let told = probe.clone();
    let child = ChildSpec::worker("child", move || {
        let told = told.clone();
        async move {
            let guard = process::current();
            told.report(guard::ready(guard).timeout(LIMIT).await);
            Greedy::start_link(None).await
        }
    });
    let tree = Supervisor::new(Strategy::OneForOne).child(child.guarded(Guard::new()));
    let tree = tree.start().await.expect("a guard starts at once");
    assert_eq!(probe.next().await, Err(NotReady::Timeout { limit: LIMIT }));
    assert_eq!(tree.await_ready().timeout(LIMIT).await, Ok(()));
}

#[otp_core::test]
async fn a_job_may_end_its_own_schedule() {
    let (probe, often) = (Probe::new(), otp_core::schedule::Schedule::every(LIMIT));
    let told = probe.clone();
    let job = often.child_spec("job", move || {
        let told = told.clone();
        async move {
            told.report(());
            let info = process::node().process_info(process::current());
            let schedule = info.and_then(|info| info.links.first().copied());
            process::exit(schedule.expect("it is linked"), ExitReason::Kill);
        }
    });
    let tree = Supervisor::new(Strategy::OneForOne)
        .child(job)
        .max_restarts(10, LIMIT);
    let tree = tree.start().await.expect("it starts");
    probe.next().await;
    probe.next().await;
    assert!(tree.is_alive(), "the schedule is started again");
}
