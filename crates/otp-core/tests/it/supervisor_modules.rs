//! Supervisors that compute their children.

use otp_core::prelude::*;
use otp_core::supervisor::{SupervisorInit, SupervisorModule};
use otp_core::{StartError, SupervisorRef, process};

use crate::support::{in_process, settle};
use crate::troupe::{TRIO, Troupe, child, ids};

fn supervisor() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

struct Picky;

impl SupervisorModule for Picky {
    type Args = (Troupe, &'static str);

    fn name(_: &Self::Args) -> Option<Name> {
        Some("picky".into())
    }

    async fn init((troupe, how): Self::Args) -> Result<SupervisorInit, ExitReason> {
        troupe.note("init");
        match how {
            "ignores" => Ok(SupervisorInit::Ignore),
            "fails" => Err(ExitReason::other("no")),
            "panics" => panic!("no way"),
            _ => Ok(supervisor().children(troupe.heroes(&TRIO[..2])).into()),
        }
    }
}

// SUP-011
#[tokio::test(start_paused = true)]
async fn an_init_may_ignore_the_start_or_fail() {
    let troupe = Troupe::new();
    in_process(async move {
        let ignored = Picky::start_link((troupe.clone(), "ignores")).await;
        assert_eq!(ignored, Err(StartError::Ignored));
        for (how, why) in [("fails", "no"), ("panics", "no way")] {
            let troupe = troupe.clone();
            let starter = process::spawn(move |_: Mailbox<Never>| async move {
                drop(Picky::start_link((troupe, how)).await);
                std::future::pending::<()>().await;
            });
            let reason = starter.wait().await.to_string();
            assert!(reason.contains(why), "{reason}");
        }
        assert_eq!(process::whereis("picky"), None);
        troupe.saw(&["init", "init", "init"]).await;
    })
    .await;
}

// SUP-029
#[tokio::test(start_paused = true)]
async fn an_init_runs_again_at_each_restart() {
    let troupe = Troupe::new();
    in_process(async move {
        let inner = troupe.clone();
        let spec = ChildSpec::supervisor("picky", move || Picky::start_link((inner.clone(), "")));
        let top = supervisor().child(spec).start_link().await.unwrap();
        let begin = ["init", "start superdave", "start superman"];
        troupe.saw(&begin).await;
        let picky = SupervisorRef::find(&process::node(), "picky").unwrap();
        picky.terminate_child("superman").await.unwrap();
        picky.delete_child("superman").await.unwrap();
        picky.start_child(troupe.hero("guest")).await.unwrap();
        troupe.saw(&["start guest"]).await;
        process::exit(&picky, ExitReason::Kill);
        settle().await;
        let picky = SupervisorRef::find(&process::node(), "picky").unwrap();
        assert_eq!(ids(&picky).await, ["superman", "superdave"]);
        assert_eq!(child(&top, "picky").await.restarts, 1);
    })
    .await;
}
