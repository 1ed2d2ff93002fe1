//! GenServer: callers that are linked with the server which their call crashes.

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::support::{Lab, ask, in_process, quiet};

// LNK-001, CAL-006
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_linked_caller_that_traps_no_exits_ends_before_it_sees_its_call_fail() {
    in_process(async {
        let told = Probe::new();
        for _ in 0..500 {
            let telling = told.clone();
            let caller = process::spawn(|_: Mailbox<Never>| async move {
                let server = Lab::start_link(quiet()).await.expect("its init is quiet");
                let answer = server.call(ask(|_, _| process::exit_self(crashed()))).await;
                telling.report(answer);
            });
            assert_eq!(caller.wait().await, crashed());
        }
        assert_eq!(told.drain(), Vec::<Result<u32, CallError>>::new());
    })
    .await;
}

fn crashed() -> ExitReason {
    ExitReason::other("crashed")
}
