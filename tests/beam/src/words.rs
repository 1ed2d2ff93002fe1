//! What exit reasons are called on both sides, in the histories of machines and of event managers.

use otp_core::ExitReason;

pub(crate) fn reason(word: &str) -> ExitReason {
    match word {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        other => ExitReason::other(other.to_owned()),
    }
}

pub(crate) fn word(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(_) => "panic".to_owned(),
        other => other.to_string(),
    }
}
