//! Information on a node's applications.

use super::RestartType;
use super::applications::Applications;
use super::catalogue::Catalogue;
use super::spec::ApplicationInfo;
use crate::pid::Pid;

impl Applications {
    /// The applications that run, the last started one first. One that is stopping still counts.
    ///
    /// # OTP
    ///
    /// `application:which_applications/0`.
    #[must_use]
    pub fn which_applications(&self) -> Vec<ApplicationInfo> {
        self.look(Catalogue::running)
    }

    /// The applications that are loaded, by name.
    ///
    /// # OTP
    ///
    /// `application:loaded_applications/0`.
    #[must_use]
    pub fn loaded_applications(&self) -> Vec<ApplicationInfo> {
        self.shared.with(|catalogue| catalogue.loaded())
    }

    /// The top process of an application that runs; none if it is a library or does not run.
    ///
    /// # OTP
    ///
    /// `application:get_supervisor/1`.
    #[must_use]
    pub fn supervisor(&self, name: &str) -> Option<Pid> {
        self.look(|catalogue| catalogue.get_running(name)?.top)
    }

    /// The effect of a running application's end on the others.
    #[must_use]
    pub fn restart_type(&self, name: &str) -> Option<RestartType> {
        self.look(|catalogue| Some(catalogue.get_running(name)?.restart))
    }

    /// Reads the catalogue.
    pub(super) fn look<R>(&self, section: impl FnOnce(&Catalogue) -> R) -> R {
        self.prune();
        self.shared.with(|catalogue| section(catalogue))
    }

    /// Corrects the catalogue after the end of the controller's runtime, since the controller no longer does.
    pub(super) fn prune(&self) {
        let controller = self.shared.with(|catalogue| catalogue.controller);
        if let Some(pid) = controller.filter(|pid| !self.node.is_alive(*pid)) {
            self.shared.with(|catalogue| catalogue.prune(pid));
        }
    }
}
