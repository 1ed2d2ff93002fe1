//! The environments of a node's applications, from outside.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use tokio::sync::oneshot;

use super::applications::Applications;
use super::env::Changes;
use super::master::Order;
use crate::exit::Term;

impl Applications {
    /// A value of an application's environment; none if there is none, or none of this type.
    ///
    /// OTP: `application:get_env/2`.
    #[must_use]
    pub fn get_env<T: Any + Clone>(&self, application: &str, key: &str) -> Option<T> {
        let value = self.ledger().env.get(application, key).cloned()?;
        value.downcast_ref().cloned()
    }

    /// All values of an application's environment, by key.
    ///
    /// OTP: `application:get_all_env/1`.
    #[must_use]
    pub fn get_all_env(&self, application: &str) -> Vec<(String, Term)> {
        self.ledger().env.all(application)
    }

    /// Sets a value, also for an application that is not loaded yet; a load overrides it if the
    /// specification has another.
    ///
    /// OTP: `application:set_env/3`.
    pub fn set_env<T>(&self, application: &str, key: &str, value: T)
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        let value = Term::new(value);
        self.ledger().env.set(application, key, value);
    }

    /// Sets a value that no load overrides.
    ///
    /// OTP: `application:set_env/4` with `{persistent, true}`.
    pub fn set_env_persistent<T>(&self, application: &str, key: &str, value: T)
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        let value = Term::new(value);
        let env = &mut self.ledger().env;
        env.set_persistent(application, key, value);
    }

    /// Removes a value.
    ///
    /// OTP: `application:unset_env/2`.
    pub fn unset_env(&self, application: &str, key: &str) {
        self.ledger().env.unset(application, key);
    }

    /// Gives an application another environment in place of the one that it has. If it runs, and anything is
    /// different, [`Application::config_change`](super::Application::config_change) is told, and waited for.
    ///
    /// OTP: `application_controller:config_change/1`.
    pub async fn change_config(
        &self,
        application: &str,
        env: impl IntoIterator<Item = (String, Term)>,
    ) -> Changes {
        let next: BTreeMap<String, Term> = env.into_iter().collect();
        let (changes, master) = {
            let mut ledger = self.ledger();
            let changes = ledger.env.replace(application, next);
            (changes, ledger.master(application).cloned())
        };
        if let Some(master) = master.filter(|_| !changes.is_empty()) {
            let (known, told) = oneshot::channel();
            master.send(Order::Changed(changes.clone(), known));
            // It may end before it comes to that.
            let _ = told.await;
        }
        changes
    }
}
