//! Children that have unlinked themselves from their supervisor, which does not hear of their end.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

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
        // The supervisor has got no signal.
        assert_eq!(child(&visor, "loner").await.pid(), Some(pid));
        visor.stop().await.unwrap();
    })
    .await;
}

/// A server that reports its links when it terminates.
struct Witness(Probe<Vec<Pid>>);

#[gen_server]
impl GenServer for Witness {
    type Args = Probe<Vec<Pid>>;

    async fn init(
        probe: Probe<Vec<Pid>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        Ok(Init::state(Self(probe)))
    }

    async fn terminate(&mut self, _: &ExitReason, context: &mut Context<Self>) {
        let info = context.node().process_info(context.pid());
        self.0.report(info.expect("it runs").links);
    }
}

// SUP-043, DSU-008
#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_unlinks_whom_it_stops_and_a_supervisor_does_so_afterwards() {
    let probe = Probe::new();
    let seen = probe.clone();
    in_process(async move {
        let witness = ChildSpec::worker("witness", move || Witness::start_link(seen.clone()));
        let dynamic = DynamicSupervisor::new().start_link().await.unwrap();
        for _ in 0..2 {
            dynamic.start_child(witness.clone()).await.unwrap();
        }
        let fixed = Supervisor::new(Strategy::OneForOne).child(witness);
        let fixed = fixed.start_link().await.unwrap();

        let children = dynamic.which_children().await.unwrap();
        let first = children[0].pid().unwrap();
        dynamic.terminate_child(first).await.unwrap();
        dynamic.stop().await.unwrap();
        assert_eq!(probe.drain(), [[], []]);

        let visor = fixed.pid();
        fixed.stop().await.unwrap();
        assert_eq!(probe.drain(), [[visor]]);
    })
    .await;
}
