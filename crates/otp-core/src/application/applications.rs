//! The applications of a node: loading, starting, stopping.

use std::any::Any;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};

use super::RestartType;
use super::error::{LoadError, StartError, StopError, UnloadError};
use super::ledger::{Ended, Ledger, Turn};
use super::master::{self, Charge, Order};
use super::order;
use super::spec::{ApplicationSpec, Startable};
use crate::exit::ExitReason;
use crate::gen_server::Timeout;
use crate::never::Never;
use crate::node::Node;
use crate::process::{self, Mailbox};

/// The applications of one node.
///
/// A handle: all that a node has see the same applications.
///
/// OTP: the functions of the module `application`.
#[derive(Clone)]
pub struct Applications {
    node: Node,
    shared: Arc<Shared>,
}

/// The books, and a bell that rings when they change.
#[derive(Default)]
pub(super) struct Shared {
    ledger: Mutex<Ledger>,
    changed: Notify,
}

impl Shared {
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        let done = change(&mut self.ledger.lock());
        self.changed.notify_waiters();
        done
    }

    /// Looks into the books, now and after each change, until `look` has found something.
    async fn find<T>(&self, mut look: impl FnMut(&mut Ledger) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            let found = look(&mut self.ledger.lock());
            if let Some(found) = found {
                return found;
            }
            changed.await;
        }
    }
}

impl Applications {
    /// Those of this node.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "it does not panic")]
    pub fn on(node: &Node) -> Self {
        let home = node.applications();
        let shared: Arc<dyn Any + Send + Sync> =
            home.get_or_init(|| Arc::new(Shared::default())).clone();
        let shared = shared.downcast();
        Self {
            node: node.clone(),
            shared: shared.expect("nobody else puts anything there"),
        }
    }

    /// Those of the current process's node.
    ///
    /// # Panics
    ///
    /// Panics outside of a process.
    #[must_use]
    #[track_caller]
    pub fn here() -> Self {
        Self::on(&process::node())
    }

    /// Makes an application known, and installs its environment. Nothing runs by that.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if one of that name is loaded.
    ///
    /// OTP: `application:load/1`.
    pub fn load(&self, spec: ApplicationSpec) -> Result<(), LoadError> {
        self.shared.change(|ledger| ledger.load(spec))
    }

    /// Forgets an application that does not run, and its environment.
    ///
    /// # Errors
    ///
    /// [`UnloadError`].
    ///
    /// OTP: `application:unload/1`.
    pub fn unload(&self, name: &str) -> Result<(), UnloadError> {
        // What it starts with is the user's, and not to be dropped under our lock.
        let spec = self.shared.change(|ledger| ledger.unload(name));
        spec.map(drop)
    }

    /// Starts an application, as a temporary one; see [`start_as`](Self::start_as).
    ///
    /// # Errors
    ///
    /// [`StartError`]; then nothing of it runs.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the application starting.
    ///
    /// # Panics
    ///
    /// The future panics outside of a tokio runtime.
    ///
    /// OTP: `application:start/1`.
    pub async fn start(&self, application: impl Into<Startable>) -> Result<(), StartError> {
        self.start_as(application, RestartType::default()).await
    }

    /// Starts an application. Those that it depends on must run. A specification that is not loaded is loaded
    /// first.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
    ///
    /// OTP: `application:start/2`.
    ///
    /// # Differences from OTP
    ///
    /// A name alone must be loaded: there are no files in which to look for it.
    pub async fn start_as(
        &self,
        application: impl Into<Startable>,
        restart: RestartType,
    ) -> Result<(), StartError> {
        let name = self.known(application.into());
        self.attend();
        let started = self
            .shared
            .find(|ledger| match ledger.check_start(&name) {
                Ok(Turn::Later) => None,
                Ok(Turn::Now(spec)) => Some(Ok(self.launch(ledger, spec, restart))),
                Err(error) => Some(Err(error)),
            })
            .await?;
        let Some(started) = started else {
            return Ok(());
        };
        let failed = |reason| StartError::Failed {
            application: name.clone(),
            reason,
        };
        match started.await {
            Ok(started) => started.map_err(failed),
            Err(_) => Err(failed(ExitReason::Killed)),
        }
    }

    /// Starts an application unless it runs, as a temporary one.
    ///
    /// # Errors
    ///
    /// [`StartError`], but for `AlreadyStarted`.
    ///
    /// # Cancel safety
    ///
    /// As for [`start`](Self::start).
    ///
    /// OTP: `application:ensure_started/1`.
    pub async fn ensure_started(
        &self,
        application: impl Into<Startable>,
    ) -> Result<(), StartError> {
        match self.start(application).await {
            Err(StartError::AlreadyStarted(_)) => Ok(()),
            started => started,
        }
    }

    /// Starts an application unless it runs, and before that those that it depends on; returns the names
    /// of those that were started, in that order. All become of the same type.
    ///
    /// # Errors
    ///
    /// [`StartError`]; then those that it has started are stopped again, the last one first.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves running what it has started.
    ///
    /// OTP: `application:ensure_all_started/2`.
    pub async fn ensure_all_started(
        &self,
        application: impl Into<Startable>,
        restart: RestartType,
    ) -> Result<Vec<String>, StartError> {
        let name = self.known(application.into());
        let order = order::plan(&self.ledger(), &name)?;
        let mut started = Vec::new();
        for name in order {
            match self.start_as(name.as_str(), restart).await {
                Ok(()) => started.push(name),
                Err(StartError::AlreadyStarted(_)) => {}
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

    /// Stops an application: lets it prepare, shuts its tree down, waits for that, and lets it clean up. Those
    /// that depend on it are not looked at. It stays loaded.
    ///
    /// # Errors
    ///
    /// [`StopError`] if it does not run.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it leaves the application stopping.
    ///
    /// OTP: `application:stop/1`.
    pub async fn stop(&self, name: &str) -> Result<(), StopError> {
        let master = self
            .shared
            .find(|ledger| match ledger.begin_stop(name) {
                Ok(Turn::Later) => None,
                Ok(Turn::Now(master)) => Some(Ok(master)),
                Err(error) => Some(Err(error)),
            })
            .await?;
        if let Some(master) = master {
            master.send(Order::Stop);
            master.wait().await;
        }
        Ok(())
    }

    /// Shuts all applications down, the last started one first, and starts none any more. Those that have not
    /// stopped within `limit` are killed. Returns why they are shut down: for an application that failed, if
    /// that came first.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits, nor kills.
    ///
    /// OTP: `init:stop/0`.
    pub async fn shutdown(&self, limit: impl Into<Timeout>) -> Ended {
        self.attend();
        self.shared.change(|ledger| {
            ledger.ending.get_or_insert(Ended::Stopped);
        });
        match limit.into().on(self.ended()).await {
            Some(ended) => ended,
            None => {
                let masters = self.ledger().masters();
                for master in &masters {
                    self.node.exit(master, ExitReason::Kill);
                }
                self.ended().await
            }
        }
    }

    /// Waits until all applications have been shut down, because somebody asked for it or because one has failed
    /// that must not.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn ended(&self) -> Ended {
        self.shared
            .find(|ledger| ledger.ending.clone().filter(|_| ledger.is_over))
            .await
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.shared.ledger.lock()
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

    /// Starts the process of an application; a library has started by being noted.
    fn launch(
        &self,
        ledger: &mut Ledger,
        spec: Arc<ApplicationSpec>,
        restart: RestartType,
    ) -> Option<oneshot::Receiver<Result<(), ExitReason>>> {
        let name = spec.name().to_owned();
        // The callback is the user's code and runs in the master.
        let start = spec.clone();
        if !spec.has_processes() {
            ledger.has_started(&name, None, None, restart);
            return None;
        }
        let (acknowledge, started) = oneshot::channel();
        let charge = Charge {
            shared: self.shared.clone(),
            spec,
            restart,
        };
        let master = self.node.spawn(|mailbox: Mailbox<Order>| {
            let start = async move { start.start().await };
            master::live(mailbox, charge, start, acknowledge)
        });
        ledger.starting(&name, master);
        Some(started)
    }

    /// Sees to it that somebody shuts the applications down when it is time.
    fn attend(&self) {
        let is_first = self
            .shared
            .change(|ledger| !std::mem::replace(&mut ledger.has_controller, true));
        if is_first {
            let all = self.clone();
            self.node.spawn(|_: Mailbox<Never>| async move {
                process::set_label("application_controller");
                all.shared
                    .find(|ledger| ledger.ending.as_ref().map(|_| ()))
                    .await;
                all.stop_all().await;
            });
        }
    }

    /// Stops one after the other, the last started one first.
    async fn stop_all(&self) {
        loop {
            let next = self
                .shared
                .find(|ledger| match ledger.next_to_stop() {
                    Some(Turn::Later) => None,
                    Some(Turn::Now(name)) => Some(Some(name)),
                    None => Some(None),
                })
                .await;
            let Some(name) = next else { break };
            // It may have ended by itself meanwhile.
            let _ = self.stop(&name).await;
        }
        self.shared.change(|ledger| ledger.is_over = true);
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.ledger().running();
        let names = running.into_iter().map(|application| application.name);
        f.debug_list().entries(names).finish()
    }
}
