//! Children that have unlinked themselves from their supervisor, which does not hear of their end.

use otp_core::prelude::*;
use otp_core::process;

use crate::support::in_process;
use crate::troupe::{child, rest};

/// A child that unlinks itself, and ends when it gets a message.
fn loner() -> ChildSpec {
    ChildSpec::worker("loner", || {
        let visor = process::current();
        async move {
            process::spawn_link(move |mut mailbox: Mailbox<()>| async move {
                mailbox.unlink(visor);
                mailbox.receive().await;
            })
        }
    })
}

// SUP-037
#[tokio::test(start_paused = true)]
async fn a_child_that_has_ended_unseen_is_not_counted_as_active() {
    in_process(async {
        let supervisor = Supervisor::new(Strategy::OneForOne).child(loner());
        let visor = supervisor.start_link().await.unwrap();
        rest().await;
        assert_eq!(visor.count_children().await.unwrap().active, 1);

        let pid = child(&visor, "loner").await.pid().unwrap();
        let loner = process::node().process_ref::<()>(pid).unwrap();
        loner.send(());
        loner.wait().await;
        let counts = visor.count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active, counts.workers), (1, 0, 1));
        // Nobody has told the supervisor.
        assert_eq!(child(&visor, "loner").await.pid(), Some(pid));
        visor.stop().await.unwrap();
    })
    .await;
}
