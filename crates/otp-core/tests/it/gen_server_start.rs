//! GenServer: how starts succeed, and what a server that starts owes its starter.

use std::time::Duration;

use otp_core::gen_server::{Address, Envelope, enter_loop};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::{
    Call, Event, Heard, Lab, Order, echo, in_process, lab, quiet, settle, stop, via, with_mailbox,
};

const AN_HOUR: Duration = Duration::from_secs(60 * 60);

// GST-001
#[tokio::test(start_paused = true)]
async fn start_returns_once_init_has_returned() {
    in_process(async {
        let probe = Probe::new();
        let (open, gate) = oneshot::channel();
        let mut starting = Box::pin(Lab::start(lab(&probe).gate(gate)));
        assert!(timeout(AN_HOUR, &mut starting).await.is_err());
        assert_eq!(probe.drain(), [Event::Init]);
        open.send(()).unwrap();
        let server = starting.await.unwrap();
        assert!(server.is_alive());
        assert_eq!(server.call(echo(7)).await, Ok(7));
    })
    .await;
}

// GST-006
#[tokio::test(start_paused = true)]
async fn a_taken_name_is_refused_with_its_holder_and_init_does_not_run() {
    in_process(async {
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let probe = Probe::new();
            let holder = Lab::options()
                .name(name.clone())
                .start(quiet())
                .await
                .unwrap();
            let again = Lab::options().name(name.clone()).start(lab(&probe)).await;
            assert_eq!(again, Err(StartError::AlreadyStarted(holder.pid())));
            let linked = Lab::options()
                .name(name.clone())
                .start_link(lab(&probe))
                .await;
            assert_eq!(linked, Err(StartError::AlreadyStarted(holder.pid())));
            assert_eq!(probe.drain(), []);
            assert_eq!(process::whereis(name), Some(holder.pid()));
            assert_eq!(holder.call(echo(1)).await, Ok(1));
        }
    })
    .await;
}

// GST-006
#[tokio::test(start_paused = true)]
async fn of_two_starts_under_one_name_the_second_finds_the_first_still_in_init() {
    in_process(async {
        let (open, gate) = oneshot::channel();
        let first = Lab::options().name("egg").start(quiet().gate(gate));
        let mut first = Box::pin(first);
        assert!(timeout(AN_HOUR, &mut first).await.is_err());
        let second = Lab::options().name("egg").start(quiet()).await;
        let holder = process::whereis("egg").unwrap();
        assert_eq!(second, Err(StartError::AlreadyStarted(holder)));
        open.send(()).unwrap();
        assert_eq!(first.await.unwrap().pid(), holder);
    })
    .await;
}

// NAM-007
#[tokio::test(start_paused = true)]
async fn the_empty_name_is_refused_before_anything_starts() {
    in_process(async {
        let probe = Probe::new();
        let refused = Lab::options().name("").start(lab(&probe)).await;
        assert!(matches!(refused, Err(StartError::Name(_))), "{refused:?}");
        assert_eq!(probe.drain(), []);
    })
    .await;
}

// GST-007
#[tokio::test(start_paused = true)]
async fn init_finds_its_own_name_registered() {
    in_process(async {
        for name in [Name::local("egg"), Name::global("egg"), via("egg")] {
            let (found, mut seen) = oneshot::channel();
            let mine = name.clone();
            let setup = quiet().init(move |lab, context| {
                found
                    .send((context.node().whereis(mine), context.pid()))
                    .unwrap();
                Ok(Init::state(lab))
            });
            let server = Lab::options().name(name).start(setup).await.unwrap();
            let (registered, own) = seen.try_recv().unwrap();
            assert_eq!(own, server.pid());
            assert_eq!(registered, Some(own));
        }
    })
    .await;
}

// GST-009
#[tokio::test(start_paused = true)]
async fn start_link_links_while_init_still_runs_and_start_does_not() {
    in_process(async {
        let me = process::current();
        for linked in [true, false] {
            let (links, mut seen) = oneshot::channel();
            let setup = quiet().init(move |lab, context| {
                let info = context.node().process_info(context.pid()).unwrap();
                links.send(info.links).unwrap();
                Ok(Init::state(lab))
            });
            let expected = if linked { vec![me] } else { vec![] };
            let server = match linked {
                true => Lab::start_link(setup).await.unwrap(),
                false => Lab::start(setup).await.unwrap(),
            };
            assert_eq!(seen.try_recv(), Ok(expected.clone()));
            let info = process::node().process_info(server.pid()).unwrap();
            assert_eq!(info.links, expected);
            assert_eq!(info.ancestors, [me]);
        }
    })
    .await;
}

// GST-009
#[tokio::test(start_paused = true)]
async fn a_starter_that_ends_during_init_takes_the_linked_server_along() {
    in_process(async {
        let probe = Probe::new();
        let (_open, gate) = oneshot::channel();
        let setup = lab(&probe).gate(gate);
        let starter = process::spawn(|_: Mailbox<Never>| async {
            let _ = Lab::options().name("egg").start_link(setup).await;
        });
        assert_eq!(probe.next().await, Event::Init);
        let server = process::whereis("egg").unwrap();
        process::exit(&starter, ExitReason::other("gone"));
        let reason = otp_core::test::ended(&process::node(), server).await;
        assert_eq!(reason, Some(ExitReason::other("gone")));
        assert_eq!(probe.drain(), []);
    })
    .await;
}

// GST-009
#[tokio::test(start_paused = true)]
async fn start_monitor_gives_the_server_and_its_monitor_in_one_step() {
    with_mailbox(|mut mailbox| async move {
        let (server, monitor) = Lab::start_monitor(quiet()).await.unwrap();
        mailbox.on_down(monitor, Heard::Down);
        assert_eq!(
            process::node()
                .process_info(server.pid())
                .unwrap()
                .monitored_by,
            [mailbox.pid()]
        );
        server.cast(stop(ExitReason::other("done")));
        assert_eq!(
            mailbox.receive().await,
            Heard::Down(Down {
                monitor,
                target: (&server).into(),
                reason: ExitReason::other("done"),
            })
        );
    })
    .await;
}

// GST-010
#[tokio::test(start_paused = true)]
async fn a_start_leaves_the_starters_messages_and_their_order_alone() {
    with_mailbox(|mut mailbox| async move {
        let me = mailbox.me();
        me.send(Heard::Note(1));
        let (open, gate) = oneshot::channel();
        let other = me.clone();
        let setup = quiet().gate(gate).init(move |lab, _| {
            other.send(Heard::Note(3));
            Ok(Init::state(lab))
        });
        process::spawn(move |_: Mailbox<Never>| async move {
            me.send(Heard::Note(2));
            open.send(()).unwrap();
        });
        Lab::start_link(setup).await.unwrap();
        mailbox.me().send(Heard::Note(4));
        for n in 1..=4 {
            assert_eq!(mailbox.receive().await, Heard::Note(n));
        }
        assert!(mailbox.is_empty());
    })
    .await;
}

// GST-013
#[tokio::test(start_paused = true)]
async fn a_process_may_acknowledge_early_and_enter_the_loop_under_its_own_name() {
    in_process(async {
        let probe = Probe::new();
        let (started, early) = oneshot::channel();
        let (open, gate) = oneshot::channel::<()>();
        let state = lab(&probe).state();
        let server: ServerRef<Lab> = process::spawn(|mailbox: Mailbox<Envelope<Lab>>| async move {
            process::register("egg", process::current()).unwrap();
            started.send(()).unwrap();
            gate.await.unwrap();
            let first = Next::Continue(Order::Note(1));
            enter_loop(mailbox, state, first, Some("egg".into())).await
        })
        .into();
        early.await.unwrap();
        let request = ServerName::<Lab>::new("egg").send_request(echo(2));
        settle().await;
        assert_eq!(probe.drain(), []);
        open.send(()).unwrap();
        assert_eq!(request.await, Ok(2));
        assert_eq!(probe.drain(), [Event::Continue(1), Event::Call(2)]);
        server
            .stop_with(ExitReason::other("done"))
            .timeout(AN_HOUR)
            .await
            .unwrap();
        assert_eq!(probe.drain(), [Event::Terminate(ExitReason::other("done"))]);
    })
    .await;
}

// GST-013
#[tokio::test(start_paused = true)]
async fn the_loop_refuses_a_name_that_is_not_the_process_s_own() {
    in_process(async {
        let holder = Lab::options().name("egg").start(quiet()).await.unwrap();
        for name in ["egg", "nobody"] {
            let probe = Probe::new();
            let state = lab(&probe).state();
            let process = process::spawn(move |mailbox: Mailbox<Envelope<Lab>>| {
                enter_loop(mailbox, state, Next::NoReply, Some(name.into()))
            });
            let server = ServerRef::from(process.clone());
            let request = server.send_request(Call::Keep);
            let reason = process.wait().await;
            assert_eq!(
                reason.to_string(),
                format!("process {} is not registered as {name}", process.pid())
            );
            assert_eq!(
                request.await,
                Err(CallError::Exited {
                    server: Address::Pid(process.pid()),
                    reason,
                })
            );
            assert_eq!(probe.drain(), []);
        }
        assert!(holder.is_alive());
    })
    .await;
}

// GST-001
#[tokio::test(start_paused = true)]
async fn a_server_can_be_started_on_a_node_from_outside_of_it() {
    let node = Node::new();
    let server = Lab::options()
        .on(&node)
        .name("egg")
        .start(quiet())
        .await
        .unwrap();
    assert_eq!(node.whereis("egg"), Some(server.pid()));
    let by_name = ServerName::<Lab>::new("egg").on(&node);
    assert_eq!(by_name.call(echo(3)).await, Ok(3));
    assert_eq!(node.process_info(server.pid()).unwrap().ancestors, []);
}
