//! Requests to start a process: functions on the allow-list, called by `erpc` or spawned as they are, and nothing else.

use std::sync::Arc;

use otp_etf::{Atom, Reference, Term, term, to_bytes_into};

use crate::channel::Channel;
use crate::core::Core;
use crate::functions::{Called, Raised};
use crate::receive::view;
use crate::wire::control::{Control, Spawn, Target};

/// What is asked for, once it is understood.
struct Request {
    /// The caller's mark on the result; none for a cast.
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

    /// The reason with which the process ends: how a caller gets its result.
    fn outcome(&self, result: Result<Term, Raised>) -> Term {
        let Some(mark) = self.mark.clone() else {
            return term!(normal);
        };
        match result {
            Ok(value) => term!({(mark), return, (value)}),
            Err(Raised::Throw(value)) => term!({(mark), throw, (value)}),
            Err(Raised::Exit(value)) => term!({(mark), exit, (value)}),
            Err(Raised::Error(value)) => {
                term!({(mark), error, (value), (self.called.stack())})
            }
        }
    }
}

/// Answers a request. An error ends the connection.
pub(crate) fn request(
    core: &Arc<Core>,
    channel: &Arc<Channel>,
    spawn: &Spawn,
    payload: &[u8],
) -> Result<(), String> {
    view(payload)?;
    if !channel.peer.has(&spawn.from) {
        return Ok(());
    }
    let reply = |is_monitored, result| {
        channel.control(&Control::SpawnReply {
            id: spawn.id.clone(),
            to: spawn.from.clone(),
            is_linked: false,
            is_monitored,
            result,
        });
    };
    let Some(request) = Request::read(core, spawn, payload) else {
        tracing::debug!(peer = %channel.peer.name, "a spawn is not allowed");
        reply(false, Err(Atom::constant("notsup")));
        return Ok(());
    };
    let Some(place) = channel.place() else {
        reply(false, Err(Atom::constant("system_limit")));
        return Ok(());
    };
    let is_monitored = spawn.has_option("monitor");
    let running = request.called.run(core);
    let end = End {
        channel: channel.clone(),
        monitor: is_monitored.then(|| (spawn.id.clone(), spawn.from.clone())),
        process: None,
    };
    // The process does not run before its pid has been told.
    let (begin, begins) = tokio::sync::oneshot::channel();
    let pid = core.spawn(async move {
        let mut end = end;
        let Ok(pid) = begins.await else {
            return;
        };
        end.process = Some(pid);
        let result = running.await;
        end.tell(&request.outcome(result));
        drop(place);
    });
    let pid = core.me.pid(pid.id());
    reply(is_monitored, Ok(pid.clone()));
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
