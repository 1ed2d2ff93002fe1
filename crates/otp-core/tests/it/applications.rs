//! Applications: loading, starting, stopping, and what they need.

use std::time::Duration;

use otp_core::application::{
    Application, ApplicationSpec, Applications, Changes, LoadError, RestartType,
    StartApplicationError, StopApplicationError, UnloadError,
};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;
use otp_core::{Child, SupervisorRef};

use crate::support::{in_process, panic_of, settle};

/// What a [`Band`] tells the test: its name and what it does.
pub(crate) type Did = (&'static str, &'static str);

/// An application that reports its callbacks, and does in its start as it is told.
pub(crate) struct Band {
    name: &'static str,
    probe: Probe<Did>,
}

#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) probe: Probe<Did>,
    pub(crate) start: Start,
}

/// How a start goes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Start {
    Well,
    /// It starts its tree, and then fails.
    Fails,
    Panics,
    /// It takes an hour.
    Slowly,
    /// Its prep_stop and stop panic.
    EndsBadly,
}

impl Application for Band {
    type Args = Setup;

    async fn start(setup: Setup) -> Result<(Child, Self), ExitReason> {
        let Setup { name, probe, start } = setup;
        probe.report((name, "start"));
        let top = Supervisor::new(Strategy::OneForOne).name(name);
        let top = top.start_link().await?;
        match start {
            Start::Well | Start::EndsBadly => {}
            Start::Fails => return Err(ExitReason::other("nope")),
            Start::Panics => panic!("boom"),
            Start::Slowly => tokio::time::sleep(Duration::from_secs(60 * 60)).await,
        }
        let name = match start {
            Start::EndsBadly => "",
            _ => name,
        };
        Ok((top.into(), Self { name, probe }))
    }

    async fn prep_stop(&mut self) {
        assert_ne!(self.name, "", "no preparation");
        self.report(["prep_stop", "prep_stop without tree"]);
    }

    async fn stop(&mut self) {
        assert_ne!(self.name, "", "no end");
        self.report(["stop with tree", "stop"]);
        // It may look at applications, its own included, while it ends.
        let running = Applications::here().which_applications();
        assert!(running.iter().any(|info| info.name == self.name));
    }

    async fn config_change(&mut self, changes: &Changes) {
        assert!(!changes.is_empty());
        self.probe.report((self.name, "config_change"));
    }
}

impl Band {
    fn report(&self, [with_tree, without]: [&'static str; 2]) {
        let what = match process::whereis(self.name) {
            Some(_) => with_tree,
            None => without,
        };
        self.probe.report((self.name, what));
    }
}

/// An application of this name.
pub(crate) fn band(name: &'static str, probe: &Probe<Did>, start: Start) -> ApplicationSpec {
    let probe = probe.clone();
    ApplicationSpec::new::<Band>(name, Setup { name, probe, start })
}

fn names(infos: &[otp_core::application::ApplicationInfo]) -> Vec<&str> {
    infos.iter().map(|info| info.name.as_str()).collect()
}

fn running(all: &Applications) -> Vec<String> {
    let infos = all.which_applications();
    names(&infos).into_iter().map(str::to_owned).collect()
}

// APP-001
#[tokio::test(start_paused = true)]
async fn load_start_stop_and_unload_are_four_things() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let spec = || {
            band("a", &probe, Start::Well)
                .description("first")
                .version("1.0")
        };
        assert_eq!(all.load(spec()), Ok(()));
        assert_eq!(all.load(spec()), Err(LoadError::AlreadyLoaded("a".into())));
        assert_eq!(names(&all.loaded_applications()), ["a"]);
        assert_eq!(running(&all), [""; 0]);
        assert_eq!(probe.drain(), []);

        assert_eq!(all.start("a").await, Ok(()));
        let infos = all.which_applications();
        let info = infos.first().unwrap();
        assert_eq!((&*info.description, &*info.version), ("first", "1.0"));
        assert_eq!(all.supervisor("a"), process::whereis("a"));
        assert_eq!(all.unload("a"), Err(UnloadError::Running("a".into())));

        assert_eq!(all.stop("a").await, Ok(()));
        assert_eq!(running(&all), [""; 0]);
        assert_eq!(names(&all.loaded_applications()), ["a"]);
        let not_started = StopApplicationError::NotStarted("a".into());
        assert_eq!(all.stop("a").await, Err(not_started));
        assert_eq!(all.start("a").await, Ok(()), "it can be started again");
        assert_eq!(all.stop("a").await, Ok(()));
        assert_eq!(all.unload("a"), Ok(()));
        assert_eq!(all.unload("a"), Err(UnloadError::NotLoaded("a".into())));
        let not_loaded = StartApplicationError::NotLoaded("a".into());
        assert_eq!(all.start("a").await, Err(not_loaded));

        assert_eq!(all.start(spec()).await, Ok(()), "a start loads");
        assert_eq!(names(&all.loaded_applications()), ["a"]);
        assert_eq!(all.start(ApplicationSpec::library("lib")).await, Ok(()));
        assert_eq!(running(&all), ["lib", "a"]);
        assert_eq!(
            (all.supervisor("lib"), all.stop("lib").await),
            (None, Ok(()))
        );
    })
    .await;
}

// APP-002
#[tokio::test(start_paused = true)]
async fn an_application_does_not_start_before_those_that_it_needs() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        all.load(band("a", &probe, Start::Well)).unwrap();
        let b = band("b", &probe, Start::Well).depends_on("a");
        let b = b.optionally_depends_on("missing");
        let missing = StartApplicationError::NotStarted {
            application: "b".into(),
            dependency: "a".into(),
        };
        assert_eq!(all.start(b).await, Err(missing));
        assert_eq!(probe.drain(), []);
        assert_eq!(all.start("a").await, Ok(()));
        assert_eq!(all.start("b").await, Ok(()));
        assert_eq!(running(&all), ["b", "a"]);
    })
    .await;
}

// APP-003
#[tokio::test(start_paused = true)]
async fn ensure_all_started_starts_what_is_needed_first_and_only_once() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        for name in ["a", "b", "extra"] {
            all.load(band(name, &probe, Start::Well)).unwrap();
        }
        let c = band("c", &probe, Start::Well)
            .depends_on("b")
            .depends_on("a");
        all.load(c).unwrap();
        let d = band("d", &probe, Start::Well)
            .depends_on("c")
            .depends_on("a")
            .optionally_depends_on("extra")
            .optionally_depends_on("missing");
        let started = all.ensure_all_started(d, RestartType::Transient).await;
        let order = ["b", "a", "c", "extra", "d"];
        assert_eq!(started.unwrap(), order);
        assert_eq!(probe.drain(), order.map(|name| (name, "start")));
        assert_eq!(all.restart_type("a"), Some(RestartType::Transient));
        let again = all.ensure_all_started("d", RestartType::Permanent).await;
        assert_eq!(again, Ok(vec![]));
    })
    .await;
}

// APP-003
#[tokio::test(start_paused = true)]
async fn what_was_started_for_one_that_fails_is_stopped_again() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        for (name, start) in [
            ("before", Start::Well),
            ("a", Start::Well),
            ("bad", Start::Fails),
        ] {
            all.load(band(name, &probe, start)).unwrap();
        }
        all.start("before").await.unwrap();
        let top = band("top", &probe, Start::Well);
        let top = top.depends_on("before").depends_on("a").depends_on("bad");
        let failed = StartApplicationError::Failed {
            application: "bad".into(),
            reason: ExitReason::other("nope"),
        };
        let started = all.ensure_all_started(top, RestartType::Temporary);
        assert_eq!(started.await, Err(failed));
        assert_eq!(running(&all), ["before"]);
        let lost = band("lost", &probe, Start::Well).depends_on("nowhere");
        let started = all.ensure_all_started(lost, RestartType::Temporary).await;
        assert_eq!(
            started,
            Err(StartApplicationError::NotLoaded("nowhere".into()))
        );
    })
    .await;
}

// APP-003
#[tokio::test(start_paused = true)]
async fn applications_that_need_each_other_are_refused() {
    in_process(async {
        let all = Applications::here();
        let library = ApplicationSpec::library;
        all.load(library("a").depends_on("b")).unwrap();
        all.load(library("b").optionally_depends_on("a")).unwrap();
        let started = all.ensure_all_started("a", RestartType::Temporary).await;
        let error = started.unwrap_err();
        assert!(matches!(error, StartApplicationError::Circle { .. }));
        assert_eq!(
            error.to_string(),
            "applications depend on each other in a circle: a -> b -> a"
        );
    })
    .await;
}

// APP-004
#[tokio::test(start_paused = true)]
async fn of_a_start_that_fails_nothing_remains() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let settled = all.start(ApplicationSpec::library("first")).await;
        assert_eq!(settled, Ok(()));
        let before = process::node().processes();
        for start in [Start::Fails, Start::Panics] {
            let name = if start == Start::Fails {
                "fails"
            } else {
                "panics"
            };
            match all.start(band(name, &probe, start)).await {
                Err(StartApplicationError::Failed {
                    application,
                    reason,
                }) => {
                    assert_eq!(application, name);
                    match start {
                        Start::Panics => assert_eq!(panic_of(&reason).message, "boom"),
                        _ => assert_eq!(reason, ExitReason::other("nope")),
                    }
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(running(&all), ["first"]);
            assert_eq!(process::whereis(name), None);
            settle().await;
            assert_eq!(process::node().processes(), before);
        }
    })
    .await;
}

// APP-005
#[tokio::test(start_paused = true)]
async fn an_application_that_runs_is_not_started_again() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let a = || band("a", &probe, Start::Well);
        assert_eq!(all.start(a()).await, Ok(()));
        let already = StartApplicationError::AlreadyStarted("a".into());
        assert_eq!(all.start("a").await, Err(already.clone()));
        assert_eq!(all.start(a()).await, Err(already));
        assert_eq!(all.ensure_started("a").await, Ok(()));
        assert_eq!(probe.drain(), [("a", "start")]);

        // A start that is under way is waited for.
        let slow = band("slow", &probe, Start::Slowly);
        let (first, second) = tokio::join!(all.start(slow), all.ensure_started("slow"));
        assert_eq!((first, second), (Ok(()), Ok(())));
        assert_eq!(probe.drain(), [("slow", "start")]);
    })
    .await;
}

// APP-006
#[tokio::test(start_paused = true)]
async fn stop_prepares_shuts_the_tree_down_and_then_cleans_up() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        all.start(band("a", &probe, Start::Well)).await.unwrap();
        let top = SupervisorRef::find(&process::node(), "a").unwrap();
        assert_eq!(all.stop("a").await, Ok(()));
        assert_eq!(top.wait().await, ExitReason::Shutdown);
        let did = ["start", "prep_stop", "stop"].map(|did| ("a", did));
        assert_eq!(probe.drain(), did);

        let bad = band("bad", &probe, Start::EndsBadly);
        all.start(bad).await.unwrap();
        assert_eq!(all.stop("bad").await, Ok(()), "even if its callbacks fail");
        assert_eq!(process::whereis("bad"), None);
        assert_eq!(running(&all), [""; 0]);
    })
    .await;
}

// APP-007
#[tokio::test(start_paused = true)]
async fn stop_does_not_look_at_those_that_depend_on_it() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        all.start(band("a", &probe, Start::Well)).await.unwrap();
        let b = band("b", &probe, Start::Well).depends_on("a");
        all.start(b).await.unwrap();
        assert_eq!(all.stop("a").await, Ok(()));
        assert_eq!(running(&all), ["b"]);
    })
    .await;
}
