//! The routes: a page to try the chat, and the WebSockets of the users.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, Response};
use axum::routing::get;
use otp_core::tower::NodeLayer;
use otp_core::{ApplicationSpec, DynamicSupervisorRef, Name, Node, process};
use otp_observer::Metrics;

use crate::api::Chat;
use crate::boundary::rooms::ROOMS;
use crate::boundary::session::User;
use crate::supervision::{self, Settings};

/// The maximum length of a user's line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// The application of the chat. Its rooms end when they have been empty for the time `idle`.
pub fn application(node: &Node, listener: Arc<TcpListener>, idle: Duration) -> ApplicationSpec {
    let chat = Chat::new(node, idle);
    supervision::application(Settings {
        rooms: chat.0.clone(),
        listener,
        router: router(node, chat),
    })
}

fn router(node: &Node, chat: Chat) -> Router {
    let metrics = Arc::new(Metrics::of(node));
    Router::new()
        // For Prometheus. It asks no process, so none that is stuck holds it up.
        .route("/metrics", get(async move || metrics.render()))
        .route("/", get(async || Html(include_str!("page.html"))))
        .route("/rooms/{room}/{name}", get(enter))
        .route("/rooms", get(rooms))
        .with_state(chat)
        // Makes `process::node()` this node in all handlers.
        .layer(NodeLayer::new(node))
}

/// The number of rooms.
async fn rooms() -> Result<String, StatusCode> {
    let rooms = DynamicSupervisorRef::find(&process::node(), Name::from(ROOMS));
    let rooms = rooms.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let counts = rooms.count_children().await;
    let counts = counts.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(counts.active.to_string())
}

/// Upgrades the request to a WebSocket. hyper runs this in a task that is no process, so the chat's handle contains its node, and
/// the socket moves to a process.
async fn enter(
    Path((room, name)): Path<(String, String)>,
    State(chat): State<Chat>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.max_message_size(MAX_LINE);
    upgrade.on_upgrade(async move |socket| {
        // The call fails while the chat stops. Then the socket is dropped, which closes it.
        let _ = chat.serve(User { room, name }, socket).await;
    })
}
