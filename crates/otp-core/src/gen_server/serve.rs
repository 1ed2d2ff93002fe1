//! The process that a server is: init, the receive loop, the end.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use tokio::sync::oneshot;

use super::GenServer;
use super::context::Context;
use super::envelope::{Content, Envelope};
use super::outcome::{Info, Init, Initial, Next};
use super::status::MessageView;
use crate::exit::ExitReason;
use crate::name::Name;
use crate::pid::Pid;
use crate::process::block::Item;
use crate::process::signal::{Exit, Signal};
use crate::process::slot::Publish;
use crate::process::{Mailbox, current, panic};
use crate::report::{self, Last, LastKind};
use crate::timer::far_future;

/// Why a server has not started.
pub(crate) enum NotStarted {
    Ignored,
    Error(ExitReason),
}

type Ack = oneshot::Sender<Result<(), NotStarted>>;

/// The body of a server's process.
pub(crate) async fn run<S: GenServer>(
    mailbox: Mailbox<Envelope<S>>,
    args: S::Args,
    parent: Option<Pid>,
    ack: Ack,
) -> ExitReason {
    let mut context = Context::new(mailbox.block().clone(), parent);
    let init = {
        let init = pin!(S::init(args, &mut context));
        Caught(init).await
    };
    let (why, reason) = match init {
        Ok(Ok(Init(Initial::State(state, next)))) => {
            // The starter may have stopped waiting.
            let _ = ack.send(Ok(()));
            return serve(mailbox, context, state, next).await;
        }
        Ok(Ok(Init(Initial::Ignore))) => (NotStarted::Ignored, ExitReason::Normal),
        Ok(Ok(Init(Initial::Error(reason)))) => (NotStarted::Error(reason), ExitReason::Normal),
        Ok(Err(reason)) | Err(reason) => (NotStarted::Error(reason.clone()), reason),
    };
    report::init_failed(&mailbox, &reason);
    let _ = ack.send(Err(why));
    reason
}

/// Makes the calling process a server: it handles messages with `state` until it stops.
///
/// For a process that initialises itself in its own way, such as telling its starter early. It is
/// addressed as a server through `ServerRef::from` its [`ProcessRef`](crate::ProcessRef). If `name` is
/// given, the process must have it.
///
/// Returns the reason with which the server stops, to be returned from the process's body.
///
/// OTP: `gen_server:enter_loop/3,4`.
pub async fn enter_loop<S: GenServer>(
    mailbox: Mailbox<Envelope<S>>,
    state: S,
    next: Next<S>,
    name: Option<Name>,
) -> ExitReason {
    let block = mailbox.block().clone();
    if let Some(name) = name {
        let names = block.head.ties.lock().peek().map(|more| more.names.clone());
        if !names.is_some_and(|names| names.contains(&name)) {
            return ExitReason::other(format!(
                "process {} is not registered as {name}",
                block.head.pid
            ));
        }
    }
    serve(mailbox, Context::new(block, None), state, next).await
}

/// How the loop ends.
struct End {
    reason: ExitReason,
    last: Last,
    /// An answer that goes out after terminate.
    answer: Option<Arc<dyn Publish>>,
}

async fn serve<S: GenServer>(
    mut mailbox: Mailbox<Envelope<S>>,
    mut context: Context<S>,
    mut state: S,
    next: Next<S>,
) -> ExitReason {
    let End {
        mut reason,
        last,
        answer,
    } = handle_messages(&mut mailbox, &mut context, &mut state, next).await;
    let terminated = {
        let terminate = pin!(state.terminate(&reason, &mut context));
        Caught(terminate).await
    };
    if let Err(worse) = terminated {
        reason = worse;
    }
    report::server_terminated(&mailbox, &state, &reason, last);
    if let Some(answer) = answer {
        answer.publish();
    }
    reason
}

async fn handle_messages<S: GenServer>(
    mailbox: &mut Mailbox<Envelope<S>>,
    context: &mut Context<S>,
    state: &mut S,
    mut next: Next<S>,
) -> End {
    let mut last = Last::default();
    loop {
        let head = &mailbox.block().head;
        if !head.is_undisturbed() {
            if head.is_exiting() {
                // The wrapper around this loop ends it now.
                std::future::pending::<()>().await;
            }
            // The callback that gave calls up has gone well, so they fail alone.
            current::tell_abandoned();
        }
        let item = match next {
            Next::NoReply => Some(mailbox.next().await),
            Next::Timeout(limit) => mailbox.next_until(far_future(limit)).await,
            Next::Hibernate => {
                mailbox.hibernate();
                Some(mailbox.next().await)
            }
            Next::Continue(with) => {
                last = Last::of(LastKind::Continue, None, None);
                let handled = {
                    let handling = pin!(state.handle_continue(with, context));
                    Caught(handling).await
                };
                match handled {
                    Ok(then) => next = then,
                    Err(reason) => {
                        return End {
                            reason,
                            last,
                            answer: None,
                        };
                    }
                }
                continue;
            }
            Next::Stop(reason) => {
                return End {
                    reason,
                    last,
                    answer: None,
                };
            }
        };
        let info = match item {
            Some(Item::Message(Envelope(Content::Call { request, client }))) => {
                let text = S::format_message(MessageView::Call(&request));
                last = Last::of(LastKind::Call, client, text);
                let handled = {
                    let handling = pin!(state.handle_call(request, context));
                    Caught(handling).await
                };
                match handled {
                    Ok(reply) => {
                        if let Next::Stop(reason) = reply.next {
                            return End {
                                reason,
                                last,
                                answer: reply.answer,
                            };
                        }
                        if let Some(answer) = reply.answer {
                            answer.publish();
                        }
                        next = reply.next;
                    }
                    Err(reason) => {
                        return End {
                            reason,
                            last,
                            answer: None,
                        };
                    }
                }
                continue;
            }
            Some(Item::Message(Envelope(Content::Cast(request)))) => {
                let text = S::format_message(MessageView::Cast(&request));
                last = Last::of(LastKind::Cast, None, text);
                let handled = {
                    let handling = pin!(state.handle_cast(request, context));
                    Caught(handling).await
                };
                match handled {
                    Ok(then) => next = then,
                    Err(reason) => {
                        return End {
                            reason,
                            last,
                            answer: None,
                        };
                    }
                }
                continue;
            }
            Some(Item::Message(Envelope(Content::Stop(reason)))) => {
                return End {
                    reason,
                    last: Last::default(),
                    answer: None,
                };
            }
            Some(Item::Message(Envelope(Content::Info(message)))) => Info::Message(message),
            Some(Item::Signal(signal)) => match *signal {
                Signal::Exit(Exit { from, reason }) if Some(from) == context.parent => {
                    let text = Some(format!("Exit {{ from: {from}, reason: {reason:?} }}"));
                    last = Last::of(LastKind::Info, None, text);
                    return End {
                        reason,
                        last,
                        answer: None,
                    };
                }
                Signal::Exit(exit) => Info::Exit(exit),
                Signal::Down(down) => Info::Down(down),
            },
            None => Info::Timeout,
        };
        let text = S::format_message(MessageView::Info(&info));
        last = Last::of(LastKind::Info, None, text);
        let handled = {
            let handling = pin!(state.handle_info(info, context));
            Caught(handling).await
        };
        match handled {
            Ok(then) => next = then,
            Err(reason) => {
                return End {
                    reason,
                    last,
                    answer: None,
                };
            }
        }
    }
}

/// A callback whose panic becomes an exit reason.
struct Caught<'a, F>(Pin<&'a mut F>);

impl<F: Future> Future for Caught<'_, F> {
    type Output = Result<F::Output, ExitReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        }
    }
}
