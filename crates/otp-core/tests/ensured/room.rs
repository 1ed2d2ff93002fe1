//! A server whose start depends on what the test allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp_core::guard::{Backoff, GuardState};
use otp_core::prelude::*;
use otp_core::supervisor::ChildInfo;
use otp_core::test::Probe;
use otp_core::{Child, DynamicSupervisorRef, Pid, process};
use tokio::sync::Semaphore;

pub(crate) const BACKOFF: Backoff = Backoff::constant(Duration::from_millis(20));

/// A server. Its `init` reports, waits for a permit, and fails during an outage.
pub(crate) struct Room;

#[gen_server]
impl GenServer for Room {
    type Args = Doors;

    async fn init(doors: Doors, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        doors.events.report("begins");
        doors.enter.acquire().await.expect("it is open").forget();
        match doors.down.load(Ordering::SeqCst) {
            true => Err(ExitReason::other("down").into()),
            false => Ok(Init::state(Self)),
        }
    }
}

/// The doors between the starts of one child and its server.
#[derive(Clone)]
pub(crate) struct Doors {
    pub(crate) down: Arc<AtomicBool>,
    pub(crate) events: Probe<&'static str>,
    /// A permit for each call of the start function.
    pub(crate) start: Arc<Semaphore>,
    /// A permit for each `init`.
    pub(crate) enter: Arc<Semaphore>,
}

impl Doors {
    /// For a child that may start so often, and whose `init` runs so often.
    pub(crate) fn new(down: &Arc<AtomicBool>, starts: usize, enters: usize) -> Self {
        Self {
            down: down.clone(),
            events: Probe::new(),
            start: Arc::new(Semaphore::new(starts)),
            enter: Arc::new(Semaphore::new(enters)),
        }
    }

    pub(crate) fn child(&self) -> ChildSpec {
        let doors = self.clone();
        ChildSpec::worker("room", move || {
            let doors = doors.clone();
            async move {
                doors.start.acquire().await.expect("it is open").forget();
                let started = Room::options().name("room").start_link(doors.clone()).await;
                doors.events.report(match &started {
                    Ok(_) => "runs",
                    Err(StartError::AlreadyStarted(_)) => "taken",
                    Err(_) => "fails",
                });
                started
            }
        })
    }
}

pub(crate) fn down(down: bool) -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(down))
}

pub(crate) fn room() -> ServerName<Room> {
    ServerName::new("room")
}

pub(crate) async fn crowd() -> DynamicSupervisorRef {
    let crowd = DynamicSupervisor::new().max_restarts(1_000, Duration::from_secs(1));
    crowd.start().await.expect("it starts")
}

/// Ends the server, and waits until its name is free.
pub(crate) async fn kill(server: ServerRef<Room>) {
    process::exit(&server, ExitReason::Kill);
    server.wait().await;
}

/// Waits until this holds.
#[track_caller]
pub(crate) fn until<F: Future<Output = bool>>(
    mut holds: impl FnMut() -> F,
) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        for _ in 0..20_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it does not come about: {place}");
    }
}

/// The guards of a dynamic supervisor, and what they do.
pub(crate) async fn guards(crowd: &DynamicSupervisorRef) -> Vec<GuardState> {
    let children = crowd.which_children().await.expect("it lives");
    let pids = children.iter().filter_map(ChildInfo::pid);
    pids.filter_map(state).collect()
}

pub(crate) fn state(guard: Pid) -> Option<GuardState> {
    Some(process::node().guard_info(guard)?.state)
}

/// The only guard runs this server.
pub(crate) async fn one_guard_keeps(crowd: &DynamicSupervisorRef, server: &ServerRef<Room>) {
    until(async || guards(crowd).await == [GuardState::Running(server.pid())]).await;
}

/// A child that fails.
pub(crate) async fn fails() -> Result<Child, ExitReason> {
    Err(ExitReason::other("down"))
}
