//! The applications of a node: loading, starting, stopping.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::catalogue::SharedCatalogue;
use super::controller::{Cast, Controller, ControllerCall};
use super::error::{LoadError, StartApplicationError, StopApplicationError, UnloadError};
use super::event::Ended;
use super::life::Life;
use super::order;
use super::spec::{ApplicationSpec, Startable};
use super::{Cause, RestartType};
use crate::exit::ExitReason;
use crate::gen_server::{self, CallError, Envelope, ReplyTo, ServerRef, TimeLimit};
use crate::node::Node;
use crate::process::process_ref::wait;
use crate::process::{self, block, current, group};
use crate::util::handle::unwind_safe;

/// The applications of one node.
///
/// A handle. All handles of a node see the same applications. The first request starts a process, the *controller*,
/// which starts and stops the applications.
///
/// A request that is made in an application's callback, and that could be answered only after the callback, is answered
/// at once. Such requests are a start of the same application (it is already started), a stop of it (while it starts:
/// it is not started; while it runs: the stop is ordered), and a shutdown.
///
/// # OTP
///
/// The functions of the module `application`, and `application_controller`.
///
/// # Differences from OTP
///
/// - There a callback that makes such a request waits for ever. Two applications that start each other in their start
///   callbacks wait for ever there, too; here the second start fails with [`StartApplicationError::Circle`].
/// - There the node halts when the controller is killed. A library does not end the program: here all applications are
///   ended, each by its master, and a caller that waits in [`ended`](Self::ended) or [`run`](super::run) gets an
///   [`Ended::Failed`] that names `application_controller`. The next request makes a new controller, which starts none of
///   them before its former run has ended. The same happens when the tokio runtime ends in which the controller runs.
/// - An application is not unloaded while it starts.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::Applications;
/// # use otp_core::application::{Application, ApplicationSpec};
/// # use otp_core::Child;
///
/// # struct Kitchen;
/// #
/// # impl Application for Kitchen {
/// #     type Args = ();
/// #
/// #     async fn start((): ()) -> Result<(Child, Self), ExitReason> {
/// #         let tree = Supervisor::new(Strategy::OneForOne).start_link().await?;
/// #         Ok((tree.into(), Self))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// applications.start(ApplicationSpec::new::<Kitchen>("kitchen", ())).await.map_err(ExitReason::error)?;
/// assert!(applications.which_applications().iter().any(|it| it.name == "kitchen"));
/// applications.stop("kitchen").await.map_err(ExitReason::error)?;
/// assert!(applications.which_applications().is_empty());
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
pub struct Applications {
    pub(super) node: Node,
    pub(super) shared: Arc<SharedCatalogue>,
}

impl Applications {
    /// The applications of this node.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "it does not panic")]
    pub fn on(node: &Node) -> Self {
        let home = node.applications();
        let shared: Arc<dyn Any + Send + Sync> = home
            .get_or_init(|| Arc::new(SharedCatalogue::default()))
            .clone();
        let shared = shared.downcast();
        Self {
            node: node.clone(),
            shared: shared.expect("nobody else puts anything there"),
        }
    }

    /// The applications of the current [`node`](crate::process::node).
    ///
    /// # Panics
    ///
    /// Panics without a current node.
    #[must_use]
    #[track_caller]
    pub fn here() -> Self {
        Self::on(&process::node())
    }

    /// Loads an application: makes it known, and installs its environment. No code of it runs.
    ///
    /// # OTP
    ///
    /// `application:load/1`.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if one of that name is loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{ApplicationSpec, Applications, LoadError};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let applications = Applications::here();
    /// applications.load(ApplicationSpec::library("units"))?;
    /// let again = applications.load(ApplicationSpec::library("units"));
    /// assert_eq!(again, Err(LoadError::AlreadyLoaded("units".to_owned())));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn load(&self, spec: ApplicationSpec) -> Result<(), LoadError> {
        let spec = Box::new(spec);
        // The refused or replaced specification is the user's. It is dropped here.
        match self.shared.with(|catalogue| catalogue.load(spec)) {
            Ok(_replaced) => Ok(()),
            Err((error, _refused)) => Err(error),
        }
    }

    /// Forgets an application that does not run, and its environment.
    ///
    /// # OTP
    ///
    /// `application:unload/1`.
    ///
    /// # Errors
    ///
    /// [`UnloadError`].
    pub fn unload(&self, name: &str) -> Result<(), UnloadError> {
        self.prune();
        // The argument of the start is the user's. It is dropped here.
        let unloaded = self.shared.with(|catalogue| catalogue.unload(name));
        unloaded.map(drop)
    }

    /// Starts an application, as a temporary one; see [`start_as`](Self::start_as).
    ///
    /// # OTP
    ///
    /// `application:start/1`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the application starting.
    ///
    /// # Errors
    ///
    /// [`StartApplicationError`]; then nothing of it runs.
    ///
    /// # Panics
    ///
    /// The future panics outside of a tokio runtime.
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
    /// applications.start(ApplicationSpec::library("units")).await?;
    /// assert!(applications.start("units").await.is_err(), "it runs already");
    /// assert_eq!(applications.which_applications()[0].name, "units");
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn start(
        &self,
        application: impl Into<Startable>,
    ) -> Result<(), StartApplicationError> {
        self.start_as(application, RestartType::default()).await
    }

    /// Starts an application. Those that it depends on must run. A specification that is not loaded is loaded
    /// first.
    ///
    /// # OTP
    ///
    /// `application:start/2`.
    ///
    /// # Differences from OTP
    ///
    /// A name alone must be loaded: there are no files in which to look for it.
    ///
    /// # Cancel safety
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
    pub async fn start_as(
        &self,
        application: impl Into<Startable>,
        restart: RestartType,
    ) -> Result<(), StartApplicationError> {
        let name = self.known(application.into());
        let application = name.clone();
        let by = process::try_current();
        let started = self.call(|from| ControllerCall::Start(name, restart, by, from));
        started.await.unwrap_or_else(|reason| {
            Err(StartApplicationError::Failed {
                application,
                reason,
            })
        })
    }

    /// Starts an application unless it runs, as a temporary one.
    ///
    /// # OTP
    ///
    /// `application:ensure_started/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// [`StartApplicationError`], but for `AlreadyStarted`.
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
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
    /// applications.ensure_started(ApplicationSpec::library("units")).await?;
    /// applications.ensure_started("units").await?; // No error: it runs.
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn ensure_started(
        &self,
        application: impl Into<Startable>,
    ) -> Result<(), StartApplicationError> {
        match self.start(application).await {
            Err(StartApplicationError::AlreadyStarted(_)) => Ok(()),
            started => started,
        }
    }

    /// Starts an application, unless it runs, after its dependencies. Returns the names of the applications that were
    /// started, in that order. All get the same type.
    ///
    /// # OTP
    ///
    /// `application:ensure_all_started/2`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped while it waits, the applications that it has started keep running.
    ///
    /// # Errors
    ///
    /// [`StartApplicationError`]; then those that it has started are stopped again, the last one first.
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::application::{ApplicationSpec, Applications, RestartType};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let applications = Applications::here();
    /// applications.load(ApplicationSpec::library("units"))?;
    /// let kitchen = ApplicationSpec::library("kitchen").depends_on("units");
    /// let started = applications.ensure_all_started(kitchen, RestartType::Temporary).await?;
    /// assert_eq!(started, ["units", "kitchen"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn ensure_all_started(
        &self,
        application: impl Into<Startable>,
        restart: RestartType,
    ) -> Result<Vec<String>, StartApplicationError> {
        current::goes_on().await;
        let name = self.known(application.into());
        let order = self.look(|catalogue| order::plan(catalogue, &name))?;
        let mut started = Vec::new();
        for name in order {
            match self.start_as(name.as_str(), restart).await {
                Ok(()) => started.push(name),
                Err(StartApplicationError::AlreadyStarted(_)) => {}
                Err(error) => {
                    for name in started.iter().rev() {
                        // It may have ended by itself meanwhile.
                        let _ = self.stop(name).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(started)
    }

    /// Stops an application: calls `prep_stop`, shuts its tree down, waits for that, and calls `stop`. Applications
    /// that depend on it are not stopped. It stays loaded.
    ///
    /// # OTP
    ///
    /// `application:stop/1`.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the application stopping.
    ///
    /// # Errors
    ///
    /// [`StopApplicationError`] if it does not run.
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
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
    /// applications.start(ApplicationSpec::library("units")).await?;
    /// applications.stop("units").await?;
    /// assert!(applications.which_applications().is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub async fn stop(&self, name: &str) -> Result<(), StopApplicationError> {
        let by = process::try_current();
        let stopping = name.to_owned();
        let stopped = self
            .call(|from| ControllerCall::Stop(stopping, by, from))
            .await;
        // Without its controller an application ends.
        stopped.unwrap_or_else(|_| Err(StopApplicationError::NotStarted(name.to_owned())))
    }

    /// Requests the end of all applications, the last started one first, and does not wait for it. A process of an application may
    /// do so when the work is done: [`run`](super::run) then returns [`ExitStatus::Stopped`](super::ExitStatus::Stopped).
    ///
    /// # OTP
    ///
    /// `init:stop/0`.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn request_shutdown(&self) {
        self.controller().cast(Cast::Shutdown);
    }

    /// Shuts all applications down, the last started one first, and starts none any more. Those that have not stopped
    /// within `limit` are killed; their callbacks do not run then. Returns the cause of the shutdown: an application
    /// that has failed, if that came first.
    ///
    /// The limit holds for any application. Only a process that blocks its thread delays the return after a kill, by at
    /// most a tenth of a second.
    ///
    /// In a callback of an application it returns at once: the end waits for the callback.
    ///
    /// # OTP
    ///
    /// `init:stop/0`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits, nor kills.
    ///
    /// # Panics
    ///
    /// The future panics with a limit in a runtime whose timers are not enabled, before anything is shut down.
    pub async fn shutdown(&self, limit: impl Into<TimeLimit>) -> Ended {
        const AFTER_A_KILL: TimeLimit = TimeLimit::After(Duration::from_millis(100));

        let limit = limit.into();
        limit.assert();
        let controller = self.controller();
        controller.cast(Cast::Shutdown);
        if let Some(ended) = limit.on(self.end_under(&controller)).await {
            return ended;
        }
        controller.cast(Cast::Hurry);
        // If the controller has ended, no other process kills them.
        for life in self.lives() {
            life.hurry();
            let keeper = life.keeper().into_iter();
            let leader = life.leader().into_iter();
            let members = leader.flat_map(|leader| group::members(&self.node, leader));
            for process in keeper.chain(members) {
                self.node.exit(process.head().pid, ExitReason::Kill);
            }
        }
        let ended = AFTER_A_KILL.on(self.end_under(&controller)).await;
        ended.unwrap_or(Ended::Stopped)
    }

    /// Waits until all applications have been shut down, by [`shutdown`](Self::shutdown) or by the end of an application
    /// that takes the others along. In a callback of an application it waits only until the shutdown begins.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
    pub async fn ended(&self) -> Ended {
        let controller = self.controller();
        self.end_under(&controller).await
    }

    /// Why the top supervisor of an application has given up, when the application ended the last time; `None` if it
    /// ended for another reason. For a program that waits with [`ended`](Self::ended), this says more than the
    /// application's exit reason, which is `Shutdown` in this case.
    ///
    /// # Differences from OTP
    ///
    /// There one reads it in the reports.
    #[must_use]
    pub fn cause(&self, application: &str) -> Option<Cause> {
        self.shared
            .with(|catalogue| catalogue.causes.get(application).cloned())
    }

    /// Waits for the end of all under this controller, or for its own and that of all masters that it leaves.
    async fn end_under(&self, controller: &ServerRef<Controller>) -> Ended {
        let by = process::try_current();
        let ended = controller
            .call(|from| ControllerCall::Await(by, from))
            .timeout(TimeLimit::Infinity);
        let error = match ended.await {
            Ok(ended) => return ended,
            Err(error) => error,
        };
        // The masters that it has left, and their successors, end their applications by themselves.
        loop {
            let of_it = self.lives().into_iter().filter(|life| {
                let is_kept = life.keeper().is_some_and(|it| it.head().ended().is_none());
                life.is_under(controller.pid()) && (is_kept || life.goes_on())
            });
            let keepers = of_it.filter_map(|life| life.keeper());
            let mut keepers: Vec<_> = keepers.collect();
            keepers.retain(|keeper| Some(keeper.head().pid) != by);
            if keepers.is_empty() {
                break;
            }
            for keeper in keepers {
                wait(keeper).await;
            }
            // A new controller may have to hear of it first.
            tokio::task::yield_now().await;
        }
        Ended::Failed {
            application: "application_controller".to_owned(),
            reason: why(controller, error).await,
        }
    }

    fn lives(&self) -> Vec<Arc<Life>> {
        self.shared.with(|catalogue| {
            let lives = catalogue.lives.values().filter_map(Weak::upgrade);
            lives.collect()
        })
    }

    /// Asks the controller; its exit reason, if it ends before it has answered.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        request: impl FnOnce(ReplyTo<T>) -> ControllerCall,
    ) -> Result<T, ExitReason> {
        let controller = self.controller();
        let answer = controller.call(request).timeout(TimeLimit::Infinity);
        match answer.await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(why(&controller, error).await),
        }
    }

    /// The controller, which is started if there is none.
    fn controller(&self) -> ServerRef<Controller> {
        loop {
            if let Some(controller) = self.find_controller() {
                return controller;
            }
        }
    }

    /// The controller, or a new one if there is none. None if another thread has started one, too.
    fn find_controller(&self) -> Option<ServerRef<Controller>> {
        let known = self.shared.with(|catalogue| catalogue.controller);
        let find = |pid| {
            let found = self.node.find(pid)?;
            let found = ServerRef::new(block::downcast::<Envelope<Controller>>(found)?);
            found.is_alive().then_some(found)
        };
        if let Some(found) = known.and_then(find) {
            return Some(found);
        }
        let args = (self.shared.clone(), known);
        let new = gen_server::start_detached::<Controller>(self.node.clone(), args);
        // One that is not taken ends by itself.
        let is_taken = (self.shared).with(|catalogue| catalogue.claim(known, new.pid()));
        is_taken.then_some(new)
    }

    /// The name; a specification is loaded if none of that name is.
    fn known(&self, application: Startable) -> String {
        match application {
            Startable::Name(name) => name,
            Startable::Spec(spec) => {
                let name = spec.name().to_owned();
                // Another one of that name stays.
                let _ = self.load(*spec);
                name
            }
        }
    }
}

/// Why a call to the controller has failed.
async fn why(controller: &ServerRef<Controller>, error: CallError) -> ExitReason {
    match error {
        CallError::Exited { reason, .. } => reason,
        // It ended between the look-up and the call.
        CallError::NoProcess { .. } => controller.wait().await,
        other => ExitReason::error(other),
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.which_applications();
        let names = running.into_iter().map(|application| application.name);
        f.debug_list().entries(names).finish()
    }
}

impl PartialEq for Applications {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for Applications {}

impl Hash for Applications {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.node.id().hash(state);
    }
}

unwind_safe!(Applications);
