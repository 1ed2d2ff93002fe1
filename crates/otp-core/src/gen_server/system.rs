//! System requests: every server answers them, whatever its type, also while it is suspended. `sys` makes them.
//!
//! They are signals, so that the sender need not know the type of the server's messages. They are in the mailbox in the
//! order of their arrival.

use std::any::Any;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;

use super::GenServer;
use super::call::{CallFailure, ReplyTo, Wait};
use super::context::{Context, Parent};
use super::debug::Debug;
use super::error::{Address, CallError};
use super::report;
use super::server_ref::Envelope;
use crate::exit::ExitReason;
use crate::process::block::{Item, Process};
use crate::process::signal::Signal;
use crate::process::slot::Slot;
use crate::process::{self, current};
use crate::sys::status::{Mode, ServerStatus};
use crate::time_limit::TimeLimit;

/// A system request.
pub(crate) enum System {
    Suspend(ReplyTo<()>),
    Resume(ReplyTo<()>),
    Terminate(ExitReason, ReplyTo<()>),
    Status(ReplyTo<ServerStatus>),
    /// A function to run on the state. The sender knows the state's type.
    State(WithState),
    /// Changes or reads the debugging tools of the server.
    Debug(Box<dyn FnOnce(&mut Debug) + Send>),
}

type WithState = Box<dyn FnOnce(&mut dyn Any, Mode) + Send>;

/// Sends a request and waits for the answer, as a call does.
pub(crate) async fn ask<T: Send + 'static>(
    server: Arc<dyn Process>,
    address: Address,
    limit: TimeLimit,
    request: impl FnOnce(ReplyTo<T>) -> System,
) -> Result<T, CallError> {
    current::goes_on().await;
    if process::try_current() == Some(server.head().pid) {
        return Err(CallFailure::CallingSelf.at(address));
    }
    limit
        .check()
        .map_err(|no_timer| CallFailure::from(no_timer).at(address.clone()))?;
    let slot = Arc::new(Slot::new(Waker::noop()));
    let request = request(ReplyTo::new(slot.clone()));
    if !server.push_signal(Signal::System(Box::new(request))) {
        return Err(CallFailure::NoProcess.at(address));
    }
    let mut wait = Wait::new(server);
    let answer = poll_fn(|cx| wait.poll(cx, &slot, limit)).await;
    answer.map_err(|failure| failure.at(address))
}

/// Whether this is for [`handle`].
pub(crate) fn is_request<M>(item: &Item<M>) -> bool {
    matches!(item, Item::Signal(signal) if matches!(**signal, Signal::System(_)))
}

/// Whether it ends a server: the order to stop, or an exit signal of the parent's.
pub(crate) fn is_order_to_end<M>(item: &Item<M>, parent: Parent) -> bool {
    match item {
        Item::Message(_) => false,
        Item::Stop(_) => true,
        Item::Signal(signal) => {
            matches!(&**signal, Signal::Exit(exit, via) if parent.is(exit, *via))
        }
    }
}

/// Performs a system request. Returns whether the server is suspended from now on.
pub(crate) fn handle<S: GenServer>(
    item: Option<Item<Envelope<S>>>,
    mode: Mode,
    context: &mut Context<S>,
    state: &mut S,
) -> Mode {
    let Some(Item::Signal(signal)) = item else {
        unreachable!("the loop has seen a system request");
    };
    let Signal::System(request) = *signal else {
        unreachable!("the loop has seen a system request");
    };
    // Otherwise the request is dropped, and its sender gets an error.
    let Ok(request) = request.downcast::<System>() else {
        return mode;
    };
    match *request {
        System::Suspend(from) => {
            from.send(());
            return Mode::Suspended;
        }
        System::Resume(from) => {
            from.send(());
            return Mode::Running;
        }
        System::Terminate(reason, from) => {
            // The order to stop, as any process can give it, also to a suspended server.
            context.block().stop(reason);
            from.send(());
        }
        System::Status(from) => from.send(status(mode, context, state)),
        System::State(use_state) => use_state(state, mode),
        System::Debug(request) => context.debug(request),
    }
    mode
}

/// The server while it is suspended: it handles system requests, orders to stop and the parent's exit,
/// in their order, and leaves the rest where it is. Returns why it has to end, or nothing when it is
/// resumed.
///
/// In a box: hardly any server ever comes here, and all would have to keep room for it.
pub(crate) fn suspended<'a, S: GenServer>(
    context: &'a mut Context<S>,
    state: &'a mut S,
) -> Pin<Box<dyn Future<Output = Option<ExitReason>> + Send + 'a>> {
    Box::pin(async move {
        loop {
            // Answers that the request has dropped are dropped for good.
            current::tell_abandoned();
            let parent = context.parent();
            let wanted = |item: &Item<_>| is_request(item) || is_order_to_end(item, parent);
            let (turn, block) = context.parts();
            let item = Some(turn.inbox.next_match(block, wanted).await);
            if let Some(reason) = context.order_to_end(&item) {
                return Some(reason);
            }
            if handle(item, Mode::Suspended, context, state) == Mode::Running {
                return None;
            }
        }
    })
}

/// The most messages that a status shows.
const MOST_SHOWN: usize = 20;

fn status<S: GenServer>(mode: Mode, context: &mut Context<S>, state: &S) -> ServerStatus {
    let shown = report::format_status(state, &ExitReason::Normal, None, context.log());
    ServerStatus {
        pid: context.pid(),
        server: S::behaviour().server_type,
        mode,
        parent: context.parent().other(),
        state: shown.state,
        state_size: size_of::<S>(),
        heap_size: shown.heap_size,
        log: shown.log,
        postponed: shown.postponed,
        timeouts: shown.timeouts,
        queue: context.turn().queue(MOST_SHOWN),
    }
}
