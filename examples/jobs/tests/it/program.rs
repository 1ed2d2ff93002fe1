//! The program: what it has been given is done, whatever happens to it.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use example_jobs::core::Counts;

use crate::folder::Folder;

impl Folder {
    /// Starts the program, and reads the lines that it writes.
    fn run(&self, arguments: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_example-jobs"))
            .arg("jobs.db")
            .args(arguments)
            .current_dir(&self.0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let lines = BufReader::new(program.stdout.take().expect("it is piped")).lines();
        (program, lines)
    }

    /// Runs until all is done; returns whether the program ended well.
    fn run_until_done(&self) -> bool {
        let (mut program, lines) = self.run(&["run", "--until-done"]);
        lines.for_each(drop);
        program.wait().expect("it was started").success()
    }
}

#[test]
fn a_program_that_is_killed_loses_no_job() {
    const JOBS: u32 = 60;
    let folder = Folder::new("kill");
    let store = folder.store();
    for n in 0..JOBS {
        // Each line is written by one `write`, so lines of several jobs do not mix.
        store.enqueue(&format!("echo {n} >> out")).unwrap();
    }
    for _ in 0..3 {
        let (mut program, mut lines) = folder.run(&["run"]);
        for _ in 0..8 {
            lines.next().expect("a job is done").unwrap();
        }
        // SIGKILL: nothing of the program runs any more.
        program.kill().unwrap();
        program.wait().unwrap();
    }
    let half = store.counts().unwrap();
    assert!(
        half.queued > 0 && half.done >= 3,
        "{half} is not the middle"
    );

    assert!(folder.run_until_done());
    let all_done = Counts {
        done: JOBS,
        ..Counts::default()
    };
    assert_eq!(store.counts().unwrap(), all_done);
    let out = fs::read_to_string(folder.0.join("out")).unwrap();
    for n in 0..JOBS {
        let times = out.lines().filter(|line| **line == *n.to_string()).count();
        assert!(times >= 1, "job {n} was not done");
    }
}

#[test]
fn a_job_that_kills_the_program_is_parked_in_the_end() {
    let folder = Folder::new("poison");
    let store = folder.store();
    store.enqueue("kill -9 $PPID").unwrap();
    store.enqueue("true").unwrap();
    let mut deaths = 0;
    while !folder.run_until_done() {
        deaths += 1;
        assert!(deaths <= 5, "it is tried for ever");
    }
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
fn a_job_that_runs_when_the_program_is_told_to_end_is_finished() {
    let folder = Folder::new("term");
    let store = folder.store();
    // The job ends when the test lets it.
    let made = Command::new("mkfifo").arg(folder.0.join("gate")).status();
    assert!(made.unwrap().success());
    store
        .enqueue("echo started > started; read line < gate; echo $line > out")
        .unwrap();
    let (mut program, lines) = folder.run(&["run"]);
    // This waits until the job reads from the gate.
    let gate = fs::OpenOptions::new()
        .write(true)
        .open(folder.0.join("gate"));
    let mut gate = gate.unwrap();
    let pid = program.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
    std::io::Write::write_all(&mut gate, b"finished\n").unwrap();
    drop(gate);
    assert!(program.wait().unwrap().success());
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
    let (_, lines) = folder.run(&["enqueue", "true", "false"]);
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(told, ["job 1", "job 2"]);
    let (_, mut lines) = folder.run(&["list"]);
    let counts = lines.next().unwrap().unwrap();
    assert_eq!(counts, "2 queued, 0 running, 0 done, 0 parked");
}
