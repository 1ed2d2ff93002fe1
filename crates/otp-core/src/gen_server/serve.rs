//! The process that a server is: init, the receive loop, the end.
//!
//! The loop asks for the kind of the first item. A function then takes the item from the mailbox, and returns its
//! content at the place where the content is used. The loop itself holds no item: a variable for one would take memory
//! in every idle server, and would add a copy. A copy directly after the item was written is expensive: a load that is
//! wider than the stores before it waits for these stores.

use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::Arc;

use tokio::time::Instant;

use super::call::{Client, Reply, ReplyTo};
use super::callback::{Caught, called, handled, timed};
use super::context::Context;
use super::outcome::{Info, Init, InitOutcome, Next};
use super::report::{self, LastKind, LastMessage};
use super::server_ref::{Content, Envelope};
use super::status::MessageView;
use super::system;
use super::{End, GenServer, Serving};
use crate::exit::ExitReason;
use crate::name::Name;
use crate::process::block::{Block, Item};
use crate::process::inbox::Inbox;
use crate::process::panic::{self, OneOfMany};
use crate::process::signal::Signal;
use crate::process::span::{Doing, Origin};
use crate::process::telemetry::Callback;
use crate::process::{Mailbox, current};
use crate::sys::event::MessageKind;
use crate::sys::status::Mode;
use crate::timer::far_future;
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
#[inline(always)]
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
            let messages = pin!(S::receive_loop(Serving {
                context: &mut *context,
                state: &mut *state,
                origin,
            }));
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

/// The receive loop. A panic in a callback unwinds through it; state and context remain.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
pub(crate) fn handle_messages<S: GenServer>(
    Serving {
        context,
        state,
        mut origin,
    }: Serving<'_, S>,
) -> impl Future<Output = End> + Send {
    async move {
        loop {
            // No variables for the head and the block: they would be stored in the future.
            if !context.block().head.is_undisturbed() && context.is_ending() {
                // The wrapper around this loop ends it now.
                std::future::pending::<()>().await;
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
                    let next = handled!(
                        S,
                        S::PLAIN.handle_continue,
                        span,
                        Doing::HandleContinue,
                        state.handle_continue(context.begin_continue(), context)
                    );
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
                    let Reply { answer, next } = handled!(
                        S,
                        S::PLAIN.handle_call,
                        span,
                        Doing::HandleCall,
                        state.handle_call(context.begin_call(), context)
                    );
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
                    let next = handled!(
                        S,
                        S::PLAIN.handle_cast,
                        span,
                        Doing::HandleCast,
                        state.handle_cast(context.begin_cast(), context)
                    );
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
                        if mode == Mode::Suspended
                            && let Some(reason) = system::suspended(context, state).await
                        {
                            return reason.into();
                        }
                        continue;
                    }
                    let span = origin
                        .clone()
                        .span(&context.block().head, Doing::HandleInfo);
                    let next = handled!(
                        S,
                        S::PLAIN.handle_info,
                        span,
                        Doing::HandleInfo,
                        state.handle_info(context.begin_info(in_time), context)
                    );
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

/// The state of the loop.
pub(crate) struct LoopTurn<S: GenServer> {
    pub(crate) inbox: Inbox<Envelope<S>>,
    /// The decision of the last callback, if it is not `NoReply`. Nearly all decisions are `NoReply`, and an idle
    /// server needs no memory for one. A server that always returns another decision keeps the box.
    next: Option<Box<Next<S>>>,
}

/// The kind of the first item in the mailbox.
pub(crate) enum TurnKind {
    Call,
    Cast,
    /// A message of another kind, a signal, or nothing: then the time is over.
    Other,
}

/// The next step of the loop.
pub(crate) enum LoopStep {
    Receive,
    ReceiveNow,
    ReceiveUntil(Instant),
    Continue,
    Stop,
}

impl<S: GenServer> LoopTurn<S> {
    pub(crate) fn new(inbox: Inbox<Envelope<S>>) -> Self {
        Self { inbox, next: None }
    }

    /// Stores the decision of a callback.
    #[inline(always)]
    pub(crate) fn decide(&mut self, next: Next<S>) {
        match next {
            Next::NoReply if self.next.is_none() => {}
            next => self.decide_anew(next),
        }
    }

    #[cold]
    fn decide_anew(&mut self, next: Next<S>) {
        match (&mut self.next, next) {
            (former, Next::NoReply) => *former = None,
            (Some(former), next) => **former = next,
            (none, next) => *none = Some(Box::new(next)),
        }
    }

    /// Whether there is a decision of the last callback that says more than `NoReply`, or once did.
    #[inline(always)]
    pub(crate) fn has_decided(&self) -> bool {
        self.next.is_some()
    }

    /// Whether the last callback has stopped the server.
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.next.as_deref(), Some(Next::Stop(_)))
    }

    /// The kind of the first item, if an item has come in time.
    #[inline(always)]
    pub(crate) fn first(&self, in_time: bool) -> TurnKind {
        match self.inbox.first() {
            Some(Item::Message(Envelope {
                content: Content::Call { .. },
                ..
            })) if in_time => TurnKind::Call,
            Some(Item::Message(Envelope {
                content: Content::Cast(_),
                ..
            })) if in_time => TurnKind::Cast,
            _ => TurnKind::Other,
        }
    }

    /// Takes the span that the first item comes from.
    #[inline(always)]
    pub(crate) fn origin(&mut self) -> Origin {
        match self.inbox.first_mut() {
            Some(Item::Message(envelope)) => envelope.take_origin(),
            Some(Item::Signal(signal)) => match &mut **signal {
                Signal::Message(message) => message
                    .downcast_mut()
                    .map_or_else(Origin::default, |it: &mut Envelope<S>| it.take_origin()),
                _ => Origin::default(),
            },
            _ => Origin::default(),
        }
    }

    /// The first messages that wait, as the server shows them.
    pub(crate) fn queue(&self, most: usize) -> Vec<String> {
        let shown = |kind: &str, text: Option<String>| match text {
            Some(text) => format!("{kind} {text}"),
            None => kind.to_owned(),
        };
        let message = |view: MessageView<'_, S>| panic::quietly_if_any(|| S::format_message(view));
        let content = |envelope: &Envelope<S>| match &envelope.content {
            Content::Call { request, .. } => shown("call", message(MessageView::Call(request))),
            Content::Cast(request) => shown("cast", message(MessageView::Cast(request))),
            Content::Info(_) => shown("message", None),
        };
        let messages = self.inbox.waiting().filter_map(|item| match item {
            Item::Message(envelope) => Some(content(envelope)),
            Item::Signal(signal) => match &**signal {
                Signal::Exit(exit, _) => Some(panic::quietly(|| exit.to_string())),
                Signal::Down(down) => Some(panic::quietly(|| down.to_string())),
                Signal::Message(_) => Some(shown("message", None)),
                Signal::Urgent(message) => message.downcast_ref().map(content),
                Signal::Timeout(_) => Some(shown("timeout", None)),
                Signal::System(_) => None,
            },
            Item::Stop(_) => Some(shown("stop", None)),
        });
        messages.take(most).collect()
    }

    #[inline(always)]
    pub(crate) fn step(&mut self, block: &Block<Envelope<S>>) -> LoopStep {
        match self.next {
            None => LoopStep::Receive,
            Some(_) => self.decided_step(block),
        }
    }

    #[cold]
    fn decided_step(&mut self, block: &Block<Envelope<S>>) -> LoopStep {
        match self.next.as_deref() {
            None | Some(Next::NoReply) => LoopStep::Receive,
            // The decision stays until a callback returns another one: after a system request the wait begins again.
            Some(Next::Timeout(limit)) if limit.is_zero() => LoopStep::ReceiveNow,
            Some(Next::Timeout(limit)) => LoopStep::ReceiveUntil(far_future(*limit)),
            Some(Next::Hibernate) => {
                self.inbox.hibernate(block);
                LoopStep::Receive
            }
            Some(Next::Continue(_)) => LoopStep::Continue,
            Some(Next::Stop(_)) => LoopStep::Stop,
        }
    }
}

/// The values that are left when a server ends are the user's. A panic of one of them does not change how the server
/// ends.
impl<S: GenServer> Drop for LoopTurn<S> {
    fn drop(&mut self) {
        if self.next.is_some() {
            panic::run_quietly(|| drop(self.next.take()));
        }
    }
}

impl<S: GenServer> Context<S> {
    /// Notes a message that is about to be handled.
    #[inline(always)]
    fn begin(&mut self, kind: LastKind, client: Option<Client>, message: Option<String>) {
        self.last = LastMessage { kind, client };
        // Most servers show no messages: for them this is all there is to do.
        if message.is_some() || self.notes {
            self.begun(kind, message);
        }
    }

    /// Notes an event that is about to be handled, for a behaviour that knows more of it than the loop.
    pub(crate) fn note(&mut self, kind: LastKind, client: Option<Client>) {
        self.begin(kind, client, None);
    }

    /// Keeps the text of the event that is about to be handled.
    pub(crate) fn show(&mut self, message: String) {
        self.cold().message = Some(message);
    }

    /// Looks at what disturbs a process between two messages: whether it is ending, and else the calls that it has given up,
    /// an observation that may have begun, and messages with priority.
    #[inline(always)]
    pub(crate) fn is_ending(&mut self) -> bool {
        if self.block().head.is_exiting() {
            return true;
        }
        if self.block().head.has_abandoned() {
            // The callback that gave calls up has gone well, so they fail alone.
            current::tell_abandoned();
        }
        self.notes |= self.block().head.is_counted();
        let (turn, block) = self.parts();
        turn.inbox.take_urgent(block);
        false
    }

    /// The span in which the first item is handled; `origin` becomes the one that it comes from.
    #[inline(always)]
    pub(crate) fn span(&mut self, origin: &mut Origin, doing: Doing) -> Origin {
        *origin = self.turn().origin();
        origin.clone().span(&self.block().head, doing)
    }

    /// Takes the first item, if it has come in time.
    pub(crate) fn take(&mut self, in_time: bool) -> Option<Item<Envelope<S>>> {
        let (turn, block) = self.parts();
        match in_time {
            true => turn.inbox.take(block),
            false => None,
        }
    }

    /// Stores the decision of a callback. A decision to stop is returned instead, and needs no box, unless the loop has something
    /// else to do first.
    #[inline(always)]
    pub(crate) fn decide(&mut self, next: Next<S>) -> Option<ExitReason> {
        if matches!(next, Next::NoReply) && self.turn().next.is_none() {
            // It has no payload to drop.
            mem::forget(next);
            return None;
        }
        match next {
            Next::Stop(reason) if self.block().head.is_undisturbed() => Some(reason),
            next => {
                self.turn().decide_anew(next);
                None
            }
        }
    }

    /// The content of a call that is now being handled.
    #[inline(always)]
    pub(crate) fn begin_call(&mut self) -> S::Call {
        let (turn, block) = self.parts();
        turn.inbox.note_taking(block);
        let (client, text) = match turn.inbox.first() {
            Some(Item::Message(Envelope {
                content: Content::Call { request, client },
                ..
            })) => {
                let text = || S::format_message(MessageView::Call(request));
                (*client, panic::quietly_if_any(text))
            }
            _ => (None, None),
        };
        self.begin(LastKind::Call, client, text);
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_in(MessageKind::Call);
        }
        // Last, so that the content goes to its place of use at once.
        match self.turn().inbox.pop() {
            Some(Item::Message(Envelope {
                content: Content::Call { request, .. },
                ..
            })) => request,
            other => {
                // To drop it, each message would be copied to one place of memory first, and from there to its place of use.
                mem::forget(other);
                unreachable!("the loop has seen a call")
            }
        }
    }

    /// The content of a cast that is now being handled.
    #[inline(always)]
    pub(crate) fn begin_cast(&mut self) -> S::Cast {
        let (turn, block) = self.parts();
        turn.inbox.note_taking(block);
        let text = match turn.inbox.first() {
            Some(Item::Message(Envelope {
                content: Content::Cast(request),
                ..
            })) => panic::quietly_if_any(|| S::format_message(MessageView::Cast(request))),
            _ => None,
        };
        self.begin(LastKind::Cast, None, text);
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_in(MessageKind::Cast);
        }
        // Last, so that the content goes to its place of use at once.
        match self.turn().inbox.pop() {
            Some(Item::Message(Envelope {
                content: Content::Cast(request),
                ..
            })) => request,
            other => {
                // To drop it, each message would be copied to one place of memory first, and from there to its place of use.
                mem::forget(other);
                unreachable!("the loop has seen a cast")
            }
        }
    }

    /// An item that is neither a call nor a cast begins, or no item came in time.
    pub(crate) fn begin_info(&mut self, in_time: bool) -> Info<S::Info> {
        let info = match self.take(in_time) {
            Some(Item::Message(Envelope {
                content: Content::Info(message),
                ..
            })) => Info::Message(message),
            Some(Item::Message(_)) => unreachable!("the loop has seen neither call nor cast"),
            Some(Item::Signal(signal)) => match *signal {
                Signal::Exit(exit, _) => Info::Exit(exit),
                Signal::Down(down) => Info::Down(down),
                Signal::Message(message) => {
                    match message.downcast().map(|it: Box<Envelope<S>>| it.content) {
                        Ok(Content::Info(message)) => Info::Message(message),
                        _ => unreachable!("it was made of an `Info` of this server"),
                    }
                }
                Signal::Timeout(_) => unreachable!("the loop of a state machine has taken it"),
                Signal::Urgent(_) => unreachable!("the loop has opened it"),
                Signal::System(_) => unreachable!("the loop has seen no system request"),
            },
            Some(Item::Stop(_)) => unreachable!("the loop has seen no order to stop"),
            None => Info::Timeout,
        };
        let text = panic::quietly_if_any(|| S::format_message(MessageView::Info(&info)));
        self.begin(LastKind::Info, None, text);
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_info(&info);
        }
        info
    }

    /// The value of the last callback's `Continue`.
    pub(crate) fn begin_continue(&mut self) -> S::Continue {
        // A machine continues with the events that it has stored.
        if !S::behaviour().tells_itself {
            self.begin(LastKind::Continue, None, None);
        }
        if self.is_watched() && !S::behaviour().tells_itself {
            self.tell_continue();
        }
        let next = self.turn().next.as_deref_mut();
        match next.map(|next| mem::replace(next, Next::NoReply)) {
            Some(Next::Continue(with)) => with,
            _ => unreachable!("the loop has seen a continue"),
        }
    }

    /// The reason for which the last callback has stopped the server.
    pub(crate) fn stop_reason(&mut self) -> ExitReason {
        match self.turn().next.take().map(|next| *next) {
            Some(Next::Stop(reason)) => reason,
            _ => unreachable!("the loop has seen a stop"),
        }
    }

    /// Takes the first item if the server has to end because of it. Returns the reason.
    pub(crate) fn take_order_to_end(&mut self, in_time: bool) -> Option<ExitReason> {
        let parent = self.parent();
        let first = self.turn().inbox.first().filter(|_| in_time)?;
        if !system::is_order_to_end(first, parent) {
            return None;
        }
        let item = self.take(true);
        self.order_to_end(&item)
    }

    /// The reason why the server has to end, if the item is the parent's exit or an order to stop.
    pub(crate) fn order_to_end(&mut self, item: &Option<Item<Envelope<S>>>) -> Option<ExitReason> {
        match item {
            Some(Item::Stop(reason)) => {
                self.begin(LastKind::None, None, None);
                Some(reason.as_deref().cloned().unwrap_or_default())
            }
            Some(Item::Signal(signal)) => match &**signal {
                Signal::Exit(exit, via) if self.parent().is(exit, *via) => {
                    let text = panic::quietly(|| exit.to_string());
                    self.begin(LastKind::Info, None, Some(text));
                    Some(exit.reason.clone())
                }
                _ => None,
            },
            _ => None,
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
    use crate::gen_server::{Context, Envelope, GenServer, Init, Next, Reply, ReplyTo};
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
    fn the_control_block_of_a_server_is_no_more_than_280_bytes() {
        let size = 16 + size_of::<Block<Envelope<Small>>>();
        assert!(size <= 280, "it is {size} bytes");
    }
}
