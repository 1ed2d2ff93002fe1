//! Jobs that are under way when their schedule ends.

use std::future::pending;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::schedule::Schedule;
use otp_core::test::Probe;
use otp_core::{process, sys};

use crate::support::{end_of, is_alive, loose_tree};

#[otp_core::test]
async fn a_job_ends_with_its_schedule_however_that_ends() {
    for reason in [None, Some(ExitReason::Normal), Some(ExitReason::Kill)] {
        let probe = Probe::new();
        let tell = probe.clone();
        let job = move || {
            let tell = tell.clone();
            async move {
                tell.report(process::current());
                pending::<()>().await;
            }
        };
        let schedule = Schedule::every(Duration::from_secs(1)).child_spec("job", job);
        let tree = loose_tree([schedule.restart(Restart::Temporary)]).await;
        let job = probe.next().await;
        let schedule = tree.which_child("job").await.expect("it answers");
        let schedule = schedule.and_then(|it| it.pid()).expect("it runs");
        match reason {
            None => tree.stop().await.expect("it stops"),
            Some(ExitReason::Kill) => {
                process::exit(schedule, ExitReason::Kill);
                end_of(schedule).await;
                end_of(job).await;
            }
            Some(reason) => {
                let told = sys::terminate(schedule, reason).await;
                told.expect("it is a server");
                end_of(schedule).await;
            }
        }
        assert!(!is_alive(schedule) && !is_alive(job));
    }
}
