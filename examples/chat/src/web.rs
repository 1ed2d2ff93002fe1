//! The pages: one to try it, and one WebSocket for each seat in a room.

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

use crate::api::Chat;
use crate::boundary::rooms::ROOMS;
use crate::boundary::session::Seat;
use crate::supervision::{self, Settings};

/// The longest line that a user may say, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// The whole chat: it listens here, and its rooms end when they have been empty for `idle`.
pub fn application(node: &Node, listener: Arc<TcpListener>, idle: Duration) -> ApplicationSpec {
    let chat = Chat::new(node, idle);
    supervision::application(Settings {
        rooms: chat.0.clone(),
        listener,
        router: router(node, chat),
    })
}

fn router(node: &Node, chat: Chat) -> Router {
    Router::new()
        .route("/", get(async || Html(include_str!("page.html"))))
        .route("/rooms/{room}/{name}", get(enter))
        .route("/rooms", get(rooms))
        .with_state(chat)
        // So `process::node()` is this node in all handlers.
        .layer(NodeLayer::new(node))
}

/// How many rooms there are.
async fn rooms() -> Result<String, StatusCode> {
    let rooms = DynamicSupervisorRef::find(&process::node(), Name::from(ROOMS));
    let rooms = rooms.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let counts = rooms.count_children().await;
    let counts = counts.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(counts.active.to_string())
}

/// Makes a WebSocket of the request. hyper runs this in a task of its own, which is no process; so the chat's handle
/// has all that it needs in it, and the socket moves into a process.
async fn enter(
    Path((room, name)): Path<(String, String)>,
    State(chat): State<Chat>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.max_message_size(LONGEST_LINE);
    upgrade.on_upgrade(async move |socket| {
        // A chat that is going down serves nobody: the socket is closed as it is dropped.
        let _ = chat.serve(Seat { room, name }, socket).await;
    })
}
