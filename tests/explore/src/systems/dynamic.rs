//! Children of a dynamic supervisor are terminated while they end by themselves.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::supervisor::TerminateChildError;

use crate::cast::{Heard, Log, assert_alone, boom, rest, settle, someone};

/// A child that is started again whenever it ends.
fn child() -> ChildSpec {
    let start = || async {
        let child = process::spawn_link(|mut mailbox: Mailbox<Never>| async move {
            mailbox.receive().await;
        });
        Ok::<_, ExitReason>(child.pid())
    };
    ChildSpec::worker("child", start)
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let supervisor = DynamicSupervisor::new().max_restarts(20, Duration::from_secs(1));
    let supervisor = supervisor.start_link().await.expect("it starts");
    let results = Log::new();
    for number in 0..4 {
        let started = supervisor
            .start_child(child())
            .await
            .expect("there is room");
        let pid = started.pid().expect("it runs");
        let (asked, results) = (supervisor.clone(), results.clone());
        someone(async move {
            rest(2).await;
            results.add(asked.terminate_child(pid).await);
        });
        someone(async move {
            rest(number).await;
            process::exit(pid, boom());
        });
    }
    settle().await;

    let results = results.take();
    assert_eq!(results.len(), 4, "somebody waits");
    // Either it was terminated, or another one had taken its place.
    let missing = results.iter().filter(|result| match result {
        Ok(()) => false,
        Err(TerminateChildError::NotAChild(_)) => true,
        Err(other) => panic!("{other}"),
    });
    let replaced = missing.count();
    let counts = supervisor.count_children().await.expect("it lives");
    assert_eq!((counts.specs, counts.active), (replaced, replaced));
    assert_eq!(process::node().processes().len(), replaced + 2);
    supervisor.stop().await.expect("it lives");
    assert_alone();
}
