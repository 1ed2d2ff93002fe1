//! Messages, exit reasons, monitors, dictionaries and timers with values that misbehave.

use std::time::Duration;

use otp_core::{ExitReason, Mailbox, Name, Never, Term, process, timer};

use super::hostile::{Case, Hostile, Stage, case, look_around, settle};

fn arm(stage: &Stage) {
    let again = stage.clone();
    stage.arm(move || look_around(&again.node));
}

async fn use_messages(stage: Stage) {
    let busy = process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        let first = mailbox.receive().await;
        drop(first);
        let wanted = mailbox
            .receive_match(|message| format!("{message:?}") == "hostile 3")
            .await;
        drop(wanted);
        let none = Duration::from_millis(1);
        drop(
            mailbox
                .receive_match(|message| format!("{message:?}") == "none")
                .timeout(none)
                .await,
        );
        // It ends with the others in its mailbox.
        ExitReason::Shutdown
    });
    process::register("busy", &busy).expect("nothing misbehaves yet");
    let idle = process::spawn(|mailbox: Mailbox<Hostile>| async move {
        std::future::pending::<()>().await;
        drop(mailbox);
    });
    let (again, there) = (stage.clone(), busy.clone());
    stage.arm(move || {
        look_around(&again.node);
        there.send(again.value(9));
    });
    for n in 0..5 {
        busy.send(stage.value(n));
        idle.send(stage.value(n));
        let refused = idle.try_send(stage.value(n));
        stage.let_go(refused);
    }
    let _ = process::send("busy", stage.value(6));
    settle().await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let _ = process::send("busy", stage.value(7));
    process::exit(&idle, ExitReason::Kill);
    settle().await;
    // To the dead, and to one that takes other messages.
    let dead = process::spawn(move |_: Mailbox<Never>| async move {
        busy.send(stage.value(8));
        let refused = busy.try_send(stage.value(8));
        stage.let_go(refused);
        process::register("other", process::current()).expect("nothing misbehaves yet");
        let refused = process::send("other", stage.value(9));
        stage.let_go(refused);
    });
    dead.wait().await;
}

async fn use_reasons(stage: Stage) {
    let targets: Vec<_> = (0..4)
        .map(|n| {
            process::spawn(move |mut mailbox: Mailbox<u8>| async move {
                if n % 2 == 0 {
                    mailbox.trap_exit(|_| 1);
                }
                mailbox.receive().await;
                std::future::pending::<()>().await;
            })
        })
        .collect();
    settle().await;
    let again = stage.clone();
    let pids: Vec<_> = targets.iter().map(process::ProcessRef::pid).collect();
    stage.arm(move || {
        look_around(&again.node);
        for pid in &pids {
            again.node.exit(*pid, ExitReason::Normal);
            let _ = again.node.is_alive(*pid);
        }
    });
    let there = stage.clone();
    let linked = process::spawn(move |mut mailbox: Mailbox<()>| async move {
        mailbox.trap_exit(|_| ());
        for target in &targets {
            mailbox.link(target);
            mailbox.monitor(target, |_| ());
        }
        for target in &targets {
            process::exit(target, ExitReason::other(there.value(1)));
            process::exit(target, ExitReason::shutdown_with(there.value(2)));
            process::exit(target, ExitReason::error(there.value(3)));
            process::exit(target, ExitReason::Kill);
            // It is too late for this one.
            process::exit(target, ExitReason::other(there.value(4)));
        }
        settle().await;
        for target in &targets {
            let reason = target.wait().await;
            let _ = reason == ExitReason::other(there.value(1));
            let _ = reason.downcast_term::<Hostile>().is_some();
            let _ = reason.downcast_error::<Hostile>().is_some();
            let _ = format!("{reason:?} {reason}");
            drop(reason.clone());
            there.let_go(reason);
        }
        let term = Term::new(there.value(5));
        let _ = term.downcast_ref::<Hostile>().is_some();
        there.let_go(term);
        process::exit_self(ExitReason::other(there.value(6)))
    });
    let reason = linked.wait().await;
    stage.let_go(reason);
    let there = stage.clone();
    let panics = process::spawn(move |_: Mailbox<Never>| async move {
        std::panic::panic_any(there.value(7));
    });
    panics.wait().await;
}

async fn use_relations(stage: Stage) {
    let watched = process::spawn(|mut mailbox: Mailbox<()>| async move { mailbox.receive().await });
    arm(&stage);
    let (there, other) = (stage.clone(), watched.clone());
    let watcher = process::spawn(move |mut mailbox: Mailbox<Hostile>| async move {
        let value = there.value(1);
        mailbox.trap_exit(move |_| value.clone());
        let value = there.value(2);
        mailbox.trap_exit(move |_| value.clone());
        let value = there.value(3);
        let monitor = mailbox.monitor(&other, move |_| value);
        mailbox.demonitor(monitor);
        let value = there.value(4);
        let monitor = mailbox.monitor(&other, move |_| value);
        mailbox.demonitor_flush(monitor);
        let value = there.value(5);
        mailbox.monitor("nobody", move |_| value);
        let value = there.value(6);
        mailbox.monitor(&other, move |_| value);
        let (child, monitor) = process::spawn_monitor(|_: Mailbox<Never>| async {});
        let value = there.value(7);
        mailbox.on_down(monitor, move |_| value);
        mailbox.link(&other);
        mailbox.unlink(&other);
        mailbox.link(&other);
        child.wait().await;
        loop {
            drop(mailbox.receive().await);
        }
    });
    settle().await;
    process::exit(&watched, ExitReason::other(stage.value(8)));
    settle().await;
    process::exit(&watcher, ExitReason::Kill);
    watcher.wait().await;
}

async fn use_bodies(stage: Stage) {
    arm(&stage);
    let node = stage.node.clone();
    for started in [true, false] {
        let value = || stage.value(1);
        let (a, b, c, d, e) = (value(), value(), value(), value(), value());
        let hold = async |held: Hostile| {
            std::future::pending::<()>().await;
            drop(held);
        };
        let one = process::spawn(move |_: Mailbox<Hostile>| async move { hold(a).await });
        let (two, _) = process::spawn_monitor(move |_: Mailbox<()>| async move { hold(b).await });
        let three = node.spawn(move |_: Mailbox<()>| async move { hold(c).await });
        one.send(value());
        if started {
            settle().await;
        }
        for process in [one.pid(), two.pid(), three.pid()] {
            process::exit(process, ExitReason::Kill);
        }
        settle().await;
        let made = node.run(async move { d }).await;
        let with = node
            .run_with(move |_: Mailbox<Hostile>| async move { e })
            .await;
        stage.let_go((made, with));
    }
    let value = stage.value(2);
    let linked = process::spawn_link(move |_: Mailbox<Never>| async move {
        drop(value);
    });
    linked.wait().await;
}

async fn use_dictionary(stage: Stage) {
    arm(&stage);
    for part in 0..4 {
        let there = stage.clone();
        let process = process::spawn(move |_: Mailbox<Never>| async move {
            drop(process::put(there.value(1)));
            match part {
                0 => drop(process::put(there.value(2))),
                1 => there.let_go(process::get::<Hostile>()),
                2 => drop(process::erase::<Hostile>()),
                _ => process::set_label("with values"),
            }
        });
        process.wait().await;
    }
}

async fn use_timers(stage: Stage) {
    let target = process::spawn(|mut mailbox: Mailbox<Hostile>| async move {
        loop {
            drop(mailbox.receive().await);
        }
    });
    process::register("target", &target).expect("nothing misbehaves yet");
    let again = stage.clone();
    stage.arm(move || {
        look_around(&again.node);
        if let Some(me) = process::try_current() {
            let _ = timer::kill_after(me, Duration::from_secs(3_600)).cancel();
        }
    });
    let ms = Duration::from_millis;
    let there = stage.clone();
    let starter = process::spawn(move |_: Mailbox<Never>| async move {
        let named = || Name::from("target");
        let a = timer::send_after(&target, ms(1), there.value(1));
        let b = timer::send_after(named(), ms(50), there.value(2));
        let c = timer::send_at(&target, tokio::time::Instant::now() + ms(1), there.value(3));
        let value = there.value(4);
        let d = timer::start_timer(&target, ms(50), move |_| value);
        let e = timer::send_interval(&target, ms(1), there.value(5));
        let f = timer::send_interval(named(), ms(1), there.value(6));
        let skip = timer::MissedTicks::Skip;
        let k = timer::send_interval_with(&target, ms(1), skip, there.value(13));
        let g = timer::exit_after(&target, ms(60), ExitReason::other(there.value(7)));
        let h = timer::exit_after(&target, ms(20), ExitReason::other(there.value(8)));
        let value = there.value(9);
        let i = timer::apply_after(ms(1), async move { drop(value) });
        let value = there.value(10);
        let j = timer::apply_after(ms(50), async move { drop(value) });
        let clock = timer::WallClock::system();
        let l = clock.send_at(&target, clock.now() + ms(1), there.value(14));
        let m = clock.send_at(named(), clock.now() + ms(50), there.value(15));
        let value = there.value(16);
        let n = clock.start_timer(&target, clock.now() + ms(50), move |_| value);
        tokio::time::sleep(ms(5)).await;
        for timer in [a, b, c, d, e, g, i, j, k, l, m, n] {
            let _ = timer.cancel();
        }
        tokio::time::sleep(ms(30)).await;
        let _ = (f.cancel(), h.cancel());
        // To one that has ended.
        let _ = timer::send_after(&target, ms(1), there.value(11));
        let _ = timer::send_interval(&target, ms(1), there.value(12));
        let _ = timer::kill_after(&target, ms(1));
        let _ = clock.send_at(&target, clock.now() + ms(1), there.value(17));
        tokio::time::sleep(ms(5)).await;
    });
    starter.wait().await;
    tokio::time::sleep(ms(100)).await;
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "messages",
            &[
                "process.rs::send",
                "node.rs::send",
                "process/process_ref.rs::send",
                "process/process_ref.rs::try_send",
                "process/mailbox/selective.rs::receive_match",
                "process/mailbox/selective.rs::timeout",
            ],
            use_messages,
        ),
        case(
            "exit reasons",
            &[
                "process.rs::exit",
                "node.rs::exit",
                "process.rs::exit_self",
                "exit.rs::other",
                "exit.rs::shutdown_with",
                "exit.rs::error",
                "exit.rs::downcast_error",
                "exit.rs::downcast_term",
                "exit.rs::new",
                "exit.rs::downcast_ref",
            ],
            use_reasons,
        ),
        case(
            "links and monitors",
            &[
                "process/mailbox.rs::trap_exit",
                "process/mailbox.rs::monitor",
                "process/mailbox.rs::on_down",
            ],
            use_relations,
        ),
        case(
            "what processes are made of",
            &[
                "process/life/spawn.rs::spawn",
                "node.rs::spawn",
                "process/life/spawn.rs::spawn_link",
                "process/life/spawn.rs::spawn_monitor",
                "node.rs::run",
                "node.rs::run_with",
            ],
            use_bodies,
        ),
        case(
            "dictionaries",
            &["process.rs::put", "process.rs::get", "process.rs::erase"],
            use_dictionary,
        ),
        case(
            "timers",
            &[
                "timer.rs::send_after",
                "timer.rs::send_at",
                "timer.rs::start_timer",
                "timer.rs::send_interval",
                "timer.rs::send_interval_with",
                "timer.rs::exit_after",
                "timer.rs::apply_after",
            ],
            use_timers,
        ),
    ]
}
