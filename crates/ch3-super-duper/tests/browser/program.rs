//! The program with its page.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};

/// A running program. It ends when this value is dropped.
pub(crate) struct Program {
    process: Child,
    link: String,
    /// Keeps the input open until it is dropped.
    _end: Sender<()>,
}

impl Program {
    /// Starts the program with these lines as a script, and waits for the link to its page.
    pub(crate) fn start(arguments: &[&str], lines: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ch3-super-duper"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program is there");
        let stderr = process.stderr.take().expect("it is piped");
        let mut told = BufReader::new(stderr).lines();
        let link = told.by_ref().find_map(|line| {
            let line = line.expect("it prints text");
            Some(line.strip_prefix("observe: ")?.to_owned())
        });
        // Further output is read, so that the program does not wait for a reader.
        std::thread::spawn(move || told.for_each(drop));
        let mut input = process.stdin.take().expect("it is piped");
        let (end, ended) = channel();
        let lines = lines.to_owned();
        // The program runs until the end of its input, so the thread keeps the input open.
        std::thread::spawn(move || {
            let _ = input.write_all(lines.as_bytes());
            let _: Result<(), _> = ended.recv();
        });
        Self {
            process,
            link: link.expect("it prints the link"),
            _end: end,
        }
    }

    /// The link to a part of the page.
    pub(crate) fn link(&self, place: &str) -> String {
        format!("{}{place}", self.link)
    }

    pub(crate) fn address(&self) -> &str {
        let rest = self.link.trim_start_matches("http://");
        rest.split_once('/').expect("it has a path").0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
