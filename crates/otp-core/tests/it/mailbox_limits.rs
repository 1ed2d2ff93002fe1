//! Mailboxes with a limit: what gets in, what does not, and who is told.

use otp_core::prelude::*;
use otp_core::test::{Probe, reports};
use otp_core::{MailboxLimit, process};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Level;

use crate::collector::collect;
use crate::support::{Event, Gate, Lab, Order, echo, in_process, lab, quiet, settle};

/// A server that is busy until what comes with it is dropped.
async fn busy(probe: &Probe<Event>, limit: MailboxLimit) -> (ServerRef<Lab>, oneshot::Sender<()>) {
    let options = Lab::options().mailbox_limit(limit);
    let server = options
        .start(lab(probe))
        .await
        .expect("its init cannot fail");
    let (open, gate): (_, Gate) = oneshot::channel();
    server.cast(Order::Hold(gate));
    settle().await;
    (server, open)
}

/// Messages that wait in the server's mailbox.
fn waiting(server: &ServerRef<Lab>) -> usize {
    let info = process::node().process_info(server.pid());
    info.expect("it lives").message_queue_len
}

#[tokio::test(start_paused = true)]
async fn what_a_full_mailbox_refuses_is_lost_and_the_rest_keeps_its_order() {
    in_process(async {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::refuse(3)).await;
        for n in 0..5 {
            server.cast(Order::Note(n));
            server.send(Order::Note(10 + n));
        }
        assert_eq!(waiting(&server), 3);
        drop(open);
        settle().await;
        let heard = [Event::Cast(0), Event::Message(10), Event::Cast(1)];
        assert_eq!(probe.drain()[1..], heard);
        // There is room again.
        assert_eq!(server.call(echo(7)).await, Ok(7));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_to_a_full_mailbox_fails_at_once_and_has_not_reached_the_server() {
    in_process(async {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::refuse(1)).await;
        server.cast(Order::Note(1));
        let begun = Instant::now();
        let error = server.call(echo(2)).await.unwrap_err();
        assert_eq!(begun.elapsed().as_nanos(), 0);
        let text = format!("the mailbox of {} is full with 1 messages", server.pid());
        assert_eq!(error.to_string(), text);
        let sent = server.send_request(echo(3));
        assert!(matches!(
            sent.await,
            Err(CallError::MailboxFull { messages: 1, .. })
        ));
        drop(open);
        settle().await;
        assert_eq!(server.call(echo(4)).await, Ok(4));
        assert_eq!(probe.drain()[1..], [Event::Cast(1), Event::Call(4)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn signals_system_requests_and_orders_to_stop_get_into_a_full_mailbox() {
    in_process(async {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::refuse(1)).await;
        server.cast(Order::Note(1));
        let stopped = server.stop_with(ExitReason::Shutdown);
        let status = otp_core::sys::get_status(&server);
        let (stopped, status, ()) = tokio::join!(stopped, status, async { drop(open) });
        assert_eq!(stopped, Ok(()));
        // It had stopped by the time that this request's turn came.
        assert!(status.is_err());
        assert!(probe.drain().contains(&Event::Cast(1)));

        let (server, _open) = busy(&probe, MailboxLimit::refuse(1)).await;
        server.cast(Order::Note(2));
        process::exit(&server, ExitReason::Kill);
        assert_eq!(server.wait().await, ExitReason::Killed);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_first_refusal_is_reported_and_the_next_one_only_after_the_mailbox_was_empty() {
    let (reports, _guard) = collect();
    in_process(async move {
        let (server, open) = busy(&Probe::new(), MailboxLimit::refuse(2)).await;
        for n in 0..100 {
            server.cast(Order::Note(n));
        }
        let [report] = <[_; 1]>::try_from(reports.take()).expect("one report");
        assert_eq!((report.level, report.kind()), (Level::WARN, "mailbox"));
        let text = format!(
            "The mailbox of {} is full with 2 messages; more are refused",
            server.pid()
        );
        assert_eq!(report.text(), text);

        drop(open);
        settle().await;
        let (_open, gate): (_, Gate) = oneshot::channel();
        server.cast(Order::Hold(gate));
        settle().await;
        for n in 0..100 {
            server.cast(Order::Note(n));
        }
        assert_eq!(reports.take().len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_kills_ends_its_process_and_says_so() {
    let (reports, _guard) = collect();
    in_process(async move {
        let (server, _open) = busy(&Probe::new(), MailboxLimit::kill(2)).await;
        for n in 0..3 {
            assert!(server.is_alive(), "{n}");
            server.cast(Order::Note(n));
        }
        assert!(!server.is_alive());
        assert_eq!(server.wait().await, ExitReason::Killed);
        let [report] = <[_; 1]>::try_from(reports.take()).expect("one report");
        assert_eq!((report.level, report.kind()), (Level::ERROR, "mailbox"));
        assert_eq!(report.field("messages"), Some("2"));
    })
    .await;
}

#[otp_core::test(reports)]
async fn a_mailbox_that_ends_its_process_is_no_failure() {
    let (server, _open) = busy(&Probe::new(), MailboxLimit::end(2)).await;
    let full = || {
        for n in 0..3 {
            assert!(server.is_alive(), "{n}");
            server.cast(Order::Note(n));
        }
        assert!(!server.is_alive());
    };
    full();
    assert_eq!(server.wait().await, ExitReason::Shutdown);
    let [report] = &reports().take()[..] else {
        panic!("there is one report")
    };
    assert_eq!((report.level(), report.kind()), (Level::INFO, "mailbox"));

    // Also if it traps exits, and a linked process gets its EXIT.
    let told = process::node().run_with(|mut mailbox: Mailbox<ExitReason>| async move {
        mailbox.trap_exit(|exit| exit.reason);
        let slow = process::spawn_link(|mut mailbox: Mailbox<u8>| async move {
            mailbox.trap_exit(|_| 0);
            mailbox.set_limit(Some(MailboxLimit::end(1)));
            std::future::pending::<()>().await;
        });
        otp_core::test::idle().await;
        slow.send(1);
        slow.send(2);
        mailbox.receive().await
    });
    assert_eq!(told.await, Ok(ExitReason::Shutdown));
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_nothing_is_a_limit_of_one() {
    in_process(async {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::refuse(0)).await;
        server.cast(Order::Note(1));
        server.cast(Order::Note(2));
        drop(open);
        settle().await;
        assert_eq!(probe.drain()[1..], [Event::Cast(1)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_raw_process_limits_its_own_mailbox_and_its_senders_get_their_messages_back() {
    let run = Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
        let me = mailbox.me();
        mailbox.set_limit(Some(MailboxLimit::refuse(2)));
        assert_eq!(me.try_send(1), Ok(()));
        assert_eq!(me.try_send(2), Ok(()));
        assert_eq!(me.try_send(3), Err(3));
        assert_eq!(mailbox.receive().await, 1);
        assert_eq!(me.try_send(4), Ok(()));
        assert_eq!(me.try_send(5), Err(5));
        mailbox.set_limit(None);
        assert_eq!(me.try_send(6), Ok(()));
        for expected in [2, 4, 6] {
            assert_eq!(mailbox.receive().await, expected);
        }
    });
    assert_eq!(run.await, Ok(()));
}

#[test]
fn a_flood_from_four_threads_never_exceeds_the_limit() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    let run = Node::new().run(async {
        let limit = MailboxLimit::refuse(100);
        let server = Lab::options().mailbox_limit(limit).start(quiet()).await;
        let server = server.unwrap();
        let flooders: Vec<_> = (0..4)
            .map(|_| {
                let server = server.clone();
                process::spawn(|_: Mailbox<Never>| async move {
                    for n in 0..20_000 {
                        server.cast(Order::Note(n));
                        if n % 100 == 0 {
                            let waiting = waiting(&server);
                            assert!(
                                waiting <= 101,
                                "100 that wait and one that is taken up: {waiting}"
                            );
                            tokio::task::yield_now().await;
                        }
                    }
                })
            })
            .collect();
        for flooder in flooders {
            assert_eq!(flooder.wait().await, ExitReason::Normal);
        }
        // The last ones may still be there: then this one does not get in.
        while server.call(echo(1)).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    runtime.block_on(run).unwrap();
}
