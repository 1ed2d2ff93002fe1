//! The requests of a page.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State as Shared};
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, SET_COOKIE};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next as MiddlewareNext, from_fn_with_state};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::act::{Act, act};
use crate::assets;
use crate::door::{Door, IDLE};
use crate::far::Far;
use crate::gate::Refused;
use crate::state::State;
use crate::stream::{Shown, Target, stream};
use crate::views::Params;

/// The longest request for something to be done, in bytes.
const LONGEST: usize = 8 * 1024;

/// Serves the page until the observer is dropped.
pub(crate) async fn run(listener: TcpListener, state: Arc<State>) {
    let router = Router::new()
        .route("/", get(page))
        .route("/assets/{name}", get(asset))
        .route("/api/hello", get(hello))
        .route("/api/stream", get(look))
        .route("/api/act", post(do_it))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(from_fn_with_state(state.clone(), admit))
        .with_state(state.clone());
    let served = axum::serve(Door::new(listener, state.clone()), router);
    let served = served.with_graceful_shutdown(async move { state.closed().await });
    // It does not fail; a connection that does ends alone.
    let _ = served.await;
}

/// A request has its turn, and is let in before anything else of it is read. Every answer has the same headers, also one that
/// a part of axum gives.
async fn admit(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: MiddlewareNext,
) -> Response {
    state.admit().await;
    let (headers, method) = (request.headers(), request.method());
    let let_in = match request.uri().path() {
        // It may have the link.
        "/" => Ok(()),
        _ if method.is_safe() => state.gate.admits(headers),
        _ => state.gate.admits_action(headers),
    };
    let mut answer = match let_in {
        Ok(()) => next.run(request).await,
        Err(refused) => refuse(refused),
    };
    assets::protect(answer.headers_mut());
    answer
}

/// What stands in the link.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

async fn page(
    Shared(state): Shared<Arc<State>>,
    Query(link): Query<Link>,
    headers: HeaderMap,
) -> Response {
    let with_link = state.gate.opens(&headers, &link.token);
    if let Err(refused) = with_link.or_else(|_| state.gate.admits(&headers)) {
        return refuse(refused);
    }
    let mut answer = answer("text/html; charset=utf-8", assets::PAGE);
    if let Ok(cookie) = HeaderValue::from_str(&state.gate.cookie()) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::asset(&name) {
        Some((content, text)) => answer(content, text),
        None => refuse((StatusCode::NOT_FOUND, "there is no such part of the page")),
    }
}

/// Which node is meant; this one, if there is no name.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Place {
    node: String,
}

impl Place {
    /// The cluster, if another node is meant.
    fn far(&self, state: &State) -> Option<Result<Arc<dyn Far>, Refused>> {
        let none = (StatusCode::NOT_FOUND, "this page shows no other nodes");
        let is_mine = |far: &Arc<dyn Far>| far.name() == self.node;
        match state.far() {
            _ if self.node.is_empty() => None,
            Some(far) if is_mine(far) => None,
            far => Some(far.cloned().ok_or(none)),
        }
    }
}

/// What a page has to know before anything else.
async fn hello(Shared(state): Shared<Arc<State>>, Query(place): Query<Place>) -> Response {
    match place.far(&state) {
        None => {}
        Some(Err(refused)) => return refuse(refused),
        Some(Ok(far)) => {
            return match far.hello(&place.node).await {
                Ok(hello) => ([(CONTENT_TYPE, "application/json")], hello).into_response(),
                Err(why) => told(StatusCode::BAD_GATEWAY, &json!({ "error": why })),
            };
        }
    }
    told(
        StatusCode::OK,
        &json!({
            "title": state.title,
            "node": state.node.id().to_string(),
            "acts": state.acts,
            "token": state.gate.csrf(),
        }),
    )
}

async fn look(
    Shared(state): Shared<Arc<State>>,
    Query(place): Query<Place>,
    Query(params): Query<Params>,
    uri: Uri,
) -> Response {
    let target = match (place.far(&state), Shown::of(&params)) {
        (_, None) => return refuse((StatusCode::NOT_FOUND, "there is no such view")),
        (Some(Err(refused)), _) => return refuse(refused),
        (Some(Ok(_)), _) => Target::There {
            node: place.node,
            query: uri.query().unwrap_or_default().to_owned(),
        },
        (None, Some(shown)) => Target::Here(shown),
    };
    let Some(open) = state.open() else {
        return refuse((StatusCode::SERVICE_UNAVAILABLE, "too many pages are open"));
    };
    let alive = KeepAlive::new().interval(IDLE / 2);
    let events = Sse::new(stream(state, target, open)).keep_alive(alive);
    events.into_response()
}

async fn do_it(
    Shared(state): Shared<Arc<State>>,
    Query(place): Query<Place>,
    body: Bytes,
) -> Response {
    let wanted: Act = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => {
            let why = json!({ "error": error.to_string() });
            return told(StatusCode::BAD_REQUEST, &why);
        }
    };
    if !state.acts && !wanted.only_looks() {
        return refuse((StatusCode::FORBIDDEN, "this page only shows"));
    }
    let done = match place.far(&state) {
        None => act(&state, wanted).await,
        Some(Err(refused)) => return refuse(refused),
        Some(Ok(far)) => {
            // It was read as an act just now.
            let wanted = String::from_utf8_lossy(&body).into_owned();
            far.act(&place.node, wanted).await
        }
    };
    match done {
        Ok(()) => told(StatusCode::OK, &json!({})),
        Err(why) => told(StatusCode::CONFLICT, &json!({ "error": why })),
    }
}

async fn nothing(_: Uri) -> Response {
    refuse((StatusCode::NOT_FOUND, "there is nothing here"))
}

fn answer(content: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, content)], text).into_response()
}

fn told(status: StatusCode, value: &Value) -> Response {
    let content = [(CONTENT_TYPE, "application/json")];
    (status, content, value.to_string()).into_response()
}

fn refuse((status, why): Refused) -> Response {
    (status, why).into_response()
}
