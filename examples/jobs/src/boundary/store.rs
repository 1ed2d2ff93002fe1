//! The jobs in SQLite. Each function is a transaction, which is on the disk when it returns. The functions block.
//!
//! A job is `queued`, then `running`, then `done` or `parked`. A job that was running when the program died is a `suspect`: it is
//! tried `alone`, while no other job runs.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::core::{Counts, Job, Policy, Verdict};

/// A connection to the database.
#[derive(Debug)]
pub struct Store(Connection);

/// The result of a claim.
#[derive(Debug)]
pub enum Claim {
    /// A job, whose state is now `running` or `alone`.
    Job(Job),
    /// No job is due. The next one is due after this time.
    Later(Duration),
    /// No job is waiting, or the waiting jobs wait for the end of a running one.
    Empty,
}

impl Store {
    /// Opens a database. Creates it if it does not exist.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        // In this journal mode readers do not wait for the writer.
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "create table if not exists jobs (
                 id      integer primary key,
                 command text    not null,
                 state   text    not null default 'queued',
                 tries   integer not null default 0,
                 due     integer not null default 0, -- ms since 1970
                 error   text
             );
             create index if not exists due on jobs (state, due);",
        )?;
        Ok(Self(connection))
    }

    /// Adds a job and returns its number.
    pub fn enqueue(&self, command: &str) -> Result<i64> {
        let sql = "insert into jobs (command) values (?1)";
        self.0.execute(sql, [command])?;
        Ok(self.0.last_insert_rowid())
    }

    /// Claims the job that has been due for the longest time, suspects first. The try counts from here on, so that it also counts for a
    /// job that kills the program.
    pub fn claim(&self) -> Result<Claim> {
        let sql = "update jobs set state = iif(state = 'suspect', 'alone', 'running'), tries = tries + 1
                   where id = coalesce(
                             (select id from jobs where state = 'suspect' and due <= ?1 order by due, id limit 1),
                             (select id from jobs where state = 'queued' and due <= ?1 order by due, id limit 1))
                         and not exists (select 1 from jobs where state = 'alone')
                         and (state = 'queued' or not exists (select 1 from jobs where state = 'running'))
                   returning id, command, tries";
        let now = now();
        let job = self.0.query_row(sql, [now], |row| {
            Ok(Job {
                id: row.get(0)?,
                command: row.get(1)?,
                tries: row.get(2)?,
            })
        });
        if let Some(job) = job.optional()? {
            return Ok(Claim::Job(job));
        }
        let sql = "select min(due) from jobs where state in ('suspect', 'queued') and due > ?1";
        let due: Option<i64> = self.0.query_row(sql, [now], |row| row.get(0))?;
        Ok(due.map_or(Claim::Empty, |due| {
            let wait = due.saturating_sub(now);
            Claim::Later(Duration::from_millis(wait.unsigned_abs()))
        }))
    }

    /// Records the success of a job.
    pub fn finish(&self, id: i64) -> Result<()> {
        let sql = "update jobs set state = 'done', error = null where id = ?1";
        self.0.execute(sql, [id]).map(drop)
    }

    /// Records the failure of a try.
    pub fn fail(&self, job: &Job, error: &str, policy: &Policy) -> Result<()> {
        let (state, wait) = match policy.judge(job.tries) {
            Verdict::Retry(wait) => ("queued", wait),
            Verdict::Park => ("parked", Duration::ZERO),
        };
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let due = now().saturating_add(wait);
        let sql = "update jobs set state = ?2, due = ?3, error = ?4 where id = ?1";
        self.0
            .execute(sql, params![job.id, state, due, error])
            .map(drop)
    }

    /// Returns a claimed job that was not tried.
    pub fn put_back(&self, id: i64) -> Result<()> {
        let sql = "update jobs set state = iif(state = 'alone', 'suspect', 'queued'), tries = tries - 1 where id = ?1";
        self.0.execute(sql, [id]).map(drop)
    }

    /// Resets the jobs that were running when the queue or the program died. Call it before the first claim.
    ///
    /// If one job was running, that counts as a try. If several were running, any of them may be the cause, so it does not count.
    pub fn recover(&self, policy: &Policy) -> Result<()> {
        let sql = "with running (count) as (select count(*) from jobs where state in ('running', 'alone'))
                   update jobs set state = iif(count = 1 and tries >= ?1, 'parked', 'suspect'),
                                   tries = iif(count = 1, tries, tries - 1),
                                   error = 'interrupted'
                   from running
                   where state in ('running', 'alone')";
        self.0.execute(sql, [policy.tries]).map(drop)
    }

    /// The number of jobs in each state.
    pub fn counts(&self) -> Result<Counts> {
        let sql = "select count(*) filter (where state in ('queued', 'suspect')),
                          count(*) filter (where state in ('running', 'alone')),
                          count(*) filter (where state = 'done'),
                          count(*) filter (where state = 'parked')
                   from jobs";
        self.0.query_row(sql, [], |row| {
            Ok(Counts {
                queued: row.get(0)?,
                running: row.get(1)?,
                done: row.get(2)?,
                parked: row.get(3)?,
            })
        })
    }

    /// The parked jobs, each with its last error.
    pub fn parked(&self) -> Result<Vec<(Job, String)>> {
        let sql = "select id, command, tries, coalesce(error, '') from jobs where state = 'parked' order by id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let job = Job {
                id: row.get(0)?,
                command: row.get(1)?,
                tries: row.get(2)?,
            };
            Ok((job, row.get(3)?))
        })?;
        rows.collect()
    }
}

/// The time of the wall clock, because waits continue while no program runs.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}
