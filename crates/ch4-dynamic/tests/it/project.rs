//! Characters that are added and removed, with both supervisors and each kind of name.

use crate::stage::{plan, restarted, session};
use ch4_dynamic::api::{Names, Plan, Project, ProjectError, Role, newcomers, super_visor};
use otp_core::supervisor::{StartChildError, TerminateChildError};
use otp_core::{CallError, Registry};
use otp_text::limit::Limit;
use std::time::Duration;
use tokio::time::Instant;

fn yoshi() -> Role {
    Role::new("yoshi", "hello")
}

/// Adds a character, crashes it and removes it.
async fn add_crash_and_remove(plan: Plan) {
    let project = Project::start_link(plan).await.expect("it starts");
    project
        .add("yoshi", &yoshi())
        .await
        .expect("the name is free");
    let hero = project.hero("yoshi");
    assert_eq!(hero.say().await.expect("yoshi runs").to_string(), "hello");
    let first = hero.whereis();
    hero.die();
    let second = restarted(&project, "yoshi", first).await;
    assert_eq!(hero.say().await.expect("yoshi runs").to_string(), "hello");
    let refused = project.add("yoshi", &yoshi()).await;
    let taken = StartChildError::AlreadyStarted(second);
    assert_eq!(
        refused.expect_err("the name is registered"),
        ProjectError::Start(taken)
    );
    project.remove("yoshi").await.expect("yoshi runs");
    assert_eq!(hero.whereis(), None);
    assert!(matches!(hero.say().await, Err(CallError::NoProcess { .. })));
    assert!(project.remove("yoshi").await.is_err());
    // The name is free when `remove` has returned.
    project
        .add("yoshi", &yoshi())
        .await
        .expect("the name is free");
    project.stop().await.expect("it runs");
}

// S73, S76, S82, S83
#[tokio::test(start_paused = true)]
async fn an_added_character_is_found_by_each_kind_of_name_also_after_a_restart() {
    for dynamic in [false, true] {
        let names = [
            Names::Local,
            Names::Global,
            Names::Via(Registry::unique("registry")),
        ];
        for names in names {
            let (plan, _events) = plan();
            let plan = Plan {
                dynamic,
                names,
                ..plan
            };
            session(add_crash_and_remove(plan)).await;
        }
    }
}

// S77
#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_removes_only_its_own_children() {
    let (plan, _events) = plan();
    session(async {
        let project = Project::start_link(plan).await.unwrap();
        let superman = project.hero("superman").whereis().unwrap();
        let refused = TerminateChildError::NotAChild(superman);
        assert_eq!(
            project.remove("superman").await,
            Err(ProjectError::Terminate(refused))
        );
        assert_eq!(
            project.remove("nobody").await,
            Err(ProjectError::NotFound("nobody".to_owned()))
        );
        assert!(project.hero("superman").say().await.is_ok());
    })
    .await;
}

// S73
#[tokio::test(start_paused = true)]
async fn a_plain_supervisor_removes_also_its_first_children() {
    let (plan, _events) = plan();
    let plan = Plan {
        dynamic: false,
        ..plan
    };
    session(async {
        let project = Project::start_link(plan).await.unwrap();
        project.remove("superman").await.unwrap();
        assert_eq!(super_visor().unwrap().which_children().await.unwrap(), []);
    })
    .await;
}

// S80
#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_stops_all_at_once_and_a_plain_one_in_turn() {
    const LAST_WORDS: Duration = Duration::from_millis(60);
    for (dynamic, turns) in [(true, 1), (false, 4)] {
        let (plan, mut events) = plan();
        let plan = Plan {
            dynamic,
            characters: Vec::new(),
            last_words: Some(LAST_WORDS),
            ..plan
        };
        session(async move {
            let project = Project::start_link(plan).await.unwrap();
            for name in ["a", "b", "c", "d"] {
                project.add(name, &Role::new(name, "bye")).await.unwrap();
            }
            events.take();
            let begun = Instant::now();
            project.stop().await.unwrap();
            let took = begun.elapsed();
            assert!(
                took >= LAST_WORDS * turns && took < LAST_WORDS * (turns + 1),
                "{took:?}"
            );
            let seen = events.take();
            if dynamic {
                assert!(
                    seen[..4]
                        .iter()
                        .all(|event| event.ends_with("goes: shutdown")),
                    "{seen:?}"
                );
                assert!(
                    seen[4..].iter().all(|event| event.ends_with("is gone")),
                    "{seen:?}"
                );
            } else {
                let one =
                    |name: &str| [format!("{name} goes: shutdown"), format!("{name} is gone")];
                assert_eq!(seen, ["d", "c", "b", "a"].map(one).concat());
            }
        })
        .await;
    }
}

// S91
#[tokio::test(start_paused = true)]
async fn a_supervisor_that_gives_up_is_restarted_without_the_added_characters() {
    let (plan, mut events) = plan();
    session(async move {
        let project = Project::start_link(plan).await.unwrap();
        project.add("yoshi", &yoshi()).await.unwrap();
        for _ in 0..4 {
            let before = project.hero("superman").whereis();
            project.hero("superman").die();
            restarted(&project, "superman", before).await;
        }
        assert!(project.is_alive());
        assert_eq!(newcomers().unwrap().which_children().await.unwrap(), []);
        assert_eq!(project.hero("yoshi").whereis(), None);
        let restarts = events.take();
        let restarts = restarts
            .iter()
            .filter(|event| *event == "restart super_visor");
        assert_eq!(restarts.count(), 1);
    })
    .await;
}

// S91
#[tokio::test(start_paused = true)]
async fn with_a_restart_limit_of_zero_a_crash_restarts_the_supervisor() {
    let (plan, mut events) = plan();
    let limit = Limit {
        max: 0,
        period: Duration::from_secs(5),
    };
    let plan = Plan { limit, ..plan };
    session(async move {
        let project = Project::start_link(plan).await.unwrap();
        events.take();
        let before = project.hero("superman").whereis();
        project.hero("superman").die();
        restarted(&project, "superman", before).await;
        super_visor().unwrap().which_children().await.unwrap();
        let seen = events.take();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!(seen[1], "restart super_visor");
    })
    .await;
}

/// The characters end with their registry. Their supervisor has a restart limit of zero, so it gives up if it gets an EXIT of a
/// character before the supervisor above stops it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_project_survives_its_registry_in_each_order_of_exits() {
    let options = ["--names", "via", "--max-restarts", "0/5s"];
    for _ in 0..50 {
        let script = b"start\nkill registry\nsay superman\n";
        let ran = ch4_dynamic::cli::rig();
        let ran = ran.run(&options, script, std::future::pending()).await;
        assert_eq!((ran.code, &*ran.err), (0, ""), "{}", ran.out);
        assert_eq!(
            ran.out.matches("start super_visor").count(),
            2,
            "{}",
            ran.out
        );
    }
}
