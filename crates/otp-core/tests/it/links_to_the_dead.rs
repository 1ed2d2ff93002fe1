//! A link to a process that does not live.

use std::panic::{AssertUnwindSafe, catch_unwind};

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::Puppet;
use crate::support::{Event, Lab, act, in_process, lab};

// LNK-008, EXR-006: an error, as long as the process does not trap exits.
#[tokio::test(start_paused = true)]
async fn a_link_to_a_dead_process_is_an_error_that_can_be_caught() {
    in_process(async {
        let dead = Puppet::new(&process::node());
        dead.ends(ExitReason::Normal).await;
        let to = dead.pid();

        let uncaught = process::spawn(move |mailbox: Mailbox<Never>| async move {
            mailbox.link(to);
            ExitReason::other("went on")
        });
        assert_eq!(uncaught.wait().await, ExitReason::NoProcess);

        let caught = process::spawn(move |_: Mailbox<Never>| async move {
            let linked = catch_unwind(AssertUnwindSafe(|| process::link(to)));
            let reason = process::caught(linked.expect_err("it is dead"));
            assert_eq!(reason, ExitReason::NoProcess);
            tokio::task::yield_now().await;
            ExitReason::other("went on")
        });
        assert_eq!(caught.wait().await, ExitReason::other("went on"));

        let events = Probe::new();
        let server = Lab::start(lab(&events)).await.unwrap();
        server.cast(act(move |_, context| {
            context.link(to);
            Next::NoReply
        }));
        assert_eq!(server.wait().await, ExitReason::NoProcess);
        let terminated = Event::Terminate(ExitReason::NoProcess);
        assert_eq!(events.drain(), [Event::Init, terminated]);
    })
    .await;
}
