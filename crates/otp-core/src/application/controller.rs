//! The process that starts and stops a node's applications: it passes events to the core, and performs the core's
//! actions.
//!
//! It runs no code of the user's. Callbacks run in the masters, and the values that pass through here (exit reasons, the
//! changes of an environment) are dropped where a panic in a destructor ends nothing.
//!
//! # OTP
//!
//! `application_controller`.

use std::collections::HashMap;
use std::sync::Arc;

use otp_macros::gen_server;

use super::RestartType;
use super::catalogue::{Catalogue, SharedCatalogue};
use super::core::ControllerCore;
use super::env::Changes;
use super::error::{StartApplicationError, StopApplicationError};
use super::event::{Caller, ControllerAction, ControllerAnswer, ControllerEvent, Ended, Needs};
use super::life::{Holder, Life};
use super::master::{self, MasterOrder};
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next, Reply, ReplyTo, Status};
use crate::never::Never;
use crate::numbered::Numbered;
use crate::pid::Pid;
use crate::process::block::downcast;
use crate::process::{self, Mailbox, ProcessRef, Target, panic};
use crate::report::application as report;

/// The controller of a node.
pub(super) struct Controller {
    core: ControllerCore<PendingRequest>,
    shared: Arc<SharedCatalogue>,
    lives: HashMap<String, Holder>,
    /// The masters, and their successors.
    keepers: HashMap<Pid, String, Numbered>,
    /// The time for an orderly end is over.
    hurries: bool,
}

/// A request that waits for its answer.
pub(super) enum PendingRequest {
    Start(ReplyTo<Result<(), StartApplicationError>>),
    Stop(ReplyTo<Result<(), StopApplicationError>>),
    Await(ReplyTo<Ended>),
}

/// The caller, if it is a process.
pub(super) type By = Option<Pid>;

pub(super) enum ControllerCall {
    Start(
        String,
        RestartType,
        By,
        ReplyTo<Result<(), StartApplicationError>>,
    ),
    Stop(String, By, ReplyTo<Result<(), StopApplicationError>>),
    Await(By, ReplyTo<Ended>),
    /// Notifies an application that its environment has changed.
    Changed(String, Changes, By, ReplyTo<()>),
}

pub(super) enum Cast {
    Shutdown,
    Hurry,
}

/// From a master: its application has started.
pub(super) struct News {
    pub(super) name: String,
    pub(super) top: Option<Pid>,
}

#[gen_server]
impl GenServer for Controller {
    /// The catalogue, and the controller before this one.
    type Args = (Arc<SharedCatalogue>, Option<Pid>);
    type Call = ControllerCall;
    type Cast = Cast;
    type Info = News;

    async fn init(
        (shared, former): (Arc<SharedCatalogue>, Option<Pid>),
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        if !shared.with(|catalogue| catalogue.claim(former, context.pid())) {
            return Ok(Init::ignore());
        }
        process::set_label("application_controller");
        // It has no links, and only a kill ends it.
        context.trap_exit(true);
        let mut controller = Self {
            core: ControllerCore::default(),
            shared,
            lives: HashMap::new(),
            keepers: HashMap::default(),
            hurries: false,
        };
        controller.adopt(context);
        Ok(Init::state(controller))
    }

    async fn handle_call(
        &mut self,
        call: ControllerCall,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        let event = match call {
            ControllerCall::Start(name, restart, by, from) => {
                let Some(spec) = self.shared.with(|catalogue| catalogue.hold(&name)) else {
                    return from.reply(Err(StartApplicationError::NotLoaded(name)));
                };
                let needs = Arc::new(Needs {
                    dependencies: spec.dependencies.clone(),
                    is_library: !spec.has_processes(),
                });
                let from = self.caller(PendingRequest::Start(from), by);
                ControllerEvent::Start {
                    name,
                    needs,
                    restart,
                    from,
                }
            }
            ControllerCall::Stop(name, by, from) => {
                ControllerEvent::Stop(name, self.caller(PendingRequest::Stop(from), by))
            }
            ControllerCall::Await(by, from) => {
                ControllerEvent::Await(self.caller(PendingRequest::Await(from), by))
            }
            ControllerCall::Changed(name, changes, by, from) => {
                self.tell(&name, changes, by, from);
                return Reply::later();
            }
        };
        self.perform(event, context);
        Reply::later()
    }

    async fn handle_cast(&mut self, cast: Cast, context: &mut Context<Self>) -> Next<Self> {
        let event = match cast {
            Cast::Shutdown => ControllerEvent::Shutdown,
            Cast::Hurry => {
                self.hurries = true;
                for life in self.lives.values() {
                    life.hurry();
                }
                ControllerEvent::Hurry
            }
        };
        self.perform(event, context);
        Next::NoReply
    }

    async fn handle_info(&mut self, info: Info<News>, context: &mut Context<Self>) -> Next<Self> {
        match info {
            Info::Message(News { name, top }) => {
                self.perform(ControllerEvent::Started(name, top), context);
            }
            Info::Down(down) => {
                let keeper = match &down.target {
                    Target::Pid(pid) => self.keepers.remove(pid),
                    Target::Name(_) => None,
                };
                if let Some(name) = keeper {
                    self.keeper_ended(name, down.reason, context);
                }
            }
            Info::Exit(_) | Info::Timeout => {}
        }
        Next::NoReply
    }

    fn format_status(&self, status: &mut Status) {
        let names = self.core.running().into_iter().map(|running| running.name);
        let names: Vec<String> = names.collect();
        status.state = Some(format!("application controller; running: {names:?}"));
    }
}

impl Controller {
    /// Waits for the applications that a former controller has left: they end, and are not started before.
    fn adopt(&mut self, context: &mut Context<Self>) {
        for life in self.shared.with(Catalogue::orphans) {
            let holder = Holder::join(&life).filter(|_| !life.is_finished());
            let (Some(life), Some(keeper)) = (holder, life.keeper()) else {
                continue;
            };
            let name = life.name().to_owned();
            self.shared.with(|catalogue| drop(catalogue.hold(&name)));
            self.keepers.insert(keeper.head().pid, name.clone());
            self.lives.insert(name.clone(), life);
            context.monitor(keeper.head().pid);
            self.perform(ControllerEvent::Orphan(name), context);
        }
    }

    fn caller(&self, request: PendingRequest, by: By) -> Caller<PendingRequest> {
        let by = by.and_then(|pid| self.keepers.get(&pid)).cloned();
        Caller { request, by }
    }

    /// Passes an event to the core, and performs its actions.
    fn perform(&mut self, event: ControllerEvent<PendingRequest>, context: &mut Context<Self>) {
        for action in self.core.handle(event) {
            // An answer wakes its caller. An answer without a waiting caller is dropped.
            panic::run_quietly(|| self.act(action, context));
        }
    }

    fn act(&mut self, action: ControllerAction<PendingRequest>, context: &mut Context<Self>) {
        match action {
            ControllerAction::Launch(name) => self.launch(&name, context),
            ControllerAction::Stop(name) => {
                if let Some(master) = self.master(&name) {
                    master.send(MasterOrder::Stop);
                }
            }
            ControllerAction::Kill(name) => {
                if let Some(keeper) = self.lives.get(&name).and_then(|life| life.keeper()) {
                    process::exit(keeper.head().pid, ExitReason::Kill);
                }
            }
            ControllerAction::Answer(request, answer) => match (request, answer) {
                (PendingRequest::Start(from), ControllerAnswer::Start(answer)) => from.send(answer),
                (PendingRequest::Stop(from), ControllerAnswer::Stop(answer)) => from.send(answer),
                (PendingRequest::Await(from), ControllerAnswer::Await(answer)) => from.send(answer),
                (_, answer) => {
                    unreachable!("a request gets an answer of its own kind, not {answer:?}")
                }
            },
            ControllerAction::Discard(reason) => drop(reason),
            ControllerAction::Report(name, None) => report::exited(&name, "stopped", false),
            ControllerAction::Report(name, Some((reason, is_fatal))) => {
                let text = panic::quietly(|| format!("{reason:#}"));
                report::exited(&name, &text, is_fatal);
            }
            ControllerAction::Show => {
                let running = self.core.running();
                let former = (self.shared)
                    .with(|catalogue| std::mem::replace(&mut catalogue.running, running));
                drop(former);
            }
            ControllerAction::Release(name) => {
                self.shared.with(|catalogue| catalogue.release(&name));
            }
        }
    }

    fn launch(&mut self, name: &str, context: &mut Context<Self>) {
        let Some(spec) = self.shared.with(|catalogue| catalogue.hold(name)) else {
            let reason = ExitReason::error(StartApplicationError::NotLoaded(name.to_owned()));
            return self.perform(ControllerEvent::Ended(name.to_owned(), reason), context);
        };
        let life = Holder::new(Life::new(spec, context.pid()));
        let (its, me) = (life.clone(), context.me());
        let (master, _) =
            process::spawn_monitor(|mailbox: Mailbox<MasterOrder>| master::live(mailbox, its, me));
        self.keep(life, &master);
    }

    fn keep<M: Send + 'static>(&mut self, life: Holder, keeper: &ProcessRef<M>) {
        let name = life.name().to_owned();
        self.keepers.insert(keeper.pid(), name.clone());
        life.keep(keeper.block().clone());
        let weak = life.downgrade();
        let former = self
            .shared
            .with(|catalogue| catalogue.lives.insert(name.clone(), weak));
        drop(former);
        self.lives.insert(name, life);
    }

    /// A master or its successor has ended. If it was killed before its work was done, a successor does the rest.
    fn keeper_ended(&mut self, name: String, reason: ExitReason, context: &mut Context<Self>) {
        let Some(life) = self.lives.remove(&name) else {
            return;
        };
        if !life.is_finished() {
            life.decide(reason);
            let its = life.clone();
            let (successor, _) = process::spawn_monitor(|_: Mailbox<Never>| master::inherit(its));
            self.keep(life, &successor);
            return;
        }
        let cause = life.cause();
        let gone = self.shared.with(|catalogue| {
            let former = match cause {
                Some(cause) => catalogue.causes.insert(name.clone(), cause),
                None => catalogue.causes.remove(&name),
            };
            (catalogue.lives.remove(&name), former)
        });
        drop((gone, life));
        self.perform(ControllerEvent::Ended(name, reason), context);
    }

    fn master(&self, name: &str) -> Option<ProcessRef<MasterOrder>> {
        let keeper = self.lives.get(name)?.keeper()?;
        downcast::<MasterOrder>(keeper).map(ProcessRef::<MasterOrder>::new)
    }

    /// Notifies a running application that its environment has changed. Callbacks of applications do not wait for that:
    /// two of them could wait for each other.
    fn tell(&self, name: &str, changes: Changes, by: By, from: ReplyTo<()>) {
        let by_callback = by.is_some_and(|pid| self.keepers.contains_key(&pid));
        let master = self.master(name).filter(|_| self.core.is_running(name));
        let (told, now) = match &master {
            Some(_) if !by_callback => (Some(from), None),
            _ => (None, Some(from)),
        };
        panic::run_quietly(|| match master {
            Some(master) => master.send(MasterOrder::Changed(changes, told)),
            None => drop(changes),
        });
        if let Some(from) = now {
            from.send(());
        }
    }
}
