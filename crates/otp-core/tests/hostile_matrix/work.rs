//! Work beside processes, children and messages of other types, whose values misbehave.

use std::time::Duration;

use futures_util::stream;
use otp_core::overload::{Aged, CircuitBreaker};
use otp_core::partition_supervisor::RouteKey;
use otp_core::prelude::*;
use otp_core::schedule::Schedule;
use otp_core::task::{attach_stream, pipe};
use otp_core::worker_pool::WorkerPool;
use otp_core::{
    Child, ChildId, Never, PartitionSupervisor, Recipient, blocking, drain, process, task,
};

use super::hostile::{Case, Hostile, Stage, apart, case, look_around, settle};
use super::servers::{self, Ask, host};

fn arm(stage: &Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
}

/// A process that drops each message.
fn listener() -> ProcessRef<Hostile> {
    process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        loop {
            drop(mailbox.receive().await);
        }
    })
}

async fn use_blocking(stage: Stage) {
    arm(&stage);
    for way in 0..4 {
        let there = stage.clone();
        apart(move || async move {
            let (value, other) = (there.value(1), there.value(2));
            let body = move |mut mailbox: Mailbox<Hostile>| async move {
                drop(mailbox.receive().await);
                ExitReason::other(value)
            };
            match way {
                0 => there.let_go(blocking::run(move || other).await),
                1 => {
                    let fails = move || -> () { std::panic::panic_any(other) };
                    there.let_go(blocking::run(fails).await);
                }
                2 => {
                    let process = blocking::spawn(body);
                    process.send(other);
                    let reason = process.wait().await;
                    there.let_go(reason);
                }
                _ => {
                    let process = blocking::spawn_link(body);
                    process.send(other);
                    process::exit(&process, ExitReason::Kill);
                    process.wait().await;
                }
            }
        })
        .await;
    }
}

async fn use_pipes(stage: Stage) {
    let to = listener();
    arm(&stage);
    for fails in [true, false] {
        let (there, to) = (stage.clone(), to.clone());
        apart(move || async move {
            let (value, held) = (there.value(1), there.value(2));
            let work = async move {
                match fails {
                    true => std::panic::panic_any(value),
                    false => value,
                }
            };
            pipe(&to, work, move |came| came.unwrap_or(held));
            let items = stream::iter((3..6).map(|n| there.value(n)).collect::<Vec<_>>());
            let (held, end) = (there.value(6), there.value(7));
            attach_stream(&to, items, 2, move |event| match event {
                task::StreamEvent::Item(item) if *item != held => item.into_inner(),
                _ => end.clone(),
            });
            let held = there.value(8);
            let mapped = Recipient::from(&to).map(move |_: u32| {
                let _ = held == held.clone();
                held.clone()
            });
            mapped.send(9);
            Recipient::from(&to).send(there.value(10));
        })
        .await;
        settle().await;
    }
    process::exit(&to, ExitReason::Kill);
    to.wait().await;
    let there = stage.clone();
    apart(move || async move {
        // To one that has ended.
        let value = there.value(11);
        let held = there.value(12);
        pipe(&to, async move { value }, move |_| held);
        let (items, held) = (stream::iter([there.value(13)]), there.value(14));
        attach_stream(&to, items, 1, move |_| held.clone());
        Recipient::from(&to).send(there.value(15));
    })
    .await;
    settle().await;
}

async fn use_limits(stage: Stage) {
    arm(&stage);
    let breaker = CircuitBreaker::new(1, Duration::from_secs(1));
    for fails in [false, true, false] {
        let (there, breaker) = (stage.clone(), breaker.clone());
        apart(move || async move {
            let (value, error) = (there.value(1), there.value(2));
            let call = async move {
                match fails {
                    true => Err(error),
                    false => Ok(value),
                }
            };
            there.let_go(breaker.run(call).await);
            there.let_go(Aged::new(there.value(3)).within(Duration::ZERO));
            there.let_go(Aged::new(there.value(4)).into_inner());
            drop(Aged::new(there.value(5)));
        })
        .await;
    }
}

async fn use_children(stage: Stage) {
    let top = Supervisor::new(Strategy::OneForOne).max_restarts(100, Duration::from_secs(5));
    let top = top.start().await.expect("nothing misbehaves yet");
    arm(&stage);
    for way in 0..6 {
        let (there, top) = (stage.clone(), top.clone());
        apart(move || async move {
            let id = ChildId::key(there.value(way));
            let held = there.value(10);
            let hold = move || {
                let held = held.clone();
                async move {
                    std::future::pending::<()>().await;
                    drop(held);
                }
            };
            let started = there.value(11);
            let once = || async move {
                let child = process::spawn_link(|_: Mailbox<Never>| std::future::pending::<()>());
                let child = Child::new(&child).with_extra(started);
                assert!(child.extra::<Hostile>().is_some());
                Ok::<_, ExitReason>(child)
            };
            let spec = match way {
                0 => ChildSpec::once(id, once),
                1 => ChildSpec::once("once", once).with_id(id),
                2 => ChildSpec::supervisor(id, || async {
                    Supervisor::new(Strategy::OneForOne).start_link().await
                }),
                3 => task::child_spec(id, hold),
                4 => Schedule::every(Duration::from_millis(1)).child_spec(id, hold),
                _ => drain::child_spec(id, move |_| hold()),
            };
            let child = top.start_child(spec).await;
            settle().await;
            if let Ok(child) = &child
                && let Some(pid) = child.pid()
                && way % 2 == 0
            {
                process::exit(pid, ExitReason::Kill);
            }
            there.let_go(child);
        })
        .await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _ = top.stop().await;
}

async fn use_partitions(stage: Stage) {
    let held = stage.value(1);
    let there = stage.clone();
    let spec = move |_| {
        let _ = held.clone();
        let there = there.clone();
        ChildSpec::worker("host", move || {
            servers::Host::start_link((there.value(0), true))
        })
    };
    let parts = PartitionSupervisor::new("parts", spec).partitions(2);
    let parts = parts.start().await.expect("nothing misbehaves yet");
    arm(&stage);
    for _ in 0..2 {
        let (there, parts) = (stage.clone(), parts.clone());
        apart(move || async move {
            let key = there.value(2);
            let route = RouteKey::of(&key);
            there.let_go(key);
            let name = ServerName::<servers::Host>::new(parts.route(route));
            name.cast(there.value(3));
            assert!(parts.whereis(route).is_some());
        })
        .await;
    }
    let _ = parts.stop().await;
}

async fn use_pools(stage: Stage) {
    let there = stage.clone();
    let start = move || servers::Host::start_link((there.value(0), true));
    let pool = WorkerPool::options(2, start).start().await;
    let pool = pool.expect("nothing misbehaves yet");
    arm(&stage);
    for _ in 0..2 {
        let (there, pool) = (stage.clone(), pool.clone());
        apart(move || async move {
            if let Ok(lease) = pool.checkout().await {
                there.let_go(lease.call(|from| Ask::Echo(there.value(1), from)).await);
                process::exit(lease.pid(), ExitReason::other(there.value(2)));
            }
        })
        .await;
        settle().await;
    }
    let there = stage.clone();
    apart(move || async move {
        let reason = ExitReason::other(there.value(3));
        there.let_go(pool.stop_with(reason).await);
    })
    .await;
}

async fn use_from_outside(stage: Stage) {
    let server = host(&stage, "outside").await;
    servers::arm(&stage, &server);
    let node = stage.node.clone();
    let (there, value, error) = (server.clone(), stage.value(1), stage.value(2));
    // Outside of all processes.
    let asked = tokio::task::spawn_blocking(move || {
        there.call_blocking(|from| Ask::Echo(value, from)).is_ok()
    });
    let _ = asked.await;
    let (inside, value) = (node.clone(), stage.value(6));
    let asked = tokio::task::spawn_blocking(move || {
        let _entered = inside.enter();
        let name = ServerName::<servers::Host>::new("outside");
        name.call_blocking(|from| Ask::Echo(value, from)).is_ok()
    });
    let _ = asked.await;
    let fails = node.try_run(async move { Err::<(), _>(ExitReason::other(error).into()) });
    let fails = fails.await;
    stage.let_go(fails);
    let value = stage.value(3);
    let scoped = node.scope(async move { value }).await;
    stage.let_go(scoped);
    for name in ["outside", "new"] {
        let there = stage.clone();
        apart(move || async move {
            let args = (there.value(4), true);
            let found = servers::Host::options().name(name).ensure_started(args);
            let found = found.await;
            there.let_go(found);
            let crowd = DynamicSupervisor::new().start_link().await;
            let (value, name) = (there.value(5), ServerName::<servers::Host>::new(name));
            let spec = ChildSpec::once("host", move || servers::Host::start_link((value, true)));
            let found = crowd.expect("it starts").ensure_started(&name, spec).await;
            there.let_go(found);
        })
        .await;
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "blocking work",
            &[
                "blocking.rs::run",
                "blocking.rs::spawn",
                "blocking.rs::spawn_link",
            ],
            use_blocking,
        ),
        case(
            "pipes, streams and recipients",
            &[
                "task/pipe.rs::pipe",
                "task/attach.rs::attach_stream",
                "recipient.rs::map",
                "recipient.rs::send",
            ],
            use_pipes,
        ),
        case(
            "breakers and messages that know their age",
            &["overload/breaker.rs::run", "overload/aged.rs::new"],
            use_limits,
        ),
        case(
            "children of other kinds",
            &[
                "child_spec.rs::once",
                "child_spec.rs::supervisor",
                "child_spec.rs::with_id",
                "child_spec/child.rs::extra",
                "drain.rs::child_spec",
                "schedule.rs::child_spec",
                "task/start.rs::child_spec",
            ],
            use_children,
        ),
        case(
            "partitions",
            &[
                "partition_supervisor/builder.rs::new",
                "partition_supervisor/key.rs::of",
                "partition_supervisor/partition_supervisor_ref.rs::route",
                "partition_supervisor/partition_supervisor_ref.rs::whereis",
            ],
            use_partitions,
        ),
        case(
            "pools of workers",
            &[
                "worker_pool/pool.rs::options",
                "worker_pool/pool.rs::stop_with",
            ],
            use_pools,
        ),
        case(
            "from outside of processes",
            &[
                "gen_server/server_name.rs::call_blocking",
                "gen_server/server_ref.rs::call_blocking",
                "gen_server/start.rs::ensure_started",
                "dynamic_supervisor/dynamic_supervisor_ref.rs::ensure_started",
                "node.rs::scope",
                "node.rs::try_run",
            ],
            use_from_outside,
        ),
    ]
}
