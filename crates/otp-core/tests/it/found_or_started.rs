//! Servers, registries and scopes that are found by name, and servers that are started if they are not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::registry::Duplicate;
use otp_core::supervisor::StartChildError;
use otp_core::{Child, DynamicSupervisorRef, Registry, Task, process};

use crate::support::{Lab, quiet};

/// Counts how often it is started.
struct Counted;

#[gen_server]
impl GenServer for Counted {
    type Args = Arc<AtomicUsize>;

    async fn init(starts: Arc<AtomicUsize>, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        starts.fetch_add(1, Ordering::Relaxed);
        // Others come while it starts.
        tokio::task::yield_now().await;
        Ok(Init::state(Self))
    }
}

const CALLERS: usize = 64;

fn spec(starts: &Arc<AtomicUsize>) -> ChildSpec {
    let starts = starts.clone();
    ChildSpec::worker("counted", move || {
        Counted::options()
            .name("counted")
            .start_link(starts.clone())
    })
}

async fn crowd() -> DynamicSupervisorRef {
    DynamicSupervisor::new().start().await.expect("it starts")
}

#[otp_core::test(workers = 4)]
async fn of_many_that_ask_at_once_one_starts_the_server() {
    let starts = Arc::new(AtomicUsize::new(0));
    let askers: Vec<Task<_>> = (0..CALLERS)
        .map(|_| {
            let starts = starts.clone();
            let options = Counted::options().name("counted");
            Task::spawn(async move { options.ensure_started(starts).await })
        })
        .collect();
    let mut servers = Vec::new();
    for asker in askers {
        servers.push(asker.await.expect("it ends well").expect("it starts"));
    }
    servers.dedup();
    assert_eq!((servers.len(), starts.load(Ordering::Relaxed)), (1, 1));
}

#[otp_core::test(workers = 4)]
async fn of_many_that_ask_at_once_one_adds_the_child() {
    let (starts, crowd) = (Arc::new(AtomicUsize::new(0)), crowd().await);
    let askers: Vec<Task<_>> = (0..CALLERS)
        .map(|_| {
            let (spec, crowd) = (spec(&starts), crowd.clone());
            Task::spawn(async move {
                crowd
                    .ensure_started::<Counted>(&ServerName::new("counted"), spec)
                    .await
            })
        })
        .collect();
    let mut servers = Vec::new();
    for asker in askers {
        servers.push(asker.await.expect("it ends well").expect("it starts"));
    }
    servers.dedup();
    assert_eq!((servers.len(), starts.load(Ordering::Relaxed)), (1, 1));
    let count = crowd.count_children().await.expect("it lives");
    assert_eq!((count.specs, count.active), (1, 1));
}

#[otp_core::test]
async fn a_server_that_has_ended_is_started_again() {
    let starts = Arc::new(AtomicUsize::new(0));
    let options = Counted::options().name("counted");
    let first = options
        .clone()
        .ensure_started(starts.clone())
        .await
        .expect("it starts");
    assert_eq!(
        options.clone().ensure_started(starts.clone()).await,
        Ok(first.clone())
    );
    process::exit(&first, ExitReason::Kill);
    let second = options
        .ensure_started(starts.clone())
        .await
        .expect("it starts");
    assert!(second.is_alive() && second != first);
    second.stop().await.expect("it stops");

    let crowd = crowd().await;
    let name = ServerName::<Counted>::new("counted");
    let third = crowd
        .ensure_started(&name, spec(&starts))
        .await
        .expect("it starts");
    crowd.terminate_child(&third).await.expect("it is a child");
    let fourth = crowd
        .ensure_started(&name, spec(&starts))
        .await
        .expect("it starts");
    assert!(fourth.is_alive() && fourth != third);
}

#[otp_core::test]
async fn what_is_no_such_server_is_an_error() {
    let other = Lab::options()
        .name("counted")
        .start(quiet())
        .await
        .expect("it starts");
    let starts = Arc::new(AtomicUsize::new(0));
    let found = Counted::options()
        .name("counted")
        .ensure_started(starts.clone())
        .await;
    assert_eq!(found, Err(StartError::AlreadyStarted(other.pid())));
    let (crowd, name) = (crowd().await, ServerName::<Counted>::new("counted"));
    let found = crowd.ensure_started(&name, spec(&starts)).await;
    assert!(
        matches!(
            found,
            Err(StartChildError::Call(CallError::WrongServer { .. }))
        ),
        "{found:?}"
    );
    let another = ServerName::<Counted>::new("another");
    other.stop().await.expect("it stops");
    let found = crowd.ensure_started(&another, spec(&starts)).await;
    assert!(
        matches!(found, Err(StartChildError::OtherName(_))),
        "{found:?}"
    );
    assert_eq!(crowd.count_children().await.expect("it runs").active, 0);
}

#[otp_core::test]
async fn a_child_that_does_not_start_is_an_error() {
    let (crowd, name) = (crowd().await, ServerName::<Counted>::new("counted"));
    let ignored = ChildSpec::worker("nobody", || async { Child::ignore() });
    let found = crowd.ensure_started(&name, ignored).await;
    assert_eq!(found, Err(StartChildError::Ignored("nobody".into())));
    let fails = ChildSpec::worker("fails", || async { Err::<Child, _>("no room") });
    let found = crowd.ensure_started(&name, fails).await;
    assert!(
        matches!(found, Err(StartChildError::Start { .. })),
        "{found:?}"
    );
}

#[otp_core::test]
async fn a_registry_is_found_by_its_name() {
    let node = process::node();
    let seats = Registry::<u32, String>::unique("seats");
    assert_eq!(Registry::<u32, String>::find(&node, "seats"), None);
    seats.start().await.expect("the name is free");
    let found = Registry::<u32, String>::find(&node, "seats").expect("it runs");
    assert_eq!(found, seats);
    found
        .register(7_u32, "yoshi".to_owned())
        .expect("the key is free");
    assert_eq!(seats.lookup(&7).len(), 1);
    assert!(Registry::<u32>::find(&node, "seats").is_none());
    assert!(Registry::<u64, String>::find(&node, "seats").is_none());
    assert!(Registry::<u32, String, Duplicate>::find(&node, "seats").is_none());
    assert!(Registry::<u32, String>::find(&Node::new(), "seats").is_none());
    seats.unregister(7_u32);
    seats.stop().await.expect("it stops");
    assert!(Registry::<u32, String>::find(&node, "seats").is_none());
}

#[otp_core::test]
async fn a_scope_is_found_by_its_name() {
    let node = process::node();
    let rooms = Scope::<String>::new("rooms");
    assert_eq!(Scope::<String>::find(&node, "rooms"), None);
    rooms.start().await.expect("the name is free");
    assert_eq!(Scope::find(&node, "rooms"), Some(rooms.clone()));
    assert_eq!(Scope::<u8>::find(&node, "rooms"), None);
    assert_eq!(Registry::<String>::find(&node, "rooms"), None);
    rooms.stop().await.expect("it stops");
    assert_eq!(Scope::<String>::find(&node, "rooms"), None);
}
