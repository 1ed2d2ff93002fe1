//! GenServer: answers with destructors that come when their caller has given up.

use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::{Puppet, down};
use crate::support::{in_process, settle};

const SOON: Duration = Duration::from_millis(10);

/// Says, when it is dropped, in which process that happens; outside of any it panics.
struct Loan(Probe<Pid>);

impl Drop for Loan {
    fn drop(&mut self) {
        self.0.report(process::current());
    }
}

/// Answers a call with the loan of the next cast.
#[derive(Default)]
struct Lender(Option<ReplyTo<Loan>>);

#[gen_server]
impl GenServer for Lender {
    type Call = ReplyTo<Loan>;
    type Cast = Loan;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, from: ReplyTo<Loan>, _: &mut Context<Self>) -> Reply<Self> {
        self.0 = Some(from);
        Reply::later()
    }

    async fn handle_cast(&mut self, loan: Loan, _: &mut Context<Self>) -> Next<Self> {
        if let Some(from) = self.0.take() {
            from.send(loan);
        }
        Next::NoReply
    }
}

/// Makes a call that is answered too late, and lives on for a while.
async fn call_in_vain(lender: &ServerRef<Lender>, returned: &Probe<Pid>) {
    let answer = lender.call(|from| from).timeout(SOON).await;
    assert!(matches!(answer, Err(CallError::Timeout { .. })));
    lender.cast(Loan(returned.clone()));
    settle().await;
}

// CAL-003
#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_is_dropped_by_the_server_at_once() {
    in_process(async {
        let lender = Lender::start(()).await.unwrap();
        let returned = Probe::new();
        call_in_vain(&lender, &returned).await;
        assert_eq!(returned.drain(), [lender.pid()]);
        assert!(lender.is_alive());
    })
    .await;
}

// CAL-003, MON-001
#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_does_not_disturb_the_end_of_its_caller() {
    let node = Node::new();
    let lender = Lender::options().on(&node).start(()).await.unwrap();
    let watcher = Puppet::new(&node);
    let caller = node.spawn(move |_: Mailbox<Never>| async move {
        call_in_vain(&lender, &Probe::new()).await;
    });
    let monitor = watcher.monitors(caller.pid()).await;
    settle().await;
    settle().await;
    assert_eq!(
        watcher.seen().await,
        [down(monitor, caller.pid(), ExitReason::Normal)]
    );
    assert_eq!(caller.wait().await, ExitReason::Normal);
}
