//! Characters who come and go, under either supervisor and by each kind of name.

use crate::stage::{back, plan, session};
use ch4_dynamic::api::{Names, Plan, Project, ProjectError, Role, newcomers, super_visor};
use otp_core::supervisor::{StartChildError, TerminateChildError};
use otp_core::{CallError, Registry};
use otp_text::limit::Limit;
use std::time::Duration;
use tokio::time::Instant;

fn yoshi() -> Role {
    Role::new("yoshi", "hello")
}

/// A newcomer's whole life.
async fn comes_dies_and_goes(plan: Plan) {
    let project = Project::start_link(plan).await.expect("it starts");
    project
        .add("yoshi", &yoshi())
        .await
        .expect("the name is free");
    let hero = project.hero("yoshi");
    assert_eq!(
        hero.say().await.expect("yoshi is there").to_string(),
        "hello"
    );
    let first = hero.whereis();
    hero.die();
    let second = back(&project, "yoshi", first).await;
    assert_eq!(
        hero.say().await.expect("yoshi is there").to_string(),
        "hello"
    );
    let again = project.add("yoshi", &yoshi()).await;
    let taken = StartChildError::AlreadyStarted(second);
    assert_eq!(
        again.expect_err("the name is taken"),
        ProjectError::Start(taken)
    );
    project.remove("yoshi").await.expect("yoshi is there");
    assert_eq!(hero.whereis(), None);
    assert!(matches!(hero.say().await, Err(CallError::NoProcess { .. })));
    assert!(project.remove("yoshi").await.is_err());
    // The name is free at once.
    project
        .add("yoshi", &yoshi())
        .await
        .expect("the name is free");
    project.stop().await.expect("it runs");
}

// S73, S76, S82, S83
#[tokio::test(start_paused = true)]
async fn a_newcomer_is_found_by_any_kind_of_name_and_comes_back_under_it() {
    for dynamic in [false, true] {
        let names = [
            Names::Local,
            Names::Global,
            Names::Via(Registry::unique("registry")),
        ];
        for names in names {
            let (plan, _seen) = plan();
            let plan = Plan {
                dynamic,
                names,
                ..plan
            };
            session(comes_dies_and_goes(plan)).await;
        }
    }
}

// S77
#[tokio::test(start_paused = true)]
async fn a_dynamic_supervisor_removes_only_children_of_its_own() {
    let (plan, _seen) = plan();
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
async fn a_plain_supervisor_removes_also_who_was_there_from_the_start() {
    let (plan, _seen) = plan();
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
async fn a_dynamic_supervisor_stops_all_at_once_and_a_plain_one_each_in_turn() {
    const LAST_WORDS: Duration = Duration::from_millis(60);
    for (dynamic, turns) in [(true, 1), (false, 4)] {
        let (plan, mut seen) = plan();
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
            seen.so_far();
            let begun = Instant::now();
            project.stop().await.unwrap();
            let took = begun.elapsed();
            assert!(
                took >= LAST_WORDS * turns && took < LAST_WORDS * (turns + 1),
                "{took:?}"
            );
            let seen = seen.so_far();
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
async fn a_supervisor_that_gives_up_is_started_again_without_newcomers() {
    let (plan, mut seen) = plan();
    session(async move {
        let project = Project::start_link(plan).await.unwrap();
        project.add("yoshi", &yoshi()).await.unwrap();
        for _ in 0..4 {
            let before = project.hero("superman").whereis();
            project.hero("superman").die();
            back(&project, "superman", before).await;
        }
        assert!(project.is_alive());
        assert_eq!(newcomers().unwrap().which_children().await.unwrap(), []);
        assert_eq!(project.hero("yoshi").whereis(), None);
        let restarts = seen.so_far();
        let restarts = restarts
            .iter()
            .filter(|event| *event == "restart super_visor");
        assert_eq!(restarts.count(), 1);
    })
    .await;
}

// S91
#[tokio::test(start_paused = true)]
async fn without_restarts_of_its_own_any_crash_restarts_the_whole_project() {
    let (plan, mut seen) = plan();
    let limit = Limit {
        max: 0,
        period: Duration::from_secs(5),
    };
    let plan = Plan { limit, ..plan };
    session(async move {
        let project = Project::start_link(plan).await.unwrap();
        seen.so_far();
        let before = project.hero("superman").whereis();
        project.hero("superman").die();
        back(&project, "superman", before).await;
        super_visor().unwrap().which_children().await.unwrap();
        let seen = seen.so_far();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!(seen[1], "restart super_visor");
    })
    .await;
}

/// The characters end with their registry. Their supervisor, which may restart nothing here, gives up whenever it learns so
/// before the supervisor above has stopped it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_project_outlives_its_registry_whichever_supervisor_learns_first() {
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
