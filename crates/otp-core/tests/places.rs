//! Where each operation works: inside of processes, outside with a node and without one, and in threads without a runtime.
//!
//! The table "Inside and outside of a process" of the crate's first page says it, and each of its words is tried here: an
//! operation that it names is in [`operations`], and one that is there is in one row of the table.

#![allow(
    clippy::disallowed_methods,
    reason = "tasks that are no processes are what this is about"
)]
#![allow(
    clippy::unit_arg,
    reason = "operations that return nothing are in one list with those that do"
)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream;
use otp_core::event_manager::EventManager;
use otp_core::gen_server::{abcast, multi_call};
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::table::{self, Set, Table};
use otp_core::worker_pool::{WorkerPool, WorkerPoolOptions};
use otp_core::{
    Agent, Applications, DynamicSupervisorRef, Exit, PubSub, Recipient, Registry, SupervisorRef,
    Task, TaskSupervisor, TaskSupervisorRef, blocking, proc_lib, process, sys, task, timer,
};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

const SOON: Duration = Duration::from_secs(60);

struct Echo;

#[gen_server]
impl GenServer for Echo {
    type Call = ReplyTo<u32>;
    type Cast = ();
    type Info = ();

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(7)
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    async fn handle_info(&mut self, _: Info<()>, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }
}

/// What the operations use. Each operation gets its own.
#[derive(Clone)]
struct World {
    node: Node,
    server: ServerRef<Echo>,
    name: ServerName<Echo>,
    process: ProcessRef<()>,
    supervisor: SupervisorRef,
    dynamic: DynamicSupervisorRef,
    tasks: TaskSupervisorRef,
    registry: Registry<String>,
    groups: Scope<String>,
}

impl World {
    async fn new() -> Self {
        let node = Node::new();
        let started = node.run(async {
            let server = Echo::options().name("echo").start(()).await?;
            Agent::options().name("agent").start(|| 1).await?;
            EventManager::<u8>::options().name("events").start().await?;
            let registry = Registry::unique("registry");
            registry.start().await?;
            let groups = Scope::new("groups");
            groups.start().await?;
            table::set::<u32, u32>("table").named().create()?;
            let process = process::spawn(|mut mailbox: Mailbox<()>| async move {
                table::set::<u32, u32>("found").named().create()?;
                loop {
                    mailbox.receive().await;
                }
                #[allow(unreachable_code)]
                Ok::<(), Stop>(())
            });
            let supervisor = Supervisor::new(Strategy::OneForOne).start().await?;
            let dynamic = DynamicSupervisor::new().start().await?;
            let tasks = TaskSupervisor::new().start().await?;
            Ok::<_, Stop>((
                server, registry, groups, process, supervisor, dynamic, tasks,
            ))
        });
        let started = started.await.expect("it does not end itself");
        let (server, registry, groups, process, supervisor, dynamic, tasks) =
            started.expect("everything starts");
        while node.table::<u32, u32, Set>("found").is_err() {
            tokio::task::yield_now().await;
        }
        Self {
            node,
            server,
            name: ServerName::new("echo"),
            process,
            supervisor,
            dynamic,
            tasks,
            registry,
            groups,
        }
    }
}

/// What an operation came to.
type Outcome = Result<(), String>;
type Operation = fn(World) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

fn ok<T>(_: T) -> Outcome {
    Ok(())
}

fn said<T, E: Debug>(result: Result<T, E>) -> Outcome {
    result.map(drop).map_err(|error| format!("{error:?}"))
}

/// The operations by the names that the table has for them.
fn operations() -> BTreeMap<&'static str, Operation> {
    macro_rules! operations {
        ($($name:literal: |$world:ident| $body:expr;)*) => {
            [$(($name, (|$world: World| Box::pin(async move { let _ = &$world; $body })) as Operation)),*]
        };
    }
    BTreeMap::from(operations! {
        "ServerRef::call": |w| said(w.server.call(|from| from).await);
        "ServerRef::send_request": |w| said(w.server.send_request(|from| from).timeout(SOON).await);
        "ServerRef::cast": |w| ok(w.server.cast(()));
        "ServerRef::send": |w| ok(w.server.send(()));
        "ServerRef::stop": |w| said(w.server.stop().await);
        "ServerRef::wait": |w| {
            process::exit(&w.server, ExitReason::Shutdown);
            ok(w.server.wait().await)
        };
        "ProcessRef::send": |w| ok(w.process.send(()));
        "Recipient::send": |w| ok(Recipient::from(&w.process).send(()));
        "ServerName::on": |w| said(w.name.on(&w.node).call(|from| from).await);
        "ServerName::call": |w| said(w.name.call(|from| from).await);
        "ServerName::send": |w| said(w.name.send(()));
        "ServerName::stop": |w| said(w.name.stop().await);
        "ServerName::cast": |w| ok(w.name.cast(()));
        "ServerName::whereis": |w| ok(w.name.whereis());
        "abcast": |w| ok(abcast(&[w.name], &()));
        "multi_call": |w| {
            let (_, mut failed) = multi_call(&[w.name], SOON, |from| from).await;
            failed.pop().map_or(Ok(()), |(_, error)| Err(format!("{error:?}")))
        };
        "GenServer::start": |_w| said(Echo::start(()).await);
        "GenServer::start_link": |_w| said(Echo::start_link(()).await);
        "GenServer::start_monitor": |_w| said(Echo::start_monitor(()).await);
        "StartOptions::on": |w| said(Echo::options().on(&w.node).start(()).await);
        "Agent::on": |w| said(Agent::<i32>::named("agent").on(&w.node).get(|it| *it).await);
        "EventManager::on": |w| said(EventManager::named("events").on(&w.node).sync_notify(1_u8).await);
        "Agent::start": |_w| said(Agent::start(|| 1).await);
        "Agent::start_link": |_w| said(Agent::start_link(|| 1).await);
        "EventManager::start": |_w| said(EventManager::<u8>::start().await);
        "EventManager::start_link": |_w| said(EventManager::<u8>::start_link().await);
        "PubSub::start": |_w| said(PubSub::<u8>::new("topics").start().await);
        "PubSub::start_link": |_w| said(PubSub::<u8>::new("topics").start_link().await);
        "StateMachine::start": |_w| said(Lamp::start(()).await);
        "StateMachine::start_link": |_w| said(Lamp::start_link(()).await);
        "WorkerPoolOptions::start": |_w| said(pool().start().await);
        "WorkerPoolOptions::start_link": |_w| said(pool().start_link().await);
        "Supervisor::start": |_w| said(Supervisor::new(Strategy::OneForOne).start().await);
        "Supervisor::start_link": |_w| said(Supervisor::new(Strategy::OneForOne).start_link().await);
        "DynamicSupervisor::start": |_w| said(DynamicSupervisor::new().start().await);
        "TaskSupervisor::start": |_w| said(TaskSupervisor::new().start().await);
        "proc_lib::start": |_w| said(proc_lib::start(acknowledge).await);
        "proc_lib::start_link": |_w| said(proc_lib::start_link(acknowledge).await);
        "SupervisorRef::start_child": |w| said(w.supervisor.start_child(child_spec()).await);
        "SupervisorRef::which_children": |w| said(w.supervisor.which_children().await);
        "DynamicSupervisorRef::start_child": |w| said(w.dynamic.start_child(child_spec()).await);
        "TaskSupervisorRef::start_child": |w| {
            said(w.tasks.start_child(Restart::Temporary, || async {}).await)
        };
        "TaskSupervisorRef::spawn": |w| said(w.tasks.spawn(async {}).await);
        "Registry::lookup": |w| ok(w.registry.lookup("me"));
        "Registry::via": |w| ok(ServerName::<Echo>::new(w.registry.via("me")).whereis());
        "Registry::register": |w| said(w.registry.register("me", ()));
        "Registry::unregister": |w| ok(w.registry.unregister("me"));
        "Registry::start": |_w| said(Registry::<String>::unique("another").start().await);
        "Scope::members": |w| ok(w.groups.members("group"));
        "Scope::join": |w| said(w.groups.join("group", &w.process).await);
        "sys::get_state": |w| said(sys::get_state(&w.server, |_| ()).await);
        "sys::suspend": |w| said(sys::suspend(&w.server).await);
        "sys::get_statistics": |w| said(sys::get_statistics(w.name.name().clone()).await);
        "timer::send_after": |w| ok(timer::send_after(&w.server, SOON, ()));
        "timer::exit_after": |w| ok(timer::exit_after(&w.server, SOON, ExitReason::Shutdown));
        "timer::apply_after": |_w| ok(timer::apply_after(SOON, async {}));
        "process::exit": |w| ok(process::exit(&w.process, ExitReason::Shutdown));
        "process::register": |w| said(process::register("me", &w.process));
        "process::unregister": |_w| ok(process::unregister("me"));
        "process::whereis": |_w| ok(process::whereis("echo"));
        "process::send": |w| {
            w.node.register("me", &w.process).expect("the name is free");
            said(process::send("me", ()))
        };
        "process::try_current": |_w| ok(process::try_current());
        "process::try_node": |_w| ok(process::try_node());
        "process::node": |_w| ok(process::node());
        "process::spawn": |_w| ok(process::spawn(|_: Mailbox<()>| async {}));
        "process::spawn_link": |_w| ok(process::spawn_link(|_: Mailbox<()>| async {}));
        "process::spawn_monitor": |_w| ok(process::spawn_monitor(|_: Mailbox<()>| async {}));
        "process::current": |_w| ok(process::current());
        "process::link": |w| ok(process::link(&w.process));
        "process::unlink": |w| ok(process::unlink(&w.process));
        "process::monitor": |w| ok(process::monitor(&w.process));
        "process::set_label": |_w| ok(process::set_label("label"));
        "process::put": |_w| ok(process::put(1_u8));
        "process::get": |_w| ok(process::get::<u8>());
        "process::erase": |_w| ok(process::erase::<u8>());
        "table::named": |_w| said(table::named::<u32, u32, Set>("found"));
        "Node::table": |w| said(w.node.table::<u32, u32, Set>("found"));
        "Table::lookup": |w| {
            let table: Table<u32, u32, Set> = w.node.table("found").expect("it is there");
            said(table.lookup(&1))
        };
        "TableOptions::create": |_w| said(table::set::<u8, u8>("own").create());
        "Task::spawn": |_w| ok(Task::spawn(async {}));
        "task::start": |_w| ok(task::start(async {}));
        "task::start_link": |_w| ok(task::start_link(async {}));
        "task::callers": |_w| ok(task::callers());
        "task::async_stream": |_w| ok(task::async_stream([1], |_| async {}).next().await);
        "task::pipe": |w| ok(task::pipe(&w.process, async {}, |_| ()));
        "task::attach_stream": |w| ok(task::attach_stream(&w.process, stream::empty::<()>(), 1, |_| ()));
        "blocking::run": |_w| said(blocking::run(|| ()).await);
        "Applications::on": |w| ok(Applications::on(&w.node).loaded_applications());
        "Applications::here": |_w| ok(Applications::here());
        "Node::spawn": |w| ok(w.node.spawn(|_: Mailbox<()>| async {}));
        "Node::send": |w| {
            w.node.register("me", &w.process).expect("the name is free");
            said(w.node.send("me", ()))
        };
        "Node::wait": |w| {
            w.node.exit(&w.process, ExitReason::Kill);
            ok(w.node.wait(w.process.pid()).await)
        };
    })
}

struct Lamp;

#[state_machine]
impl StateMachine for Lamp {
    type State = ();

    async fn init((): (), _: &mut Context<Machine<Self>>) -> Result<Initial<Self>, Stop> {
        Ok(Initial::state((), Self))
    }

    async fn handle(
        &mut self,
        (): &(),
        _: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        Transition::keep()
    }
}

fn pool() -> WorkerPoolOptions<Echo> {
    WorkerPool::options(1, || Echo::start_link(()))
}

fn child_spec() -> ChildSpec {
    ChildSpec::worker(0, || Echo::start_link(()))
}

async fn acknowledge(_: Mailbox<()>, ack: proc_lib::InitAck) {
    ack.ok();
    std::future::pending::<()>().await;
}

/// The word that the table has for an outcome.
async fn word(work: impl Future<Output = Outcome>) -> String {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(())) => "yes".to_owned(),
        Ok(Err(error)) => ["Outside", "NoRuntime"]
            .into_iter()
            .find(|known| error.contains(known))
            .map_or(error.clone(), |known| format!("`{known}`")),
        Err(_) => "panics".to_owned(),
    }
}

/// Runs a future on a thread without a runtime. Tells when it has been polled once.
fn block_on<F: Future>(future: F, polled: &mpsc::Sender<()>) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        let poll = future.as_mut().poll(&mut TaskContext::from_waker(&waker));
        // That nobody listens is known from the second time on.
        polled.send(()).ok();
        match poll {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

async fn in_process(operation: Operation) -> String {
    let world = World::new().await;
    let node = world.node.clone();
    let ran = node.run_with(move |mut mailbox: Mailbox<Exit>| async move {
        mailbox.trap_exit(|exit| exit);
        word(operation(world)).await
    });
    ran.await.expect("a panic is caught")
}

/// In a task that no process is, a `JoinSet` as well as a `tokio::spawn`.
async fn in_tasks(operation: Operation, entered: bool) -> Vec<String> {
    let mut words = Vec::new();
    for joined in [false, true] {
        let world = World::new().await;
        let node = world.node.clone();
        let work = word(operation(world));
        let work: Pin<Box<dyn Future<Output = String> + Send>> = match entered {
            true => Box::pin(node.scope(work)),
            false => Box::pin(work),
        };
        words.push(if joined {
            let mut set = JoinSet::new();
            set.spawn(work);
            set.join_next()
                .await
                .expect("it is there")
                .expect("no panic")
        } else {
            tokio::spawn(work).await.expect("no panic")
        });
    }
    words
}

async fn in_blocking_thread(operation: Operation, entered: bool) -> String {
    let world = World::new().await;
    let blocking = tokio::task::spawn_blocking(move || {
        let node = world.node.clone();
        let _entered = entered.then(|| node.enter());
        Handle::current().block_on(word(operation(world)))
    });
    blocking.await.expect("no panic")
}

/// The node's runtime stands still for the first poll: so an answer never comes before the call waits for it.
async fn in_bare_thread(operation: Operation) -> String {
    let world = World::new().await;
    let (polled, first_poll) = mpsc::channel();
    let (done, end) = tokio::sync::oneshot::channel();
    let bare = thread::spawn(move || {
        let node = world.node.clone();
        let _entered = node.enter();
        let word = block_on(word(operation(world)), &polled);
        done.send(word).expect("somebody waits");
    });
    first_poll.recv().expect("it polls");
    let word = end.await.expect("no panic");
    bare.join().expect("it has ended");
    word
}

/// What the four columns of the table say of an operation.
async fn tried(operation: Operation) -> Vec<String> {
    let mut columns = vec![in_process(operation).await];
    for entered in [true, false] {
        let mut words = in_tasks(operation, entered).await;
        words.push(in_blocking_thread(operation, entered).await);
        words.dedup();
        columns.push(words.join(" / "));
    }
    columns.push(in_bare_thread(operation).await);
    columns
}

/// The rows of the table: the operations that a row names, and its other columns.
fn table() -> Vec<(Vec<String>, Vec<String>)> {
    let page = include_str!("../docs/front.md");
    let part = page
        .split("# Inside and outside of a process")
        .nth(1)
        .expect("the part is there");
    let part = part.split("\n# ").next().expect("it has an end");
    let rows = part.lines().filter(|line| line.starts_with("| [`"));
    let row = |line: &str| {
        let mut columns = line
            .trim_matches('|')
            .split('|')
            .map(|column| column.trim().to_owned());
        let named = columns.next().expect("a row has columns");
        let names = named
            .split("[`")
            .skip(1)
            .filter_map(|rest| rest.split('`').next());
        (names.map(str::to_owned).collect(), columns.collect())
    };
    rows.map(row).collect()
}

#[test]
fn the_table_says_where_each_operation_works() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime can be made");
    std::panic::set_hook(Box::new(|_| {}));
    let mut seen: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for (name, operation) in operations() {
        seen.entry(runtime.block_on(tried(operation)))
            .or_default()
            .push(name);
    }
    drop(std::panic::take_hook());
    let mut told: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (mut names, columns) in table() {
        names.sort();
        let row = told.insert(columns, names);
        assert_eq!(row, None, "two rows say the same");
    }
    let seen: BTreeMap<_, Vec<String>> = seen
        .into_iter()
        .map(|(columns, names)| (columns, names.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(
        seen, told,
        "what was seen, and what the table says; seen: {seen:#?}"
    );
}
