//! The application and its supervision tree.
//!
//! ```text
//! chat (one for all)
//! ├── registry     the rooms by name
//! ├── lines        a topic for each room
//! ├── rooms        a dynamic supervisor with a guard for each room, which keeps the room's server
//! ├── sessions     a dynamic supervisor with a process for each socket
//! └── http         the listener, a future of axum with a graceful stop
//! ```
//!
//! The tree stops in the reverse order of its start: the listener accepts no more connections and answers the requests that are not
//! WebSockets, then each session closes its socket, and then the rooms end.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use otp_core::prelude::*;
use otp_core::{Application, ApplicationSpec, Child, drain};

use crate::boundary::rooms::{ROOMS, Rooms};
use crate::boundary::session::SESSIONS;

/// The settings of the chat.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The rooms.
    pub rooms: Rooms,
    /// The listening socket.
    pub listener: Arc<TcpListener>,
    /// The routes.
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
                DynamicSupervisor::new().name(ROOMS).start_link()
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

/// A listener on the bound socket. `main` has bound it, so a port in use is an error of `main`, and a restarted listener still has
/// the connections in the system's queue.
fn accept_from(listener: &TcpListener) -> io::Result<tokio::net::TcpListener> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
