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

use futures_util::stream::{self, Stream};
use tokio::sync::mpsc;

/// The exit code of a program that a signal has ended.
const INTERRUPTED: i32 = 130;

/// After so many signals the program ends on the spot, in case it is too busy to see them: the first
/// asks it to stop, the second not to wait for that.
const ENOUGH: u32 = 3;

/// Ctrl-C, SIGTERM and SIGHUP, from now on: each is an item. The stream does not end.
///
/// # Errors
///
/// Fails when the system refuses to tell us of signals, and when something else in this program listens already.
pub fn signals() -> Result<impl Stream<Item = ()> + Send + Unpin, ctrlc::Error> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let mut count = 0;
    ctrlc::set_handler(move || {
        count += 1;
        if count >= ENOUGH {
            end_at_once();
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
fn end_at_once() {
    std::process::exit(INTERRUPTED);
}
