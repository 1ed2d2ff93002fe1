//! Other nodes over otp-dist: nodes of ours are asked what their own pages would show, a BEAM what it tells everybody by `rpc`.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use futures_util::future::join_all;
use otp_dist::{Atom, Distribution, Raised, RpcError};
use otp_etf::{Term, from_term};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::act::{Act, act};
use crate::far::{Far, FarNode, Later};
use crate::state::State;
use crate::stream::{STEP, glance, rest};
use crate::views::{Params, View, system};

/// The module under which the functions are found.
const MODULE: &str = "otp_observer";

/// How long another node may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a node may take to say what it is.
const BRIEF: Duration = Duration::from_secs(1);

/// Nodes that are connected by a distribution.
pub(crate) struct Connected(Distribution);

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
    Arc::new(Connected(dist.clone()))
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

/// One look; the next one comes before the observation ends.
async fn look(state: &Arc<State>, query: &str) -> Result<(String, u64), Raised> {
    let uri: Uri = format!("/?{query}").parse().map_err(|_| badarg())?;
    let params = Query::<Params>::try_from_uri(&uri).map_err(|_| badarg())?;
    let mut view = View::of(&params).ok_or_else(badarg)?;
    let busy = || Raised::Error(Term::from("too many pages are open"));
    let _open = state.open().ok_or_else(busy)?;
    let (text, cost) = glance(&mut view, state).await;
    let rest = rest(STEP, cost, state.pages());
    Ok((text, u64::try_from(rest.as_millis()).unwrap_or(u64::MAX)))
}

impl Connected {
    fn ask<R: DeserializeOwned + Send + 'static>(
        &self,
        node: &str,
        function: &'static str,
        arguments: impl Serialize + Send + 'static,
    ) -> Later<Result<R, String>> {
        let (dist, node) = (self.0.clone(), node.to_owned());
        Box::pin(async move {
            // Who looks at the page does not choose with whom the node connects.
            let connected = dist.nodes().into_iter().find(|it| it.as_str() == node);
            let name = connected.ok_or_else(|| format!("{node} is not connected"))?;
            let called = (Atom::constant(MODULE), Atom::constant(function));
            let asked = dist.rpc::<R>(&name, called, arguments).timeout(PATIENCE);
            asked.await.map_err(|error| match &error {
                RpcError::Error(why) => match why.as_atom().map(Atom::as_str) {
                    Some("undef") => format!(
                        "{node} is not shown: no page of its own is served there with this cluster"
                    ),
                    _ => format!("{node}: {}", text(why)),
                },
                _ => format!("{node}: {error}"),
            })
        })
    }
}

fn text(term: &Term) -> String {
    from_term(term).unwrap_or_else(|_| term.to_string().replace('"', ""))
}

impl Far for Connected {
    fn nodes(&self) -> Later<Vec<FarNode>> {
        let dist = self.0.clone();
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
