//! The signals with which the system asks a program to end.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::Stream;

use crate::report::application as report;

/// Listens to the signals with which the system asks a program to end, from now on: SIGTERM, SIGINT (Ctrl-C) and SIGHUP on
/// Unix; Ctrl-C, Ctrl-Break, and the events for closing a console, logging off and shutting down on Windows. Hand the
/// stream to [`run`](super::run).
///
/// Each signal is reported when it is taken from the stream, as OTP reports a SIGTERM.
///
/// Needs the feature `signals`.
///
/// # OTP
///
/// `erl_signal_server`, whose default for SIGTERM is `init:stop/0`.
///
/// # Differences from OTP
///
/// - SIGHUP and SIGINT stop the program in order, too.
/// - From the first call on, none of these signals ends the program directly. [`run`](super::run) decides the effect of
///   a second one. If all threads of the program are busy, it sees no signal.
///
/// # Errors
///
/// The system's error, if it does not allow to handle signals.
///
/// # Panics
///
/// Panics outside of a tokio runtime, and in one whose builder has not called `enable_io` or `enable_all`.
///
/// # Examples
///
/// A service: exit code 0 after a signal, 1 if an application has failed, and the cause on standard error.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use otp_core::Node;
/// use otp_core::application::{self, ApplicationSpec};
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<ExitCode> {
///     let service = ApplicationSpec::library("service");
///     let status = application::run(&Node::new(), service, application::signals()?).await;
///     eprintln!("{status}");
///     Ok(ExitCode::from(status.exit_code()))
/// }
/// ```
pub fn signals() -> io::Result<Signals> {
    Ok(Signals {
        sources: system::sources()?,
    })
}

/// The signals of the system; see [`signals`]. The stream does not end.
///
/// # Examples
///
/// ```
/// use futures_util::{FutureExt, StreamExt};
/// use otp_core::application;
/// use otp_core::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let mut signals = application::signals()?;
/// assert_eq!(signals.next().now_or_never(), None, "no signal has come");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[must_use = "nobody else sees the signals"]
pub struct Signals {
    sources: Vec<(&'static str, system::Source)>,
}

impl Stream for Signals {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        for (name, source) in &mut self.sources {
            if let Poll::Ready(Some(())) = source.poll_recv(cx) {
                report::signal(name);
                return Poll::Ready(Some(()));
            }
        }
        Poll::Pending
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sources.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(unix)]
mod system {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) type Source = Signal;

    pub(super) fn sources() -> io::Result<Vec<(&'static str, Source)>> {
        Ok(vec![
            ("SIGTERM", signal(SignalKind::terminate())?),
            ("SIGINT", signal(SignalKind::interrupt())?),
            ("SIGHUP", signal(SignalKind::hangup())?),
        ])
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::task::{Context, Poll};

    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
        ctrl_logoff, ctrl_shutdown,
    };

    pub(super) enum Source {
        C(CtrlC),
        Break(CtrlBreak),
        Close(CtrlClose),
        Logoff(CtrlLogoff),
        Shutdown(CtrlShutdown),
    }

    impl Source {
        pub(super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
            match self {
                Self::C(source) => source.poll_recv(cx),
                Self::Break(source) => source.poll_recv(cx),
                Self::Close(source) => source.poll_recv(cx),
                Self::Logoff(source) => source.poll_recv(cx),
                Self::Shutdown(source) => source.poll_recv(cx),
            }
        }
    }

    pub(super) fn sources() -> io::Result<Vec<(&'static str, Source)>> {
        Ok(vec![
            ("CTRL_C", Source::C(ctrl_c()?)),
            ("CTRL_BREAK", Source::Break(ctrl_break()?)),
            ("CTRL_CLOSE", Source::Close(ctrl_close()?)),
            ("CTRL_LOGOFF", Source::Logoff(ctrl_logoff()?)),
            ("CTRL_SHUTDOWN", Source::Shutdown(ctrl_shutdown()?)),
        ])
    }
}
