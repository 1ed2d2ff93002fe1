//! How things show themselves in logs and in failed assertions: who they are, and nothing of the user's state.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::time::Duration;

use otp_core::dynamic_supervisor::DynamicSupervisor;
use otp_core::gen_server::{Address, Request, RequestSet};
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::process::{self, ProcessRef};
use otp_core::table::{self, Access, Receiver};
use otp_core::test::Probe;
use otp_core::timer::{self, Destination};
use otp_core::{
    Agent, ApplicationSpec, Applications, Child, ChildId, PartitionSupervisor, Registry, Target,
    Task, TaskSupervisor,
};

use crate::support::{Lab, act, echo, in_process, quiet, with_mailbox};

/// Checks how a value is shown, pids and numbers aside.
#[track_caller]
fn check(value: &impl Debug, expected: &str) {
    let shown = format!("{value:?}");
    let mut plain = String::new();
    for sign in shown.chars() {
        match sign.is_ascii_digit() {
            true if plain.ends_with('#') => {}
            true => plain.push('#'),
            false => plain.push(sign),
        }
    }
    assert_eq!(plain, expected);
}

#[track_caller]
fn same<T: Eq + Hash + Clone + Debug>(value: &T, other: &T) {
    let both: HashSet<T> = [value.clone(), value.clone(), other.clone()].into();
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn exit_reasons_are_shown_as_in_otp_and_debugged_as_in_rust() {
    let all = [
        (ExitReason::Normal, "normal", "Normal"),
        (ExitReason::Shutdown, "shutdown", "Shutdown"),
        (ExitReason::Kill, "kill", "Kill"),
        (ExitReason::Killed, "killed", "Killed"),
        (ExitReason::NoProcess, "no process", "NoProcess"),
        (ExitReason::NoConnection, "no connection", "NoConnection"),
        (ExitReason::Timeout, "timeout", "Timeout"),
        (ExitReason::other("boo"), "boo", "Other(\"boo\")"),
        (
            ExitReason::shutdown_with("late"),
            "shutdown: late",
            "ShutdownWith(\"late\")",
        ),
        (
            ExitReason::error(std::fmt::Error),
            "an error occurred when formatting an argument",
            "Error(Error)",
        ),
    ];
    for (reason, shown, debugged) in &all {
        assert_eq!(reason.to_string(), *shown);
        assert_eq!(format!("{reason:?}"), *debugged);
        assert_eq!(reason.downcast_term::<u8>(), None);
        let equal = all.iter().filter(|(other, ..)| other == reason);
        assert_eq!(equal.count(), 1, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn processes_and_servers_are_shown_by_their_pid() {
    with_mailbox(|mailbox| async move {
        check(&mailbox, "Mailbox { pid: <#.#.#>, len: # }");
        let one = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        let other = process::spawn(|_: Mailbox<Never>| std::future::pending::<()>());
        check(&one, "ProcessRef(<#.#.#>)");
        same(&one, &other);
        check(&one.pid().node(), "NodeId(#)");
        check(&process::node(), "Node { id: NodeId(#), processes: # }");
        let lab = Lab::start(quiet()).await.unwrap();
        check(&lab, "ServerRef(<#.#.#>)");
        same(&lab, &Lab::start(quiet()).await.unwrap());
        let name = ServerName::<Lab>::new("lab");
        check(&name, "ServerName(lab)");
        assert_eq!(Target::from(&name), Target::from(Name::local("lab")));
        check(&Name::global("lab"), "global:lab");
        check(&Address::Pid(lab.pid()), "<#.#.#>");
        let me: ProcessRef<_> = mailbox.me();
        check(&Destination::from(&me), "Destination(<#.#.#>)");
        let to: Destination<u8> = Name::local("bob").into();
        check(&to, "Destination(bob)");
        let hour = Duration::from_secs(3600);
        let [timer, next] = [(), ()].map(|()| timer::kill_after(one.pid(), hour));
        check(&timer, "TimerRef(#)");
        same(&timer, &next);
        let options = Lab::options().name("lab").timeout(hour);
        let expected = "StartOptions { name: Some(lab), timeout: After(#s), node: None, \
                        mailbox_limit: None, own_thread: false }";
        check(&options, expected);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_callback_has_in_hand_is_shown_without_the_state() {
    in_process(async {
        let lab = Lab::start(quiet()).await.unwrap();
        lab.cast(act(|_, context| {
            check(context, "Context { pid: <#.#.#>, parent: None }");
            check(&Next::<Lab>::NoReply, "NoReply");
            check(&Next::<Lab>::Timeout(Duration::ZERO), "Timeout(#ns)");
            check(&Next::<Lab>::Hibernate, "Hibernate");
            check(
                &Next::<Lab>::Continue(act(|_, _| Next::NoReply)),
                "Continue",
            );
            let next = Next::Stop(ExitReason::Shutdown);
            check(&next, "Stop(Shutdown)");
            next
        }));
        assert_eq!(lab.wait().await, ExitReason::Shutdown);

        let opening = quiet().init(|lab, _| {
            check(&Init::<Lab>::ignore().then(Next::Hibernate), "Init(ignore)");
            check(
                &Init::<Lab>::error(ExitReason::Shutdown),
                "Init(error: shutdown)",
            );
            let init = Init::state(lab);
            check(&init, "Init(state, NoReply)");
            Ok(init)
        });
        let lab = Lab::start(opening).await.unwrap();
        let answer = lab.call(crate::support::ask(|_, from| {
            check(&from, "ReplyTo");
            let reply = from.reply(1);
            check(&reply, "Reply { answered: true, next: NoReply }");
            check(
                &Reply::<Lab>::later(),
                "Reply { answered: false, next: NoReply }",
            );
            reply
        }));
        assert_eq!(answer.await, Ok(1));

        let request: Request<Lab, u32> = lab.send_request(echo(1));
        check(&request, "Request { server: <#.#.#>, .. }");
        let mut set = RequestSet::default();
        set.add("one", request);
        check(&set, "RequestSet { len: # }");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn supervisors_are_shown_by_their_flags_and_their_pid() {
    in_process(async {
        let dynamic = DynamicSupervisor::new().name("crowd");
        check(
            &dynamic,
            "DynamicSupervisor { max_restarts: #, period: #s, max_children: #, \
             extra_arguments: false, name: Some(crowd), node: None }",
        );
        let dynamic = dynamic.start().await.unwrap();
        check(&dynamic, "DynamicSupervisorRef(<#.#.#>)");
        assert_eq!(Target::from(&dynamic), Target::Pid(dynamic.pid()));
        let visor = Supervisor::new(Strategy::OneForAll).start().await.unwrap();
        check(&visor, "SupervisorRef(<#.#.#>)");
        assert_eq!(Target::from(&visor), Target::Pid(visor.pid()));
        let copies = PartitionSupervisor::new("parts", |_| {
            ChildSpec::worker("copy", || Lab::start_link(quiet()))
        });
        let shown = format!("{copies:?}");
        assert!(shown.starts_with("PartitionSupervisor { name: parts, node: None"));
        check(&ChildId::from("a".to_owned()), "\"a\"");
        check(&ChildId::key((1, "b")), "(#, \"b\")");
        assert_ne!(ChildId::from("1"), ChildId::from(1));
        assert_eq!(ChildId::from(&ChildId::from(1)), ChildId::from(1));
        check(&Child::ignore(), "Child(ignored)");
        check(&Child::from(visor.pid()), "Child(<#.#.#>)");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn agents_tasks_tables_and_registries_are_shown_without_what_they_hold() {
    in_process(async {
        let agent = Agent::options()
            .name("purse")
            .start(|| "gold")
            .await
            .unwrap();
        let named = Agent::<&str>::named("purse");
        check(&agent.clone(), "Agent(<#.#.#>)");
        check(&named, "Agent(purse)");
        assert_eq!(named.pid(), agent.pid());
        assert_eq!(named.get(|gold| *gold).await, Ok("gold"));
        let options = Agent::<&str>::options().timeout(Duration::ZERO);
        assert!(format!("{options:?}").starts_with("AgentOptions(StartOptions {"));

        let task = Task::spawn(async { "gold" });
        check(&task, "Task { pid: Some(<#.#.#>), owner: <#.#.#> }");
        assert_eq!(task.await, Ok("gold"));
        let tasks = TaskSupervisor::new()
            .name("tasks")
            .start_link()
            .await
            .unwrap();
        assert_eq!(process::node().whereis("tasks"), Some(tasks.pid()));

        let options = table::set::<u8, &str>("purse")
            .named()
            .access(Access::Private);
        check(
            &options,
            "TableOptions { name: \"purse\", named: true, access: Private, heir: false, visible: false }",
        );
        let table = options.create().unwrap();
        table.insert(1, "gold").unwrap();
        assert!(!format!("{table:?}").contains("gold"));
        let registry = Registry::<String, &str>::unique("purses");
        assert_eq!(registry.name(), "purses");
        check(&registry, "Registry(purses)");
        let scope = Scope::<String>::new("here");
        assert_eq!(scope.name(), "here");
        check(&scope.clone(), "Scope(here)");
        check(&Applications::here(), "[]");
    })
    .await;
}

#[test]
fn what_is_said_before_a_start_is_shown() {
    let spec = ApplicationSpec::library("shop").depends_on("stock");
    let shown = format!("{spec:?}");
    let start = "ApplicationSpec { name: \"shop\", ";
    assert!(
        shown.starts_with(start) && shown.contains("stock"),
        "{shown}"
    );
    let options = Registry::<String, u8>::options("purses").partitions(2);
    check(
        &options,
        "RegistryOptions { name: \"purses\", partitions: #, listeners: #, .. }",
    );
    check(&Probe::<u8>::default(), "Probe");
    let access = [Access::Private, Access::Protected, Access::Public];
    let shown = access.map(|access| access.to_string());
    assert_eq!(shown, ["private", "protected", "public"]);
    assert_eq!(
        Receiver::NoProcess.to_string(),
        "a name without such a process"
    );
}
