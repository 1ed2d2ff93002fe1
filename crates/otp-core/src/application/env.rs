//! The environment of applications: values by key.

use std::collections::BTreeMap;

use crate::exit::Term;

/// The environment of one application.
pub(super) type EnvValues = BTreeMap<String, Term>;

/// The changes of an application's environment, for [`Application::config_change`](super::Application::config_change).
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{ApplicationSpec, Applications};
/// use otp_core::Term;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// applications.load(ApplicationSpec::library("units").env("scale", "metric")).map_err(ExitReason::error)?;
/// let new = [("scale".to_owned(), Term::new("imperial")), ("digits".to_owned(), Term::new(2))];
/// let changes = applications.change_config("units", new).await;
/// assert_eq!(changes.changed, [("scale".to_owned(), Term::new("imperial"))]);
/// assert_eq!(changes.added.len(), 1);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Changes {
    /// Keys with another value than before, and that value.
    pub changed: Vec<(String, Term)>,
    /// Keys that had no value before.
    pub added: Vec<(String, Term)>,
    /// Keys that have no value any more.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

/// The environments of all applications of a node.
#[derive(Default)]
pub(super) struct Environment {
    values: BTreeMap<String, EnvValues>,
    /// Values that a load does not override.
    persistent: BTreeMap<String, EnvValues>,
}

impl Environment {
    pub(super) fn get(&self, application: &str, key: &str) -> Option<&Term> {
        self.values.get(application)?.get(key)
    }

    pub(super) fn all(&self, application: &str) -> Vec<(String, Term)> {
        let values = self.values.get(application).into_iter().flatten();
        values
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Sets a value; returns the former one.
    pub(super) fn set(&mut self, application: &str, key: &str, value: Term) -> Option<Term> {
        let values = self.values.entry(application.to_owned()).or_default();
        values.insert(key.to_owned(), value)
    }

    /// Sets a value that a load does not override; returns the former ones.
    pub(super) fn set_persistent(
        &mut self,
        application: &str,
        key: &str,
        value: Term,
    ) -> [Option<Term>; 2] {
        let values = self.persistent.entry(application.to_owned()).or_default();
        let former = values.insert(key.to_owned(), value.clone());
        [former, self.set(application, key, value)]
    }

    /// Removes a value; returns it.
    pub(super) fn unset(&mut self, application: &str, key: &str) -> [Option<Term>; 2] {
        [&mut self.values, &mut self.persistent]
            .map(|environments| environments.get_mut(application)?.remove(key))
    }

    /// Installs the environment of a specification. It overrides values that were set before, unless they are
    /// persistent. Returns the values that were overridden.
    pub(super) fn load(&mut self, application: &str, spec: &EnvValues) -> Vec<Term> {
        let values = self.values.entry(application.to_owned()).or_default();
        let persistent = self.persistent.get(application).into_iter().flatten();
        spec.iter()
            .chain(persistent)
            .filter_map(|(key, value)| values.insert(key.clone(), value.clone()))
            .collect()
    }

    /// Forgets the values and returns them; those that are persistent are there again after the next load.
    pub(super) fn unload(&mut self, application: &str) -> Option<EnvValues> {
        self.values.remove(application)
    }

    /// Replaces the whole environment; returns the former one.
    pub(super) fn replace(&mut self, application: &str, next: EnvValues) -> Option<EnvValues> {
        self.values.insert(application.to_owned(), next)
    }
}

impl Changes {
    /// The differences between two environments.
    pub(super) fn between(before: &EnvValues, after: &EnvValues) -> Self {
        let mut changes = Self::default();
        for key in before.keys().filter(|key| !after.contains_key(*key)) {
            changes.removed.push(key.clone());
        }
        for (key, value) in after {
            let pair = || (key.clone(), value.clone());
            match before.get(key) {
                Some(former) if former == value => {}
                Some(_) => changes.changed.push(pair()),
                None => changes.added.push(pair()),
            }
        }
        changes
    }
}
