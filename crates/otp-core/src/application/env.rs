//! The environment of applications: values by key.

use std::collections::{BTreeMap, BTreeSet};

use crate::exit::Term;

type Values = BTreeMap<String, Term>;

/// What has become of an application's environment, for
/// [`Application::config_change`](super::Application::config_change).
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
    values: BTreeMap<String, Values>,
    /// What a load does not override.
    persistent: BTreeMap<String, Values>,
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

    pub(super) fn set(&mut self, application: &str, key: &str, value: Term) {
        let values = self.values.entry(application.to_owned()).or_default();
        values.insert(key.to_owned(), value);
    }

    pub(super) fn set_persistent(&mut self, application: &str, key: &str, value: Term) {
        let values = self.persistent.entry(application.to_owned()).or_default();
        values.insert(key.to_owned(), value.clone());
        self.set(application, key, value);
    }

    pub(super) fn unset(&mut self, application: &str, key: &str) {
        for environments in [&mut self.values, &mut self.persistent] {
            if let Some(values) = environments.get_mut(application) {
                values.remove(key);
            }
        }
    }

    /// Installs what a specification says. That overrides what was set before, unless it is persistent.
    pub(super) fn load(&mut self, application: &str, spec: &Values) {
        let values = self.values.entry(application.to_owned()).or_default();
        values.extend(spec.clone());
        if let Some(persistent) = self.persistent.get(application) {
            values.extend(persistent.clone());
        }
    }

    /// Forgets the values; those that are persistent are there again after the next load.
    pub(super) fn unload(&mut self, application: &str) {
        self.values.remove(application);
    }

    /// Replaces the whole environment.
    pub(super) fn replace(&mut self, application: &str, next: Values) -> Changes {
        let before = self
            .values
            .insert(application.to_owned(), next.clone())
            .unwrap_or_default();
        let left: BTreeSet<&String> = next.keys().collect();
        let mut changes = Changes::default();
        for key in before.keys().filter(|key| !left.contains(key)) {
            changes.removed.push(key.clone());
        }
        for (key, value) in next {
            match before.get(&key) {
                Some(old) if *old == value => {}
                Some(_) => changes.changed.push((key, value)),
                None => changes.added.push((key, value)),
            }
        }
        changes
    }
}
