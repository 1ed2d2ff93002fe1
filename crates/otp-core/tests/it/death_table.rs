//! The death of a process, step by step, with values of the user's in each step that do their worst as they are dropped, or
//! wakers that do it as they wake: everybody is told nevertheless, once and with the right reason.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::table::{self, Set, Table};
use otp_core::test::Probe;
use otp_core::{MonitorRef, process};

use crate::evil::{Evil, SPITES, Shelf, Sight, Spite, Value};
use crate::puppet::{Puppet, boom, down, exit};
use crate::support::{Lab, act, ask, in_process, quiet, run, settle, stop};

/// The step of a death in which foreign code gets its chance.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Body,
    Swapped,
    Queued,
    Dictionary,
    Names,
    Tables,
    Timers,
    Monitors,
    Links,
    Watchers,
    Callers,
    Waiters,
}

const STEPS: [Step; 12] = [
    Step::Body,
    Step::Swapped,
    Step::Queued,
    Step::Dictionary,
    Step::Names,
    Step::Tables,
    Step::Timers,
    Step::Monitors,
    Step::Links,
    Step::Watchers,
    Step::Callers,
    Step::Waiters,
];

/// How the process comes to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Killed,
    Stopped,
}

/// Everybody who is to hear of the end of a process.
struct Crowd {
    node: Node,
    victim: Pid,
    linked: Puppet,
    trapping: Puppet,
    watcher: Puppet,
    monitor: MonitorRef,
    waiter: ProcessRef<Never>,
    waited: Probe<ExitReason>,
}

impl Crowd {
    async fn around(node: &Node, victim: Pid) -> Self {
        let linked = Puppet::new(node);
        linked.links(victim).await;
        let trapping = Puppet::trapping(node).await;
        trapping.links(victim).await;
        let watcher = Puppet::new(node);
        let monitor = watcher.monitors(victim).await;
        let waited = Probe::new();
        let (report, waiting) = (waited.clone(), node.clone());
        let waiter = node.spawn(move |_: Mailbox<Never>| async move {
            report.report(waiting.wait(victim).await.expect("it is there"));
        });
        settle().await;
        Self {
            node: node.clone(),
            victim,
            linked,
            trapping,
            watcher,
            monitor,
            waiter,
            waited,
        }
    }

    /// Checks that each was told once.
    async fn were_told(self, reason: &ExitReason, of: &str) {
        let Self { node, victim, .. } = &self;
        self.waiter.wait().await;
        assert_eq!(
            self.waited.drain(),
            std::slice::from_ref(reason),
            "{of}: the waiter"
        );
        assert_eq!(self.linked.ended().await, *reason, "{of}: the linked one");
        let told = self.trapping.seen().await;
        assert_eq!(
            told,
            [exit(*victim, reason.clone())],
            "{of}: the trapping one"
        );
        let told = self.watcher.seen().await;
        let expected = down(self.monitor, *victim, reason.clone());
        assert_eq!(told, [expected], "{of}: the watcher");
        assert_eq!(node.whereis("victim"), None, "{of}: the name");
        assert!(node.process_info(*victim).is_none(), "{of}: it is there");
        assert!(
            self.trapping.info().links.is_empty(),
            "{of}: a link is left"
        );
        assert!(
            self.watcher.info().monitors.is_empty(),
            "{of}: a monitor is left"
        );
    }
}

// KIL-002, LNK-001, LNK-002, MON-002
#[tokio::test(start_paused = true)]
async fn everybody_is_told_of_a_death_whatever_foreign_code_does_in_any_of_its_steps() {
    for spite in SPITES {
        for step in STEPS {
            for way in [Way::Killed, Way::Stopped] {
                // A server that is stopped is in no callback.
                if (step, way) != (Step::Body, Way::Stopped) {
                    in_process(dies(spite, step, way)).await;
                }
            }
        }
    }
}

async fn dies(spite: Spite, step: Step, way: Way) {
    let of = format!("{spite:?} in {step:?}, {way:?}");
    let node = process::node();
    let options = Lab::options().name("victim");
    let server = options.start(quiet()).await.expect("its init is quiet");
    let crowd = Crowd::around(&node, server.pid()).await;
    let evil = Evil {
        spite,
        node: node.clone(),
        victim: server.pid(),
        seen: Arc::default(),
    };
    let heard = Probe::new();
    let bystander = bystander(step, &evil, &server, &heard).await;
    let call = server.send_request(ask(|lab, from| {
        lab.kept.push(from);
        Reply::later()
    }));
    let there = evil.clone();
    server.cast(act(move |_, context| {
        plant(step, &there, context, way);
        Next::NoReply
    }));
    settle().await;
    if way == Way::Killed {
        if step == Step::Queued {
            server.cast(evil.order());
            server.cast(evil.order());
        }
        node.exit(&server, ExitReason::Kill);
    }
    let reason = match way {
        Way::Killed => ExitReason::Killed,
        Way::Stopped => ExitReason::Shutdown,
    };
    crowd.were_told(&reason, &of).await;
    assert_eq!(server.wait().await, reason, "{of}");
    let failed = call.await.expect_err("it was never answered");
    assert!(
        matches!(&failed, CallError::Exited { reason: why, .. } if *why == reason),
        "{of}: {failed}"
    );
    if let Some(bystander) = bystander {
        bystander.wait().await;
        assert_eq!(heard.drain(), [reason], "{of}: the bystander");
    }
    settle().await;
    let acted = evil.seen.acted.load(Ordering::Relaxed);
    assert!(acted > 0, "{of}: the evil never got its chance");
    assert!(
        !evil.seen.under_a_lock.load(Ordering::Relaxed),
        "{of}: under a lock"
    );
}

/// Lays foreign code in the process's way, in the process itself, and two pieces of it where there can be two.
fn plant(step: Step, evil: &Evil, context: &mut Context<Lab>, way: Way) {
    let me = context.me();
    let last = match (way, step) {
        (Way::Stopped, _) => stop(ExitReason::Shutdown),
        (Way::Killed, Step::Body) => {
            let held = evil.value::<0>();
            run(|_| async move {
                let _held = held;
                pending().await
            })
        }
        (Way::Killed, _) => run(|_| pending()),
    };
    me.cast(last);
    match step {
        // Behind the last that it comes to, in one batch with it.
        Step::Swapped | Step::Queued => {
            me.cast(evil.order());
            me.cast(evil.order());
        }
        Step::Dictionary => {
            process::put(evil.value::<1>());
            process::put(evil.value::<2>());
        }
        Step::Names => {
            for _ in 0..2 {
                let named = context.node().register(evil.name(), context.pid());
                named.expect("the registry takes everybody");
            }
        }
        Step::Tables => {
            let table: Table<u32, Value<0>, Set> = table::set("evil").create().expect("it is new");
            table.insert(1, evil.value()).expect("it is its own");
            table.insert(2, evil.value()).expect("it is its own");
        }
        Step::Timers => {
            for _ in 0..2 {
                context.send_after(Duration::from_secs(3600), evil.order());
            }
        }
        Step::Monitors => {
            for _ in 0..2 {
                let other = process::spawn(|_: Mailbox<Never>| pending::<()>());
                let shelf = Shelf(evil.value(), other.pid());
                context.monitor(Name::via(Arc::new(shelf), "other"));
            }
        }
        Step::Body | Step::Links | Step::Watchers | Step::Callers | Step::Waiters => {}
    }
}

/// A task that sees the end while it waits with an evil waker.
async fn bystander(
    step: Step,
    evil: &Evil,
    server: &ServerRef<Lab>,
    heard: &Probe<ExitReason>,
) -> Option<ProcessRef<ExitReason>> {
    let (evil, server, heard) = (evil.clone(), server.clone(), heard.clone());
    let wanted = [Step::Links, Step::Watchers, Step::Callers, Step::Waiters];
    let bystander = wanted.contains(&step).then(|| {
        process::spawn(move |mut mailbox: Mailbox<ExitReason>| async move {
            let reason = match step {
                Step::Links => {
                    mailbox.trap_exit(|exit| exit.reason);
                    mailbox.link(&server);
                    evil.waits(mailbox.receive()).await
                }
                Step::Watchers => {
                    mailbox.monitor(&server, |down| down.reason);
                    evil.waits(mailbox.receive()).await
                }
                Step::Callers => {
                    let keep = ask(|lab, from| {
                        lab.kept.push(from);
                        Reply::later()
                    });
                    match evil.waits(server.send_request(keep)).await {
                        Err(CallError::Exited { reason, .. }) => reason,
                        other => panic!("{other:?}"),
                    }
                }
                _ => evil.waits(server.wait()).await,
            };
            heard.report(reason);
        })
    });
    settle().await;
    bystander
}

// KIL-001: the first reason stays, and what comes too late is given up.
#[tokio::test(start_paused = true)]
async fn a_reason_that_comes_too_late_is_dropped_and_everybody_is_told_the_first_one() {
    for spite in SPITES {
        in_process(async move {
            let node = process::node();
            let victim = process::spawn(move |mut mailbox: Mailbox<Evil>| async move {
                let evil = mailbox.receive().await;
                process::exit(mailbox.pid(), boom());
                ExitReason::other(evil.value::<0>())
            });
            let crowd = Crowd::around(&node, victim.pid()).await;
            let seen = Arc::<Sight>::default();
            victim.send(Evil {
                spite,
                node: node.clone(),
                victim: victim.pid(),
                seen: seen.clone(),
            });
            crowd.were_told(&boom(), &format!("{spite:?}")).await;
            assert_eq!(seen.acted.load(Ordering::Relaxed), 1);
            assert!(!seen.under_a_lock.load(Ordering::Relaxed));
        })
        .await;
    }
}

// A server has a state, what it does next, and messages: each may be bad, and the program goes on.
#[tokio::test(start_paused = true)]
async fn a_server_full_of_values_that_panic_is_killed_and_the_program_goes_on() {
    struct Bad(#[allow(dead_code, reason = "it is there to be dropped")] [Value<0>; 1]);

    impl GenServer for Bad {
        type Args = Evil;
        type Call = Never;
        type Cast = Value<0>;
        type Info = Never;
        type Continue = Never;

        async fn init(evil: Evil, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::state(Self([evil.value()])))
        }

        async fn handle_cast(&mut self, held: Value<0>, _: &mut Context<Self>) -> Next<Self> {
            let _held = held;
            pending().await
        }
    }

    in_process(async {
        let node = process::node();
        let evil = Evil {
            spite: Spite::Panics,
            node: node.clone(),
            victim: process::current(),
            seen: Arc::default(),
        };
        let server = Bad::start(evil.clone()).await.expect("its init is quiet");
        for _ in 0..3 {
            server.cast(evil.value());
        }
        settle().await;
        process::exit(&server, ExitReason::Kill);
        assert_eq!(server.wait().await, ExitReason::Killed);
        // The state, the message in the callback, and those in the mailbox.
        assert_eq!(evil.seen.acted.load(Ordering::Relaxed), 4);
    })
    .await;
}

// The answer to a call whose caller no longer waits is dropped at the end of a poll.
#[tokio::test(start_paused = true)]
async fn an_abandoned_answer_that_panics_as_it_is_dropped_does_not_kill_who_abandons_it() {
    struct Giver(ProcessRef<ReplyTo<Value<0>>>);

    impl GenServer for Giver {
        type Args = ProcessRef<ReplyTo<Value<0>>>;
        type Call = ReplyTo<Value<0>>;
        type Cast = Never;
        type Info = Never;
        type Continue = Never;

        async fn init(to: Self::Args, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
            Ok(Init::state(Self(to)))
        }

        async fn handle_call(
            &mut self,
            from: ReplyTo<Value<0>>,
            _: &mut Context<Self>,
        ) -> Reply<Self> {
            self.0.send(from);
            Reply::later()
        }
    }

    in_process(async {
        let evil = Evil {
            spite: Spite::Panics,
            node: process::node(),
            victim: process::current(),
            seen: Arc::default(),
        };
        let there = evil.clone();
        let process = process::spawn(move |mut mailbox: Mailbox<ReplyTo<Value<0>>>| async move {
            let from = mailbox.receive().await;
            drop(from.reply::<Giver>(there.value()));
            tokio::task::yield_now().await;
            ExitReason::Shutdown
        });
        let server = Giver::start(process.clone())
            .await
            .expect("its init is quiet");
        let unwanted = server.send_request(|from| from);
        drop(unwanted);
        assert_eq!(process.wait().await, ExitReason::Shutdown);
        assert_eq!(evil.seen.acted.load(Ordering::Relaxed), 1);
    })
    .await;
}
