//! Exercise 4.3: what a crash does to what was learned.

use crate::stage::{back, plan, session};
use ch4_dynamic::api::{Memory, Plan, Project, Role};
use otp_core::{ExitReason, Pid, process};

/// A project with yoshi and peach.
async fn project(memory: Memory, plan: Plan) -> Project {
    let plan = Plan {
        memory,
        characters: Vec::new(),
        ..plan
    };
    let project = Project::start_link(plan).await.expect("the project runs");
    for name in ["yoshi", "peach"] {
        project
            .add(&Role::new(name, "hello"))
            .await
            .expect("the project runs");
    }
    project
}

async fn learn(project: &Project, name: &str, line: &str) {
    project
        .hero(name)
        .learn(line.to_owned())
        .await
        .expect("the project runs");
}

async fn die(project: &Project, name: &str) -> Pid {
    let before = project.hero(name).whereis();
    project.hero(name).die();
    back(project, name, before).await
}

async fn says(project: &Project, name: &str) -> String {
    project
        .hero(name)
        .say()
        .await
        .expect("the project runs")
        .to_string()
}

// S86
#[tokio::test(start_paused = true)]
async fn what_is_learned_is_lost_with_the_process_unless_another_one_owns_it() {
    for (memory, left) in [
        (Memory::State, "hello"),
        (Memory::OwnTable, "hello"),
        (Memory::Table, "hello / egg / apple"),
    ] {
        let (plan, _seen) = plan();
        session(async move {
            let project = project(memory, plan).await;
            learn(&project, "yoshi", "egg").await;
            learn(&project, "yoshi", "apple").await;
            assert_eq!(says(&project, "yoshi").await, "hello / egg / apple");
            let second = die(&project, "yoshi").await;
            assert_eq!(says(&project, "yoshi").await, left, "{memory:?}");
            process::exit(second, ExitReason::Kill);
            back(&project, "yoshi", Some(second)).await;
            assert_eq!(says(&project, "yoshi").await, left, "{memory:?}");
            assert_eq!(says(&project, "peach").await, "hello");
        })
        .await;
    }
}

// S86
#[tokio::test(start_paused = true)]
async fn what_is_kept_before_the_crash_is_kept_even_if_it_has_caused_it() {
    let (plan, _seen) = plan();
    session(async move {
        let project = project(Memory::Table, plan).await;
        let before = project.hero("yoshi").whereis();
        project.hero("yoshi").learn_and_die("poison".to_owned());
        back(&project, "yoshi", before).await;
        assert_eq!(says(&project, "yoshi").await, "hello / poison");
    })
    .await;
}

// S86
#[tokio::test(start_paused = true)]
async fn a_table_goes_with_its_owner_and_is_filled_again_by_those_who_live() {
    let (plan, mut seen) = plan();
    session(async move {
        let project = project(Memory::Table, plan).await;
        learn(&project, "yoshi", "egg").await;
        learn(&project, "peach", "crown").await;
        seen.so_far();
        process::exit(process::whereis("memory").unwrap(), ExitReason::Kill);
        assert_eq!(seen.start().await, ("memory".to_owned(), true));
        assert_eq!(Memory::rows().unwrap(), []);
        assert_eq!(says(&project, "peach").await, "hello / crown");
        learn(&project, "peach", "wand").await;
        let rows = Memory::rows().unwrap();
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, lines)| format!("{name}: {lines}"))
            .collect();
        assert_eq!(rows, ["peach: hello / crown / wand"]);
        die(&project, "yoshi").await;
        assert_eq!(says(&project, "yoshi").await, "hello");
    })
    .await;
}

// S86
#[tokio::test(start_paused = true)]
async fn what_is_kept_and_wrong_ends_each_life_until_the_supervisor_gives_up() {
    let (plan, mut seen) = plan();
    session(async move {
        let project = project(Memory::Table, plan).await;
        learn(&project, "yoshi", "").await;
        seen.so_far();
        let newcomers = process::whereis("newcomers");
        project.hero("yoshi").die();
        let yoshi_again = ("yoshi".to_owned(), true);
        assert_eq!(seen.start().await, yoshi_again);
        assert_eq!(seen.start().await, yoshi_again);
        assert_eq!(seen.start().await, yoshi_again);
        // Then they are gone, peach too, and another supervisor begins without children.
        loop {
            let now = process::whereis("newcomers");
            if now.is_some() && now != newcomers {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(project.hero("yoshi").whereis(), None);
        assert_eq!(project.hero("peach").whereis(), None);
        assert!(project.is_alive());
    })
    .await;
}
