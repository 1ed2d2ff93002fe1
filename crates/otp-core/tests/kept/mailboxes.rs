//! Mailboxes that have left their process, and limits that are used up by promises.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::test::idle;
use otp_core::{MailboxLimit, TimeLimit, process};
use tokio::sync::oneshot;

/// The mailbox of a process, which does nothing.
async fn lent() -> (ProcessRef<u32>, Mailbox<u32>) {
    let (lend, lent) = oneshot::channel();
    let owner = process::spawn(|mailbox: Mailbox<u32>| async move {
        let _ = lend.send(mailbox);
        pending::<()>().await;
    });
    (owner, lent.await.expect("it is lent"))
}

#[otp_core::test]
async fn one_that_has_left_its_process_answers_that_it_is_closed() {
    for limit in [
        TimeLimit::Infinity,
        Duration::MAX.into(),
        Duration::from_secs(3600).into(),
        Duration::ZERO.into(),
    ] {
        let (owner, mut mailbox) = lent().await;
        process::exit(&owner, ExitReason::Kill);
        owner.wait().await;
        assert!(mailbox.is_closed());
        assert_eq!(mailbox.receive().timeout(limit).await, None);
        assert_eq!(mailbox.receive_match(|_| true).timeout(limit).await, None);
    }
}

#[otp_core::test]
async fn one_that_waits_in_another_task_is_told_of_the_end() {
    for selective in [false, true] {
        let (owner, mut mailbox) = lent().await;
        // Neither a process nor one of its futures.
        #[expect(clippy::disallowed_methods, reason = "the mailbox is in no process")]
        let received = tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                let next = match selective {
                    true => {
                        let wanted = mailbox.receive_match(|n| *n > 1);
                        wanted.timeout(TimeLimit::Infinity).await
                    }
                    false => mailbox.receive().timeout(TimeLimit::Infinity).await,
                };
                match next {
                    Some(message) => all.push(message),
                    None => return all,
                }
            }
        });
        for n in 1..=3 {
            owner.send(n);
            idle().await;
        }
        process::exit(&owner, ExitReason::Shutdown);
        let all = received.await.expect("it does not panic");
        assert_eq!(all, if selective { vec![2, 3] } else { vec![1, 2, 3] });
    }
}

#[otp_core::test]
async fn the_oldest_gives_way_and_reserved_room_does_not() {
    let (owner, mut mailbox) = lent().await;
    mailbox.set_limit(Some(MailboxLimit::drop_oldest(2)));
    let first = owner.reserve().await.expect("there is room");
    owner.send(1);
    // The one message gives way, as often as another comes.
    assert_eq!(owner.try_send(2), Ok(()));
    assert_eq!(owner.try_send(3), Ok(()));
    assert_eq!(mailbox.receive().await, 3);

    let second = owner.reserve().await.expect("there is room");
    assert_eq!(owner.try_send(4), Err(4), "both places are promised");
    owner.send(5);
    assert!(mailbox.is_empty());
    let info = process::node().process_info(owner.pid());
    assert_eq!(info.map(|info| info.messages_lost), Some(4));

    // The promises are kept, and what they have sent may be the oldest.
    assert_eq!((first.send(6), second.send(7)), (Ok(()), Ok(())));
    assert_eq!(owner.try_send(8), Ok(()));
    assert_eq!((mailbox.receive().await, mailbox.receive().await), (7, 8));
}
