//! Tasks are killed, told to end and let go as they come to their values.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::task::TaskError;
use otp_core::{Task, process};

use crate::cast::{Heard, assert_alone, rest, settle, someone};

pub(super) async fn system(mut mailbox: Mailbox<Heard>) {
    mailbox.trap_exit(Heard::Exit);
    let works = || async {
        rest(3).await;
        7
    };
    let killed = Task::spawn(works());
    let victim = killed.pid().expect("it runs");
    someone(async move {
        rest(3).await;
        process::exit(victim, ExitReason::Kill);
    });
    let shut_down = Task::spawn(works());
    let mut looked_at = Task::spawn(works());

    let reason = ExitReason::Killed;
    let seen = killed.await;
    assert!(
        seen == Ok(7) || seen == Err(TaskError::Exited { reason }),
        "{seen:?}"
    );

    let left = shut_down.shutdown(Duration::from_secs(1)).await;
    assert!([None, Some(Ok(7))].contains(&left), "{left:?}");

    let value = loop {
        if let Some(value) = looked_at.wait(Duration::ZERO).await {
            break value;
        }
        rest(1).await;
    };
    assert_eq!(value, Ok(7));

    settle().await;
    // One that is told to shut down has been unlinked before.
    let mut from = Vec::new();
    while let Some(Heard::Exit(exit)) = mailbox.receive().timeout(Duration::ZERO).await {
        assert!(
            [ExitReason::Normal, ExitReason::Killed].contains(&exit.reason),
            "{exit:?}"
        );
        from.push(exit.from);
    }
    from.sort_unstable();
    from.dedup();
    assert!(from.len() >= 2, "not told of {} of them", 2 - from.len());
    assert_alone();
}
