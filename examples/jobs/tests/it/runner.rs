//! Tests of the runner in a node.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use example_jobs::api::Jobs;
use example_jobs::boundary::queue;
use example_jobs::boundary::worker::Work;
use example_jobs::core::{Counts, Job, Policy};
use example_jobs::supervision::{QUEUE, Settings, application};
use otp_core::application::{Applications, Ended, RestartType};
use otp_core::prelude::*;

use crate::folder::Folder;

/// Runs these jobs until all are done or parked.
async fn run(folder: &Folder, jobs: &[&str], work: Work, meanwhile: impl AsyncFnOnce(&Jobs)) {
    let store = folder.store();
    for job in jobs {
        store.enqueue(job).expect("the disk has room");
    }
    let settings = Settings {
        queue: queue::Settings {
            path: folder.database(),
            policy: Policy {
                tries: 3,
                first_wait: Duration::from_millis(1),
                longest_wait: Duration::from_millis(2),
            },
            until_done: false,
        },
        workers: 3,
        work,
    };
    let all = Applications::here();
    let started = all.ensure_all_started(application(settings), RestartType::Permanent);
    started.await.expect("the runner starts");
    let jobs = Jobs::on(&otp_core::process::node());
    meanwhile(&jobs).await;
    jobs.end_when_done().await.expect("it runs");
    assert_eq!(all.ended().await, Ended::Stopped);
}

fn counts(folder: &Folder) -> Counts {
    folder.store().counts().expect("the database is valid")
}

#[otp_core::test(workers = 2)]
async fn earlier_and_later_jobs_are_done() {
    let folder = Folder::new("done");
    run(
        &folder,
        &["a", "b"],
        |_| Ok(()),
        async |jobs| {
            for n in 0..10 {
                jobs.enqueue(format!("c{n}")).await.unwrap();
            }
        },
    )
    .await;
    let all_done = Counts {
        done: 12,
        ..Counts::default()
    };
    assert_eq!(counts(&folder), all_done);
}

#[otp_core::test(workers = 2)]
async fn a_failed_job_is_tried_again_and_a_poison_job_is_parked_with_its_error() {
    fn work(job: &Job) -> Result<(), String> {
        match job.command.as_str() {
            "third time lucky" if job.tries == 3 => Ok(()),
            "panics" => panic!("poison"),
            command => Err(format!("no {command}")),
        }
    }
    let folder = Folder::new("poison");
    let jobs = ["third time lucky", "panics", "never"];
    run(&folder, &jobs, work, async |_| {}).await;
    let store = folder.store();
    let expected = Counts {
        done: 1,
        parked: 2,
        ..Counts::default()
    };
    assert_eq!(store.counts().unwrap(), expected);
    let parked = store.parked().unwrap();
    let tries: Vec<u32> = parked.iter().map(|(job, _)| job.tries).collect();
    assert_eq!(tries, [3, 3]);
    assert!(parked[0].1.contains("poison"), "{parked:?}");
    assert_eq!(parked[1].1, "no never");
}

#[otp_core::test(workers = 2)]
async fn work_that_blocks_does_not_block_the_runtime() {
    // All three workers wait for each other and for an answer of the queue, on a runtime with two threads.
    static ARRIVED: AtomicU32 = AtomicU32::new(0);
    fn work(_: &Job) -> Result<(), String> {
        ARRIVED.fetch_add(1, Ordering::SeqCst);
        while ARRIVED.load(Ordering::SeqCst) < 4 {
            std::thread::yield_now();
        }
        Ok(())
    }
    let folder = Folder::new("blocking");
    run(&folder, &["a", "b", "c"], work, async |jobs| {
        while ARRIVED.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
        assert_eq!(jobs.counts().await.unwrap().running, 3);
        ARRIVED.fetch_add(1, Ordering::SeqCst);
    })
    .await;
    assert_eq!(counts(&folder).done, 3);
}

#[otp_core::test(workers = 2)]
async fn jobs_of_a_killed_queue_are_run_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static OPEN: AtomicU32 = AtomicU32::new(0);
    fn work(_: &Job) -> Result<(), String> {
        RUNS.fetch_add(1, Ordering::SeqCst);
        while OPEN.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        Ok(())
    }
    let folder = Folder::new("killed");
    run(&folder, &["a"], work, async |_| {
        while RUNS.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let node = otp_core::process::node();
        let queue = node.whereis(QUEUE).unwrap();
        node.exit(queue, ExitReason::Kill);
        node.wait(queue).await;
        // A second worker has the job while the thread of the first one still runs it.
        while RUNS.load(Ordering::SeqCst) == 1 {
            tokio::task::yield_now().await;
        }
        OPEN.store(1, Ordering::SeqCst);
    })
    .await;
    assert_eq!(counts(&folder).done, 1);
}
