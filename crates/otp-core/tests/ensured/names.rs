//! Servers that take their names themselves, end at once, or need another name; guards that are permanent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp_core::guard::{Guard, GuardState};
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{Agent, DynamicSupervisorRef, Task, process};
use tokio::time::sleep;

use crate::room::{BACKOFF, Doors, Room, crowd, down, guards, kill, one_guard_keeps, room, until};

/// A server that takes its name in `init`, or ends after it.
#[derive(Clone, Copy, PartialEq)]
enum Own {
    Name,
    End,
}

#[gen_server]
impl GenServer for Own {
    type Args = (Own, Arc<AtomicUsize>);
    type Continue = ();

    async fn init(
        (own, starts): (Own, Arc<AtomicUsize>),
        ctx: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        starts.fetch_add(1, Ordering::SeqCst);
        // Others ask for it meanwhile.
        sleep(Duration::from_millis(1)).await;
        if own == Self::End {
            return Ok(Init::state(own).then(Next::Continue(())));
        }
        process::register("own", ctx.pid())?;
        Ok(Init::state(own))
    }

    async fn handle_continue(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(ExitReason::Normal)
    }
}

fn child(own: Own, starts: &Arc<AtomicUsize>) -> ChildSpec {
    let starts = starts.clone();
    ChildSpec::worker("own", move || Own::start_link((own, starts.clone())))
        .restart(Restart::Transient)
}

/// Eight callers at a time. All get the one server.
async fn all_want<S: GenServer>(
    crowd: &DynamicSupervisorRef,
    name: &ServerName<S>,
    child: &ChildSpec,
) -> ServerRef<S> {
    let callers = [(); 8].map(|()| {
        let (crowd, name, child) = (crowd.clone(), name.clone(), child.clone());
        Task::spawn(async move { crowd.ensure_started(&name, child).await })
    });
    let mut servers = Vec::new();
    for caller in callers {
        servers.push(caller.await.expect("no panic").expect("it starts"));
    }
    servers.dedup();
    assert_eq!(servers.len(), 1);
    servers.remove(0)
}

async fn all_get_the_server_that_takes_its_name() {
    let (starts, name) = (Arc::default(), ServerName::<Own>::new("own"));
    let plain = child(Own::Name, &starts);
    for child in [plain.clone(), plain.backoff(BACKOFF)] {
        let crowd = crowd().await;
        for _ in 0..5 {
            let server = all_want(&crowd, &name, &child).await;
            process::exit(&server, ExitReason::Kill);
            server.wait().await;
        }
        until(async || name.whereis().is_some()).await;
        until(async || crowd.count_children().await.expect("it lives").specs == 1).await;
        crowd.stop().await.expect("it stops");
    }
}

#[otp_core::test]
async fn all_who_want_it_get_a_server_that_takes_its_name_itself() {
    all_get_the_server_that_takes_its_name().await;
}

#[otp_core::test(workers = 4)]
async fn all_who_want_it_get_a_server_that_takes_its_name_itself_on_threads() {
    all_get_the_server_that_takes_its_name().await;
}

#[otp_core::test]
async fn a_server_that_ends_each_time_is_not_started_without_end() {
    let (starts, name) = (Arc::default(), ServerName::<Own>::new("own"));
    let crowd = crowd().await;
    let failed = crowd.ensure_started(&name, child(Own::End, &starts)).await;
    let no_process = |failed| {
        matches!(
            failed,
            Err(StartChildError::Call(CallError::NoProcess { .. }))
        )
    };
    assert!(no_process(failed));
    assert_eq!(starts.load(Ordering::SeqCst), 2);
}

/// The restart type that is set behind the guard's counts for the child: the guards of the others end.
async fn a_permanent_guard_is_one() {
    let doors = Doors::new(&down(false), 99, 99);
    let child = doors.child().restart(Restart::Transient);
    let child = child.backoff(BACKOFF).restart(Restart::Permanent);
    let crowd = DynamicSupervisor::new().max_restarts(0, Duration::from_secs(1));
    let crowd = crowd.start().await.expect("it starts");
    let server = all_want(&crowd, &room(), &child).await;
    one_guard_keeps(&crowd, &server).await;
    server.stop().await.expect("it stops");
    until(async || room().whereis().is_some()).await;
    let again = room().whereis().expect("it runs");
    one_guard_keeps(&crowd, &again).await;
    kill(again).await;
    crowd.stop().await.expect("it stops");

    let crowd = crate::room::crowd().await;
    doors.down.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let failed = crowd.ensure_started(&room(), child.clone()).await;
        assert!(matches!(failed, Err(StartChildError::Start { .. })));
    }
    until(async || guards(&crowd).await.is_empty()).await;
    crowd.stop().await.expect("it stops");
}

#[otp_core::test]
async fn of_the_guards_of_a_child_that_is_made_permanent_one_stays() {
    a_permanent_guard_is_one().await;
}

#[otp_core::test(workers = 4)]
async fn of_the_guards_of_a_child_that_is_made_permanent_one_stays_on_threads() {
    a_permanent_guard_is_one().await;
}

/// The first start has left a process whose name each start takes. That is a start that fails, as often as it may, and
/// with the next guard the process is gone.
#[otp_core::test]
async fn another_name_that_is_taken_is_a_failed_start() {
    let doors = Doors::new(&down(false), 9, 9);
    let child = ChildSpec::worker("room", move || {
        let doors = doors.clone();
        async move {
            Agent::options().name("chairs").start_link(|| 4).await?;
            Room::options().name("room").start_link(doors).await
        }
    });
    let guard = Guard::new()
        .limit(3, Duration::from_secs(60))
        .backoff(BACKOFF);
    let guard = guard.on_limit(otp_core::guard::OnLimit::Fail);
    let crowd = crowd().await;
    let server = crowd.ensure_started(&room(), child.guarded(guard)).await;
    kill(server.expect("it starts")).await;
    until(async || matches!(guards(&crowd).await[..], [GuardState::Running(_)])).await;
    assert!(room().is_alive());
    crowd.stop().await.expect("it stops");
}
