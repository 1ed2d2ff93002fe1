//! Tests of the program: it runs all accepted jobs, also after crashes.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use example_jobs::core::Counts;

use crate::folder::Folder;

/// The program, which ends with its test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, unless the test has failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Folder {
    /// Creates a named pipe, the gate. A job that reads a line from it waits until the test writes one.
    fn make_gate(&self, name: &str) {
        let made = Command::new("mkfifo").arg(self.0.join(name)).status();
        assert!(made.expect("mkfifo is there").success());
    }

    /// Writes lines for all jobs that wait, also for those of killed programs. The file must stay open.
    fn open_gate(&self, name: &str) -> fs::File {
        // A pipe that is opened for reading and writing does not wait for a reader.
        let mut both = fs::OpenOptions::new();
        let mut gate = both
            .read(true)
            .write(true)
            .open(self.0.join(name))
            .expect("the gate was made");
        gate.write_all(&[b'\n'; 100]).expect("there is room");
        gate
    }

    /// Starts the program. Returns it with the lines of its output.
    fn run(&self, arguments: &[&str]) -> (Program, Lines<BufReader<ChildStdout>>) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_example-jobs"))
            .arg("jobs.db")
            .args(arguments)
            .current_dir(&self.0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let lines = BufReader::new(program.stdout.take().expect("it is piped")).lines();
        (Program(program), lines)
    }

    /// Runs the program until all jobs are done. Returns whether it succeeded, and the lines of its output.
    fn run_until_done(&self) -> (bool, Vec<String>) {
        let (mut program, lines) = self.run(&["run", "--until-done"]);
        let lines = lines.map(|line| line.expect("it is text")).collect();
        (program.0.wait().expect("it was started").success(), lines)
    }
}

#[test]
fn a_program_that_is_killed_loses_no_job() {
    let folder = Folder::new("kill");
    folder.make_gate("gate");
    let store = folder.store();
    // Ten jobs are done, then one for each worker waits at the gate, and ten are not started.
    let waits = 10..14;
    for n in 0..24 {
        let wait = if waits.contains(&n) {
            "read line < gate;"
        } else {
            ""
        };
        store.enqueue(&format!("{wait} echo {n} >> out")).unwrap();
    }
    let (mut program, mut lines) = folder.run(&["run"]);
    for _ in 0..10 {
        lines.next().expect("a job is done").unwrap();
    }
    // SIGKILL ends the program at once.
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    let middle = store.counts().unwrap();
    assert!(middle.done <= 10 && middle.queued >= 10, "{middle}");
    // The test kills it twice more, at any point.
    for _ in 0..2 {
        let (mut program, _) = folder.run(&["run"]);
        program.0.kill().unwrap();
        program.0.wait().unwrap();
    }

    let gate = folder.open_gate("gate");
    assert!(folder.run_until_done().0);
    drop(gate);
    let all_done = Counts {
        done: 24,
        ..Counts::default()
    };
    assert_eq!(store.counts().unwrap(), all_done);
    let out = fs::read_to_string(folder.0.join("out")).unwrap();
    for n in 0..24 {
        let is_there = out.lines().any(|line| line == n.to_string());
        assert!(is_there, "job {n} was not done");
    }
}

#[test]
fn a_job_that_kills_the_program_is_parked() {
    let folder = Folder::new("poison");
    let store = folder.store();
    folder.make_gate("gate");
    store.enqueue("read line < gate; kill -9 $PPID").unwrap();
    store.enqueue("true").unwrap();
    let (mut program, mut lines) = folder.run(&["run"]);
    // The other job is done before the kill, so this job runs alone each time.
    lines.next().expect("a job is done").unwrap();
    while store.counts().unwrap().done == 0 {
        thread::yield_now();
    }
    let gate = folder.open_gate("gate");
    assert!(!program.0.wait().unwrap().success());
    let mut deaths = 1;
    while !folder.run_until_done().0 {
        deaths += 1;
        assert!(deaths <= 5, "it is tried for ever");
    }
    drop(gate);
    assert_eq!(deaths, 5);
    let parked = store.parked().unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(
        (parked[0].0.tries, parked[0].1.as_str()),
        (5, "interrupted")
    );
    assert_eq!(store.counts().unwrap().done, 1);
}

#[test]
fn jobs_that_ran_beside_one_that_kills_the_program_are_done() {
    let folder = Folder::new("beside");
    let store = folder.store();
    folder.make_gate("gate");
    folder.make_gate("never");
    let innocent =
        "if test -e alone; then mkdir one && rmdir one; else echo >> here; read line < never; fi";
    let poison = "test -e alone || read line < gate; kill -9 $PPID";
    for job in [innocent, poison, innocent, innocent] {
        store.enqueue(job).unwrap();
    }
    // All four run when the program is killed.
    let (mut program, _lines) = folder.run(&["run"]);
    let here = || fs::read(folder.0.join("here")).map_or(0, |lines| lines.len());
    while here() < 3 || store.counts().unwrap().running < 4 {
        thread::yield_now();
    }
    let gate = folder.open_gate("gate");
    assert!(!program.0.wait().unwrap().success());
    fs::write(folder.0.join("alone"), "").unwrap();

    // From now on each job runs alone, in order. A second job at the same time would fail.
    let mut told = Vec::new();
    for death in 1..=5 {
        let (is_well, lines) = folder.run_until_done();
        assert!(!is_well, "death {death}");
        told.extend(lines);
    }
    assert_eq!(told, ["job 1, try 1: done"]);
    let (is_well, lines) = folder.run_until_done();
    assert!(is_well);
    assert_eq!(lines, ["job 3, try 1: done", "job 4, try 1: done"]);
    let parked = store.parked().unwrap();
    let parked: Vec<_> = parked.iter().map(|(job, _)| (job.id, job.tries)).collect();
    assert_eq!(parked, [(2, 5)]);
    assert_eq!(store.counts().unwrap().done, 3);
    // The other jobs of the first program are still waiting.
    drop((gate, folder.open_gate("never")));
}

#[test]
fn a_running_job_is_finished_before_the_program_ends() {
    let folder = Folder::new("term");
    let store = folder.store();
    folder.make_gate("gate");
    store.enqueue("read line < gate; echo $line > out").unwrap();
    let (mut program, lines) = folder.run(&["run"]);
    // The open waits until the job reads from the gate.
    let gate = fs::OpenOptions::new()
        .write(true)
        .open(folder.0.join("gate"));
    let mut gate = gate.unwrap();
    let pid = program.0.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
    gate.write_all(b"finished\n").unwrap();
    drop(gate);
    assert!(program.0.wait().unwrap().success());
    assert_eq!(
        fs::read_to_string(folder.0.join("out")).unwrap(),
        "finished\n"
    );
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(told, ["job 1, try 1: done"]);
    assert_eq!(store.counts().unwrap().done, 1);
}

#[test]
fn jobs_are_added_and_listed_by_the_program() {
    let folder = Folder::new("list");
    let (_program, lines) = folder.run(&["enqueue", "true", "false"]);
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(told, ["job 1", "job 2"]);
    let (_program, mut lines) = folder.run(&["list"]);
    let counts = lines.next().unwrap().unwrap();
    assert_eq!(counts, "2 queued, 0 running, 0 done, 0 parked");
}
