//! The decision of the runner on a failed job. It has only values, no clock and no database.

use std::fmt;
use std::time::Duration;

/// The number of tries of a job, and the waits between them.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The number of tries after which a job is parked.
    pub tries: u32,
    /// The wait after the first failure. It doubles with each further failure.
    pub first_wait: Duration,
    /// The maximum wait.
    pub longest_wait: Duration,
}

/// The decision on a failed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try the job again after this time.
    Retry(Duration),
    /// Park the job: it stays in the database and is not tried again.
    Park,
}

impl Policy {
    /// Decides on a job that has failed for the `tries`-th time.
    pub fn judge(&self, tries: u32) -> Verdict {
        if tries >= self.tries {
            return Verdict::Park;
        }
        let factor = 2_u32.saturating_pow(tries.saturating_sub(1));
        let wait = self.first_wait.saturating_mul(factor);
        Verdict::Retry(wait.min(self.longest_wait))
    }
}

impl Default for Policy {
    /// Five tries, with waits of 1, 2, 4 and 8 s.
    fn default() -> Self {
        Self {
            tries: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// A job that a worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The number in the database.
    pub id: i64,
    /// The shell command.
    pub command: String,
    /// The number of this try, from 1.
    pub tries: u32,
}

/// The number of jobs in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs that wait for a worker or for their next try.
    pub queued: u32,
    /// Jobs of workers.
    pub running: u32,
    /// Jobs that have succeeded.
    pub done: u32,
    /// Jobs that are not tried any more.
    pub parked: u32,
}

impl Counts {
    /// Whether all jobs are done or parked.
    pub fn is_idle(&self) -> bool {
        self.queued + self.running == 0
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            queued,
            running,
            done,
            parked,
        } = self;
        write!(
            f,
            "{queued} queued, {running} running, {done} done, {parked} parked"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_then_the_job_is_parked() {
        let policy = Policy {
            tries: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(3),
        };
        let verdicts: Vec<Verdict> = (1..=5).map(|tries| policy.judge(tries)).collect();
        let retry = |seconds| Verdict::Retry(Duration::from_secs(seconds));
        assert_eq!(
            verdicts,
            [retry(1), retry(2), retry(3), retry(3), Verdict::Park]
        );
    }

    #[test]
    fn a_policy_with_large_numbers_does_not_overflow() {
        let policy = Policy {
            tries: u32::MAX,
            ..Policy::default()
        };
        assert_eq!(
            policy.judge(u32::MAX - 1),
            Verdict::Retry(policy.longest_wait)
        );
    }
}
