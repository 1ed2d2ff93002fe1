//! Reasons have the same names on both sides.

use otp_core::ExitReason;
use otp_core::gen_server::{CallError, StopError};
use otp_core::supervisor::{
    DeleteChildError, FailedToStartChild, RestartChildError, SpecError, StartChildError,
    TerminateChildError,
};

use super::world::World;

/// The reason of this name.
pub(super) fn to_reason(word: &str) -> ExitReason {
    match (word, word.strip_prefix("shutdown:")) {
        ("normal", _) => ExitReason::Normal,
        ("shutdown", _) => ExitReason::Shutdown,
        ("kill", _) => ExitReason::Kill,
        ("killed", _) => ExitReason::Killed,
        ("noproc", _) => ExitReason::NoProcess,
        ("timeout", _) => ExitReason::Timeout,
        (_, Some(why)) => ExitReason::shutdown_with(why.to_owned()),
        (other, None) => ExitReason::other(other.to_owned()),
    }
}

pub(super) fn of_reason(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Normal => "normal".to_owned(),
        ExitReason::Shutdown => "shutdown".to_owned(),
        ExitReason::Kill => "kill".to_owned(),
        ExitReason::Killed => "killed".to_owned(),
        ExitReason::NoProcess => "noproc".to_owned(),
        ExitReason::Timeout => "timeout".to_owned(),
        ExitReason::Panic(_) => "panic".to_owned(),
        ExitReason::Error(_) if reason.downcast_error::<SpecError>().is_some() => "spec".to_owned(),
        ExitReason::ShutdownWith(why) => match why.downcast_ref::<FailedToStartChild>() {
            Some(failed) => format!("failed({},{})", failed.id, of_reason(&failed.reason)),
            None => format!("shutdown:{why}"),
        },
        other => other.to_string(),
    }
}

/// What a request that has failed is answered with.
pub(super) trait Refusal {
    fn words(&self, world: &World) -> String;
}

impl Refusal for StartChildError {
    fn words(&self, world: &World) -> String {
        match self {
            Self::AlreadyStarted(pid) => format!("already_started {}", world.label(*pid)),
            Self::AlreadyPresent(_) => "error already_present".to_owned(),
            Self::MaxChildren(_) => "error max_children".to_owned(),
            Self::Spec(_) => "error spec".to_owned(),
            Self::Start { reason, .. } => format!("error {}", of_reason(reason)),
            Self::Call(error) => error.words(world),
            other => other.to_string(),
        }
    }
}

impl Refusal for TerminateChildError {
    fn words(&self, world: &World) -> String {
        match self {
            Self::NotFound(_) | Self::NotAChild(_) => "error not_found".to_owned(),
            Self::Call(error) => error.words(world),
            other => other.to_string(),
        }
    }
}

impl Refusal for RestartChildError {
    fn words(&self, world: &World) -> String {
        match self {
            Self::NotFound(_) => "error not_found".to_owned(),
            Self::Running(_) => "error running".to_owned(),
            Self::Restarting(_) => "error restarting".to_owned(),
            Self::Start { reason, .. } => format!("error {}", of_reason(reason)),
            Self::Call(error) => error.words(world),
            other => other.to_string(),
        }
    }
}

impl Refusal for DeleteChildError {
    fn words(&self, world: &World) -> String {
        match self {
            Self::NotFound(_) => "error not_found".to_owned(),
            Self::Running(_) => "error running".to_owned(),
            Self::Restarting(_) => "error restarting".to_owned(),
            Self::Call(error) => error.words(world),
            other => other.to_string(),
        }
    }
}

impl Refusal for CallError {
    fn words(&self, _: &World) -> String {
        match self {
            Self::NoProcess { .. } => "noproc".to_owned(),
            Self::Exited { reason, .. } => format!("exited {}", of_reason(reason)),
            other => other.to_string(),
        }
    }
}

impl Refusal for StopError {
    fn words(&self, _: &World) -> String {
        match self {
            Self::NoProcess { .. } => "noproc".to_owned(),
            Self::Exited { reason, .. } => format!("exited {}", of_reason(reason)),
            other => other.to_string(),
        }
    }
}
