//! The tree, drawn.

use super::{LastLook, Survey, draw, render};
use crate::colours::Colours;
use otp_core::{
    Child, ChildSpec, DynamicSupervisor, ExitReason, Mailbox, Node, Strategy, Supervisor, process,
};
use std::future::pending;
use std::time::Duration;
use tokio::sync::oneshot;

async fn drawn(node: &Node) -> String {
    draw(node, &mut LastLook::default(), Colours::Off).await
}

/// A process that starts two others, the first of which starts one, and lives on.
async fn family(node: &Node) {
    let (grown, ready) = oneshot::channel();
    node.spawn(async move |_: Mailbox<()>| {
        process::set_label("root");
        let (born, is_born) = oneshot::channel();
        process::spawn_link(async move |_: Mailbox<()>| {
            process::set_label("first");
            process::spawn_link(async move |_: Mailbox<()>| {
                process::set_label("leaf");
                let _ = born.send(());
                pending::<()>().await;
            });
            pending::<()>().await;
        });
        let _ = is_born.await;
        process::spawn(async move |_: Mailbox<()>| {
            process::set_label("second");
            let _ = grown.send(());
            pending::<()>().await;
        });
        pending::<()>().await;
    });
    ready.await.expect("they have been started");
}

#[tokio::test]
async fn a_process_stands_under_the_one_that_started_it() {
    let node = Node::new();
    assert_eq!(drawn(&node).await, "");
    family(&node).await;
    let id = node.id();
    assert_eq!(
        drawn(&node).await,
        format!(
            "<{id}.1.0> root\n\
             ├─ <{id}.2.0> first\n\
             │  └─ <{id}.3.0> leaf\n\
             └─ <{id}.4.0> second (not linked)"
        )
    );
}

#[tokio::test]
async fn an_orphan_stands_under_the_nearest_ancestor_that_lives() {
    let node = Node::new();
    family(&node).await;
    let pid = |number| node.pid(number).expect("it was given out");
    let leaf = node.process_info(pid(3)).expect("it lives");
    node.exit(pid(1), ExitReason::Kill);
    node.wait(pid(1)).await;
    // The root's end has killed those that are linked; only the loose one is left, without a parent.
    node.wait(pid(3)).await;
    let id = node.id();
    assert_eq!(drawn(&node).await, format!("<{id}.4.0> second"));

    let second = node.process_info(pid(4)).expect("it lives");
    let (survey, mut last) = (Survey::default(), LastLook::default());
    let both = render(&node, &[second, leaf], &survey, &mut last, Colours::Off);
    assert_eq!(both, format!("<{id}.4.0> second\n<{id}.3.0> leaf"));
}

/// A child that idles.
fn idler(id: &'static str) -> ChildSpec {
    ChildSpec::worker(id, || async {
        process::spawn_link(|_: Mailbox<()>| pending::<()>())
    })
}

#[tokio::test]
async fn a_supervisor_stands_with_all_of_its_children_in_their_order() {
    let node = Node::new();
    let tree = node.run(async {
        let inner = || {
            Supervisor::new(Strategy::RestForOne)
                .child(idler("c"))
                .start_link()
        };
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .max_restarts(1, Duration::from_secs(60))
            .child(idler("a"))
            .child(ChildSpec::worker("b", async || Child::ignore()))
            .child(ChildSpec::supervisor("inner", inner))
            .child(ChildSpec::supervisor("dynamic", || {
                DynamicSupervisor::new().name("crowd").start_link()
            }))
            .name("top")
            .start_link();
        supervisor.await.expect("it starts");
        process::set_label("me");
        drawn(&process::node()).await
    });
    let id = node.id();
    assert_eq!(
        tree.await.expect("nobody fails"),
        format!(
            "<{id}.1.0> me\n\
             └─ <{id}.2.0> top, one_for_one, at most 1 in 1m\n   \
             ├─ <{id}.3.0> a\n   \
             ├─ b, stopped\n   \
             ├─ <{id}.4.0> inner, rest_for_one, at most 3 in 5s\n   \
             │  └─ <{id}.5.0> c\n   \
             └─ <{id}.6.0> dynamic (crowd), dynamic"
        )
    );
}

#[tokio::test]
async fn what_has_changed_since_the_last_look_is_marked() {
    let node = Node::new();
    let trees = node.run(async {
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .child(idler("a"))
            .child(idler("b"));
        let supervisor = supervisor.start_link().await.expect("it starts");
        let (node, mut last) = (process::node(), LastLook::default());
        let first = draw(&node, &mut last, Colours::Off).await;
        let a = supervisor.which_child("a").await.expect("it answers");
        let a = a.and_then(|a| a.pid()).expect("it runs");
        node.exit(a, ExitReason::Kill);
        node.wait(a).await;
        supervisor
            .terminate_child("b")
            .await
            .expect("it is a child");
        let second = draw(&node, &mut last, Colours::Off).await;
        let coloured = draw(&node, &mut last, Colours::On).await;
        (first, second, coloured)
    });
    let (first, second, coloured) = trees.await.expect("nobody fails");
    assert!(!first.contains('←'), "{first}");
    let marked: Vec<&str> = second.lines().filter(|line| line.contains('←')).collect();
    assert_eq!(marked.len(), 2, "{second}");
    assert!(marked[0].ends_with("> a, 1 restart  ← restarted since the last look"));
    assert!(marked[1].ends_with("b, stopped  ← gone since the last look"));
    assert!(!coloured.contains('←'), "{coloured}");
    assert!(
        coloured.contains("\x1b[32ma\x1b[0m, 1 restart"),
        "{coloured}"
    );
    assert!(coloured.contains("\x1b[31mb\x1b[0m, stopped"), "{coloured}");
}
