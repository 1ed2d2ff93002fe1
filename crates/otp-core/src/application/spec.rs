//! The specification of an application.

use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Application;
use super::env::Changes;
use crate::child_spec::Child;
use crate::exit::{ExitReason, Term};
use crate::util::Boxed;

/// The result of a start: the top of the tree, and the state.
pub(super) type StartedApplication = (Child, Box<dyn LiveApplication>);

type StartFuture =
    Arc<dyn Fn() -> Boxed<'static, Result<StartedApplication, ExitReason>> + Send + Sync>;

/// The specification of an application: its name, its start, its dependencies, and its first environment.
///
/// # OTP
///
/// An application resource, the contents of an `.app` file.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{ApplicationSpec, Applications};
/// # use otp_core::application::Application;
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
/// let spec = ApplicationSpec::new::<Kitchen>("kitchen", ())
///     .version("1.2.0")
///     .depends_on("pantry")
///     .env("burners", 4_u8);
/// let applications = Applications::here();
/// applications.load(spec).map_err(ExitReason::error)?;
/// assert_eq!(applications.get_env::<u8>("kitchen", "burners"), Some(4));
/// assert!(applications.start("kitchen").await.is_err(), "the pantry is not loaded");
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a specification does nothing until it is loaded or started"]
pub struct ApplicationSpec {
    name: String,
    description: String,
    version: String,
    pub(super) dependencies: Vec<String>,
    pub(super) optional: Vec<String>,
    pub(super) env: BTreeMap<String, Term>,
    /// None for one without processes.
    start: Option<StartFuture>,
    module: &'static str,
}

impl ApplicationSpec {
    /// An application that starts with these arguments, each time.
    pub fn new<A: Application>(name: impl Into<String>, args: A::Args) -> Self {
        let start = move || -> Boxed<'static, Result<StartedApplication, ExitReason>> {
            let starting = A::start(args.clone());
            Box::pin(async {
                let (top, state) = starting.await?;
                let state: Box<dyn LiveApplication> = Box::new(Live(state));
                Ok((top, state))
            })
        };
        Self {
            start: Some(Arc::new(start)),
            module: type_name::<A>(),
            ..Self::library(name)
        }
    }

    /// An application without processes: a name, an environment, and needs.
    ///
    /// # OTP
    ///
    /// A library application.
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
    /// // It has no processes, only a name, dependencies and an environment.
    /// let units = ApplicationSpec::library("units").version("1.2.0").description("conversion of units");
    /// Applications::here().start(units).await?;
    /// let info = &Applications::here().which_applications()[0];
    /// assert_eq!((info.version.as_str(), info.description.as_str()), ("1.2.0", "conversion of units"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn library(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            version: String::new(),
            dependencies: Vec::new(),
            optional: Vec::new(),
            env: BTreeMap::new(),
            start: None,
            module: "library",
        }
    }

    /// Sets a description, for lists; empty by default.
    pub fn description(self, description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            ..self
        }
    }

    /// Sets the version, for lists; empty by default.
    pub fn version(self, version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
            ..self
        }
    }

    /// Adds an application that must run before this one can start.
    ///
    /// # OTP
    ///
    /// An element of `applications`.
    pub fn depends_on(mut self, application: impl Into<String>) -> Self {
        self.dependencies.push(application.into());
        self
    }

    /// Adds an application that is started before this one if it is loaded, and may be missing.
    ///
    /// # OTP
    ///
    /// An element of `applications` and of `optional_applications`.
    pub fn optionally_depends_on(mut self, application: impl Into<String>) -> Self {
        self.optional.push(application.into());
        self
    }

    /// Adds a value to the environment that it has when it is loaded.
    ///
    /// # OTP
    ///
    /// An element of `env`.
    pub fn env<T>(mut self, key: impl Into<String>, value: T) -> Self
    where
        T: Any + fmt::Debug + PartialEq + Send + Sync,
    {
        self.env.insert(key.into(), Term::new(value));
        self
    }

    /// The application's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn info(&self) -> ApplicationInfo {
        ApplicationInfo {
            name: self.name.clone(),
            description: self.description.clone(),
            version: self.version.clone(),
        }
    }

    /// Whether it has a start callback, unlike a library.
    pub(super) fn has_processes(&self) -> bool {
        self.start.is_some()
    }

    /// Calls the start callback.
    pub(super) async fn start(&self) -> Result<StartedApplication, ExitReason> {
        let start = self.start.as_ref();
        start.expect("only what has processes is started")().await
    }
}

impl fmt::Debug for ApplicationSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationSpec")
            .field("name", &self.name)
            .field("module", &self.module)
            .field("dependencies", &self.dependencies)
            .field("optional", &self.optional)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}

/// An application in a list.
///
/// # OTP
///
/// An element of the list that `application:which_applications/0` returns.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{ApplicationSpec, Applications};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// let applications = Applications::here();
/// let spec = ApplicationSpec::library("units").description("lengths and weights").version("0.3.1");
/// applications.load(spec).map_err(ExitReason::error)?;
/// let loaded = applications.loaded_applications();
/// assert_eq!((&*loaded[0].description, &*loaded[0].version), ("lengths and weights", "0.3.1"));
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplicationInfo {
    /// Its name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The version.
    pub version: String,
}

/// An application to be started: one that is loaded, by its name, or its specification, which is loaded if
/// none of that name is.
///
/// # Examples
///
/// ```
/// use otp_core::prelude::*;
/// use otp_core::application::{ApplicationSpec, Applications, Startable};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), ExitReason> {
/// # Node::new().try_run(async {
/// // One that is loaded already, by its name; another one with its specification.
/// let applications = Applications::here();
/// applications.load(ApplicationSpec::library("units")).map_err(ExitReason::error)?;
/// let both = [Startable::from("units"), Startable::from(ApplicationSpec::library("maps"))];
/// for application in both {
///     applications.start(application).await.map_err(ExitReason::error)?;
/// }
/// assert_eq!(applications.which_applications().len(), 2);
/// # Ok(())
/// # }).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub enum Startable {
    /// By name.
    Name(String),
    /// With its specification.
    Spec(Box<ApplicationSpec>),
}

impl From<&str> for Startable {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Startable {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<ApplicationSpec> for Startable {
    fn from(spec: ApplicationSpec) -> Self {
        Self::Spec(Box::new(spec))
    }
}

/// A running application of any type.
pub(super) trait LiveApplication: Send {
    fn prep_stop(&mut self) -> Boxed<'_, ()>;
    fn stop(&mut self) -> Boxed<'_, ()>;
    fn config_change<'a>(&'a mut self, changes: &'a Changes) -> Boxed<'a, ()>;
}

struct Live<A>(A);

impl<A: Application> LiveApplication for Live<A> {
    fn prep_stop(&mut self) -> Boxed<'_, ()> {
        Box::pin(self.0.prep_stop())
    }

    fn stop(&mut self) -> Boxed<'_, ()> {
        Box::pin(self.0.stop())
    }

    fn config_change<'a>(&'a mut self, changes: &'a Changes) -> Boxed<'a, ()> {
        Box::pin(self.0.config_change(changes))
    }
}
