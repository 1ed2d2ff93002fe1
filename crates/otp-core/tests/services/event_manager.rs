//! The manager itself: its start and end, its system requests, supervisors.

use otp_core::event_manager::EventManager;
use otp_core::prelude::*;
use otp_core::sys::{self, Mode};
use otp_core::test::{Probe, reports};
use otp_core::{StartError, TimeLimit, process};

use crate::puppet::{Call, Deed, Order, Role, TICK, id, order, stage, texts};

type Manager = EventManager<Order>;

// GEV-007
#[otp_core::test]
async fn notify_returns_whatever_the_target() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    manager.notify(TICK);
    assert_eq!(probe.drain(), Vec::<String>::new(), "it does not wait");
    assert_eq!(manager.stop().await, Ok(()));
    manager.notify(TICK);
    Manager::named("nobody").notify(TICK);
    assert_eq!(probe.drain(), ["a passes", "a terminate Stopped"]);
}

// GEV-008
#[otp_core::test]
async fn sync_notify_has_no_limit_and_fails_with_the_manager() {
    let probe = Probe::new();
    let manager = EventManager::start().await.expect("it starts");
    assert!(
        manager
            .add_handler(id("a"), Role::new("a", &probe))
            .await
            .is_ok()
    );
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(
        manager.sync_notify(order("a", Deed::Sleep(hour))).await,
        Ok(())
    );
    let killer = manager.pid().expect("it lives");
    process::spawn(move |_: Mailbox<Never>| async move {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        process::exit(killer, ExitReason::Kill);
    });
    let killed = manager.sync_notify(order("a", Deed::Sleep(hour))).await;
    assert!(
        matches!(
            killed,
            Err(CallError::Exited {
                reason: ExitReason::Killed,
                ..
            })
        ),
        "{killed:?}"
    );
    assert!(matches!(
        manager.sync_notify(TICK).await,
        Err(CallError::NoProcess { .. })
    ));
    let nobody = Manager::named("nobody");
    assert!(matches!(
        nobody.sync_notify(TICK).await,
        Err(CallError::NoProcess { .. })
    ));
}

// GEV-023
#[otp_core::test(reports)]
async fn a_stop_ends_all_handlers_in_order() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    assert_eq!(manager.stop().await, Ok(()));
    assert_eq!(
        probe.drain(),
        ["b terminate Stopped", "a terminate Stopped"]
    );
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// GEV-023
#[otp_core::test(reports)]
async fn an_abnormal_stop_gives_a_crash_report() {
    let probe = Probe::new();
    let manager = Manager::start().await.expect("it starts");
    assert!(
        manager
            .add_handler(id("a"), Role::new("a", &probe))
            .await
            .is_ok()
    );
    assert_eq!(manager.stop_with(ExitReason::other("why")).await, Ok(()));
    assert_eq!(probe.drain(), ["a init", "a terminate Stopped"]);
    let kinds = reports().take_kinds();
    assert_eq!(kinds.last().map(String::as_str), Some("crash"), "{kinds:?}");
}

// GEV-023
#[otp_core::test]
async fn the_parents_exit_ends_the_manager_and_others_do_not() {
    let probe = Probe::new();
    let tell = probe.clone();
    let started = Probe::new();
    let tell_started = started.clone();
    let parent = process::spawn(move |_: Mailbox<Never>| async move {
        let manager = stage(&["a"], &tell).await;
        tell_started.report(manager);
        std::future::pending::<()>().await;
    });
    let manager = started.next().await;
    let server = sys::Server::find(&manager).expect("it lives");
    let other = process::spawn(move |_: Mailbox<Never>| async move {
        process::link(&server);
        ExitReason::other("boo")
    });
    other.wait().await;
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(probe.drain(), ["a EXIT boo"]);
    let server = sys::Server::find(&manager).expect("it lives");
    process::exit(parent.pid(), ExitReason::other("boom"));
    assert_eq!(server.wait().await, ExitReason::other("boom"));
    assert_eq!(probe.drain(), ["a terminate Stopped"]);
}

// GEV-024
#[otp_core::test(reports)]
async fn failures_at_the_end_are_ignored() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    for text in ["b", "c"] {
        let fragile = Role {
            panics_at_end: true,
            ..Role::new(text, &probe)
        };
        assert!(manager.add_handler(id(text), fragile).await.is_ok());
    }
    let _ = probe.drain();
    assert_eq!(manager.stop().await, Ok(()));
    let seen = [
        "c terminate Stopped",
        "b terminate Stopped",
        "a terminate Stopped",
    ];
    assert_eq!(probe.drain(), seen);
    assert_eq!(reports().take_kinds(), Vec::<String>::new());
}

// GEV-015
#[otp_core::test]
async fn messages_and_downs_reach_every_handler() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let server = sys::Server::find(&manager).expect("it lives");
    otp_core::timer::send_after(&server, std::time::Duration::from_secs(1), TICK);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(texts(&manager).await, ["b", "a"]);
    assert_eq!(probe.drain(), ["b message", "a message"]);
}

// GEV-025
#[otp_core::test]
async fn sys_looks_into_the_handlers_and_changes_them() {
    let probe = Probe::new();
    let manager = stage(&["a", "b"], &probe).await;
    let listed = sys::get_state(&manager, |server| {
        let names = server.handlers();
        let first = server.handler(&id("b")).map(|puppet| puppet.name.clone());
        (names, first, server.handler(&id("c")).is_none())
    });
    let names = vec![id("b").name(), id("a").name()];
    assert_eq!(listed.await, Ok((names, Some("b".to_owned()), true)));
    let renamed = sys::update_state(&manager, |server| {
        let puppet = server.handler_mut(&id("b"))?;
        Some(std::mem::replace(&mut puppet.name, "b2".to_owned()))
    });
    assert_eq!(renamed.await, Ok(Some("b".to_owned())));
    let failed = sys::update_state(&manager, |server| {
        server.handler_mut(&id("a")).map(|_| panic!("no"))
    });
    assert!(failed.await.is_err());
    assert_eq!(manager.call(id("a"), Call::Name).await, Ok("a".to_owned()));
    assert_eq!(manager.call(id("b"), Call::Name).await, Ok("b2".to_owned()));
    let status = sys::get_status(&manager).await.expect("it lives");
    let shown = status.state.expect("it shows them");
    assert!(
        shown.contains("puppet b2") && shown.contains("puppet a"),
        "{shown}"
    );
}

// GEV-025
#[otp_core::test]
async fn a_suspended_manager_keeps_its_events() {
    let probe = Probe::new();
    let manager = stage(&["a"], &probe).await;
    assert_eq!(sys::suspend(&manager).await, Ok(()));
    manager.notify(TICK);
    let status = sys::get_status(&manager).await.expect("it lives");
    assert_eq!((status.mode, probe.drain()), (Mode::Suspended, vec![]));
    assert_eq!(sys::resume(&manager).await, Ok(()));
    assert_eq!(texts(&manager).await, ["a"]);
    assert_eq!(probe.drain(), ["a passes"]);
}

#[otp_core::test]
async fn a_supervisor_starts_a_manager_and_starts_it_again() {
    let start = || Manager::options().name("events").start_link();
    let tree = Supervisor::new(Strategy::OneForOne).child(ChildSpec::worker("events", start));
    let tree = tree.start_link().await.expect("it starts");
    let manager = Manager::named("events");
    let first = manager.pid().expect("it lives");
    let probe = Probe::new();
    assert!(
        manager
            .add_handler(id("a"), Role::new("a", &probe))
            .await
            .is_ok()
    );
    let again = Manager::options().name("events").start().await;
    assert!(
        matches!(again, Err(StartError::AlreadyStarted(pid)) if pid == first),
        "{again:?}"
    );
    process::exit(first, ExitReason::Kill);
    let second = loop {
        match manager.pid() {
            Some(pid) if pid != first => break pid,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_ne!(first, second);
    assert_eq!(
        texts(&manager).await,
        [] as [&str; 0],
        "a new manager has no handlers"
    );
    tree.stop()
        .timeout(TimeLimit::Infinity)
        .await
        .expect("it stops");
    assert!(!manager.is_alive());
}

#[otp_core::test]
async fn managers_of_plain_texts_are_managers_too() {
    let manager = EventManager::<&'static str>::start_link()
        .await
        .expect("it starts");
    let probe = Probe::new();
    let tell = probe.clone();
    let added = manager.add_fn("tell", move |text: &&'static str| {
        tell.report(*text);
        otp_core::event_manager::Handled::Keep
    });
    assert!(added.await.is_ok());
    let other = manager.clone();
    let sender = process::spawn(move |_: Mailbox<Never>| async move {
        other.sync_notify("hello").await.expect("the manager lives");
    });
    assert_eq!(sender.wait().await, ExitReason::Normal);
    assert_eq!(probe.drain(), ["hello"]);
    assert_eq!(other_name(&manager), manager);
}

fn other_name<E: Send + Sync + 'static>(manager: &EventManager<E>) -> EventManager<E> {
    manager.clone()
}
