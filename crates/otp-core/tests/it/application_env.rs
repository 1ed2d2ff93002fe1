//! Applications: their environments.

use otp_core::application::{ApplicationSpec, Applications};
use otp_core::prelude::*;
use otp_core::test::Probe;

use crate::applications::{Start, band};
use crate::support::in_process;

// APP-009
#[tokio::test(start_paused = true)]
async fn a_running_application_hears_of_another_environment() {
    in_process(async {
        let (all, probe) = (Applications::here(), Probe::new());
        let a = band("a", &probe, Start::Well);
        let a = a.env("same", 1).env("other", 1).env("gone", 1);
        all.start(a).await.unwrap();
        let _ = probe.drain();
        let next = [("same", 1), ("other", 2), ("new", 3)];
        let next = next.map(|(key, n)| (key.to_owned(), otp_core::Term::new(n)));
        let changes = all.change_config("a", next.clone()).await;
        assert_eq!(probe.drain(), [("a", "config_change")]);
        let pair = |key: &str, n: i32| (key.to_owned(), otp_core::Term::new(n));
        assert_eq!(changes.changed, [pair("other", 2)]);
        assert_eq!(changes.added, [pair("new", 3)]);
        assert_eq!(changes.removed, ["gone"]);
        assert_eq!(all.get_env("a", "other"), Some(2));
        assert_eq!(all.get_env::<i32>("a", "gone"), None);

        assert!(all.change_config("a", next).await.is_empty());
        assert_eq!(probe.drain(), [], "nothing has changed");
    })
    .await;
}

// APP-009
#[tokio::test(start_paused = true)]
async fn values_of_a_load_override_earlier_ones_unless_those_are_persistent() {
    in_process(async {
        let all = Applications::here();
        all.set_env("e", "k", "early");
        all.set_env("e", "only", "early");
        all.set_env_persistent("e", "p", "early");
        let spec = || {
            let spec = ApplicationSpec::library("e");
            spec.env("k", "spec").env("p", "spec").env("z", 1_u64)
        };
        all.load(spec()).unwrap();
        let text = |key| all.get_env::<&str>("e", key);
        assert_eq!(text("k"), Some("spec"));
        assert_eq!(text("only"), Some("early"));
        assert_eq!(text("p"), Some("early"));
        assert_eq!(all.get_env("e", "z"), Some(1_u64));
        assert_eq!(text("z"), None, "it is no text");
        let keys: Vec<String> = all
            .get_all_env("e")
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, ["k", "only", "p", "z"]);
        all.unset_env("e", "z");
        assert_eq!(all.get_env("e", "z").unwrap_or(7_u64), 7);

        all.unload("e").unwrap();
        assert_eq!(all.get_all_env("e"), []);
        all.load(spec()).unwrap();
        assert_eq!((text("k"), text("p")), (Some("spec"), Some("early")));
        assert_eq!(text("only"), None);
        let other = Applications::on(&Node::new());
        assert_eq!(other.get_all_env("e"), [], "another node");
    })
    .await;
}
