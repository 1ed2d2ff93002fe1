//! Panics inside processes and the panic hook that was there before the first node: it runs for those of which no report
//! tells. A hook and a global subscriber are the whole program's, so each case runs in a program of its own.

use std::env;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use otp_core::prelude::*;
use otp_core::report::{CRASH_TARGET, PanicHook, SUPERVISOR_TARGET, TARGET};
use otp_core::{ProcessRef, Task, TaskSupervisor, process};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{set_default, set_global_default, with_default};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Lab, act, in_process, panic_of, quiet};

/// Set in the program that a test runs: this very one, with this test alone.
const ALONE: &str = "OTP_CORE_TEST_RUNS_ALONE";

/// Runs the test in a program of its own, or, in that program, says that it is to go on.
fn is_alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(["--exact", &format!("unheard_panics::{test}"), "--nocapture"])
        .env(ALONE, "1")
        .stdin(Stdio::null())
        .output()
        .expect("this program runs again");
    assert!(output.status.success(), "{output:?}");
    let out = String::from_utf8(output.stdout).expect("it writes text");
    assert!(out.contains("1 passed"), "{out}");
    false
}

/// The messages of the panics that the former hook has seen.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Something that collects panics; to be called before there is a node.
fn collect_panics() {
    panic::set_hook(Box::new(|info| {
        let _ = writeln!(io::stderr(), "{info}");
        let text = info.payload().downcast_ref::<&str>().copied();
        let text = text.or_else(|| info.payload().downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("no text").to_owned();
        SEEN.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    }));
}

fn seen() -> Vec<String> {
    std::mem::take(&mut *SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A subscriber with a filter by target.
struct Filter(&'static [&'static str]);

/// Hears nothing of the runtime's, as `myapp=info` does.
const MY_APP: Filter = Filter(&["myapp"]);
const ALL: Filter = Filter(&["otp_core"]);

impl Subscriber for Filter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let mut targets = self.0.iter();
        targets.any(|target| metadata.target().starts_with(target))
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn panics(message: &'static str) -> ProcessRef<Never> {
    Node::new().spawn(move |_: Mailbox<Never>| async move {
        if true {
            panic!("{message}");
        }
    })
}

async fn panic_in_a_process(message: &'static str) {
    let process = panics(message);
    let reason = process.wait().await;
    assert_eq!(panic_of(&reason).message, message);
}

async fn panic_in_a_server() {
    in_process(async {
        let server = Lab::start(quiet()).await.expect("it starts");
        server.cast(act(|_, _| panic!("server")));
        server.wait().await;
    })
    .await;
}

struct Unborn;

impl GenServer for Unborn {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        panic!("init")
    }
}

async fn panic_in_init() {
    in_process(async {
        let started = Unborn::start(()).await;
        assert!(matches!(started, Err(StartError::Init(_))), "{started:?}");
    })
    .await;
}

async fn panic_in_a_start_function() {
    in_process(async {
        let child = ChildSpec::worker("a", || async {
            if true {
                panic!("start");
            }
            Err::<ProcessRef<Never>, _>(ExitReason::Normal)
        });
        let started = Supervisor::new(Strategy::OneForOne).child(child).start();
        started.await.expect_err("its child does not start");
    })
    .await;
}

async fn panic_in_tasks() {
    in_process(async {
        let tasks = TaskSupervisor::new().start_link().await.expect("it starts");
        let task: Task<()> = tasks
            .spawn_nolink(async { panic!("task") })
            .await
            .expect("it starts");
        let failed = task.timeout(otp_core::gen_server::TimeLimit::Infinity);
        failed.await.expect_err("it panics");
    })
    .await;
}

/// One panic of each kind that ends in a report.
async fn one_of_each() {
    panic_in_a_process("process").await;
    panic_in_a_server().await;
    panic_in_init().await;
    panic_in_a_start_function().await;
    panic_in_tasks().await;
}

const EACH: [&str; 5] = ["process", "server", "init", "start", "task"];

#[tokio::test]
async fn without_a_subscriber_every_panic_is_seen() {
    if is_alone("without_a_subscriber_every_panic_is_seen") {
        collect_panics();
        one_of_each().await;
        assert_eq!(seen(), EACH);
    }
}

#[tokio::test]
async fn with_a_filter_that_lets_no_report_through_every_panic_is_seen() {
    if is_alone("with_a_filter_that_lets_no_report_through_every_panic_is_seen") {
        collect_panics();
        set_global_default(MY_APP).expect("it is the first");
        one_of_each().await;
        assert_eq!(seen(), EACH);
    }
}

#[tokio::test]
async fn a_panic_whose_report_is_heard_is_left_to_it() {
    if is_alone("a_panic_whose_report_is_heard_is_left_to_it") {
        collect_panics();
        set_global_default(ALL).expect("it is the first");
        one_of_each().await;
        assert_eq!(seen(), [""; 0]);
    }
}

#[tokio::test]
async fn a_filter_hides_the_panics_of_the_reports_that_it_lets_through() {
    if is_alone("a_filter_hides_the_panics_of_the_reports_that_it_lets_through") {
        collect_panics();
        for (target, unheard) in [
            (TARGET, &["init", "start"][..]),
            (CRASH_TARGET, &["process", "server", "start", "task"]),
            (SUPERVISOR_TARGET, &["process", "server", "init", "task"]),
        ] {
            // The runtime has this one thread.
            let targets: &'static [&'static str] = Box::leak(Box::new([target]));
            let _guard = set_default(Filter(targets));
            one_of_each().await;
            assert_eq!(seen(), unheard, "{target}");
        }
    }
}

#[tokio::test]
async fn each_thread_has_a_subscriber_of_its_own() {
    if is_alone("each_thread_has_a_subscriber_of_its_own") {
        collect_panics();
        let other = std::thread::spawn(|| {
            let _guard = set_default(ALL);
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let runtime = runtime.expect("it needs nothing");
            runtime.block_on(panic_in_a_process("heard over there"));
        });
        other.join().expect("nothing in it fails");
        panic_in_a_process("unheard here").await;
        assert_eq!(seen(), ["unheard here"]);
    }
}

#[tokio::test]
async fn a_panic_under_a_subscriber_that_does_not_outlive_it_is_seen() {
    if is_alone("a_panic_under_a_subscriber_that_does_not_outlive_it_is_seen") {
        collect_panics();
        let process = Node::new().spawn(|_: Mailbox<Never>| async {
            with_default(ALL, || {
                if true {
                    panic!("inside");
                }
            });
        });
        let reason = process.wait().await;
        let place = panic_of(&reason).location.as_deref().expect("it is known");
        assert_eq!(seen(), [format!("panicked: inside ({place})")]);
        // Once more: the hook remembers nothing.
        panic_in_a_process("again").await;
        assert_eq!(seen(), ["again"]);
    }
}

#[tokio::test]
async fn the_hook_that_was_there_before_can_be_asked_to_run_always_or_never() {
    if is_alone("the_hook_that_was_there_before_can_be_asked_to_run_always_or_never") {
        collect_panics();
        let guard = set_default(ALL);
        assert_eq!(PanicHook::present(), PanicHook::Unheard);
        PanicHook::Always.choose();
        one_of_each().await;
        assert_eq!(seen(), EACH);

        drop(guard);
        PanicHook::Outside.choose();
        one_of_each().await;
        assert_eq!(seen(), [""; 0]);
        let outside = catch_unwind(|| panic!("outside"));
        outside.expect_err("it panics");
        assert_eq!(seen(), ["outside"]);

        PanicHook::Unheard.choose();
        one_of_each().await;
        assert_eq!(seen(), EACH);
    }
}

#[tokio::test]
async fn a_hook_that_is_set_after_the_first_node_sees_every_panic() {
    if is_alone("a_hook_that_is_set_after_the_first_node_sees_every_panic") {
        let _first = Node::new();
        collect_panics();
        set_global_default(ALL).expect("it is the first");
        let process = panics("late");
        let reason = process.wait().await;
        assert_eq!(panic_of(&reason).message, "late");
        assert_eq!(panic_of(&reason).location, None);
        one_of_each().await;
        let all = ["late"].into_iter().chain(EACH);
        assert_eq!(seen(), all.collect::<Vec<_>>());
    }
}

/// Panics when it is dropped.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

// These have no report.
#[tokio::test]
async fn a_panic_in_a_destructor_while_a_process_ends_is_seen() {
    if is_alone("a_panic_in_a_destructor_while_a_process_ends_is_seen") {
        collect_panics();
        set_global_default(ALL).expect("it is the first");
        let node = Node::new();
        let process = node.spawn(|mailbox: Mailbox<Bomb>| async move {
            let _mailbox = mailbox;
            let _body = Bomb("body");
            std::future::pending::<()>().await;
        });
        process.send(Bomb("first message"));
        process.send(Bomb("second message"));
        tokio::task::yield_now().await;
        node.exit(&process, ExitReason::Kill);
        assert_eq!(process.wait().await, ExitReason::Killed);
        let mut seen = seen();
        seen.sort();
        assert_eq!(seen, ["body", "first message", "second message"]);
    }
}

/// A server that cannot say what it is.
struct Mute;

impl GenServer for Mute {
    type Args = ();
    type Call = Never;
    type Cast = ();
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(ExitReason::other("oops"))
    }

    fn format_status(&self, _: &mut otp_core::gen_server::Status) {
        panic!("format_status")
    }
}

#[tokio::test]
async fn a_panic_while_a_report_is_made_is_seen() {
    if is_alone("a_panic_while_a_report_is_made_is_seen") {
        collect_panics();
        set_global_default(ALL).expect("it is the first");
        in_process(async {
            let server = Mute::start(()).await.expect("it starts");
            server.cast(());
            assert_eq!(server.wait().await, ExitReason::other("oops"));
        })
        .await;
        assert_eq!(seen(), ["format_status"]);
    }
}

#[tokio::test]
async fn the_first_node_may_be_made_while_a_thread_unwinds() {
    if is_alone("the_first_node_may_be_made_while_a_thread_unwinds") {
        struct MakesANode;
        impl Drop for MakesANode {
            fn drop(&mut self) {
                let _node = Node::new();
            }
        }
        collect_panics();
        set_global_default(ALL).expect("it is the first");
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _last = MakesANode;
            panic!("outside")
        }));
        unwound.expect_err("it panics");
        // The next one installs the hook.
        panic_in_a_process("inside").await;
        assert_eq!(seen(), ["outside"]);
        assert!(process::try_current().is_none());
    }
}
