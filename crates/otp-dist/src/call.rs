//! Calls of servers on other nodes, and of functions there.

use std::sync::Arc;
use std::time::Duration;

use otp_core::gen_server::answering::AnswerSink;
use otp_core::remote::crossing;
use otp_core::{ExitReason, Pid, TimeLimit, process};
use otp_etf::{Atom, DeserializeError, Reference, SerializeError, Term, term, to_bytes_into};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::channel::{Channel, Ended, Received};
use crate::core::Core;
use crate::exception::shown;
use crate::functions::{Called, Raised};
use crate::identity::Kind;
use crate::peers::ConnectError;
use crate::reason::reason_from_term;
use crate::receive::{deliver, refuse};
use crate::wire::control::{Control, Spawn, Target};
use crate::wire::flags::Flags;

/// A process of the cluster: by its pid, or by its name and its node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// A process.
    Pid(otp_etf::Pid),
    /// The process with this name on this node.
    Name(Atom, Atom),
}

impl Destination {
    pub(crate) fn node(&self) -> &Atom {
        match self {
            Self::Pid(pid) => &pid.node,
            Self::Name(_, node) => node,
        }
    }

    fn target(&self) -> Target {
        match self {
            Self::Pid(pid) => Target::Pid(pid.clone()),
            Self::Name(name, _) => Target::Name(name.clone()),
        }
    }

    /// The control message that carries a message there.
    fn send(&self, from: otp_etf::Pid) -> Control {
        match self {
            Self::Pid(to) => Control::SendSender {
                from,
                to: to.clone(),
            },
            Self::Name(to, _) => Control::RegSend {
                from,
                to: to.clone(),
            },
        }
    }
}

/// A call of a server on another node that got no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The process does not exist, or no process has the name; OTP's `noproc`.
    #[error("there is no such process")]
    NoProcess,
    /// The node cannot be reached, or the connection was lost; OTP's `{nodedown, Node}` and `noconnection`.
    #[error("the node cannot be reached")]
    NodeDown,
    /// No answer came in time. One that comes later is dropped.
    #[error("there was no answer within {0:?}")]
    Timeout(Duration),
    /// The server ended before it answered.
    #[error("the server ended before it answered: {}", shown(.0))]
    Exited(ExitReason),
    /// The request cannot be written as a term.
    #[error("the request cannot be sent")]
    Request(#[from] SerializeError),
    /// The answer is of another type.
    #[error("the answer is of another type")]
    Answer(#[from] DeserializeError),
}

impl From<ConnectError> for CallError {
    fn from(_: ConnectError) -> Self {
        Self::NodeDown
    }
}

/// A call of a function on another node that did not return.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RpcError {
    /// The node cannot be reached, or the connection was lost.
    #[error("the node cannot be reached")]
    NodeDown,
    /// The function did not return in time.
    #[error("there was no result within {0:?}")]
    Timeout(Duration),
    /// It failed with an error.
    #[error("the function failed: {0}")]
    Error(Term),
    /// It ended by an exit.
    #[error("the function exited: {0}")]
    Exit(Term),
    /// It threw.
    #[error("the function threw {0}")]
    Throw(Term),
    /// The node does not allow it.
    #[error("the node refuses the call: {0}")]
    Refused(Term),
    /// The arguments cannot be written as terms.
    #[error("the arguments cannot be sent")]
    Arguments(#[from] SerializeError),
    /// The result is of another type.
    #[error("the result is of another type")]
    Result(#[from] DeserializeError),
}

/// Sends a message, which is a term without version byte. Waits while the connection is busy. A message that cannot be
/// delivered is lost.
pub(crate) async fn send(core: &Arc<Core>, to: &Destination, message: Vec<u8>) {
    if *to.node() == core.me.name {
        return send_here(core, to, &message);
    }
    if let Ok(connection) = core.connect(to.node()).await {
        if is_stale(&connection.channel, to) || connection.channel.queue.room().await.is_err() {
            return;
        }
        let control = to.send(core.actor());
        connection.channel.message(&control, message);
    }
}

/// Sends a message to a process of a connected node without waiting. A node that has not read for long is passed over: signals, whose
/// senders do not wait either, need the rest of its queue.
#[cfg(feature = "phoenix")]
pub(crate) fn send_now(core: &Core, to: &otp_etf::Pid, message: &[u8]) {
    let Some(connection) = core.peers.up(&to.node) else {
        return;
    };
    let channel = &connection.channel;
    if !channel.peer.has(to) {
        return;
    }
    if channel.queue.len() > core.config.queue / 2 {
        channel.traffic.passed_over();
        return;
    }
    let (from, to) = (core.actor(), to.clone());
    channel.message(&Control::SendSender { from, to }, message);
}

fn is_stale(channel: &Channel, to: &Destination) -> bool {
    matches!(to, Destination::Pid(pid) if pid.creation != channel.peer.creation)
}

fn gate_here(core: &Core, to: &Destination) -> Option<Arc<dyn crate::gate::Gate>> {
    match to {
        Destination::Pid(pid) => core.exposed.by_pid(core.local(pid)?),
        Destination::Name(name, _) => core.exposed.by_name(name.as_str()),
    }
}

fn send_here(core: &Arc<Core>, to: &Destination, message: &[u8]) {
    if let Some(gate) = gate_here(core, to) {
        let _malformed = crossing(core.clone(), || deliver(core, &*gate, message, None));
    }
}

/// Calls a server, as `gen_server:call/3`: a monitor, the request, and an alias for the answer. Gives the answer as a term without version
/// byte.
pub(crate) async fn call(
    core: &Arc<Core>,
    to: &Destination,
    request: Vec<u8>,
    limit: TimeLimit,
) -> Result<Received, CallError> {
    let calling = async {
        if *to.node() == core.me.name {
            let answer = call_here(core, to, &request).await;
            return answer.map(Received::Whole);
        }
        let connection = core.connect(to.node()).await?;
        let channel = &connection.channel;
        if is_stale(channel, to) {
            return Err(CallError::NoProcess);
        }
        if channel.queue.room().await.is_err() {
            return Err(CallError::NodeDown);
        }
        let (mut open, ended) = Open::new(core, channel).ok_or(CallError::NodeDown)?;
        open.target = Some(to.target());
        let monitor = Control::Monitor {
            from: open.from.clone(),
            to: to.target(),
            reference: open.reference.clone(),
        };
        let control = to.send(open.from.clone());
        channel.control(&monitor);
        let head = |out: &mut Vec<u8>| gen_call(&open.from, &open.reference, out);
        channel.message_with(&control, head, request.into());
        match ended.await {
            Ok(Ended::Answer(answer)) => Ok(answer),
            Ok(Ended::Down(why) | Ended::Refused(why)) => {
                open.is_over();
                Err(match reason_from_term(why) {
                    ExitReason::NoProcess => CallError::NoProcess,
                    ExitReason::NoConnection => CallError::NodeDown,
                    reason => CallError::Exited(reason),
                })
            }
            Err(_) => Err(CallError::NodeDown),
        }
    };
    within(limit, calling)
        .await
        .unwrap_or_else(|limit| Err(CallError::Timeout(limit)))
}

/// Waits for no longer than this, which is the error.
async fn within<T>(limit: TimeLimit, waiting: impl Future<Output = T>) -> Result<T, Duration> {
    match limit {
        TimeLimit::After(limit) => tokio::time::timeout(limit, waiting)
            .await
            .map_err(|_| limit),
        TimeLimit::Infinity => Ok(waiting.await),
    }
}

/// `{'$gen_call', {From, [alias|Ref]}, Request}` without the request, which is to follow.
fn gen_call(from: &otp_etf::Pid, reference: &Reference, out: &mut Vec<u8>) {
    out.extend_from_slice(b"h\x03w\x09$gen_callh\x02");
    from.encode_into(out);
    out.extend_from_slice(b"l\0\0\0\x01w\x05alias");
    reference.encode_into(out);
}

/// A call whose answer is awaited. Dropped before its end it takes everything back.
struct Open<'a> {
    channel: &'a Channel,
    call: u64,
    from: otp_etf::Pid,
    reference: Reference,
    /// The target of the monitor.
    target: Option<Target>,
}

impl<'a> Open<'a> {
    fn new(core: &Core, channel: &'a Channel) -> Option<(Self, oneshot::Receiver<Ended>)> {
        let call = core.next_call();
        let ended = channel.begin(call)?;
        let open = Self {
            channel,
            call,
            from: core.actor(),
            reference: core.me.reference(Kind::Call, call),
            target: None,
        };
        Some((open, ended))
    }

    /// The monitor has fired.
    fn is_over(&mut self) {
        self.target = None;
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let spawned = self.channel.forget(self.call).flatten().map(Target::Pid);
        if let Some(to) = self.target.take().or(spawned) {
            self.channel.control(&Control::Demonitor {
                from: self.from.clone(),
                to,
                reference: self.reference.clone(),
            });
        }
    }
}

/// Calls a server of this node by its address in the cluster.
async fn call_here(
    core: &Arc<Core>,
    to: &Destination,
    request: &[u8],
) -> Result<Vec<u8>, CallError> {
    struct Here(
        Arc<Core>,
        parking_lot::Mutex<Option<oneshot::Sender<Vec<u8>>>>,
    );

    impl AnswerSink for Here {
        fn answer(&self, answer: &dyn erased_serde::Serialize) {
            let mut bytes = Vec::new();
            self.0.write_answer(&answer, &mut bytes);
            if let Some(told) = self.1.lock().take() {
                let _unwanted = told.send(bytes);
            }
        }

        fn client(&self) -> Option<Pid> {
            process::try_current()
        }
    }

    let gate = gate_here(core, to).ok_or(CallError::NoProcess)?;
    let pid = gate.pid().ok_or(CallError::NoProcess)?;
    let (told, answer) = oneshot::channel();
    let told = parking_lot::Mutex::new(Some(told));
    let sink: Arc<dyn AnswerSink> = Arc::new(Here(core.clone(), told));
    crossing(core.clone(), || {
        if let Err(refused) = gate.call(request, sink.clone()) {
            refuse(&*sink, refused);
        }
    });
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        Ok(answer) = &mut answer => Ok(answer),
        ended = core.node.wait(pid) => match answer.try_recv() {
            Ok(answer) => Ok(answer),
            Err(_) => Err(ended.map_or(CallError::NoProcess, CallError::Exited)),
        },
    }
}

/// Calls a function, as `erpc:call/5`. Gives the result.
pub(crate) async fn rpc(
    core: &Arc<Core>,
    node: &Atom,
    (module, function): (Atom, Atom),
    arguments: Term,
    limit: TimeLimit,
) -> Result<Term, RpcError> {
    let calling = async {
        if *node == core.me.name {
            return rpc_here(core, module, function, arguments).await;
        }
        let connection = core.connect(node).await;
        let connection = connection.map_err(|ConnectError { .. }| RpcError::NodeDown)?;
        let channel = &connection.channel;
        if channel.queue.room().await.is_err() {
            return Err(RpcError::NodeDown);
        }
        if !channel.common.contains(Flags::SPAWN) {
            return Err(RpcError::Refused(term!(notsup)));
        }
        let (mut open, ended) = Open::new(core, channel).ok_or(RpcError::NodeDown)?;
        let mark: Term = open.reference.clone().into();
        let request = term!([(mark.clone()), (module), (function), (arguments)]);
        let mut payload = Vec::new();
        to_bytes_into(&request, &mut payload)?;
        let control = Control::SpawnRequest(Box::new(Spawn {
            id: open.reference.clone(),
            from: open.from.clone(),
            group_leader: open.from.clone(),
            function: (Atom::constant("erpc"), Atom::constant("execute_call"), 4),
            options: term!([monitor]),
        }));
        channel.message(&control, payload);
        match ended.await {
            Ok(Ended::Down(why)) => {
                open.is_over();
                result(&mark, why)
            }
            Ok(Ended::Refused(why)) => Err(RpcError::Refused(why)),
            Ok(Ended::Answer(_)) | Err(_) => Err(RpcError::NodeDown),
        }
    };
    within(limit, calling)
        .await
        .unwrap_or_else(|limit| Err(RpcError::Timeout(limit)))
}

/// Calls a function of this node, in a process of its own.
async fn rpc_here(
    core: &Arc<Core>,
    module: Atom,
    function: Atom,
    arguments: Term,
) -> Result<Term, RpcError> {
    let called = Called::of(&module.into(), &function.into(), &arguments);
    let called = called.ok_or_else(|| RpcError::Error(term!(badarg)))?;
    let running = called.run(core);
    let (told, result) = oneshot::channel();
    core.spawn(async move {
        // Who has given up in the meantime does not want it.
        let _unwanted = told.send(running.await);
    });
    match result.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Raised::Error(why))) => Err(RpcError::Error(why)),
        Ok(Err(Raised::Exit(why))) => Err(RpcError::Exit(why)),
        Ok(Err(Raised::Throw(value))) => Err(RpcError::Throw(value)),
        // The process has ended without a result.
        Err(_) => Err(RpcError::Exit(term!(killed))),
    }
}

/// The result in the exit reason of the spawned process.
fn result(mark: &Term, why: Term) -> Result<Term, RpcError> {
    if why
        .as_atom()
        .is_some_and(|why| why.as_str() == "noconnection")
    {
        return Err(RpcError::NodeDown);
    }
    let Some([first, how, value, ..]) = why.as_tuple() else {
        return Err(RpcError::Exit(why));
    };
    if first != mark {
        return Err(RpcError::Exit(why));
    }
    let value = value.clone();
    match how.as_atom().map(Atom::as_str) {
        Some("return") => Ok(value),
        Some("throw") => Err(RpcError::Throw(value)),
        Some("exit") => Err(RpcError::Exit(value)),
        _ => Err(RpcError::Error(value)),
    }
}
