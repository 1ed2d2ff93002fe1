//! Requests to start a process: functions on the allow-list, called by `erpc` or spawned as they are, and nothing else.

use std::sync::Arc;

use otp_core::{ExitReason, Mailbox, Never};
use otp_etf::{Atom, Reference, Term, term, to_bytes_into};

use crate::channel::Channel;
use crate::connection::Connection;
use crate::core::Core;
use crate::functions::{Called, Raised};
use crate::reason::reason_from_term;
use crate::receive::view;
use crate::wire::control::{Control, Spawn, Target};

/// What is asked for, once it is understood.
struct Request {
    /// The caller's mark on the result of a call.
    mark: Option<Term>,
    called: Called,
}

impl Request {
    fn read(core: &Core, spawn: &Spawn, payload: &[u8]) -> Option<Self> {
        let (module, function, arity) = &spawn.function;
        let arguments = view(payload).ok()?.to_term().ok()?;
        let arguments = arguments.as_list()?;
        if module.as_str() != "erpc" {
            core.functions.find(module, function, arguments.len())?;
            let called = Called {
                module: module.clone(),
                function: function.clone(),
                arguments: arguments.to_vec(),
            };
            return Some(Self { mark: None, called });
        }
        let (mark, called) = match (function.as_str(), arity, arguments) {
            ("execute_call", 4, [mark, called @ ..]) => (Some(mark.clone()), called),
            ("execute_cast", 3, called) => (None, called),
            _ => return None,
        };
        let [module, function, arguments] = called else {
            return None;
        };
        let called = Called::of(module, function, arguments)?;
        Some(Self { mark, called })
    }

    /// The reason with which the process of a call ends: how a caller gets its result.
    fn outcome(&self, mark: Term, result: Result<Term, Raised>) -> Term {
        match result {
            Ok(value) => term!({(mark), return, (value)}),
            Err(Raised::Throw(value)) => term!({(mark), throw, (value)}),
            Err(Raised::Exit(value)) => term!({(mark), exit, (value)}),
            Err(Raised::Error(value)) => {
                term!({(mark), error, (value), (self.called.stack())})
            }
        }
    }

    /// The reason with which any other process ends.
    fn end(&self, result: Result<Term, Raised>) -> ExitReason {
        let failed = |why| reason_from_term(term!({(why), (self.called.stack())}));
        match result {
            Ok(_) => ExitReason::Normal,
            Err(Raised::Exit(why)) => reason_from_term(why),
            Err(Raised::Error(why)) => failed(why),
            Err(Raised::Throw(value)) => failed(term!({nocatch, (value)})),
        }
    }
}

/// Answers a request. An error ends the connection.
pub(crate) fn request(
    core: &Arc<Core>,
    peer: &Connection,
    spawn: &Spawn,
    payload: &[u8],
) -> Result<(), String> {
    view(payload)?;
    let channel = &peer.channel;
    let Some(from) = peer.from(&spawn.from) else {
        return Ok(());
    };
    let (wants_link, wants_monitor) = (spawn.has_option("link"), spawn.has_option("monitor"));
    let reply = |result: Result<otp_etf::Pid, &'static str>| {
        channel.control(&Control::SpawnReply {
            id: spawn.id.clone(),
            to: spawn.from.clone(),
            is_linked: wants_link && result.is_ok(),
            is_monitored: wants_monitor && result.is_ok(),
            result: result.map_err(Atom::constant),
        });
    };
    let Some(request) = Request::read(core, spawn, payload) else {
        tracing::debug!(peer = %channel.peer.name, "a spawn is not allowed");
        reply(Err("notsup"));
        return Ok(());
    };
    let Some(place) = channel.place() else {
        reply(Err("system_limit"));
        return Ok(());
    };
    let running = request.called.run(core);
    // The process does not run before its pid has been told.
    let (begin, begins) = tokio::sync::oneshot::channel();
    let pid = match request.mark.clone() {
        // A call, which is not linked, and whose pid nobody learns.
        Some(mark) if !wants_link => {
            let mut end = End {
                channel: channel.clone(),
                monitor: wants_monitor.then(|| (spawn.id.clone(), spawn.from.clone())),
                process: None,
            };
            core.spawn(async move {
                let Ok(pid) = begins.await else {
                    return;
                };
                end.process = Some(pid);
                let result = running.await;
                end.tell(&request.outcome(mark, result));
                drop(place);
            })
        }
        mark => {
            let process = core.node.spawn(async move |_: Mailbox<Never>| {
                let _place = place;
                let _begun = begins.await;
                let result = running.await;
                match mark {
                    Some(mark) => ExitReason::other(request.outcome(mark, result)),
                    None => request.end(result),
                }
            });
            let pid = process.pid();
            core.exposed.pid(&core.node, pid, None);
            if wants_monitor {
                peer.watch(from, pid.into(), spawn.id.clone());
            }
            if wants_link {
                peer.remote.link(from, pid);
            }
            pid
        }
    };
    let pid = core.me.pid(pid.id());
    reply(Ok(pid.clone()));
    let _ended = begin.send(pid);
    Ok(())
}

/// Tells the monitor of the process's end, however it ends.
struct End {
    channel: Arc<Channel>,
    monitor: Option<(Reference, otp_etf::Pid)>,
    process: Option<otp_etf::Pid>,
}

impl End {
    fn tell(&mut self, reason: &Term) {
        let (Some(process), Some((reference, to))) = (self.process.take(), self.monitor.take())
        else {
            return;
        };
        let mut payload = Vec::new();
        if to_bytes_into(reason, &mut payload).is_err() {
            payload = vec![119, 6];
            payload.extend_from_slice(b"killed");
        }
        let control = Control::MonitorExit {
            from: Target::Pid(process),
            to,
            reference,
        };
        self.channel.message(&control, payload);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.tell(&term!(killed));
    }
}
