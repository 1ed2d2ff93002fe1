//! A DOWN as a message: what it becomes, and how it is taken out of the mailbox again.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;

use crate::puppet::{Puppet, as_process, boom};

#[derive(Debug, PartialEq)]
enum Msg {
    Word(&'static str),
    Down(&'static str, ExitReason),
}

// MON-010
#[tokio::test(start_paused = true)]
async fn a_down_becomes_the_message_that_the_monitor_was_made_with() {
    as_process(|mut mailbox: Mailbox<Msg>| async move {
        let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
        let moved = String::from("owned by the closure");
        mailbox.monitor(&subject, |down| Msg::Down("a tag", down.reason));
        mailbox.monitor(&subject, move |down| {
            assert_eq!(moved, "owned by the closure");
            Msg::Down("another", down.reason)
        });
        let mut seen = vec![mailbox.receive().await, mailbox.receive().await];
        seen.sort_by_key(|msg| match msg {
            Msg::Down(tag, _) | Msg::Word(tag) => *tag,
        });
        assert_eq!(
            seen,
            [Msg::Down("a tag", boom()), Msg::Down("another", boom())]
        );
    })
    .await;
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_flush_finds_the_down_wherever_in_the_mailbox_it_stands() {
    /// What the watcher does between the DOWN's arrival and the flush.
    #[derive(Debug, Clone, Copy)]
    enum Meanwhile {
        Nothing,
        Receive,
        SelectiveReceive,
        SelectiveReceiveInVain,
    }

    as_process(|mut mailbox: Mailbox<Msg>| async move {
        for meanwhile in [
            Meanwhile::Nothing,
            Meanwhile::Receive,
            Meanwhile::SelectiveReceive,
            Meanwhile::SelectiveReceiveInVain,
        ] {
            let me = mailbox.me();
            let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
            let flushed = mailbox.monitor(&subject, |down| Msg::Down("flushed", down.reason));
            me.send(Msg::Word("first"));
            subject.wait().await;
            let kept = mailbox.monitor(&subject, |down| Msg::Down("kept", down.reason));
            me.send(Msg::Word("last"));
            let first = Msg::Word("first");
            match meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::Receive => assert_eq!(mailbox.receive().await, first),
                Meanwhile::SelectiveReceive => {
                    let last = mailbox.receive_match(|msg| *msg == Msg::Word("last")).await;
                    me.send(last);
                }
                Meanwhile::SelectiveReceiveInVain => {
                    let none = mailbox
                        .receive_match(|_| false)
                        .timeout(Duration::ZERO)
                        .await;
                    assert_eq!(none, None);
                }
            }
            assert!(!mailbox.demonitor_flush(flushed), "it has fired");
            if !matches!(meanwhile, Meanwhile::Receive) {
                assert_eq!(mailbox.receive().await, first);
            }
            assert_eq!(mailbox.len(), 2, "{meanwhile:?}");
            let expected = Msg::Down("kept", ExitReason::NoProcess);
            assert_eq!(mailbox.receive().await, expected, "{meanwhile:?}");
            assert_eq!(mailbox.receive().await, Msg::Word("last"), "{meanwhile:?}");
            assert!(!mailbox.demonitor_flush(kept), "it was received");
            assert!(mailbox.is_empty());
        }
    })
    .await;
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_selective_receive_finds_a_down_by_what_it_has_become() {
    as_process(|mut mailbox: Mailbox<Msg>| async move {
        let subject = process::spawn(|_: Mailbox<Never>| async { boom() });
        for name in ["one", "two", "three"] {
            mailbox.monitor(&subject, move |down| Msg::Down(name, down.reason));
        }
        mailbox.me().send(Msg::Word("word"));
        let two = mailbox
            .receive_match(|msg| matches!(msg, Msg::Down("two", _)))
            .await;
        assert_eq!(two, Msg::Down("two", boom()));
        assert_eq!(
            mailbox.receive_match(|msg| *msg == Msg::Word("word")).await,
            Msg::Word("word")
        );
        let mut left = Vec::new();
        while let Some(Msg::Down(name, _)) = mailbox.receive().timeout(Duration::ZERO).await {
            left.push(name);
        }
        left.sort_unstable();
        assert_eq!(left, ["one", "three"]);
    })
    .await;
}

// MON-006
#[tokio::test(start_paused = true)]
async fn a_demonitor_tells_whether_the_monitor_was_active() {
    let node = Node::new();
    let (watcher, subject) = (Puppet::new(&node), Puppet::new(&node));
    let (early, late) = (
        watcher.monitors(&subject).await,
        watcher.monitors(&subject).await,
    );
    assert!(
        watcher
            .does(move |mailbox| mailbox.demonitor_flush(early))
            .await
    );
    subject.ends(boom()).await;
    assert!(
        !watcher
            .does(move |mailbox| mailbox.demonitor_flush(late))
            .await
    );
}
