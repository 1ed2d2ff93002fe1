//! The rules for flags and specifications. The types already exclude most of the faults that OTP checks here.

use std::collections::HashSet;

use super::error::SpecError;
use super::{AutoShutdown, Flags};
use crate::child_spec::{ChildSpec, Restart};

pub(crate) fn all(flags: &Flags, specs: &[ChildSpec]) -> Result<(), SpecError> {
    if flags.period.is_zero() {
        return Err(SpecError::ZeroPeriod);
    }
    let mut ids = HashSet::new();
    for spec in specs {
        one(spec, flags.auto_shutdown)?;
        if !ids.insert(spec.id()) {
            return Err(SpecError::DuplicateId(spec.id().clone()));
        }
    }
    Ok(())
}

pub(crate) fn one(spec: &ChildSpec, auto_shutdown: AutoShutdown) -> Result<(), SpecError> {
    if spec.is_plain() {
        return Ok(());
    }
    restarts(spec)?;
    if !spec.is_significant() {
        return Ok(());
    }
    if spec.restart_type() == Restart::Permanent {
        return Err(SpecError::SignificantPermanent(spec.id().clone()));
    }
    if auto_shutdown == AutoShutdown::Never {
        return Err(SpecError::SignificantNever(spec.id().clone()));
    }
    Ok(())
}

/// One for a dynamic supervisor.
pub(crate) fn dynamic(spec: &ChildSpec) -> Result<(), SpecError> {
    restarts(spec)?;
    match spec.is_significant() {
        true => Err(SpecError::SignificantDynamic(spec.id().clone())),
        false => Ok(()),
    }
}

fn restarts(spec: &ChildSpec) -> Result<(), SpecError> {
    match spec.starts_once() && !spec.is_temporary() {
        true => Err(SpecError::OnceRestarted(spec.id().clone())),
        false => Ok(()),
    }
}
