//! Process groups: who is in them, and who is told.

use std::collections::HashMap;

use otp_core::pg::{Change, GroupEvent, Scope};
use otp_core::prelude::*;
use otp_core::process;
use otp_core::test::Probe;

use crate::puppet::{Puppet, boom};
use crate::support::{in_process, settle};

/// What a monitor reports.
type Event = GroupEvent<&'static str>;

async fn scope() -> Scope<&'static str> {
    let scope = Scope::new("scope");
    scope.start_link().await.expect("its name is free");
    scope
}

/// A process that reports every event it is sent.
fn reporter(probe: &Probe<Event>) -> ProcessRef<Event> {
    let probe = probe.clone();
    process::spawn(move |mut mailbox: Mailbox<Event>| async move {
        loop {
            probe.report(mailbox.receive().await);
        }
    })
}

fn sorted(mut groups: Vec<&'static str>) -> Vec<&'static str> {
    groups.sort_unstable();
    groups
}

// NAM-008
#[tokio::test(start_paused = true)]
async fn a_process_is_in_a_group_as_often_as_it_has_joined_and_not_left() {
    in_process(async {
        let scope = scope().await;
        let (a, b) = (Puppet::new(&process::node()), Puppet::new(&process::node()));
        assert_eq!(scope.members("g"), []);
        assert_eq!(scope.join("g", a.pid()).await, Ok(()));
        assert_eq!(
            scope.join_all("g", [a.pid(), b.pid(), a.pid()]).await,
            Ok(())
        );
        assert_eq!(scope.members("g"), [a.pid(), a.pid(), b.pid(), a.pid()]);
        assert_eq!(scope.local_members("g"), scope.members("g"));
        assert_eq!(scope.leave("g", a.pid()).await, Ok(true));
        assert_eq!(
            scope.leave_all("g", [a.pid(), b.pid(), b.pid()]).await,
            Ok(true)
        );
        assert_eq!(scope.members("g"), [a.pid()]);
        assert_eq!(scope.leave("g", b.pid()).await, Ok(false), "it has left");
        assert_eq!(scope.leave("other", a.pid()).await, Ok(false));
        assert_eq!(scope.groups(), ["g"]);
        assert_eq!(scope.leave("g", a.pid()).await, Ok(true));
        assert_eq!(scope.groups(), [""; 0], "a group without members is none");
        // It can join again, and its end is noticed still.
        assert_eq!(scope.join("g", a.pid()).await, Ok(()));
        a.ends(boom()).await;
        assert_eq!(scope.members("g"), []);
    })
    .await;
}

// NAM-008
#[tokio::test(start_paused = true)]
async fn a_process_that_ends_is_out_of_all_its_groups() {
    in_process(async {
        let scope = scope().await;
        let (a, b) = (Puppet::new(&process::node()), Puppet::new(&process::node()));
        for group in ["one", "two", "two", "three"] {
            scope.join(group, a.pid()).await.unwrap();
        }
        scope.join("two", b.pid()).await.unwrap();
        assert_eq!(sorted(scope.groups()), ["one", "three", "two"]);
        process::exit(a.pid(), ExitReason::Kill);
        assert_eq!(scope.members("two"), [b.pid()], "at once");
        assert_eq!(scope.groups(), ["two"]);
        settle().await;
        assert_eq!(scope.leave("one", a.pid()).await, Ok(false));
        assert_eq!(
            scope.join("one", a.pid()).await,
            Ok(()),
            "a dead one joins nothing"
        );
        assert_eq!(scope.groups(), ["two"]);
    })
    .await;
}

// NAM-008
#[tokio::test(start_paused = true)]
async fn a_monitor_hears_of_its_group_and_one_of_the_scope_of_all() {
    in_process(async {
        let scope = scope().await;
        let (all, one) = (Probe::new(), Probe::new());
        let (me, q) = (process::current(), Puppet::new(&process::node()));
        scope.join_all("g", [me, me]).await.unwrap();
        let monitoring = scope.monitor_scope(&reporter(&all), |event| event).await;
        let (of_all, now) = monitoring.unwrap();
        assert_eq!(now, HashMap::from([("g", vec![me, me])]));
        let (of_h, now) = scope
            .monitor("h", &reporter(&one), |event| event)
            .await
            .unwrap();
        assert_eq!(now, []);

        scope.join_all("h", [me, me]).await.unwrap();
        scope.leave("h", me).await.unwrap();
        scope.leave("nothing", me).await.unwrap();
        for group in ["h", "h", "k"] {
            scope.join(group, q.pid()).await.unwrap();
        }
        q.ends(boom()).await;
        settle().await;

        let event = |monitor, group, change| GroupEvent {
            monitor,
            group,
            change,
        };
        let q = vec![q.pid()];
        let changes = [
            ("h", Change::Join(vec![me, me])),
            ("h", Change::Leave(vec![me])),
            ("h", Change::Join(q.clone())),
            ("h", Change::Join(q.clone())),
            ("k", Change::Join(q.clone())),
            // The last one first, as in OTP.
            ("k", Change::Leave(q.clone())),
            ("h", Change::Leave(q.clone())),
            ("h", Change::Leave(q)),
        ];
        let told = |monitor, groups: &[&str]| -> Vec<Event> {
            let changes = changes.iter().filter(|(group, _)| groups.contains(group));
            changes
                .map(|(group, change)| event(monitor, *group, change.clone()))
                .collect()
        };
        assert_eq!(all.drain(), told(of_all, &["h", "k"]));
        assert_eq!(one.drain(), told(of_h, &["h"]));

        assert_eq!(scope.demonitor(of_all).await, Ok(true));
        assert_eq!(scope.demonitor(of_all).await, Ok(false));
        scope.leave("g", me).await.unwrap();
        scope.leave("h", me).await.unwrap();
        settle().await;
        assert_eq!(all.drain(), []);
        assert_eq!(one.drain(), [event(of_h, "h", Change::Leave(vec![me]))]);
    })
    .await;
}

// NAM-008
#[tokio::test(start_paused = true)]
async fn a_monitor_ends_with_whom_it_tells() {
    in_process(async {
        let scope = scope().await;
        let probe = Probe::new();
        let reporter = reporter(&probe);
        let (monitor, _) = scope.monitor_scope(&reporter, |event| event).await.unwrap();
        process::exit(&reporter, ExitReason::Kill);
        reporter.wait().await;
        settle().await;
        assert_eq!(scope.demonitor(monitor).await, Ok(false));
        // What makes the messages may fail: the scope does not.
        let (_, now) = scope
            .monitor(
                "g",
                &process::node().spawn(|mut mailbox: Mailbox<()>| async move {
                    mailbox.receive().await;
                }),
                |_| panic!("no message"),
            )
            .await
            .unwrap();
        assert_eq!(now, []);
        assert_eq!(scope.join("g", process::current()).await, Ok(()));
        assert_eq!(scope.members("g"), [process::current()]);
    })
    .await;
}

// NAM-008
#[tokio::test(start_paused = true)]
async fn a_scope_that_does_not_run_has_no_groups_and_starts_again_without_any() {
    in_process(async {
        let scope = Scope::<&str>::new("scope");
        let me = process::current();
        assert!(matches!(
            scope.join("g", me).await,
            Err(CallError::NoProcess { .. })
        ));
        let first = scope.start().await.unwrap();
        assert_eq!(scope.start().await, Err(StartError::AlreadyStarted(first)));
        scope.join("g", me).await.unwrap();
        process::exit(first, ExitReason::Kill);
        settle().await;
        assert_eq!((scope.members("g"), scope.pid()), (vec![], None));
        scope.start().await.unwrap();
        assert_eq!(scope.groups(), [""; 0]);
        scope.join("g", me).await.unwrap();
        // Another scope has other groups, though of the same names.
        let other = Scope::<&str>::new("other");
        other.start().await.unwrap();
        assert_eq!((other.members("g"), scope.members("g")), (vec![], vec![me]));
        scope.stop().await.unwrap();
        assert_eq!(scope.members("g"), []);
    })
    .await;
}

// NAM-008: a monitor is a process's, not a name's.
#[tokio::test(start_paused = true)]
async fn a_monitor_that_is_set_by_name_ends_with_the_process_that_had_the_name() {
    in_process(async {
        let (scope, first, second) = (scope().await, Probe::new(), Probe::new());
        let watcher = reporter(&first);
        process::register("watcher", &watcher).unwrap();
        let member = Puppet::new(&process::node());
        let name = || Name::from("watcher");
        let (monitor, _) = scope.monitor("g", name(), |event| event).await.unwrap();
        let (all, _) = scope.monitor_scope(name(), |event| event).await.unwrap();
        scope.join("g", member.pid()).await.unwrap();
        settle().await;
        assert_eq!(first.drain().len(), 2);

        process::exit(&watcher, ExitReason::Kill);
        watcher.wait().await;
        let heir = reporter(&second);
        process::register("watcher", &heir).unwrap();
        scope.leave("g", member.pid()).await.unwrap();
        settle().await;
        assert_eq!(second.drain(), [], "it has set no monitor");
        assert_eq!(scope.demonitor(monitor).await, Ok(false));
        assert_eq!(scope.demonitor(all).await, Ok(false));

        // The name is free: there is no monitor, also when a process takes it later.
        let nobody = Name::from("nobody");
        let (none, members) = scope.monitor("g", nobody, |event| event).await.unwrap();
        assert_eq!(members, []);
        process::register("nobody", member.pid()).unwrap();
        assert_eq!(scope.demonitor(none).await, Ok(false));
    })
    .await;
}
