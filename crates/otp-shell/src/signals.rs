//! The system's signals as a stream, for a `main` that runs an application.
//!
//! ```no_run
//! use otp_core::application::{self, ApplicationSpec};
//! use otp_core::Node;
//! use std::process::ExitCode;
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     let signals = match otp_shell::signals::signals() {
//!         Ok(signals) => signals,
//!         Err(error) => {
//!             eprintln!("cannot listen to signals: {error}");
//!             return ExitCode::FAILURE;
//!         }
//!     };
//!     let app = ApplicationSpec::library("nothing");
//!     let status = application::run(&Node::new(), app, signals).await;
//!     ExitCode::from(status.exit_code())
//! }
//! ```

use crate::system::{self, Signal};
use futures_util::stream::{self, Stream};
use std::io;
use tokio::sync::mpsc;

/// After so many signals the program ends on the spot, in case it is too busy to see them: the first
/// asks it to stop, the second not to wait for that.
const ENOUGH: u32 = 3;

/// Ctrl-C, SIGTERM and SIGHUP, from now on: each is an item. The stream does not end. A signal that was ignored when the
/// program was started, by `nohup` for example, stays ignored.
///
/// # Errors
///
/// Fails when the system refuses to tell us of signals.
pub fn signals() -> io::Result<impl Stream<Item = ()> + Send + Unpin> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let mut count = 0;
    system::listen(move |signal| {
        count += 1;
        if count >= ENOUGH {
            end_at_once(signal);
        }
        // Nobody may be left who listens.
        let _ = sender.send(());
    })?;
    Ok(stream::poll_fn(move |cx| receiver.poll_recv(cx)))
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "whoever asks three times does not want to wait for destructors"
)]
fn end_at_once(signal: Signal) {
    std::process::exit(signal.exit_code().into());
}
