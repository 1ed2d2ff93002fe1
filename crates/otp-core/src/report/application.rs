//! Reports of applications: which has ended, and which callback of one has failed.

use super::{TARGET, emit};
use crate::exit::ExitReason;
use crate::util::panic;

/// An application has ended; `is_fatal` if it takes all others along.
pub(crate) fn exited(application: &str, reason: &str, is_fatal: bool) {
    emit(|| {
        if is_fatal {
            tracing::error!(
                target: TARGET,
                kind = "application",
                application,
                reason,
                "Application {application} exited: {reason}\nAll applications are shut down"
            );
        } else {
            tracing::info!(
                target: TARGET,
                kind = "application",
                application,
                reason,
                "Application {application} exited: {reason}"
            );
        }
    });
}

/// A callback has failed whose failure changes nothing.
pub(crate) fn callback_failed(application: &str, callback: &str, reason: &ExitReason) {
    let reason = panic::quietly(|| format!("{reason:#}"));
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "application",
            application,
            callback,
            reason,
            "Application {application}: {callback} failed\n** {reason}"
        );
    });
}

/// Processes of an application that has ended were killed and have not ended yet: they block their threads.
pub(crate) fn remains(application: &str, processes: usize) {
    emit(|| {
        tracing::error!(
            target: TARGET,
            kind = "application",
            application,
            processes,
            "Application {application}: {processes} of its processes do not end although they were killed"
        );
    });
}

/// The system has asked the program to end.
#[cfg(feature = "signals")]
pub(crate) fn signal(signal: &str) {
    emit(|| {
        tracing::info!(
            target: TARGET,
            kind = "signal",
            signal,
            "{signal} received"
        );
    });
}
