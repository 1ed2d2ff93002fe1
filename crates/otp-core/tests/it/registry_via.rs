//! Keys of a registry as names.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{RegisterError, Registry, process, timer};

use crate::puppet::{Puppet, boom};
use crate::support::{Lab, echo, in_process, lab, quiet, settle, with_mailbox};

/// A key that is no text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Seat {
    Player(u32),
    Umpire,
}

async fn seats() -> Registry<Seat> {
    let seats = Registry::unique("seats");
    seats.start_link().await.expect("its name is free");
    seats
}

// REG-007, NAM-006, S83
#[tokio::test(start_paused = true)]
async fn a_key_is_a_name_for_starts_calls_casts_monitors_and_look_ups() {
    with_mailbox(|mut mailbox| async move {
        let seats = seats().await;
        let name = seats.via(Seat::Player(7));
        let probe = Probe::new();
        let options = Lab::options().name(name.clone());
        let server = options.clone().start(lab(&probe)).await.unwrap();
        assert_eq!(seats.lookup(&Seat::Player(7)), [(server.pid(), ())]);
        assert_eq!(seats.keys(server.pid()), [Seat::Player(7)]);
        assert_eq!(process::whereis(name.clone()), Some(server.pid()));
        assert_eq!(process::whereis(seats.via(Seat::Umpire)), None);

        let taken = options.start(quiet()).await;
        assert_eq!(taken, Err(StartError::AlreadyStarted(server.pid())));

        let named = ServerName::<Lab>::new(name.clone());
        assert_eq!(named.call(echo(3)).await, Ok(3));
        named.cast(crate::support::Order::Note(4));
        assert_eq!(named.call(echo(5)).await, Ok(5));
        let info = process::node().process_info(server.pid()).unwrap();
        assert_eq!(info.names, std::slice::from_ref(&name), "no local name");

        let monitor = mailbox.monitor(name.clone(), crate::support::Heard::Down);
        named.stop().await.unwrap();
        let down = Down {
            monitor,
            target: name.into(),
            reason: ExitReason::Normal,
        };
        assert_eq!(mailbox.receive().await, crate::support::Heard::Down(down));
        // Its name was free before anyone was told.
        assert_eq!(seats.lookup(&Seat::Player(7)), []);
        let nobody = named.call(echo(6)).await.unwrap_err();
        assert!(matches!(nobody, CallError::NoProcess { .. }));
        assert!(
            nobody.to_string().contains("via:{seats, Player(7)}"),
            "{nobody}"
        );
        named.cast(crate::support::Order::Note(7));
    })
    .await;
}

// REG-007, S83
#[tokio::test(start_paused = true)]
async fn a_value_may_come_with_the_name() {
    in_process(async {
        let keys = Registry::<String, u32>::unique("keys");
        keys.start_link().await.unwrap();
        let server = Lab::options().name(keys.via_with("a", 5));
        let server = server.start(quiet()).await.unwrap();
        assert_eq!(keys.lookup("a"), [(server.pid(), 5)]);
        let other = Lab::options()
            .name(keys.via("b"))
            .start(quiet())
            .await
            .unwrap();
        assert_eq!(keys.lookup("b"), [(other.pid(), 0)]);
    })
    .await;
}

// REG-007
#[tokio::test(start_paused = true)]
async fn a_timer_and_a_send_find_a_process_by_its_key() {
    with_mailbox(|mut mailbox| async move {
        use crate::support::Heard::Note;

        let seats = seats().await;
        let name = seats.via(Seat::Umpire);
        process::register(name.clone(), mailbox.me()).unwrap();
        timer::send_after(name.clone(), Duration::from_secs(1), Note(1));
        process::send(name, Note(0)).unwrap();
        assert_eq!(mailbox.receive().await, Note(0));
        assert_eq!(mailbox.receive().await, Note(1));
    })
    .await;
}

// REG-007
#[tokio::test(start_paused = true)]
async fn two_names_are_equal_if_they_are_one_key_of_one_registry() {
    in_process(async {
        let (seats, others) = (Registry::<Seat>::unique("s"), Registry::<Seat>::unique("s"));
        assert_eq!(
            seats.via(Seat::Player(1)),
            seats.clone().via(Seat::Player(1))
        );
        assert_ne!(seats.via(Seat::Player(1)), seats.via(Seat::Player(2)));
        assert_ne!(seats.via(Seat::Umpire), others.via(Seat::Umpire));
        assert_ne!(seats.via(Seat::Umpire), Name::local("Umpire"));
        let keys = Registry::<String>::unique("s");
        assert_ne!(keys.via("Umpire"), seats.via(Seat::Umpire));
    })
    .await;
}

// REG-007: with the name the process loses, and with the process the name, wherever it is taken back.
#[tokio::test(start_paused = true)]
async fn a_name_is_taken_back_from_either_side() {
    in_process(async {
        let seats = seats().await;
        let puppet = Puppet::new(&process::node());
        let name = seats.via(Seat::Umpire);
        process::register(name.clone(), puppet.pid()).unwrap();
        let again = process::register(name.clone(), puppet.pid());
        assert!(matches!(again, Err(RegisterError::NameTaken { pid, .. }) if pid == puppet.pid()));
        assert_eq!(puppet.info().names, std::slice::from_ref(&name));
        process::unregister(name.clone()).unwrap();
        assert_eq!(seats.lookup(&Seat::Umpire), []);
        assert_eq!((puppet.info().names, puppet.info().links), (vec![], vec![]));

        process::register(name.clone(), puppet.pid()).unwrap();
        let there = seats.clone();
        puppet.does(move |_| there.unregister(Seat::Umpire)).await;
        assert_eq!(process::whereis(name.clone()), None);
        assert_eq!(puppet.info().names, []);
        assert!(process::unregister(name).is_err());
        assert!(seats.is_empty());
    })
    .await;
}

// REG-006, REG-007, S83
#[tokio::test(start_paused = true)]
async fn a_server_that_crashes_is_restarted_under_its_key() {
    in_process(async {
        let seats = seats().await;
        let options = Lab::options().name(seats.via(Seat::Player(1)));
        for round in 0..3 {
            let server = options.clone().start(quiet()).await.unwrap();
            let named = ServerName::<Lab>::new(seats.via(Seat::Player(1)));
            assert_eq!(named.call(echo(round)).await, Ok(round));
            named.cast(crate::support::boom());
            server.wait().await;
            assert_eq!(seats.whereis(&Seat::Player(1)), None);
        }
        settle().await;
        assert!(seats.is_empty());
    })
    .await;
}

// REG-006, S83: its entries are processes linked with it.
#[tokio::test(start_paused = true)]
async fn a_registry_that_is_killed_takes_the_registered_processes_along() {
    let node = Node::new();
    let seats = Registry::<Seat>::unique("seats");
    let there = seats.clone();
    let registry = node.run(async move { there.start().await }).await;
    let registry = registry.unwrap().unwrap();
    let (plain, stranger) = (Puppet::new(&node), Puppet::new(&node));
    let trapping = Puppet::trapping(&node).await;
    node.register(seats.via(Seat::Player(1)), plain.pid())
        .unwrap();
    node.register(seats.via(Seat::Player(2)), trapping.pid())
        .unwrap();
    node.exit(registry, ExitReason::Shutdown);
    settle().await;
    assert!(
        node.is_alive(registry),
        "as a supervisor in OTP, it hears its parent only"
    );
    node.exit(registry, ExitReason::Kill);
    assert_eq!(plain.ended().await, ExitReason::Killed);
    assert_eq!(
        trapping.seen().await,
        [crate::puppet::Seen::Exit(Exit {
            from: registry,
            reason: ExitReason::Killed
        })]
    );
    assert!(stranger.is_alive());
    assert!(
        seats.is_empty(),
        "the one that traps exits is not found either"
    );

    // Started again, it is empty, and the old names find no process.
    let there = seats.clone();
    node.run(async move { there.start().await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(node.whereis(seats.via(Seat::Player(2))), None);
    node.register(seats.via(Seat::Player(2)), trapping.pid())
        .unwrap();
    assert_eq!(seats.count(), 1);
}

// REG-006
#[tokio::test(start_paused = true)]
async fn a_registry_that_stops_shuts_the_registered_processes_down() {
    in_process(async {
        let seats = seats().await;
        let (plain, trapping) = (
            Puppet::new(&process::node()),
            Puppet::trapping(&process::node()).await,
        );
        process::register(seats.via(Seat::Player(1)), plain.pid()).unwrap();
        process::register(seats.via(Seat::Player(2)), trapping.pid()).unwrap();
        let registry = seats.pid().unwrap();
        seats.stop().await.unwrap();
        assert_eq!(plain.ended().await, ExitReason::Shutdown);
        let once = crate::puppet::Seen::Exit(Exit {
            from: registry,
            reason: ExitReason::Shutdown,
        });
        assert_eq!(trapping.seen().await, [once]);
        trapping.ends(boom()).await;
        assert!(seats.stop().await.is_err());
    })
    .await;
}
