//! Several processes of a supervision tree fail at a time.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::supervisor::ChildInfo;
use otp_core::{SupervisorRef, process};

use crate::cast::{Heard, assert_alone, boom, rest, settle, someone};

struct Leaf;

#[gen_server]
impl GenServer for Leaf {
    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        rest(1).await;
        Ok(Init::state(Self))
    }

    async fn terminate(&mut self, _: &ExitReason, _: &mut Context<Self>) {
        rest(1).await;
    }
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn leaf(name: &'static str) -> ChildSpec {
    ChildSpec::worker(name, move || Leaf::options().name(name).start_link(()))
}

fn supervisor(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy).max_restarts(20, Duration::from_secs(1))
}

/// a, then d and e, which stand and fall together, then b and c.
async fn tree() -> SupervisorRef {
    let inner = || {
        supervisor(Strategy::OneForAll)
            .child(leaf("d"))
            .child(leaf("e"))
            .start_link()
    };
    supervisor(Strategy::RestForOne)
        .child(leaf("a"))
        .child(ChildSpec::supervisor("inner", inner))
        .child(leaf("b"))
        .child(leaf("c"))
        .start_link()
        .await
        .expect("it starts")
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let tree = tree().await;
    let blows: [(&str, ExitReason); 4] = [
        ("c", ExitReason::Kill),
        ("e", ExitReason::Kill),
        ("d", boom()),
        ("a", ExitReason::Kill),
    ];
    for (times, (name, reason)) in (0..).zip(blows) {
        someone(async move {
            rest(times).await;
            if let Some(pid) = process::whereis(name) {
                process::exit(pid, reason);
            }
        });
    }
    settle().await;

    let pids = NAMES.map(|name| process::whereis(name).expect("it has been started again"));
    let children = tree.which_children().await.expect("it lives");
    let found: Vec<Pid> = children.iter().filter_map(ChildInfo::pid).collect();
    let [c, b, inner, a] = found.as_slice() else {
        panic!("not all children are there: {children:?}");
    };
    assert_eq!([*a, *b, *c], pids[..3]);
    // In the order of their starts, whatever has happened.
    assert!(a < inner && inner < b && b < c, "{found:?}");
    assert!(
        *inner < pids[3] && pids[3] < pids[4] && pids[4] < *b,
        "{pids:?}"
    );
    // They, both supervisors and this process.
    assert_eq!(process::node().processes().len(), NAMES.len() + 3);
    tree.stop().await.expect("it lives");
    assert_alone();
}
