//! sys: a server that is suspended, and what it still does.

use std::time::Duration;

use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{process, sys};
use tokio::time::Instant;

use crate::support::{Heard, in_process, settle, with_mailbox};
use crate::sys::{Call, Cast, Did, IDLE, Tally, tally, total, with_total};

// SYS-004
#[tokio::test(start_paused = true)]
async fn a_suspended_server_leaves_messages_in_its_mailbox_until_it_is_resumed() {
    in_process(async {
        let (server, probe) = tally().await;
        sys::suspend(&server).await.unwrap();
        server.cast(Cast::Add(1));
        server.send(2);
        server.cast(Cast::Add(3));
        let call = server.call(Call::Total).await;
        assert!(matches!(call, Err(CallError::Timeout { .. })), "{call:?}");
        assert_eq!(probe.drain(), []);
        let info = process::node().process_info(server.pid()).unwrap();
        assert_eq!(info.message_queue_len, 4);
        assert_eq!(total(&server).await, Ok(0), "asked behind the messages");

        sys::resume(&server).await.unwrap();
        assert_eq!(server.call(Call::Total).await, Ok(6));
        assert_eq!(probe.drain(), [Did::Add(1), Did::Add(2), Did::Add(3)]);
    })
    .await;
}

// SYS-004
#[tokio::test(start_paused = true)]
async fn a_suspended_server_still_obeys_stop_its_parent_and_kill() {
    with_mailbox(|mut mailbox| async move {
        mailbox.trap_exit(Heard::Exit);
        let ended = |process: &ServerRef<Tally>, reason| {
            Heard::Exit(Exit {
                from: process.pid(),
                reason,
            })
        };
        let suspended = || async {
            let probe = Probe::new();
            let server = Tally::start_link(probe.clone()).await.unwrap();
            sys::suspend(&server).await.unwrap();
            server.cast(Cast::Add(1));
            (server, probe)
        };

        let (server, probe) = suspended().await;
        assert_eq!(server.stop().await, Ok(()));
        assert_eq!(probe.drain(), [Did::Terminate(ExitReason::Normal)]);
        assert_eq!(mailbox.receive().await, ended(&server, ExitReason::Normal));

        let (server, probe) = suspended().await;
        process::exit(&server, ExitReason::Shutdown);
        assert_eq!(
            mailbox.receive().await,
            ended(&server, ExitReason::Shutdown)
        );
        assert_eq!(probe.drain(), [Did::Terminate(ExitReason::Shutdown)]);

        let (server, probe) = suspended().await;
        process::exit(&server, ExitReason::Kill);
        assert_eq!(mailbox.receive().await, ended(&server, ExitReason::Killed));
        assert_eq!(probe.drain(), []);
    })
    .await;
}

// SYS-004
#[tokio::test(start_paused = true)]
async fn the_exit_of_another_process_waits_until_a_server_is_resumed() {
    in_process(async {
        let (server, probe) = tally().await;
        sys::suspend(&server).await.unwrap();
        let other = ExitReason::other("other");
        process::exit(&server, other.clone());
        settle().await;
        assert!(server.is_alive());
        assert_eq!(probe.drain(), []);
        sys::resume(&server).await.unwrap();
        assert_eq!(probe.next().await, Did::Exit(other));
    })
    .await;
}

// SYS-004
#[tokio::test(start_paused = true)]
async fn a_wait_with_a_limit_begins_afresh_after_a_system_request() {
    in_process(async {
        let (server, probe) = tally().await;
        server.cast(Cast::AddAndWait(1));
        assert_eq!(probe.next().await, Did::Add(1));
        tokio::time::sleep(IDLE * 2 / 3).await;
        assert_eq!(total(&server).await, Ok(1));
        let asked = Instant::now();
        assert_eq!(probe.next().await, Did::Timeout);
        assert_eq!(asked.elapsed(), IDLE);

        server.cast(Cast::AddAndWait(1));
        assert_eq!(probe.next().await, Did::Add(1));
        sys::suspend(&server).await.unwrap();
        tokio::time::sleep(IDLE * 10).await;
        assert_eq!(probe.drain(), [], "suspended, it does not time out");
        sys::resume(&server).await.unwrap();
        let resumed = Instant::now();
        assert_eq!(probe.next().await, Did::Timeout);
        assert_eq!(resumed.elapsed(), IDLE);
        settle().await;
        assert_eq!(probe.drain(), [], "the limit was for that wait only");
    })
    .await;
}

// SYS-004
#[tokio::test(start_paused = true)]
async fn a_call_given_up_by_a_suspended_server_fails_at_once() {
    in_process(async {
        let (server, _) = tally().await;
        let mut kept = server.send_request(Call::Keep);
        assert!(kept.wait(IDLE).await.is_none());
        sys::suspend(&server).await.unwrap();
        // The former state is unwanted: it is dropped in the server.
        let none = Duration::ZERO;
        let empty = |tally: &Tally| with_total(tally, 0);
        let replaced = sys::replace_state(&server, empty).timeout(none).await;
        assert!(replaced.is_err());
        let dropped = CallError::ReplyDropped {
            server: Address::Pid(server.pid()),
        };
        assert_eq!(kept.wait(IDLE).await, Some(Err(dropped)));
    })
    .await;
}

// SYS-005
#[tokio::test(start_paused = true)]
async fn to_suspend_or_resume_twice_is_the_same_as_once() {
    in_process(async {
        let (server, probe) = tally().await;
        assert_eq!(sys::resume(&server).await, Ok(()));
        assert_eq!(sys::suspend(&server).await, Ok(()));
        assert_eq!(sys::suspend(&server).await, Ok(()));
        server.cast(Cast::Add(1));
        settle().await;
        assert_eq!(probe.drain(), []);
        assert_eq!(sys::resume(&server).await, Ok(()));
        assert_eq!(probe.next().await, Did::Add(1));
        assert_eq!(sys::resume(&server).await, Ok(()));
        assert_eq!(server.call(Call::Total).await, Ok(1));
    })
    .await;
}
