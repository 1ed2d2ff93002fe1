//! An application whose callbacks do what a test says.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use otp_core::application::{Application, ApplicationSpec, Applications, Changes};
use otp_core::prelude::*;
use otp_core::test::{Probe, Runner};
use otp_core::{Child, process};
use tokio::sync::Semaphore;
use tokio::time::timeout;

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;
type Step = Arc<dyn Fn() -> Boxed + Send + Sync>;

/// What the callbacks do. By default they do nothing, and the tree is a supervisor without children.
#[derive(Clone, Default)]
pub(crate) struct Script {
    start: Option<Step>,
    top: Option<Arc<dyn Fn() -> Child + Send + Sync>>,
    prep_stop: Option<Step>,
    stop: Option<Step>,
    config_change: Option<Step>,
}

fn step<F: Future<Output = ()> + Send + 'static>(
    make: impl Fn() -> F + Send + Sync + 'static,
) -> Option<Step> {
    Some(Arc::new(move || Box::pin(make())))
}

macro_rules! setters {
    ($($name:ident)*) => { $(
        pub(crate) fn $name<F: Future<Output = ()> + Send + 'static>(
            mut self,
            make: impl Fn() -> F + Send + Sync + 'static,
        ) -> Self {
            self.$name = step(make);
            self
        }
    )* };
}

impl Script {
    setters!(start prep_stop stop config_change);

    /// Another top than a supervisor.
    pub(crate) fn top(mut self, top: impl Fn() -> Child + Send + Sync + 'static) -> Self {
        self.top = Some(Arc::new(top));
        self
    }

    pub(crate) fn spec(self, name: &str) -> ApplicationSpec {
        ApplicationSpec::new::<Scripted>(name, self)
    }
}

struct Scripted(Script);

async fn run(step: Option<Step>) {
    if let Some(step) = step {
        step().await;
    }
}

impl Application for Scripted {
    type Args = Script;

    async fn start(script: Script) -> Result<(Child, Self), ExitReason> {
        let top = match &script.top {
            Some(top) => top(),
            None => Supervisor::new(Strategy::OneForOne)
                .start_link()
                .await?
                .into(),
        };
        run(script.start.clone()).await;
        Ok((top, Self(script)))
    }

    async fn prep_stop(&mut self) {
        run(self.0.prep_stop.clone()).await;
    }

    async fn stop(&mut self) {
        run(self.0.stop.clone()).await;
    }

    async fn config_change(&mut self, _: &Changes) {
        run(self.0.config_change.clone()).await;
    }
}

/// A callback waits at it until the test opens it.
#[derive(Clone)]
pub(crate) struct Gate {
    reached: Probe<()>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        let open = Arc::new(Semaphore::new(0));
        let reached = Probe::new();
        Self { reached, open }
    }

    /// What the callback does.
    pub(crate) fn pass(&self) -> impl Future<Output = ()> + Send + use<> {
        let gate = self.clone();
        async move {
            gate.reached.report(());
            gate.open
                .acquire()
                .await
                .expect("it is never closed")
                .forget();
        }
    }

    pub(crate) async fn reached(&self) {
        self.reached.next().await;
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}

/// Plays a test with a paused clock, with one that runs, and on several threads. It must come to its end.
pub(crate) fn everywhere<F: Future<Output = ()> + Send + 'static>(test: impl Fn() -> F) {
    let guarded = || {
        let test = test();
        async move {
            let done = timeout(Duration::from_secs(120), test).await;
            done.expect("the test comes to its end");
        }
    };
    Runner::new().run(guarded());
    Runner::new().real_clock().run(guarded());
    Runner::new().workers(3).run(guarded());
}

/// The master of an application that runs.
pub(crate) fn master(all: &Applications, name: &str) -> Pid {
    let top = all.supervisor(name).expect("it runs");
    let info = process::node().process_info(top);
    info.expect("its tree is there").ancestors[0]
}

/// The process with this label.
pub(crate) fn labelled(node: &Node, label: &str) -> Option<Pid> {
    node.processes().into_iter().find(|pid| {
        let info = node.process_info(*pid);
        info.is_some_and(|info| info.label.as_deref() == Some(label))
    })
}
