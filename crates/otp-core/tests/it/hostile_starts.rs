//! A start function that never returns, and a supervisor that waits for it.

use std::future::pending;
use std::time::Duration;

use otp_core::gen_server::Address;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{SupervisorRef, process};

use crate::support::{in_process, settle};

fn hangs() -> ChildSpec {
    ChildSpec::worker("hangs", pending::<ProcessRef<Never>>)
}

/// A supervisor that has a limit to be stopped in, and its own supervisor.
async fn stage() -> (SupervisorRef, SupervisorRef) {
    let inner = ChildSpec::supervisor("inner", || {
        Supervisor::new(Strategy::OneForOne)
            .name("inner")
            .start_link()
    });
    let inner = inner.shutdown(Shutdown::Within(Duration::from_secs(30)));
    let outer = Supervisor::new(Strategy::OneForOne).child(inner);
    let outer = outer.start().await.expect("its child starts");
    let inner = SupervisorRef::find(&process::node(), "inner").expect("it runs");
    (outer, inner)
}

// As on the BEAM, where all of them wait without a limit and end with it.
#[tokio::test(start_paused = true)]
async fn who_asks_a_supervisor_that_waits_for_a_start_waits_until_it_is_killed() {
    in_process(async {
        let (outer, inner) = stage().await;
        let asked = inner.clone();
        let start = process::spawn(move |_: Mailbox<Never>| async move {
            let answer = asked.start_child(hangs()).await;
            assert!(
                matches!(answer, Err(StartChildError::Call(_))),
                "{answer:?}"
            );
        });
        let asked = inner.clone();
        let look = process::spawn(move |_: Mailbox<Never>| async move {
            asked.which_children().await.map(drop)
        });
        for _ in 0..100 {
            settle().await;
        }
        assert!(start.is_alive() && look.is_alive() && inner.is_alive());

        // Its supervisor waits for as long as the specification says, and then waits no more.
        assert_eq!(outer.terminate_child("inner").await, Ok(()));
        assert_eq!(inner.wait().await, ExitReason::Killed);
        let killed = CallError::Exited {
            server: Address::Pid(inner.pid()),
            reason: ExitReason::Killed,
        };
        assert_eq!(start.wait().await, ExitReason::Normal);
        let ended = look.wait().await;
        assert_eq!(ended.downcast_error(), Some(&killed));
        outer.stop().await.unwrap();
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_child_that_hangs_as_it_starts_does_not_outlive_the_stop_of_the_tree() {
    in_process(async {
        let (outer, inner) = stage().await;
        process::spawn(move |_: Mailbox<Never>| async move {
            inner.start_child(hangs()).await.map(drop)
        });
        settle().await;
        assert_eq!(outer.stop().await, Ok(()));
        settle().await;
        assert_eq!(process::node().processes(), [process::current()]);
    })
    .await;
}
