//! Values of the user's in environments and arguments that call back into what holds them, or panic.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp_core::Term;
use otp_core::application::{Application, ApplicationSpec, Applications, LoadError};
use otp_core::prelude::*;
use otp_core::test::Probe;
use otp_core::{Child, process};

use crate::scripted::{Script, everywhere};

/// Calls back into the applications from each of its implementations, and notes it in the probe. It panics if a lock of the runtime
/// is held then.
struct Hostile(Probe<&'static str>, &'static str);

impl Hostile {
    fn call_back(&self, what: &'static str) {
        assert!(
            !otp_core::test::in_critical_section(),
            "{what} runs under a lock"
        );
        // A value that outlives the test is dropped with its runtime.
        if process::try_current().is_none() {
            return;
        }
        let all = Applications::here();
        let _ = all.get_all_env("app");
        all.set_env("other", "key", 1);
        let _ = all.load(ApplicationSpec::library("loaded by a value"));
        let _ = (all.which_applications(), all.loaded_applications());
        self.0.report(what);
    }
}

impl Clone for Hostile {
    fn clone(&self) -> Self {
        self.call_back("clone");
        Self(self.0.clone(), self.1)
    }
}

impl PartialEq for Hostile {
    fn eq(&self, other: &Self) -> bool {
        self.call_back("eq");
        self.1 == other.1
    }
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call_back("debug");
        f.write_str(self.1)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.call_back("drop");
    }
}

// APP-009
#[test]
fn values_of_environments_may_call_back_wherever_they_are_used() {
    everywhere(|| async {
        let (all, told) = (Applications::here(), Probe::new());
        let value = |text| Hostile(told.clone(), text);
        all.set_env("app", "k", value("first"));
        all.set_env("app", "k", value("second"));
        assert_eq!(told.drain(), ["drop"], "set_env");
        all.set_env_persistent("app", "p", value("first"));
        all.set_env_persistent("app", "p", value("second"));
        assert_eq!(told.drain(), ["drop"], "set_env_persistent");
        drop(all.get_env::<Hostile>("app", "k"));
        assert_eq!(told.drain(), ["clone", "drop"], "get_env");

        let spec = || Script::default().spec("app").env("k", value("third"));
        assert_eq!(all.load(spec()), Ok(()));
        assert_eq!(told.drain(), ["drop"], "load");
        assert_eq!(
            all.load(spec()),
            Err(LoadError::AlreadyLoaded("app".into()))
        );
        assert_eq!(told.drain(), ["drop"], "load, refused");
        assert_eq!(all.start(spec()).await, Ok(()));
        assert_eq!(told.drain(), ["drop"], "start, of one that is loaded");

        let next = |text| [("k".to_owned(), Term::new(value(text)))];
        let changes = all.change_config("app", next("fourth")).await;
        // The specification has the former value, too.
        assert_eq!(told.drain(), ["eq"], "change_config");
        drop(changes);
        assert_eq!(
            format!("{:?}", all.get_all_env("app")),
            r#"[("k", fourth)]"#
        );
        assert_eq!(told.drain(), ["debug"]);
        assert!(all.change_config("app", next("fourth")).await.is_empty());
        assert_eq!(told.drain(), ["eq", "drop"], "change_config, unchanged");
        all.unset_env("app", "p");
        assert_eq!(told.drain(), ["drop"], "unset_env, of a persistent one");

        assert_eq!(all.stop("app").await, Ok(()));
        assert_eq!(all.unload("app"), Ok(()));
        let dropped = told.drain();
        assert!(
            !dropped.is_empty() && dropped.iter().all(|what| *what == "drop"),
            "{dropped:?}"
        );
    });
}

/// Its state and what it was started with panic as they are dropped.
struct Bomb;

/// Counts that it is dropped.
struct Fuse(Arc<AtomicUsize>);

impl Drop for Fuse {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        assert!(std::thread::panicking(), "a fuse");
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

impl Application for Bomb {
    type Args = Arc<Fuse>;

    async fn start(_: Self::Args) -> Result<(Child, Self), ExitReason> {
        let top = Supervisor::new(Strategy::OneForOne).start_link().await?;
        Ok((top.into(), Self))
    }
}

// APP-006
#[test]
fn an_application_whose_state_panics_as_it_is_dropped_stops_like_any_other() {
    everywhere(|| async {
        let all = Applications::here();
        for kills in [false, true] {
            let dropped = Arc::new(AtomicUsize::new(0));
            let spec = ApplicationSpec::new::<Bomb>("bomb", Arc::new(Fuse(dropped.clone())));
            all.load(spec).unwrap();
            all.start("bomb").await.unwrap();
            let master = crate::scripted::master(&all, "bomb");
            match kills {
                false => assert_eq!(all.stop("bomb").await, Ok(())),
                true => {
                    process::exit(master, ExitReason::Kill);
                    while !all.which_applications().is_empty() {
                        tokio::task::yield_now().await;
                    }
                }
            }
            // What it was started with is dropped by the last that holds it: by this call, which panics then, or by a
            // process of the application that is just ending. Until that has cleaned up the application is in use.
            while let Ok(Err(_)) = catch_unwind(AssertUnwindSafe(|| all.unload("bomb"))) {
                tokio::task::yield_now().await;
            }
            assert_eq!(all.loaded_applications(), []);
            while dropped.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            tokio::task::yield_now().await;
            assert_eq!(dropped.load(Ordering::SeqCst), 1, "dropped once");
        }
        assert_eq!(all.start(ApplicationSpec::library("next")).await, Ok(()));
    });
}

/// An exit reason whose destructor and text panic.
struct Bad;

impl PartialEq for Bad {
    fn eq(&self, _: &Self) -> bool {
        panic!("compared")
    }
}

impl fmt::Debug for Bad {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("shown")
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("dropped")
    }
}

// APP-008
#[test]
fn a_reason_that_panics_however_it_is_used_does_not_end_the_controller() {
    everywhere(|| async {
        let all = Applications::here();
        let spec = Script::default().top(|| {
            let top = process::spawn_link(|_: Mailbox<Never>| async {
                tokio::task::yield_now().await;
                ExitReason::other(Bad)
            });
            top.into()
        });
        let fails =
            Script::default().start(|| async { process::exit_self(ExitReason::other(Bad)) });
        all.start(spec.spec("ends")).await.unwrap();
        while !all.which_applications().is_empty() {
            tokio::task::yield_now().await;
        }
        let start = process::spawn(move |_: Mailbox<Never>| async move {
            // The result does not matter.
            let _ = Applications::here().start(fails.spec("fails")).await;
        });
        start.wait().await;
        assert_eq!(all.start(ApplicationSpec::library("next")).await, Ok(()));
        assert_eq!(all.which_applications().len(), 1);
    });
}
