//! Processes, tasks, servers, machines and event handlers whose futures are bad: they panic as they are polled, or give
//! something bad, and panic as they are dropped.

use std::future::Future;
use std::mem::forget;
use std::time::Duration;

use futures_util::future::Either::{Left, Right};
use otp_core::event_manager::{
    EventHandler, EventManager, HandleCall, Handled, HandlerEnd, HandlerId, ManagerContext,
};
use otp_core::prelude::*;
use otp_core::proc_lib;
use otp_core::process;
use otp_core::registry::Registry;
use otp_core::task::{self, Task};
use otp_core::task_supervisor::TaskSupervisor;

use crate::bad::{Bad, arm, around, broken, good, later, play, settle};

/// A future that is bad, and gives something or panics.
fn bad<T: Send>(value: Option<T>) -> impl Future<Output = T> + Send {
    match value {
        Some(value) => Left(around(async { value })),
        None => Right(broken()),
    }
}

/// What a body fails with.
struct Failed(#[allow(dead_code, reason = "it is dropped")] Bad);

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        forget(failed);
        ExitReason::other("failed").into()
    }
}

fn failure(fails: bool) -> Option<Result<(), Failed>> {
    fails.then(|| Err(Failed(Bad(2))))
}

/// Runs what may end its process.
async fn apart(work: impl Future<Output = ()> + Send + 'static) {
    process::spawn(|_: Mailbox<Never>| work).wait().await;
}

#[test]
fn processes_run_bad_futures() {
    play(|| async {
        arm();
        let node = process::node();
        for fails in [true, false] {
            let body = move |_: Mailbox<Never>| bad(failure(fails));
            process::spawn(body);
            process::spawn(move |_: Mailbox<Never>| async move {
                process::spawn_link(body);
                later(1).await;
            });
            process::spawn_monitor(body);
            let started = proc_lib::start(move |mailbox: Mailbox<Never>, _| body(mailbox)).await;
            assert!(started.is_err());
            let given = move || fails.then(|| Bad(2));
            forget(node.run(bad(given())).await);
            forget(node.run_with(move |_: Mailbox<Never>| bad(given())).await);
            forget(node.try_run(bad(fails.then(|| Ok(Bad(2))))).await);
        }
        settle().await;
    });
}

#[test]
fn tasks_run_bad_futures() {
    play(|| async {
        arm();
        let tasks = good(TaskSupervisor::new().start()).await;
        let tasks = tasks.expect("nothing is bad yet");
        let locks = Registry::<i32>::new("locks");
        assert!(good(locks.start()).await.is_ok());
        for fails in [true, false] {
            let given = move || fails.then(|| Bad(2));
            apart(async move { drop(task::start_link(bad(failure(fails))).wait().await) }).await;
            apart(async move { forget(Task::spawn(bad(given())).await) }).await;
            let work = move |_: Mailbox<Never>| bad(given());
            apart(async move { forget(Task::spawn_with(work).await) }).await;
            let task = tasks.spawn_nolink_with(move |_: Mailbox<Never>| bad(given()));
            forget(task.await.expect("it starts").await);
            let child = tasks.start_child(Restart::Temporary, move || bad(failure(fails)));
            assert!(child.await.is_ok());
            apart(async move {
                let mut stream = task::async_stream([()], move |()| bad(given()));
                forget(stream.next().await);
            })
            .await;
            let mut stream = tasks.async_stream_nolink([()], move |()| bad(given()));
            forget(stream.next().await);
            let locks = locks.clone();
            apart(async move { forget(locks.lock(1, || bad(given())).await) }).await;
        }
        settle().await;
    });
}

/// A callback.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Init,
    Call,
    Event,
    Info,
    Continue,
    Terminate,
    Enter,
}

/// Where futures are bad, and whether they panic there.
struct Place(At, bool);

impl Place {
    /// A future that is bad at this place, and panics there if it is to fail.
    fn at<T: Send>(&self, at: At, value: T) -> impl Future<Output = T> + Send + use<T> {
        match (self.0 == at, self.1) {
            (true, true) => {
                forget(value);
                Left(bad(None))
            }
            (true, false) => Left(bad(Some(value))),
            (false, _) => Right(async { value }),
        }
    }
}

fn each_way<const N: usize>(places: [At; N]) -> impl Iterator<Item = (At, bool)> {
    places.into_iter().flat_map(|at| [(at, true), (at, false)])
}

struct Server(Place);

impl GenServer for Server {
    type Args = (At, bool);
    type Call = ReplyTo<Bad>;
    type Cast = Bad;
    type Info = Bad;
    type Continue = Bad;

    fn init(
        (at, fails): (At, bool),
        _: &mut Context<Self>,
    ) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send {
        let server = || Self(Place(at, fails));
        let init = Init::state(server()).then(Next::Continue(Bad(1)));
        server().0.at(At::Init, Ok(init))
    }

    fn handle_call(
        &mut self,
        from: ReplyTo<Bad>,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Reply<Self>> + Send {
        self.0.at(At::Call, from.reply(Bad(2)))
    }

    fn handle_cast(
        &mut self,
        cast: Bad,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        forget(cast);
        self.0.at(At::Event, Next::NoReply)
    }

    fn handle_info(
        &mut self,
        info: Info<Bad>,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        forget(info);
        self.0.at(At::Info, Next::NoReply)
    }

    fn handle_continue(
        &mut self,
        next: Bad,
        _: &mut Context<Self>,
    ) -> impl Future<Output = Next<Self>> + Send {
        forget(next);
        self.0.at(At::Continue, Next::NoReply)
    }

    fn terminate(
        &mut self,
        _: &ExitReason,
        _: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send {
        self.0.at(At::Terminate, ())
    }
}

#[test]
fn callbacks_of_servers_are_bad_futures() {
    play(|| async {
        arm();
        let places = [
            At::Init,
            At::Call,
            At::Event,
            At::Info,
            At::Continue,
            At::Terminate,
        ];
        for (at, fails) in each_way(places) {
            let Ok(server) = Server::start((at, fails)).await else {
                continue;
            };
            server.cast(Bad(3));
            server.send(Bad(4));
            forget(server.call(|from| from).await);
            forget(server.stop().await);
        }
    });
}

struct Actor(Place);

impl StateMachine for Actor {
    type Args = (At, bool);
    type State = Bad;
    type Call = ReplyTo<Bad>;
    type Cast = Never;
    type Info = Never;
    type Internal = Never;
    type Timer = Bad;

    fn init(
        (at, fails): (At, bool),
        _: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Result<Initial<Self>, ExitReason>> + Send {
        let actor = || Self(Place(at, fails));
        actor().0.at(At::Init, Ok(Initial::state(Bad(1), actor())))
    }

    fn handle(
        &mut self,
        _: &Bad,
        event: Event<Self>,
        _: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Transition<Self>> + Send {
        let next = match event {
            Event::Call(from) => Transition::next(Bad(2)).reply(from, Bad(3)),
            event => {
                forget(event);
                Transition::keep()
            }
        };
        self.0.at(At::Event, next)
    }

    fn enter(
        &mut self,
        _: &Bad,
        _: &Bad,
        _: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = Entered<Self>> + Send {
        self.0.at(
            At::Enter,
            Entered::done().state_timeout(Bad(5), Duration::ZERO),
        )
    }

    fn terminate(
        &mut self,
        _: &Bad,
        _: &ExitReason,
        _: &mut Context<Machine<Self>>,
    ) -> impl Future<Output = ()> + Send {
        self.0.at(At::Terminate, ())
    }
}

#[test]
fn callbacks_of_machines_are_bad_futures() {
    play(|| async {
        arm();
        for (at, fails) in each_way([At::Init, At::Event, At::Enter, At::Terminate]) {
            let Ok(machine) = Actor::start((at, fails)).await else {
                continue;
            };
            forget(machine.call(|from| from).await);
            forget(machine.stop().await);
        }
    });
}

struct Keeper(Place);

impl EventHandler<Bad> for Keeper {
    type Args = (At, bool);

    fn init(
        (at, fails): (At, bool),
        _: &mut ManagerContext<Bad>,
    ) -> impl Future<Output = Result<Self, Stop>> + Send {
        let keeper = || Self(Place(at, fails));
        keeper().0.at(At::Init, Ok(keeper()))
    }

    fn handle_event(
        &mut self,
        _: &Bad,
        _: &mut ManagerContext<Bad>,
    ) -> impl Future<Output = Handled<Bad>> + Send {
        self.0.at(At::Event, Handled::Keep)
    }

    fn terminate(
        &mut self,
        _: &HandlerEnd,
        _: &mut ManagerContext<Bad>,
    ) -> impl Future<Output = ()> + Send {
        self.0.at(At::Terminate, ())
    }
}

impl HandleCall<Bad> for Keeper {
    type Call = ReplyTo<Bad>;

    fn handle_call(
        &mut self,
        from: ReplyTo<Bad>,
        _: &mut ManagerContext<Bad>,
    ) -> impl Future<Output = Handled<Bad>> + Send {
        from.send(Bad(2));
        self.0.at(At::Call, Handled::Keep)
    }
}

#[test]
fn callbacks_of_event_handlers_are_bad_futures() {
    play(|| async {
        let manager = good(EventManager::<Bad>::start()).await;
        let manager = manager.expect("nothing is bad yet");
        arm();
        for (at, fails) in each_way([At::Init, At::Call, At::Event, At::Terminate]) {
            let id = HandlerId::<Keeper>::new();
            forget(manager.add_handler(id.clone(), (at, fails)).await);
            forget(manager.call(&id, |from| from).await);
            forget(manager.sync_notify(Bad(3)).await);
            forget(manager.delete_handler(&id).await);
        }
        assert_eq!(manager.sync_notify(Bad(3)).await, Ok(()));
    });
}
