//! Registered names.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Down, NoSuchName, RegisterError, process};
use tokio::sync::watch;

use crate::puppet::{Puppet, boom};

// NAM-001
#[tokio::test(start_paused = true)]
async fn a_registered_process_is_found_listed_and_reached_by_its_name() {
    let node = Node::new();
    let probe = Probe::new();
    let report = probe.clone();
    let process = node.spawn(move |mut mailbox: Mailbox<u32>| async move {
        loop {
            report.report(mailbox.receive().await);
        }
    });
    // By any process for any other.
    let (clerk, other, subject) = (Puppet::new(&node), Puppet::new(&node), process.pid());
    assert_eq!(
        clerk.does(move |_| process::register("b", subject)).await,
        Ok(())
    );
    assert_eq!(node.register("a", &other), Ok(()));
    assert_eq!(clerk.does(|_| process::whereis("b")).await, Some(subject));
    assert_eq!(node.whereis("a"), Some(other.pid()));
    assert_eq!(node.registered(), ["a", "b"]);
    assert_eq!(clerk.does(|_| process::send("b", 7_u32)).await, Ok(()));
    assert_eq!(probe.next().await, 7);
    let names = node.process_info(subject).map(|info| info.names);
    assert_eq!(names, Some(vec![Name::local("b")]));
}

// NAM-001
#[tokio::test(start_paused = true)]
async fn two_nodes_do_not_see_each_others_names() {
    let (one, other) = (Node::new(), Node::new());
    let (here, there) = (Puppet::new(&one), Puppet::new(&other));
    assert_eq!(one.register("name", &here), Ok(()));
    assert_eq!(other.whereis("name"), None);
    assert_eq!(other.register("name", &there), Ok(()));
    assert_eq!(one.whereis("name"), Some(here.pid()));
    let pid = here.pid();
    assert_eq!(
        other.register("stranger", pid),
        Err(RegisterError::NoProcess { pid })
    );
}

// NAM-002
#[tokio::test(start_paused = true)]
async fn a_registration_that_is_refused_changes_nothing() {
    let node = Node::new();
    let (holder, other, gone) = (Puppet::new(&node), Puppet::new(&node), Puppet::new(&node));
    gone.ends(ExitReason::Normal).await;
    let name = Name::local("taken");
    assert_eq!(node.register("taken", &holder), Ok(()));
    let check = |name: &'static str, process: &Puppet, expected: RegisterError| {
        assert_eq!(node.register(name, process), Err(expected));
        assert_eq!(node.registered(), ["taken"]);
        assert_eq!(node.whereis("taken"), Some(holder.pid()));
        assert!(other.info().names.is_empty());
    };
    let taken = RegisterError::NameTaken {
        name: name.clone(),
        pid: holder.pid(),
    };
    check("taken", &other, taken.clone());
    // Also to the holder itself.
    check("taken", &holder, taken);
    let has_name = RegisterError::HasName {
        pid: holder.pid(),
        name,
    };
    check("second", &holder, has_name);
    check("free", &gone, RegisterError::NoProcess { pid: gone.pid() });
    check("", &other, RegisterError::Reserved);
}

// NAM-002
#[tokio::test(start_paused = true)]
async fn a_process_whose_end_is_decided_cannot_be_named() {
    let node = Node::new();
    let doomed = Puppet::new(&node);
    node.exit(&doomed, boom());
    let pid = doomed.pid();
    assert_eq!(
        node.register("late", &doomed),
        Err(RegisterError::NoProcess { pid })
    );
    assert_eq!(node.whereis("late"), None);
}

// NAM-003
#[tokio::test(start_paused = true)]
async fn unregistering_an_unknown_name_is_an_error() {
    let node = Node::new();
    let unknown = NoSuchName {
        name: Name::local("name"),
    };
    assert_eq!(node.unregister("name"), Err(unknown.clone()));
    let puppet = Puppet::new(&node);
    assert_eq!(node.register("name", &puppet), Ok(()));
    assert_eq!(puppet.does(|_| process::unregister("name")).await, Ok(()));
    assert_eq!(node.unregister("name"), Err(unknown.clone()));
    assert_eq!(unknown.to_string(), "no process is registered as name");
    // It can have a name again.
    assert_eq!(node.register("other", &puppet), Ok(()));
}

// NAM-004
#[tokio::test(start_paused = true)]
async fn whereis_gives_a_live_process_or_none() {
    let node = Node::new();
    assert_eq!(node.whereis("name"), None);
    let puppet = Puppet::new(&node);
    assert_eq!(node.register("name", &puppet), Ok(()));
    node.exit(&puppet, boom());
    // Its task has not run yet: nothing has been released.
    assert_eq!(node.whereis("name"), None);
    assert!(node.registered().is_empty());
    puppet.ended().await;
    assert_eq!(node.whereis("name"), None);
}

// NAM-004
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whereis_never_gives_a_pid_that_was_dead_before_it_was_asked() {
    let node = Node::new();
    let (newest, alive) = watch::channel(None);
    let looks = node.spawn({
        let node = node.clone();
        move |_: Mailbox<Never>| async move {
            while alive.has_changed().is_ok() {
                let oldest_alive: Option<Pid> = *alive.borrow();
                let found = node.whereis("name");
                assert!(
                    found.is_none() || found >= oldest_alive,
                    "{found:?} of {oldest_alive:?}"
                );
                tokio::task::yield_now().await;
            }
        }
    });
    for _ in 0..300 {
        let puppet = Puppet::new(&node);
        assert_eq!(node.register("name", &puppet), Ok(()));
        newest.send_replace(Some(puppet.pid()));
        node.exit(&puppet, ExitReason::Kill);
        puppet.ended().await;
    }
    drop(newest);
    assert_eq!(looks.wait().await, ExitReason::Normal);
}

// NAM-005
#[tokio::test(start_paused = true)]
async fn a_name_is_free_before_anyone_is_told_of_the_end() {
    /// Every process that gets a message of an end looks the name up at that moment.
    #[derive(Debug)]
    enum Told {
        Exit,
        Down,
    }

    let node = Node::new();
    for reason in [ExitReason::Normal, boom(), ExitReason::Killed] {
        let subject = Puppet::new(&node);
        let probe = Probe::new();
        assert_eq!(node.register("name", &subject), Ok(()));
        let (report, to) = (probe.clone(), subject.pid());
        let listener = node.spawn(move |mut mailbox: Mailbox<Told>| async move {
            mailbox.trap_exit(|_| Told::Exit);
            mailbox.link(to);
            mailbox.monitor(to, |_: Down| Told::Down);
            report.report((None, process::whereis("name")));
            loop {
                let told = mailbox.receive().await;
                let me = mailbox.pid();
                let taken = process::register("name", me);
                assert!(
                    taken.is_ok() || process::whereis("name") == Some(me),
                    "{told:?}: {taken:?}"
                );
                report.report((Some(told), process::whereis("name")));
            }
        });
        assert!(matches!(probe.next().await, (None, Some(pid)) if pid == to));
        subject.ends(reason).await;
        for _ in 0..2 {
            let (told, holder) = probe.next().await;
            assert!(told.is_some());
            assert_eq!(holder, Some(listener.pid()));
        }
        node.exit(&listener, ExitReason::Kill);
        listener.wait().await;
    }
}

// NAM-005
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_loop_of_kill_and_register_never_leaves_the_name_stuck() {
    let node = Node::new();
    let watcher = Puppet::new(&node);
    for round in 0..500 {
        let subject = Puppet::new(&node);
        assert_eq!(node.register("name", &subject), Ok(()), "in round {round}");
        let monitor = watcher.monitors(&subject).await;
        node.exit(&subject, ExitReason::Kill);
        match round % 3 {
            // At once: its end is decided.
            0 => {}
            1 => drop(subject.ended().await),
            _ => while watcher.seen().await.is_empty() {},
        }
        watcher.demonitors(monitor).await;
    }
    assert_eq!(node.whereis("name"), None);
}

// NAM-005
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_end_of_a_former_holder_does_not_take_the_name_from_its_successor() {
    let node = Node::new();
    for _ in 0..500 {
        let (former, successor) = (Puppet::new(&node), Puppet::new(&node));
        assert_eq!(node.register("name", &former), Ok(()));
        node.exit(&former, ExitReason::Kill);
        // Races with the releasing of the name by the one that ends.
        assert_eq!(node.register("name", &successor), Ok(()));
        former.ended().await;
        assert_eq!(node.whereis("name"), Some(successor.pid()));
        successor.ends(ExitReason::Normal).await;
    }
}

// NAM-005: a restart by hand, over and over, as a supervisor will do it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_survives_thousands_of_crashes_and_restarts() {
    const CRASHES: u32 = 5000;

    let node = Node::new();
    let restarting = node.spawn(|mut mailbox: Mailbox<Down>| async move {
        for _ in 0..CRASHES {
            let worker = process::spawn(|mut mailbox: Mailbox<ExitReason>| async move {
                mailbox.receive().await
            });
            mailbox.monitor(&worker, |down| down);
            process::register("worker", &worker).expect("its predecessor is gone");
            // Ended by a process that found it by its name: a lost name would be the end of this.
            assert_eq!(mailbox.receive().await.reason, boom());
        }
    });
    for _ in 0..2 {
        let restarting = restarting.clone();
        node.spawn(move |_: Mailbox<Never>| async move {
            while restarting.is_alive() {
                // An error is the moment between an end and the restart.
                drop(process::send("worker", boom()));
                tokio::task::yield_now().await;
            }
        });
    }
    let reason = tokio::time::timeout(Duration::from_secs(60), restarting.wait()).await;
    assert_eq!(reason, Ok(ExitReason::Normal));
}
