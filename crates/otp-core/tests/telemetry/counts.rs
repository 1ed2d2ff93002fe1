//! What a node counts: the restarts of all supervisors, and the time of polls of which not all are timed.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process::{self, Callback};
use otp_core::{ChildSpec, DynamicSupervisor, Strategy, Supervisor};

struct Idle;

#[gen_server]
impl GenServer for Idle {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

#[tokio::test]
async fn a_node_counts_the_restarts_of_all_supervisors() {
    let ran = Node::new().run(async {
        let node = process::node();
        let idle = || ChildSpec::worker("idle", || Idle::start_link(()));
        let fixed = Supervisor::new(Strategy::OneForOne).child(idle());
        let fixed = fixed.start_link().await.expect("it starts");
        let dynamic = DynamicSupervisor::new()
            .start_link()
            .await
            .expect("it starts");
        dynamic.start_child(idle()).await.expect("it starts");
        assert_eq!(node.totals().restarts, 0);
        let first = fixed.which_child("idle").await.expect("it answers");
        let first = first.and_then(|child| child.pid()).expect("it lives");
        let second = dynamic.which_children().await.expect("it answers");
        let second = second[0].pid().expect("it lives");
        for (killed, restarts) in [(first, 1), (second, 2)] {
            process::exit(killed, ExitReason::Kill);
            while node.totals().restarts < restarts {
                tokio::task::yield_now().await;
            }
        }
        fixed.terminate_child("idle").await.expect("it ends");
        fixed.restart_child("idle").await.expect("it starts");
        assert_eq!(node.totals().restarts, 2, "that one was asked for");
    });
    ran.await.expect("nothing fails");
}

/// A server that blocks its thread until it is told to go on.
struct Blocker(std::sync::mpsc::Receiver<()>);

#[gen_server]
impl GenServer for Blocker {
    type Args = std::sync::mpsc::Receiver<()>;
    type Cast = ();

    async fn init(go_on: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(go_on)))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        self.0.recv().expect("it may go on");
        Next::NoReply
    }
}

/// Of several polls one is timed, and each shows for how long it runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_blocks_its_thread_is_seen_in_each_poll() {
    let ran = Node::new().run(async {
        let _observation = process::node().observe();
        let (let_go, go_on) = std::sync::mpsc::channel();
        let blocker = Blocker::start_link(go_on).await.expect("it starts");
        let mut look = tokio::time::interval(Duration::from_millis(1));
        for handled in 0..20 {
            blocker.cast(());
            let long = Duration::from_millis(15);
            loop {
                let seen = process::node().process_info(blocker.pid());
                let seen = seen.and_then(|info| info.activity).expect("it counts");
                if let (Some(running), Some((callback, time))) = (seen.running, seen.callback)
                    && running > long
                    && seen.handled == handled
                {
                    assert_eq!(callback, Callback::HandleCast);
                    assert!(time > long, "{seen:?}");
                    break;
                }
                look.tick().await;
            }
            let_go.send(()).expect("it waits");
        }
    });
    ran.await.expect("nothing fails");
}
