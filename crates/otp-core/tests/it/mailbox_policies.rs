//! Mailboxes with a limit that drop messages.

use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{MailboxLimit, process};

use crate::collector::collect;
use crate::mailbox_rooms::busy;
use crate::support::{Event, Order, echo, in_process, settle};

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_may_drop_the_newest() {
    let (reports, _guard) = collect();
    in_process(async move {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::drop_newest(2)).await;
        for n in 0..5 {
            assert!(server.try_cast(Order::Note(n)).is_ok(), "it counts as sent");
        }
        // A caller that waits for an answer gets the error.
        let call = server.call(echo(9)).await;
        assert!(matches!(
            call,
            Err(CallError::MailboxFull { messages: 2, .. })
        ));
        let info = process::node()
            .process_info(server.pid())
            .expect("it lives");
        assert_eq!((info.message_queue_len, info.messages_lost), (2, 4));
        drop(open);
        settle().await;
        assert_eq!(probe.drain()[1..], [Event::Cast(0), Event::Cast(1)]);
        let [report] = <[_; 1]>::try_from(reports.take()).expect("one report");
        assert!(report.text().ends_with("more are dropped"), "{report:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_may_drop_the_oldest_but_no_signal() {
    let (reports, _guard) = collect();
    in_process(async move {
        let probe = Probe::new();
        let (server, open) = busy(&probe, MailboxLimit::drop_oldest(3)).await;
        let stopping = {
            let server = server.clone();
            process::spawn(|_: Mailbox<Never>| async move {
                server.stop().await.expect("it lives");
            })
        };
        settle().await;
        let late = server.send_request(echo(1));
        for n in 0..5 {
            assert!(server.try_cast(Order::Note(n)).is_ok());
        }
        assert!(matches!(late.await, Err(CallError::ReplyDropped { .. })));
        let info = process::node()
            .process_info(server.pid())
            .expect("it lives");
        assert_eq!((info.message_queue_len, info.messages_lost), (3, 4));
        drop(open);
        assert_eq!(stopping.wait().await, ExitReason::Normal);
        // The order to stop was there first, and has stayed there.
        assert_eq!(probe.drain()[1..], [Event::Terminate(ExitReason::Normal)]);
        assert_eq!(reports.take().len(), 1);

        let (server, open) = busy(&probe, MailboxLimit::drop_oldest(3)).await;
        for n in 0..5 {
            server.cast(Order::Note(n));
        }
        drop(open);
        settle().await;
        let kept = [Event::Cast(2), Event::Cast(3), Event::Cast(4)];
        assert_eq!(probe.drain()[1..], kept);
    })
    .await;
}
