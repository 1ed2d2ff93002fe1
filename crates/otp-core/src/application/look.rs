//! What can be seen of a node's applications.

use super::RestartType;
use super::applications::Applications;
use super::spec::ApplicationInfo;
use crate::pid::Pid;

impl Applications {
    /// The applications that run, the last started one first. One that is stopping still counts.
    ///
    /// OTP: `application:which_applications/0`.
    #[must_use]
    pub fn which_applications(&self) -> Vec<ApplicationInfo> {
        self.shared.with(|catalogue| catalogue.running())
    }

    /// The applications that are loaded, by name.
    ///
    /// OTP: `application:loaded_applications/0`.
    #[must_use]
    pub fn loaded_applications(&self) -> Vec<ApplicationInfo> {
        self.shared.with(|catalogue| catalogue.loaded())
    }

    /// The top process of an application that runs; none if it is a library or does not run.
    ///
    /// OTP: `application:get_supervisor/1`.
    #[must_use]
    pub fn supervisor(&self, name: &str) -> Option<Pid> {
        self.shared
            .with(|catalogue| catalogue.get_running(name)?.top)
    }

    /// What the end of an application that runs means for the others.
    #[must_use]
    pub fn restart_type(&self, name: &str) -> Option<RestartType> {
        self.shared
            .with(|catalogue| Some(catalogue.get_running(name)?.restart))
    }
}
