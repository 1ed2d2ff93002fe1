//! The common data of a node's applications, which every thread may read: the loaded specifications, the environments,
//! and the running applications as the controller publishes them.
//!
//! It is behind a [`Lock`], as `application:get_env/2` reads a table and asks no process. Specifications and values are
//! the user's, so every method returns the values that it has replaced or refused, and the caller drops them.
//!
//! # OTP
//!
//! The table `ac_tab`.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::RestartType;
use super::env::{EnvValues, Environment};
use super::error::{LoadError, UnloadError};
use super::life::Life;
use super::spec::{ApplicationInfo, ApplicationSpec};
use crate::exit::Term;
use crate::pid::Pid;
use crate::process::lock::Lock;
use crate::supervisor::cause::Cause;

/// The catalogue of one node.
pub(super) struct SharedCatalogue(Lock<Catalogue>);

impl Default for SharedCatalogue {
    fn default() -> Self {
        Self(Lock::new(Catalogue::default()))
    }
}

impl SharedCatalogue {
    pub(super) fn with<R>(&self, section: impl FnOnce(&mut Catalogue) -> R) -> R {
        self.0.with(section)
    }
}

#[derive(Default)]
pub(super) struct Catalogue {
    loaded: BTreeMap<String, Loaded>,
    pub(super) env: Environment,
    /// The applications that run, in the order of their starts, as the controller sees them.
    pub(super) running: Vec<RunningApplication>,
    /// The lives of all applications that have a process. Weak: a life ends with its processes.
    pub(super) lives: BTreeMap<String, Weak<Life>>,
    /// The causes of the ends of applications whose top supervisor has given up, until their next start.
    pub(super) causes: BTreeMap<String, Cause>,
    /// The controller. It can have ended since.
    pub(super) controller: Option<Pid>,
}

struct Loaded {
    spec: Arc<ApplicationSpec>,
    /// The controller starts, runs or stops it.
    in_use: bool,
}

/// An application that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunningApplication {
    pub(super) name: String,
    /// A library has none.
    pub(super) top: Option<Pid>,
    pub(super) restart: RestartType,
}

/// A specification that was not loaded, or the values that its environment has replaced.
pub(super) type Load = Result<Vec<Term>, (LoadError, Box<ApplicationSpec>)>;

impl Catalogue {
    pub(super) fn load(&mut self, spec: Box<ApplicationSpec>) -> Load {
        let name = spec.name().to_owned();
        if self.loaded.contains_key(&name) {
            return Err((LoadError::AlreadyLoaded(name), spec));
        }
        let replaced = self.env.load(&name, &spec.env);
        let spec = Arc::new(*spec);
        let in_use = false;
        self.loaded.insert(name, Loaded { spec, in_use });
        Ok(replaced)
    }

    pub(super) fn unload(&mut self, name: &str) -> Result<Unloaded, UnloadError> {
        match self.loaded.get(name) {
            None => return Err(UnloadError::NotLoaded(name.to_owned())),
            Some(loaded) if loaded.in_use => return Err(UnloadError::Running(name.to_owned())),
            Some(_) => {}
        }
        Ok(Unloaded {
            _spec: self.loaded.remove(name).map(|loaded| loaded.spec),
            _env: self.env.unload(name),
        })
    }

    pub(super) fn spec(&self, name: &str) -> Option<&Arc<ApplicationSpec>> {
        self.loaded.get(name).map(|loaded| &loaded.spec)
    }

    pub(super) fn loaded(&self) -> Vec<ApplicationInfo> {
        self.loaded.values().map(|it| it.spec.info()).collect()
    }

    /// Those that run, the last started one first.
    pub(super) fn running(&self) -> Vec<ApplicationInfo> {
        let names = self.running.iter().rev().map(|running| &running.name);
        names
            .filter_map(|name| self.spec(name))
            .map(|spec| spec.info())
            .collect()
    }

    pub(super) fn get_running(&self, name: &str) -> Option<&RunningApplication> {
        self.running.iter().find(|running| running.name == name)
    }

    /// Keeps a specification from being unloaded.
    pub(super) fn hold(&mut self, name: &str) -> Option<Arc<ApplicationSpec>> {
        let loaded = self.loaded.get_mut(name)?;
        loaded.in_use = true;
        Some(loaded.spec.clone())
    }

    pub(super) fn release(&mut self, name: &str) {
        if let Some(loaded) = self.loaded.get_mut(name) {
            loaded.in_use = false;
        }
    }

    /// Removes the entries of a controller that has ended, if their applications have ended.
    pub(super) fn prune(&mut self, controller: Pid) {
        if self.controller == Some(controller) {
            let lives = &self.lives;
            let is_left = |name: &str| lives.get(name).is_some_and(|life| life.strong_count() > 0);
            self.running.retain(|running| is_left(&running.name));
            for (name, loaded) in &mut self.loaded {
                loaded.in_use &= is_left(name);
            }
        }
    }

    /// Makes a new controller that of the node, if its starter, who knew of this former one, was the first. Both of them ask.
    pub(super) fn claim(&mut self, known: Option<Pid>, new: Pid) -> bool {
        if self.controller == known {
            self.controller = Some(new);
        }
        self.controller == Some(new)
    }

    /// The applications that a controller has left to itself. They end, as their masters watch it.
    pub(super) fn orphans(&mut self) -> Vec<Arc<Life>> {
        self.running.clear();
        for loaded in self.loaded.values_mut() {
            loaded.in_use = false;
        }
        self.lives.values().filter_map(Weak::upgrade).collect()
    }
}

/// The values that an unload has removed.
pub(super) struct Unloaded {
    _spec: Option<Arc<ApplicationSpec>>,
    _env: Option<EnvValues>,
}
