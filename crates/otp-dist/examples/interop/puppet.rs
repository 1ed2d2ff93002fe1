//! Processes that do what they are told, and record what happens to them.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use otp_core::prelude::*;
use otp_core::{MonitorRef, process};
use otp_dist::{
    CallError, Destination, Distribution, NodeEvent, NodeMonitor, RpcError, TermCall,
    reason_from_term, reason_to_term,
};
use otp_etf::{Binary, Reference, Term, from_term, term};
use serde::{Deserialize, Serialize};

use crate::command::{Command, Dest};
use crate::opaque::undecodable;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Plain,
    Trap,
}

pub(crate) struct Puppet {
    dist: Distribution,
    recorded: Vec<Term>,
    /// Monitors that it holds, and on what.
    monitors: HashMap<MonitorRef, Term>,
    nodes: Option<NodeMonitor>,
}

#[gen_server]
impl GenServer for Puppet {
    type Args = (Distribution, Kind);
    type Call = TermCall;
    type Cast = Term;
    type Info = Term;

    async fn init(
        (dist, kind): (Distribution, Kind),
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(kind == Kind::Trap);
        Ok(Init::state(Self {
            dist,
            recorded: Vec::new(),
            monitors: HashMap::new(),
            nodes: None,
        }))
    }

    async fn handle_call(&mut self, call: TermCall, context: &mut Context<Self>) -> Reply<Self> {
        let TermCall { request, from } = call;
        match command(&request) {
            Some(Command::Stop(reason)) => {
                Reply::later().then(Next::Stop(reason_from_term(reason)))
            }
            Some(command) => {
                let answer = self.run(command, context).await;
                from.reply(answer)
            }
            None => from.reply(undecodable()),
        }
    }

    async fn handle_cast(&mut self, cast: Term, context: &mut Context<Self>) -> Next<Self> {
        let Some(commands) = commands(&cast) else {
            return Next::NoReply;
        };
        for command in commands {
            match command {
                Command::Stop(reason) => return Next::Stop(reason_from_term(reason)),
                command => drop(self.run(command, context).await),
            }
        }
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<Term>, _: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(message) => self.recorded.push(message),
            Info::Exit(Exit { from, reason }) => {
                let from = self.dist.pid(from).map_or(term!(unknown), Term::from);
                let reason = reason_to_term(&reason);
                self.recorded.push(term!({@"EXIT", (from), (reason)}));
            }
            Info::Down(Down {
                monitor, reason, ..
            }) => {
                // One that was taken back in the meantime is flushed.
                if let Some(target) = self.monitors.remove(&monitor) {
                    let reference = self.dist.reference(monitor);
                    let reason = reason_to_term(&reason);
                    self.recorded
                        .push(term!({@"DOWN", (reference), process, (target), (reason)}));
                }
            }
            Info::Timeout => {}
        }
        Next::NoReply
    }
}

/// `{do, Command}`.
fn command(request: &Term) -> Option<Command> {
    match request.as_tuple()? {
        [tag, command] if *tag == term!(@"do") => from_term(command).ok(),
        _ => None,
    }
}

/// `{do, [Command]}`.
fn commands(request: &Term) -> Option<Vec<Command>> {
    match request.as_tuple()? {
        [tag, commands] if *tag == term!(@"do") => from_term(commands).ok(),
        _ => None,
    }
}

impl Puppet {
    async fn run(&mut self, command: Command, context: &mut Context<Self>) -> Term {
        let dist = self.dist.clone();
        match command {
            Command::Take => return Term::list(std::mem::take(&mut self.recorded)),
            Command::Stats => return self.stats(context),
            Command::Link(pid) => {
                if let Some(pid) = dist.at(Destination::Pid(pid)).pid().await {
                    context.link(pid);
                }
            }
            Command::Unlink(pid) => {
                if let Some(pid) = dist.at(Destination::Pid(pid)).pid().await {
                    context.unlink(pid);
                }
            }
            Command::Exit(pid, reason) => {
                if let Some(pid) = dist.at(Destination::Pid(pid)).pid().await {
                    process::exit(pid, reason_from_term(reason));
                }
            }
            Command::Send(Dest(to), message) => {
                let _sent = dist.at(to).send(&message).await;
            }
            Command::Cast(Dest(to), message) => {
                let _sent = dist.at(to).cast(&message).await;
            }
            Command::Sleep(ms) => sleep(ms).await,
            Command::Monitor(to) => {
                let monitor = self.monitor(to, context).await;
                return self.dist.reference(monitor).into();
            }
            Command::MonitorMany(to, n) => {
                for _ in 0..n {
                    self.monitor(to.clone(), context).await;
                }
            }
            Command::Demonitor(reference) => self.demonitor(&reference, context),
            Command::SendMany(Dest(to), n) => {
                let to = dist.at(to);
                for i in 1..=n {
                    let _sent = to.send(&i).await;
                }
            }
            Command::Flood(Dest(to), n, size) => {
                let (to, blob) = (dist.at(to), Binary::from(vec![b'x'; size]));
                for i in 1..=n {
                    let message = term!({(i), (blob.clone())});
                    let _sent = to.send(&message).await;
                }
            }
            Command::Blob(n) => {
                let bytes: Vec<u8> = (0..n).map(|i| (i % 8) as u8).collect();
                return Binary::from(bytes).into();
            }
            Command::Call(Dest(to), request, ms) => return called(dist.at(to), request, ms).await,
            Command::Rpc(node, module, function, arguments, ms) => {
                let (called, limit) = ((module, function), Duration::from_millis(ms));
                let result = dist
                    .rpc::<Term>(&node, called, &arguments)
                    .timeout(limit)
                    .await;
                return returned(result);
            }
            Command::Connect(node) => return dist.connect(&node).await.is_ok().into(),
            Command::ConnectAt(node, at) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                let now = now.map_or(0, |now| now.as_millis() as u64);
                sleep(at.saturating_sub(now)).await;
                return dist.connect(&node).await.is_ok().into();
            }
            Command::Disconnect(node) => return dist.disconnect(&node).into(),
            Command::Nodes => return Term::list(dist.nodes().into_iter().map(Term::Atom)),
            Command::MonitorNodes(true) => {
                let me = context.me();
                self.nodes = Some(dist.monitor_nodes(move |event| {
                    me.send(match event {
                        NodeEvent::Up(node) => term!({nodeup, (node.clone())}),
                        NodeEvent::Down(node) => term!({nodedown, (node.clone())}),
                    });
                }));
            }
            Command::MonitorNodes(false) => self.nodes = None,
            Command::Join(group) => dist.join(group, context.pid()),
            Command::Leave(group) => {
                if !dist.leave(&group, context.pid()) {
                    return term!(not_joined);
                }
            }
            Command::Members(group) => return dist.members(&group).into(),
            Command::Global(node, name) => {
                return match dist.register_global(&node, &name, context.pid()).await {
                    Ok(true) => term!(yes),
                    Ok(false) => term!(no),
                    Err(error) => term!({error, (error.to_string())}),
                };
            }
            Command::Stop(_) => unreachable!("the callbacks stop"),
        }
        term!(ok)
    }

    fn stats(&self, context: &Context<Self>) -> Term {
        let Some(info) = context.node().process_info(context.pid()) else {
            return term!(undefined);
        };
        term!(#{
            links => (info.links.len()),
            monitors => (info.monitors.len() + info.monitored_names.len()),
            watchers => (info.monitored_by.len()),
            recorded => (self.recorded.len()),
        })
    }

    async fn monitor(&mut self, to: Dest, context: &Context<Self>) -> MonitorRef {
        let target = self.dist.at(to.0.clone()).target().await;
        let monitor = context.monitor(target);
        self.monitors.insert(monitor, to.into());
        monitor
    }

    fn demonitor(&mut self, reference: &Reference, context: &Context<Self>) {
        let dist = &self.dist;
        let held = self.monitors.keys().copied();
        let found = held
            .into_iter()
            .find(|monitor| dist.reference(*monitor) == *reference);
        if let Some(monitor) = found {
            self.monitors.remove(&monitor);
            context.demonitor(monitor);
        }
    }
}

async fn sleep(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

async fn called(to: otp_dist::RemoteProcess, request: Term, ms: u64) -> Term {
    let limit = Duration::from_millis(ms);
    match to.call::<Term>(&request).timeout(limit).await {
        Ok(answer) => term!({reply, (answer)}),
        Err(CallError::NoProcess) => term!(noproc),
        Err(CallError::Timeout(_)) => term!(timeout),
        Err(CallError::NodeDown) => term!(nodedown),
        Err(CallError::Exited(reason)) => term!({exit, (reason_to_term(&reason))}),
        Err(error) => term!({exit, (error.to_string())}),
    }
}

fn returned(result: Result<Term, RpcError>) -> Term {
    let why = match result {
        Ok(value) => return term!({ok, (value)}),
        Err(RpcError::Timeout(_)) => term!(timeout),
        Err(RpcError::NodeDown) => term!(nodedown),
        Err(RpcError::Error(why) | RpcError::Refused(why)) => term!({error, (why)}),
        Err(RpcError::Exit(why)) => term!({exit, (why)}),
        Err(RpcError::Throw(why)) => term!({throw, (why)}),
        Err(error) => term!({error, (error.to_string())}),
    };
    term!({error, (why)})
}
