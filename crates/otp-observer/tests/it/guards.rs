//! Guards in the tree.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp_core::guard::{Backoff, Guard};
use otp_core::prelude::*;
use otp_core::{ChildSpec, Node, Strategy, Supervisor, process};
use otp_observer::Options;

use crate::client::Client;
use crate::looks::find;

struct Idle;

#[gen_server]
impl GenServer for Idle {
    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }
}

#[tokio::test]
async fn the_tree_shows_a_guard_that_waits_and_its_restarts() {
    let ran = Node::new().run(async {
        let child = ChildSpec::worker("vault", || Idle::start_link(()));
        let hour = Duration::from_secs(3_600);
        let backoff = Backoff::constant(hour);
        let guarded = child.guarded(Guard::new().backoff(backoff));
        let tree = Supervisor::new(Strategy::OneForOne).child(guarded).child(
            ChildSpec::worker("quick", || Idle::start_link(()))
                .guarded(Guard::new().backoff(Backoff::constant(Duration::ZERO))),
        );
        let tree = tree.start_link().await.expect("it starts");
        tree.await_ready().await.expect("they run");
        let node = process::node();
        for id in ["vault", "quick"] {
            let guard = tree.which_child(id).await.expect("it answers");
            let guard = guard.and_then(|child| child.pid()).expect("it lives");
            let child = otp_core::guard::ready(guard).await.expect("it runs");
            process::exit(child, ExitReason::Kill);
        }
        let client = Client::of(&node, Options::new()).await;
        let seen = client.until("view=tree", |seen| {
            let vault = find(&seen["roots"], "vault")?;
            let quick = find(&seen["roots"], "quick")?;
            (vault["guard"]["left"].is_u64() && quick["guard"]["restarts"] == 1)
                .then(|| vault["guard"].clone())
        });
        let waits = seen.await;
        assert_eq!(waits["restarts"], 0);
        assert!(
            waits["left"]
                .as_u64()
                .is_some_and(|left| (3_000..=3_601).contains(&left))
        );
        assert_eq!(node.totals().restarts, 1);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn the_tree_shows_whom_a_guard_waits_for() {
    let ran = Node::new().run(async {
        let (me, is_first) = (process::current(), AtomicBool::new(true));
        let child = ChildSpec::worker("idle", move || {
            let is_first = is_first.swap(false, Ordering::SeqCst);
            async move {
                // The name is taken at the restart.
                if !is_first {
                    process::register("idle", me).expect("the former server has ended");
                }
                Idle::options().name("idle").start_link(()).await
            }
        });
        let child = child.backoff(Backoff::constant(Duration::ZERO));
        let crowd = DynamicSupervisor::new().name("crowd").start_link().await;
        let (crowd, idle) = (crowd.expect("it starts"), ServerName::<Idle>::new("idle"));
        let idle = crowd.ensure_started(&idle, child).await;
        process::exit(idle.expect("it starts"), ExitReason::Kill);
        let client = Client::of(&process::node(), Options::new()).await;
        let seen = client.until("view=tree", |seen| {
            let crowd = find(&seen["roots"], "crowd")?;
            crowd["below"][0]["guard"]["holder"]
                .as_str()
                .map(str::to_owned)
        });
        assert_eq!(seen.await, me.to_string());
    });
    ran.await.expect("nothing fails");
}
