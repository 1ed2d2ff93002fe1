//! Jobs that are done again and again.

use std::time::{Duration, SystemTime};

use otp_core::prelude::*;
use otp_core::process;
use otp_core::schedule::{Cron, Overlap, Schedule, Zone};
use otp_core::test::{Probe, reports};
use otp_core::timer::{ManualClock, MissedTicks};
use tokio::time::{Instant, sleep};

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Half past ten at night, on the first of June in 2026.
fn evening() -> SystemTime {
    SystemTime::UNIX_EPOCH + secs(1_780_353_000)
}

fn cron(text: &str) -> Cron {
    let cron: Cron = text.parse().expect("it is one");
    cron.in_zone(Zone::Utc)
}

async fn under_a_supervisor(child: ChildSpec) -> otp_core::SupervisorRef {
    let tree = Supervisor::new(Strategy::OneForOne).child(child);
    tree.start_link().await.expect("it starts")
}

/// Reports when it is done, and takes so long.
fn job(
    probe: &Probe<u64>,
    takes: Duration,
) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static {
    let (probe, since) = (probe.clone(), Instant::now());
    move || {
        let probe = probe.clone();
        Box::pin(async move {
            probe.report(since.elapsed().as_secs());
            sleep(takes).await;
        })
    }
}

#[otp_core::test]
async fn a_job_is_done_each_period_but_not_while_it_is_under_way() {
    for (overlap, times) in [
        (Overlap::Skip, vec![10, 30, 50]),
        (Overlap::Start, vec![10, 20, 30, 40, 50]),
    ] {
        let probe = Probe::new();
        let schedule = Schedule::every(secs(10)).overlap(overlap);
        let tree = under_a_supervisor(schedule.child_spec("job", job(&probe, secs(15)))).await;
        sleep(secs(55)).await;
        assert_eq!(probe.drain(), times);
        tree.stop().await.expect("it stops");
        sleep(secs(60)).await;
        assert_eq!(probe.drain(), [], "it ends with its supervisor");
    }
}

#[otp_core::test]
async fn missed_ticks_are_made_up_for_skipped_or_put_off() {
    for (missed, times) in [
        (MissedTicks::CatchUp(2), vec![45, 45, 45, 50, 60]),
        (MissedTicks::Skip, vec![45, 50, 60]),
        (MissedTicks::Delay, vec![45, 55]),
    ] {
        let probe = Probe::new();
        let schedule = Schedule::every(secs(10)).missed_ticks(missed);
        let schedule = schedule.overlap(Overlap::Start);
        let tree = under_a_supervisor(schedule.child_spec("job", job(&probe, secs(0)))).await;
        tokio::time::advance(secs(45)).await;
        sleep(secs(16)).await;
        assert_eq!(probe.drain(), times, "{missed:?}");
        tree.stop().await.expect("it stops");
    }
}

#[otp_core::test(reports)]
async fn a_job_that_fails_is_reported_and_done_again() {
    let probe = Probe::new();
    let tell = probe.clone();
    let tree = under_a_supervisor(Schedule::every(secs(1)).child_spec("job", move || {
        tell.report(());
        let fails = tell.clone();
        async move {
            drop(fails);
            panic!("boom")
        }
    }))
    .await;
    for _ in 0..3 {
        probe.next().await;
    }
    sleep(Duration::from_millis(1)).await;
    assert_eq!(
        reports()
            .take_kinds()
            .iter()
            .filter(|kind| *kind == "process")
            .count(),
        3
    );
    tree.stop().await.expect("it stops");
}

#[otp_core::test]
async fn a_job_under_way_ends_with_its_schedule() {
    let probe = Probe::new();
    let tell = probe.clone();
    let tree = under_a_supervisor(Schedule::every(secs(1)).child_spec("job", move || {
        tell.report(process::current());
        std::future::pending::<()>()
    }))
    .await;
    let job = probe.next().await;
    let node = process::node();
    assert!(node.is_alive(job));
    tree.stop().await.expect("it stops");
    assert!(!node.is_alive(job));
}

#[otp_core::test]
async fn a_cron_expression_names_its_moments() {
    let day = secs(24 * 3600);
    let midnight = evening() + secs(90 * 60);
    for (text, first, second) in [
        ("0 0 * * *", midnight, midnight + day),
        ("@daily", midnight, midnight + day),
        (
            "*/30 * * * *",
            evening() + secs(1800),
            evening() + secs(3600),
        ),
        ("30 22 * * *", evening() + day, evening() + 2 * day),
        ("15 * * * * *", evening() + secs(15), evening() + secs(75)),
    ] {
        let cron = cron(text);
        assert_eq!(cron.next_after(evening()), Some(first), "{text}");
        assert_eq!(cron.next_after(first), Some(second), "{text}");
        assert_eq!(cron.to_string(), text);
    }
    let east = cron("0 0 * * *").in_zone(Zone::Offset(3600));
    assert_eq!(east.next_after(evening()), Some(midnight - secs(3600)));
    assert_eq!(cron("0 0 30 2 *").next_after(evening()), None);
    for wrong in ["", "* * *", "61 * * * *", "a b c d e", "* * * * * * * * *"] {
        let error = wrong.parse::<Cron>().expect_err("it is none");
        assert!(
            error.to_string().contains("expected five fields"),
            "{error}"
        );
    }
    let far = SystemTime::UNIX_EPOCH + secs(u64::from(u32::MAX) * 3_000);
    assert_eq!(cron("0 0 * * *").next_after(far), None);
    assert_eq!(
        east.in_zone(Zone::Offset(i32::MAX)).next_after(evening()),
        None
    );
}

#[otp_core::test]
async fn a_schedule_by_the_wall_clock_follows_it() {
    let hands = ManualClock::new(evening());
    let probe = Probe::new();
    let schedule = Schedule::cron(cron("0 * * * *")).clock(hands.clock());
    let _tree = under_a_supervisor(schedule.child_spec("hourly", job(&probe, secs(0)))).await;
    sleep(secs(5)).await;
    assert_eq!(probe.drain(), []);
    // Asleep over three full hours: once.
    hands.set(evening() + secs(3 * 3600));
    sleep(secs(5)).await;
    assert_eq!(probe.drain().len(), 1);
    // Set back over the hour that was done.
    hands.set(evening() + secs(1700));
    sleep(secs(300)).await;
    assert_eq!(probe.drain(), [], "not a second time for one moment");
}

#[otp_core::test]
async fn a_clock_that_was_wrong_silences_no_schedule() {
    let epoch = SystemTime::UNIX_EPOCH;
    // Before 1970, behind the calendar's end, and a year ahead of time.
    let wrong = [
        epoch.checked_sub(secs(3600)),
        epoch.checked_add(secs(100_000_000_000)),
        epoch.checked_add(secs(600_000_000_000)),
        evening().checked_add(secs(365 * 86_400)),
    ];
    for wrong in wrong.map(|wrong| wrong.expect("a clock may show it")) {
        for begins_right in [false, true] {
            let hands = ManualClock::new(if begins_right { evening() } else { wrong });
            let probe = Probe::new();
            let schedule = Schedule::cron(cron("* * * * *")).clock(hands.clock());
            let _tree = under_a_supervisor(schedule.child_spec("job", job(&probe, secs(0)))).await;
            sleep(secs(150)).await;
            hands.set(wrong);
            sleep(secs(150)).await;
            let _ = probe.drain();
            hands.set(evening() + secs(600));
            sleep(secs(150)).await;
            // The moment that was next by a clock that was behind is late, and runs, too.
            let late = usize::from(wrong < epoch);
            assert_eq!(probe.drain().len(), 2 + late, "{wrong:?} {begins_right}");
        }
    }
}

#[otp_core::test]
async fn what_is_too_late_is_not_done() {
    let hands = ManualClock::new(evening());
    let probe = Probe::new();
    let schedule = Schedule::cron(cron("0 * * * *"))
        .clock(hands.clock())
        .at_most_late(secs(60));
    let _tree = under_a_supervisor(schedule.child_spec("hourly", job(&probe, secs(0)))).await;
    sleep(secs(5)).await;
    hands.set(evening() + secs(3 * 3600));
    sleep(secs(5)).await;
    assert_eq!(probe.drain(), []);
    hands.set(evening() + secs(3 * 3600 + 1790));
    sleep(secs(20)).await;
    assert_eq!(probe.drain().len(), 1, "the next one is in time");
}

#[otp_core::test(real_clock)]
async fn the_grain_of_timers_makes_no_job_late() {
    let hands = ManualClock::new(evening() - Duration::from_millis(100));
    let probe = Probe::new();
    let schedule = Schedule::cron(cron("30 * * * *"))
        .clock(hands.clock())
        .at_most_late(Duration::ZERO);
    let _tree = under_a_supervisor(schedule.child_spec("hourly", job(&probe, secs(0)))).await;
    let done = tokio::time::timeout(secs(10), probe.next()).await;
    assert!(done.is_ok(), "it was due at a time when nothing slept");
}

/// The zone is that of the program, so this runs itself in another one.
#[test]
fn summer_time_leaves_no_job_out_and_does_none_twice() {
    const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
    if std::env::var_os("TZ").is_none_or(|zone| zone != ZONE) {
        let name = "schedules::summer_time_leaves_no_job_out_and_does_none_twice";
        let this = std::env::current_exe().expect("this is a program");
        let mut again = std::process::Command::new(this);
        let ended = again.args(["--exact", name]).env("TZ", ZONE).output();
        let ended = ended.expect("it runs");
        assert!(ended.status.success(), "{ended:?}");
        return;
    }
    let at = |seconds| SystemTime::UNIX_EPOCH + secs(seconds);
    let night = cron("30 2 * * *").in_zone(Zone::Local);
    // On March 31, 2024, two o'clock is three o'clock: half past two does not come.
    let three = at(1_711_846_800);
    assert_eq!(night.next_after(three - secs(3600)), Some(three));
    assert_eq!(night.next_after(three), Some(at(1_711_931_400)));
    // On October 27 it comes twice, an hour apart.
    let second = at(1_729_992_600);
    assert_eq!(night.next_after(second - secs(3601)), Some(second));
    assert_eq!(night.next_after(second), Some(at(1_730_079_000)));
}
