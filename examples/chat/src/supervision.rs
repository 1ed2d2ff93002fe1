//! The application and its tree.
//!
//! ```text
//! chat (one for all)
//! ├── registry     knows the rooms by name
//! ├── lines        a topic for each room
//! ├── rooms        a dynamic supervisor: a server for each room
//! ├── sessions     a dynamic supervisor: a process for each socket
//! └── http         the listener, a future of axum's that is drained
//! ```
//!
//! A tree stops in the opposite order of its start: the listener takes no more connections and answers the requests that are not
//! WebSockets, then each session says goodbye to its user, and then the rooms end.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use otp_core::prelude::*;
use otp_core::{Application, ApplicationSpec, Child, drain};

use crate::boundary::rooms::{ROOMS, Rooms};
use crate::boundary::session::SESSIONS;

/// What the chat is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The rooms.
    pub rooms: Rooms,
    /// Where it listens.
    pub listener: Arc<TcpListener>,
    /// What it answers.
    pub router: Router,
}

/// The application.
#[derive(Debug)]
struct ChatApplication;

/// The chat for [`application::run`](otp_core::application::run).
pub fn application(settings: Settings) -> ApplicationSpec {
    ApplicationSpec::new::<ChatApplication>("chat", settings).description("chat rooms")
}

impl Application for ChatApplication {
    type Args = Settings;

    async fn start(settings: Settings) -> Result<(Child, Self), ExitReason> {
        let Settings {
            rooms: Rooms {
                registry, lines, ..
            },
            listener,
            router,
        } = settings;
        let tree = Supervisor::new(Strategy::OneForAll)
            .child(ChildSpec::worker("registry", move || registry.start_link()))
            .child(ChildSpec::worker("lines", move || lines.start_link()))
            .child(ChildSpec::supervisor("rooms", || {
                // One room that fails again and again must not take the others along too soon.
                let rooms = DynamicSupervisor::new().max_restarts(100, Duration::from_secs(5));
                rooms.name(ROOMS).start_link()
            }))
            .child(ChildSpec::supervisor("sessions", || {
                DynamicSupervisor::new().name(SESSIONS).start_link()
            }))
            .child(drain::child_spec("http", move |drain| {
                let (listener, router) = (accept_from(&listener), router.clone());
                async move {
                    axum::serve(listener?, router)
                        .with_graceful_shutdown(drain.wait())
                        .await
                }
            }));
        Ok((tree.start_link().await?.into(), Self))
    }
}

/// The socket was bound before: a port that is taken is an error of `main`, and a listener that is started again has lost no
/// connection that waits in the system's queue.
fn accept_from(listener: &TcpListener) -> io::Result<tokio::net::TcpListener> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
