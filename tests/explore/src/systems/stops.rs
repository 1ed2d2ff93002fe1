//! A server is called while others stop it.

use otp_core::StopError;
use otp_core::prelude::*;

use crate::cast::{Heard, Log, assert_alone, rest, settle, someone};

struct Server {
    ends: Log<ExitReason>,
}

enum Call {
    /// Answered after a while.
    Echo(u32, ReplyTo<u32>),
    /// Kept, never answered.
    Keep(ReplyTo<()>),
}

#[gen_server]
impl GenServer for Server {
    type Args = Log<ExitReason>;
    type Call = Call;
    type Cast = ReplyTo<()>;

    async fn init(ends: Log<ExitReason>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { ends }))
    }

    async fn handle_call(&mut self, call: Call, context: &mut Context<Self>) -> Reply<Self> {
        rest(1).await;
        match call {
            Call::Echo(number, from) => from.reply(number),
            Call::Keep(from) => {
                // It comes back in a message, in which it will be when the server ends, perhaps.
                context.me().cast(from);
                Reply::later()
            }
        }
    }

    async fn handle_cast(&mut self, from: ReplyTo<()>, context: &mut Context<Self>) -> Next<Self> {
        rest(1).await;
        context.me().cast(from);
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        rest(1).await;
        self.ends.add(reason.clone());
    }
}

fn check(error: &CallError) {
    let normal = |error: &CallError| {
        matches!(
            error,
            CallError::Exited {
                reason: ExitReason::Normal,
                ..
            }
        )
    };
    assert!(
        normal(error) || matches!(error, CallError::NoProcess { .. }),
        "{error}"
    );
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let ends = Log::new();
    let server = Server::start(ends.clone()).await.expect("it starts");
    let done = Log::new();
    for number in 0..3 {
        let (server, done) = (server.clone(), done.clone());
        someone(async move {
            for _ in 0..3 {
                match server.call(|from| Call::Echo(number, from)).await {
                    Ok(answer) => assert_eq!(answer, number),
                    Err(error) => check(&error),
                }
            }
            let kept = server.call(Call::Keep).await;
            check(&kept.expect_err("there is no answer"));
            done.add(());
        });
    }
    for number in 0..2 {
        let (server, done) = (server.clone(), done.clone());
        someone(async move {
            rest(4 * number).await;
            let stopped = server.stop().await;
            assert!(
                matches!(stopped, Ok(()) | Err(StopError::NoProcess { .. })),
                "{stopped:?}"
            );
            assert!(!server.is_alive());
            done.add(());
        });
    }
    settle().await;
    assert_eq!(done.take().len(), 5, "somebody has failed, or waits");
    assert_eq!(ends.take(), [ExitReason::Normal]);
    assert!(!server.is_alive());
    assert_alone();
}
