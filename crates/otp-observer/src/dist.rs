//! Other nodes over otp-dist: nodes of ours are asked what their own pages would show, a BEAM what it tells everybody by `rpc`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use futures_util::future::join_all;
use otp_core::{ExitReason, Pid};
use otp_dist::{Atom, Distribution, Raised, RpcError};
use otp_etf::{Term, from_term};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::act::{Act, act};
use crate::clock::{Clock, Shift};
use crate::far::{Far, FarNode, FarTrace, Later};
use crate::state::State;
use crate::stream::Shown;
use crate::trace::Trace;
use crate::views::{Params, system};

/// The module under which the functions are found.
const MODULE: &str = "otp_observer";

/// How long another node may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a trace goes on for a page of another node, which may rest for long before it asks again.
const TRACED: Duration = Duration::from_secs(20);

/// How long a node may take to say what it is.
const BRIEF: Duration = Duration::from_secs(1);

/// Nodes that are connected by a distribution.
#[derive(Clone)]
pub(crate) struct Connected {
    dist: Distribution,
    state: Weak<State>,
    /// The clocks of their traces.
    clocks: Arc<Mutex<HashMap<Atom, Clock>>>,
}

/// Lets the pages of other nodes look at this one.
pub(crate) fn show(dist: &Distribution, state: &Arc<State>) -> Arc<dyn Far> {
    let weak = Arc::downgrade(state);
    dist.async_function(MODULE, "hello", move |(): ()| {
        let told = shown(&weak).map(|state| {
            let hello =
                json!({ "title": state.title, "acts": state.acts, "system": system(&state.node) });
            hello.to_string()
        });
        std::future::ready(told)
    });
    let weak = Arc::downgrade(state);
    dist.async_function(MODULE, "look", move |(query,): (String,)| {
        let state = shown(&weak);
        async move { look(&state?, &query).await }
    });
    let weak = Arc::downgrade(state);
    dist.async_function(MODULE, "act", move |(wanted,): (String,)| {
        let state = shown(&weak);
        async move {
            let state = state?;
            let wanted: Act = serde_json::from_str(&wanted).map_err(|_| badarg())?;
            if !state.acts && !wanted.only_looks() {
                return Err(Raised::Error(Term::from("that node only shows")));
            }
            act(&state, wanted)
                .await
                .map_err(|why| Raised::Error(Term::from(why)))
        }
    });
    let weak = Arc::downgrade(state);
    dist.async_function(MODULE, "clock", move |(): ()| {
        std::future::ready(shown(&weak).map(|state| state.traces.now()))
    });
    let (weak, me) = (Arc::downgrade(state), dist.clone());
    dist.async_function(MODULE, "trace", move |(): ()| {
        std::future::ready(shown(&weak).and_then(|state| trace(&state, &me)))
    });
    Arc::new(Connected {
        dist: dist.clone(),
        state: Arc::downgrade(state),
        clocks: Arc::default(),
    })
}

/// The page, for as long as it is served.
fn shown(state: &Weak<State>) -> Result<Arc<State>, Raised> {
    let undef = || Raised::Error(Atom::constant("undef").into());
    state
        .upgrade()
        .filter(|state| state.is_open())
        .ok_or_else(undef)
}

fn badarg() -> Raised {
    Raised::Error(Atom::constant("badarg").into())
}

fn busy() -> Raised {
    Raised::Error(Term::from("too many pages are open"))
}

/// One look. The observation goes on until the next one.
async fn look(state: &Arc<State>, query: &str) -> Result<(String, u64), Raised> {
    let uri: Uri = format!("/?{query}").parse().map_err(|_| badarg())?;
    let params = Query::<Params>::try_from_uri(&uri).map_err(|_| badarg())?;
    let shown = Shown::of(&params).ok_or_else(badarg)?;
    let _open = state.open().ok_or_else(busy)?;
    let (text, rest) = shown.look(state).await;
    state.expect(rest);
    Ok((text, u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)))
}

/// The traces of this node, which go on for as long as somebody asks.
fn trace(state: &Arc<State>, dist: &Distribution) -> Result<String, Raised> {
    let name = |pid| named(dist, pid).unwrap_or_default();
    let trace = state.traces.seen(&state.node, name);
    if !trace.traced.is_empty() {
        let _open = state.open().ok_or_else(busy)?;
        state.expect(TRACED);
    }
    serde_json::to_string(&trace).map_err(|_| badarg())
}

fn named(dist: &Distribution, pid: Pid) -> Option<String> {
    let pid = dist.pid(pid)?;
    let number = u64::from(pid.serial) << 32 | u64::from(pid.id);
    Some(format!("{number}@{}", pid.node.as_str()))
}

impl Connected {
    fn clocks(&self) -> MutexGuard<'_, HashMap<Atom, Clock>> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a node shows of its traces, if it does.
    async fn trace(&self, node: &Atom) -> Option<FarTrace> {
        let state = self.state.upgrade()?;
        let ask = |function: &'static str| (Atom::constant(MODULE), Atom::constant(function));
        let asked = state.traces.now();
        let clock = self.dist.rpc::<i64>(node, ask("clock"), ()).timeout(BRIEF);
        let theirs = clock.await.ok()?;
        let shift = Shift::between(asked, theirs, state.traces.now());
        let trace = self
            .dist
            .rpc::<String>(node, ask("trace"), ())
            .timeout(BRIEF);
        let mut trace: Trace = serde_json::from_str(&trace.await.ok()?).ok()?;
        // Processes of this node are called as on its own page.
        let own = format!("@{}", self.name());
        let here = |name: &mut String| {
            let number = name
                .strip_suffix(&own)
                .and_then(|number| number.parse().ok());
            if let Some(pid) = number.and_then(|number| state.node.pid(number)) {
                *name = pid.to_string();
            }
        };
        let mut clocks = self.clocks();
        let clock = clocks
            .entry(node.clone())
            .or_insert_with(|| Clock::new(shift));
        clock.learn(shift);
        clock.set(&mut trace.events);
        let within = clock.within();
        drop(clocks);
        for server in &mut trace.traced {
            server.node = Some(node.as_str().to_owned());
        }
        for event in &mut trace.events {
            event.node = Some(node.as_str().to_owned());
            if let Some(client) = &mut event.client {
                here(client);
            }
        }
        Some(FarTrace {
            node: node.as_str().to_owned(),
            trace,
            within,
        })
    }

    fn ask<R: DeserializeOwned + Send + 'static>(
        &self,
        node: &str,
        function: &'static str,
        arguments: impl Serialize + Send + 'static,
    ) -> Later<Result<R, String>> {
        let (dist, node) = (self.dist.clone(), node.to_owned());
        Box::pin(async move {
            // Who looks at the page does not choose with whom the node connects.
            let connected = dist.nodes().into_iter().find(|it| it.as_str() == node);
            let name = connected.ok_or_else(|| format!("{node} is not connected"))?;
            let called = (Atom::constant(MODULE), Atom::constant(function));
            let asked = dist.rpc::<R>(&name, called, arguments).timeout(PATIENCE);
            asked.await.map_err(|error| match error {
                RpcError::Error(why) => match why.as_atom().map(Atom::as_str) {
                    Some("undef") => format!(
                        "{node} is not shown: no page of its own is served there with this cluster"
                    ),
                    _ => format!("{node}: {}", text(&why)),
                },
                error => format!("{node}: {:#}", ExitReason::error(error)),
            })
        })
    }
}

fn text(term: &Term) -> String {
    from_term(term).unwrap_or_else(|_| term.to_string().replace('"', ""))
}

impl Far for Connected {
    fn name(&self) -> &str {
        self.dist.name().as_str()
    }

    fn named(&self, pid: Pid) -> Option<String> {
        named(&self.dist, pid)
    }

    fn traces(&self) -> Later<Vec<FarTrace>> {
        let connected = self.clone();
        Box::pin(async move {
            let nodes = connected.dist.nodes();
            connected.clocks().retain(|node, _| nodes.contains(node));
            let traces = join_all(nodes.iter().map(|node| connected.trace(node))).await;
            traces.into_iter().flatten().collect()
        })
    }

    fn nodes(&self) -> Later<Vec<FarNode>> {
        let dist = self.dist.clone();
        Box::pin(async move {
            let nodes = dist.nodes();
            join_all(nodes.iter().map(|node| describe(&dist, node))).await
        })
    }

    fn look(&self, node: &str, query: String) -> Later<Result<(String, Duration), String>> {
        let asked = self.ask::<(String, u64)>(node, "look", (query,));
        Box::pin(async move {
            let (text, rest) = asked.await?;
            Ok((text, Duration::from_millis(rest)))
        })
    }

    fn hello(&self, node: &str) -> Later<Result<String, String>> {
        self.ask(node, "hello", ())
    }

    fn act(&self, node: &str, act: String) -> Later<Result<(), String>> {
        self.ask(node, "act", (act,))
    }
}

/// What a node says of itself.
async fn describe(dist: &Distribution, node: &Atom) -> FarNode {
    let mut known = FarNode {
        name: node.as_str().to_owned(),
        ..FarNode::default()
    };
    let hello = (Atom::constant(MODULE), Atom::constant("hello"));
    if let Ok(hello) = dist.rpc::<String>(node, hello, ()).timeout(BRIEF).await {
        let hello: Value = serde_json::from_str(&hello).unwrap_or_default();
        known.shown = true;
        known.runs = hello["title"].as_str().map(str::to_owned);
        known.processes = hello["system"]["processes"].as_u64();
        known.memory = hello["system"]["memory"].as_u64();
        return known;
    }
    let erlang = |function: &'static str, of: &'static str| {
        let called = (Atom::constant("erlang"), Atom::constant(function));
        let asked = dist.rpc::<Term>(node, called, (Atom::constant(of),));
        asked.timeout(BRIEF)
    };
    let (release, processes, memory) = tokio::join!(
        erlang("system_info", "otp_release"),
        erlang("system_info", "process_count"),
        erlang("memory", "total"),
    );
    let number = |told: Result<Term, RpcError>| u64::try_from(told.ok()?.as_integer()?).ok();
    known.runs = release
        .ok()
        .map(|release| format!("OTP {}", text(&release)));
    known.processes = number(processes);
    known.memory = number(memory);
    known
}
