//! The environments of a node's applications, from outside.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use super::applications::Applications;
use super::controller::ControllerCall;
use super::env::Changes;
use crate::exit::Term;
use crate::process::{self, current};

impl Applications {
    /// A value of an application's environment; none if there is none, or none of this type.
    ///
    /// # OTP
    ///
    /// `application:get_env/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let applications = Applications::here();
    /// applications.load(ApplicationSpec::library("units").env("digits", 2_u8))?;
    /// assert_eq!(applications.get_env::<u8>("units", "digits"), Some(2));
    /// assert_eq!(applications.get_env::<u8>("units", "scale"), None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    #[must_use]
    pub fn get_env<T: Any + Clone>(&self, application: &str, key: &str) -> Option<T> {
        // Its clone is made by the user's code, and so not under the lock.
        let value = self
            .shared
            .with(|catalogue| catalogue.env.get(application, key).cloned())?;
        value.downcast_ref().cloned()
    }

    /// All values of an application's environment, by key.
    ///
    /// # OTP
    ///
    /// `application:get_all_env/1`.
    #[must_use]
    pub fn get_all_env(&self, application: &str) -> Vec<(String, Term)> {
        self.shared.with(|catalogue| catalogue.env.all(application))
    }

    /// Sets a value, also for an application that is not loaded yet; a load overrides it if the
    /// specification has another.
    ///
    /// # OTP
    ///
    /// `application:set_env/3`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let applications = Applications::here();
    /// applications.load(ApplicationSpec::library("units").env("digits", 2_u8))?;
    /// applications.set_env("units", "digits", 4_u8);
    /// assert_eq!(applications.get_env::<u8>("units", "digits"), Some(4));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn set_env<T>(&self, application: &str, key: &str, value: T)
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        let value = Term::new(value);
        let former = self
            .shared
            .with(|catalogue| catalogue.env.set(application, key, value));
        drop(former);
    }

    /// Sets a value that no load overrides.
    ///
    /// # OTP
    ///
    /// `application:set_env/4` with `{persistent, true}`.
    pub fn set_env_persistent<T>(&self, application: &str, key: &str, value: T)
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        let value = Term::new(value);
        let former = self
            .shared
            .with(|catalogue| catalogue.env.set_persistent(application, key, value));
        drop(former);
    }

    /// Removes a value.
    ///
    /// # OTP
    ///
    /// `application:unset_env/2`.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{ApplicationSpec, Applications};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let applications = Applications::here();
    /// applications.load(ApplicationSpec::library("units").env("digits", 2_u8))?;
    /// applications.unset_env("units", "digits");
    /// assert_eq!(applications.get_env::<u8>("units", "digits"), None);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn unset_env(&self, application: &str, key: &str) {
        let former = self
            .shared
            .with(|catalogue| catalogue.env.unset(application, key));
        drop(former);
    }

    /// Replaces the environment of an application. If it runs, and a value is different, this calls
    /// [`Application::config_change`](super::Application::config_change) and waits for it. If this is called in a
    /// callback of an application, it does not wait, because the other application may be waiting for this one.
    ///
    /// # OTP
    ///
    /// `application_controller:config_change/1`.
    ///
    /// # Differences from OTP
    ///
    /// In OTP the callback runs in the application controller, so that all that it asks of the controller fails with
    /// `calling_self`. Here it runs in the application's own master, and may ask.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped after its first poll, the environment has changed, and the application is notified.
    ///
    /// # Panics
    ///
    /// The future panics outside of a tokio runtime if the application has ever been started.
    pub async fn change_config(
        &self,
        application: &str,
        env: impl IntoIterator<Item = (String, Term)>,
    ) -> Changes {
        current::goes_on().await;
        let after: BTreeMap<String, Term> = env.into_iter().collect();
        let next = after.clone();
        let (before, runs) = self.shared.with(|catalogue| {
            let runs = catalogue.get_running(application).is_some();
            (catalogue.env.replace(application, next), runs)
        });
        // Comparing values runs the user's code.
        let changes = Changes::between(&before.unwrap_or_default(), &after);
        if runs && !changes.is_empty() {
            let (application, told) = (application.to_owned(), changes.clone());
            let by = process::try_current();
            // It may end before it handles the notification.
            let _ = self
                .call(|from| ControllerCall::Changed(application, told, by, from))
                .await;
        }
        changes
    }
}
