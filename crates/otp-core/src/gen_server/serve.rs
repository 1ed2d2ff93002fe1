//! The process that a server is: init, the receive loop, the end.

use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use super::GenServer;
use super::context::Context;
use super::envelope::Envelope;
use super::outcome::{Init, InitOutcome, Next};
use super::reply_to::{Pending, Reply, ReplyTo};
use super::report;
use super::system;
use super::turn::{LoopStep, TurnKind};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::process::block::Block;
use crate::process::inbox::Inbox;
use crate::process::meter;
use crate::process::panic::{self, CallbackFuture, OneOfMany, Told};
use crate::process::span::{Doing, Origin};
use crate::process::telemetry::Callback;
use crate::process::{Mailbox, current};
use crate::sys::status::Mode;
use crate::util::large;

/// Why a server has not started.
pub(crate) enum NotStarted {
    Ignored,
    Error(ExitReason),
}

/// The body of a server's process.
///
/// This, like the other parts of the loop, is a function that returns a block, not an `async fn`:
/// that would keep a second copy of its arguments in every idle server.
pub(crate) fn run<S: GenServer>(
    block: Arc<Block<Envelope<S>>>,
    args: S::Args,
    has_parent: bool,
    ack: ReplyTo<Result<(), NotStarted>>,
) -> impl Future<Output = ExitReason> + Send {
    const { large::assert_value::<S::Args>() };
    let origin = Origin::here();
    let mut context = Context::new(block, Inbox::new(), has_parent);
    async move {
        context.begun_besides(Callback::Init);
        let init = {
            let span = origin.clone().span(&context.block().head, Doing::Init);
            let init = pin!(span.around(S::init(args, &mut context)));
            Caught::<_, true>(init).await.unwrap_or_else(Err)
        };
        // All that is left of `init` is the state: a server that serves would keep room for the rest.
        let mut state = match begin(init, &mut context, ack) {
            Ok(state) => state,
            Err(reason) => return reason,
        };
        serve(&mut context, &mut state, origin).await
    }
}

/// Passes the result of `init` to the starter: a state to serve with, or the reason with which the process ends.
fn begin<S: GenServer>(
    init: Result<Init<S>, ExitReason>,
    context: &mut Context<S>,
    ack: ReplyTo<Result<(), NotStarted>>,
) -> Result<OneOfMany<S>, ExitReason> {
    let (why, reason) = match init {
        Ok(Init(InitOutcome::State(state, next))) => {
            let state = OneOfMany::new(state);
            ack.send(Ok(()));
            context.turn().decide(next);
            return Ok(state);
        }
        Ok(Init(InitOutcome::Ignore)) => (NotStarted::Ignored, ExitReason::Normal),
        Ok(Init(InitOutcome::Error(reason))) => (NotStarted::Error(reason), ExitReason::Normal),
        Err(reason) => (NotStarted::Error(reason.clone()), reason),
    };
    report::init_failed(context, &reason);
    ack.send(Err(why));
    Err(reason)
}

/// Makes the calling process a server: it handles messages with `state` until it stops.
///
/// For a process that does its own initialization, for example to acknowledge its start early. It is addressed as a
/// server through `ServerRef::from` its [`ProcessRef`](crate::ProcessRef). If `name` is given, the process must have
/// it.
///
/// Returns the reason with which the server stops, to be returned from the process's body.
///
/// The process that spawned it is the server's parent, linked or not: an exit from it ends the server by way of
/// [`terminate`](GenServer::terminate) even if it traps exits. So a supervisor may start it like any other child.
///
/// # OTP
///
/// `gen_server:enter_loop/3,4`.
///
/// # Cancel safety
///
/// Not cancel safe: if the future is dropped while the server runs, the state is dropped without
/// [`terminate`](GenServer::terminate), and messages that were taken out of the mailbox are lost. The body of the
/// process must await it to its end.
pub async fn enter_loop<S: GenServer>(
    mailbox: Mailbox<Envelope<S>>,
    state: S,
    next: Next<S>,
    name: Option<Name>,
) -> ExitReason {
    let (block, inbox) = mailbox.into_parts();
    if let Some(name) = name {
        let ties = &block.head.ties;
        let names = ties.with(|ties| Vec::from_iter(ties.names().cloned()));
        if !names.contains(&name) {
            return ExitReason::other(format!(
                "process {} is not registered as {name}",
                block.head.pid
            ));
        }
    }
    let mut context = Context::new(block, inbox, true);
    context.turn().decide(next);
    let mut state = OneOfMany::new(state);
    serve(&mut context, &mut state, Origin::default()).await
}

/// Handles messages until the server stops, and then runs `terminate`.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
fn serve<S: GenServer>(
    context: &mut Context<S>,
    state: &mut S,
    origin: Origin,
) -> impl Future<Output = ExitReason> + Send {
    const {
        large::assert_value::<S>();
        large::assert_returned::<S::Continue>();
    }
    context.block().head.hold_abandoned();
    async move {
        let ended = {
            let messages = pin!(handle_messages(&mut *context, &mut *state, origin));
            Caught::<_, false>(messages).await
        };
        let End { mut reason, answer } = ended.unwrap_or_else(End::from);
        context.begun_besides(Callback::Terminate);
        let terminated = {
            let terminate = pin!(state.terminate(&reason, context));
            Caught::<_, false>(terminate).await
        };
        if let Err(worse) = terminated {
            reason = worse;
        }
        report::server_terminated(context, state, &reason);
        if let Some(answer) = answer {
            context.publish_told(state, answer);
        }
        reason
    }
}

/// How the loop ends.
struct End {
    reason: ExitReason,
    /// An answer that goes out after terminate.
    answer: Option<Pending>,
}

impl From<ExitReason> for End {
    fn from(reason: ExitReason) -> Self {
        Self {
            reason,
            answer: None,
        }
    }
}

/// The receive loop. A panic in a callback unwinds through it; state and context remain.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
fn handle_messages<S: GenServer>(
    context: &mut Context<S>,
    state: &mut S,
    mut origin: Origin,
) -> impl Future<Output = End> + Send {
    async move {
        loop {
            // No variables for the head and the block: they would be stored in the future.
            if !context.block().head.is_undisturbed() {
                if context.block().head.is_exiting() {
                    // The wrapper around this loop ends it now.
                    std::future::pending::<()>().await;
                }
                if context.block().head.has_abandoned() {
                    // The callback that gave calls up has gone well, so they fail alone.
                    current::tell_abandoned();
                }
                // An observation may have begun.
                context.notes |= context.block().head.is_counted();
                let (turn, block) = context.parts();
                turn.inbox.take_urgent(block);
            }
            let (turn, block) = context.parts();
            let step = turn.step(block);
            if !matches!(step, LoopStep::Continue) {
                // A server that waits does not keep the span of its last message.
                origin = Origin::default();
            }
            let in_time = match step {
                LoopStep::Receive => {
                    if !turn.inbox.is_ready() {
                        turn.inbox.ready(block).await;
                        // An observation may have begun meanwhile.
                        context.notes |= block.head.is_counted();
                    }
                    true
                }
                LoopStep::ReceiveNow => turn.inbox.ready_now(block).await,
                LoopStep::ReceiveUntil(deadline) => {
                    let in_time = turn.inbox.ready_until(block, deadline).await;
                    context.notes |= block.head.is_counted();
                    in_time
                }
                LoopStep::Continue => {
                    turn.inbox.pause(block).await;
                    let head = &context.block().head;
                    let span = mem::take(&mut origin).span(head, Doing::HandleContinue);
                    let next = span
                        .around(timed::<S, _>(
                            Doing::HandleContinue,
                            state.handle_continue(context.begin_continue(), context),
                        ))
                        .await;
                    if let Some(reason) = context.decide(next) {
                        return reason.into();
                    }
                    if context.is_watched() {
                        context.tell_handled(state);
                    }
                    continue;
                }
                LoopStep::Stop => return context.stop_reason().into(),
            };
            match context.turn().first(in_time) {
                TurnKind::Call => {
                    let span = context.span(&mut origin, Doing::HandleCall);
                    let Reply { answer, next } = span
                        .around(timed::<S, _>(
                            Doing::HandleCall,
                            state.handle_call(context.begin_call(), context),
                        ))
                        .await;
                    if let Next::Stop(reason) = next {
                        return End {
                            reason,
                            answer: Some(answer),
                        };
                    }
                    if context.is_watched() {
                        context.publish_watched(state, answer, next);
                    } else {
                        answer.publish();
                        context.turn().decide(next);
                    }
                }
                TurnKind::Cast => {
                    let span = context.span(&mut origin, Doing::HandleCast);
                    let next = span
                        .around(timed::<S, _>(
                            Doing::HandleCast,
                            state.handle_cast(context.begin_cast(), context),
                        ))
                        .await;
                    if let Some(reason) = context.decide(next) {
                        return reason.into();
                    }
                    if context.is_watched() {
                        context.tell_handled(state);
                    }
                }
                TurnKind::Other => {
                    let (turn, block) = context.parts();
                    if in_time && turn.inbox.open_urgent(block) {
                        continue;
                    }
                    origin = context.turn().origin();
                    // The item stays in the mailbox until it is used: a variable for it would be stored in the future.
                    if let Some(reason) = context.take_order_to_end(in_time) {
                        return reason.into();
                    }
                    if in_time && context.turn().inbox.first().is_some_and(system::is_request) {
                        let item = context.take(true);
                        let mode = system::handle(item, Mode::Running, context, state);
                        // In a box: servers that were never suspended need not keep room for it.
                        if mode == Mode::Suspended
                            && let Some(reason) = Box::pin(system::suspended(context, state)).await
                        {
                            return reason.into();
                        }
                        continue;
                    }
                    let span = origin
                        .clone()
                        .span(&context.block().head, Doing::HandleInfo);
                    let next = span
                        .around(timed::<S, _>(
                            Doing::HandleInfo,
                            state.handle_info(context.begin_info(in_time), context),
                        ))
                        .await;
                    if let Some(reason) = context.decide(next) {
                        return reason.into();
                    }
                    if context.is_watched() {
                        context.tell_handled(state);
                    }
                }
            }
        }
    }
}

/// A callback whose future may do anything, and whose time is measured, if that is wanted.
#[inline(always)]
fn timed<S: GenServer, F: Future>(doing: Doing, callback: F) -> impl Future<Output = F::Output> {
    meter::timed(
        S::behaviour().server_type,
        doing,
        CallbackFuture::new(callback),
    )
}

/// A future of the user's whose panic becomes an exit reason. `IS_INIT` says whether it is `init`, whose panics go into
/// a crash report.
struct Caught<'a, F, const IS_INIT: bool>(Pin<&'a mut F>);

impl<F: Future, const IS_INIT: bool> Future for Caught<'_, F, IS_INIT> {
    type Output = Result<F::Output, ExitReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let poll = || self.0.as_mut().poll(cx);
        let polled = match IS_INIT {
            true => Told::Crash.catch(poll),
            false => catch_unwind(AssertUnwindSafe(poll)),
        };
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(panic::reason(payload))),
        }
    }
}

// A span that goes along has its size.
#[cfg(all(test, not(feature = "spans")))]
mod tests {
    use std::sync::Arc;
    use std::task::Waker;

    use otp_macros::gen_server;

    use super::run;
    use crate::gen_server::envelope::Envelope;
    use crate::gen_server::{Context, GenServer, Init, Next, Reply, ReplyTo};
    use crate::node::Node;
    use crate::process::block::Block;
    use crate::process::slot::Slot;
    use crate::process::{Birth, Tie};
    use crate::stop::Stop;

    struct Small(u64);

    #[gen_server]
    impl GenServer for Small {
        type Args = u64;
        type Call = ReplyTo<u64>;
        type Cast = u64;

        async fn init(first: u64, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
            Ok(Init::state(Self(first)))
        }

        async fn handle_call(&mut self, from: ReplyTo<u64>, _: &mut Context<Self>) -> Reply<Self> {
            from.reply(self.0)
        }

        async fn handle_cast(&mut self, more: u64, _: &mut Context<Self>) -> Next<Self> {
            self.0 += more;
            Next::NoReply
        }
    }

    /// It is in a box. The allocator adds 8 bytes, and gives multiples of 16.
    #[test]
    fn the_life_of_a_small_server_is_no_more_than_352_bytes() {
        let tie = Tie::None;
        let birth = Birth::of_server(Node::new(), None, tie, || "Small");
        let block = birth.block().clone();
        let ack = ReplyTo::new(Arc::new(Slot::new(Waker::noop())));
        let body = run::<Small>(block.clone(), 0, false, ack);
        let life = crate::process::run::life(block, body);
        let size = size_of_val(&life);
        assert!(size <= 352, "it is {size} bytes");
    }

    /// With the two counts of its `Arc`. The allocator adds 8 bytes, and gives multiples of 16.
    #[test]
    fn the_control_block_of_a_server_is_no_more_than_248_bytes() {
        let size = 16 + size_of::<Block<Envelope<Small>>>();
        assert!(size <= 248, "it is {size} bytes");
    }
}
