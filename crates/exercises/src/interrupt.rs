//! The signals that end the program: Ctrl-C, SIGTERM and SIGHUP.

use std::io;
use std::process::ExitCode;

/// Waits for a signal, and returns the exit code: 128 plus the number of the signal.
#[cfg(unix)]
pub(crate) async fn pressed() -> io::Result<ExitCode> {
    use tokio::select;
    use tokio::signal::unix::{SignalKind, signal};

    let (interrupted, terminated, hung_up) = (
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    );
    let mut interrupts = signal(interrupted)?;
    let mut terminations = signal(terminated)?;
    let mut hang_ups = signal(hung_up)?;
    let kind = select! {
        _ = interrupts.recv() => interrupted,
        _ = terminations.recv() => terminated,
        _ = hang_ups.recv() => hung_up,
    };
    let number = u8::try_from(kind.as_raw_value()).unwrap_or_default();
    Ok(ExitCode::from(128 + number))
}

/// Waits for Ctrl-C, and returns the exit code.
#[cfg(not(unix))]
pub(crate) async fn pressed() -> io::Result<ExitCode> {
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::from(130))
}
