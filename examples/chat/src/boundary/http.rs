//! The HTTP listener as a process.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use otp_core::prelude::*;
use otp_core::process;

/// The listener for a supervisor. When it is told to stop it accepts no more connections, and ends when those that are not
/// WebSockets have got their answers.
///
/// The socket was bound before: a port that is taken is an error of `main`, and a listener that is started again has lost no
/// connection that waits in the system's queue.
pub fn child_spec(listener: Arc<TcpListener>, router: Router) -> ChildSpec {
    ChildSpec::worker("http", move || {
        let (listener, router) = (listener.clone(), router.clone());
        async move {
            let listener = accept_from(&listener)?;
            Ok::<_, io::Error>(process::spawn_link(|mut mailbox: Mailbox<()>| async move {
                mailbox.trap_exit(|_| ());
                let stop = async move { mailbox.receive().await };
                let served = axum::serve(listener, router).with_graceful_shutdown(stop);
                served.await
            }))
        }
    })
    .allow_normal_shutdown(true)
}

fn accept_from(listener: &TcpListener) -> io::Result<tokio::net::TcpListener> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
