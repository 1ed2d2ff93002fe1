//! A program at a terminal that a test can take away.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{read, retry_on_intr, write};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::thread;

/// How often, and by how many threads, the ends of a program are tried.
const TIMES: u32 = 2;
const THREADS: u32 = 4;

/// How long a program may be silent, on however slow a machine.
const LIMIT: Timespec = Timespec {
    tv_sec: 60,
    tv_nsec: 0,
};

/// Checks that a program ends with 129 when its terminal goes away or by SIGHUP, and with 143 by SIGTERM. It is tried several times, by
/// several threads at once: without typed text when `start` has been printed, and then after each of these commands when its text
/// has been printed.
///
/// # Panics
///
/// The program ends in another way.
#[track_caller]
pub fn check_ends(program: &Command, start: &str, commands: &[(&str, &str)]) {
    let open = |&(command, seen): &(&str, &str)| {
        let mut terminal = Terminal::open(program);
        terminal.sees(start);
        if !command.is_empty() {
            terminal.types(format!("{command}\r"));
            terminal.sees(seen);
        }
        terminal
    };
    let round = || {
        for case in [&("", "")].into_iter().chain(commands) {
            assert_eq!(open(case).hangs_up(), 129, "{case:?}");
            for (signal, code) in [("-TERM", 143), ("-HUP", 129)] {
                let terminal = open(case);
                terminal.signals(signal);
                let (ended, rest) = terminal.ends();
                assert_eq!(ended, code, "{case:?}: {rest:?}");
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..TIMES).for_each(|_| round()));
        }
    });
}

/// A program at a terminal of its own.
#[derive(Debug)]
pub struct Terminal {
    /// The side of the user. When it is closed, the terminal is gone.
    user: OwnedFd,
    child: Child,
    seen: String,
}

impl Terminal {
    /// Starts a program that leads the session of a new terminal.
    ///
    /// # Panics
    ///
    /// There is no terminal, or no program `setsid`.
    pub fn open(program: &Command) -> Self {
        crate::signals::stop_programs();
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("a terminal");
        grantpt(&user).expect("it is ours");
        unlockpt(&user).expect("it is ours");
        let name = ptsname(&user, Vec::new()).expect("it has a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let side = || open(&*name, flags, Mode::empty()).expect("its other side");
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(program.get_program())
            .args(program.get_args())
            .envs(
                program
                    .get_envs()
                    .filter_map(|(key, value)| Some((key, value?))),
            )
            .stdin(side())
            .stdout(side())
            .stderr(side());
        Self {
            user,
            child: command.spawn().expect("there is a program `setsid`"),
            seen: String::new(),
        }
    }

    /// Waits until a text has been printed, and takes it with all before it.
    ///
    /// # Panics
    ///
    /// The text does not come.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.seen.find(text) {
                let rest = self.seen.split_off(at + text.len());
                return std::mem::replace(&mut self.seen, rest);
            }
            assert!(self.reads(), "no {text:?} after {:?}", self.seen);
        }
    }

    /// Types a text, or any bytes.
    ///
    /// # Panics
    ///
    /// The terminal does not take it.
    pub fn types(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        assert_eq!(retry_on_intr(|| write(&self.user, text)), Ok(text.len()));
    }

    /// Takes the terminal away, and waits for the end of the program; returns its exit code.
    ///
    /// # Panics
    ///
    /// The program does not end by itself.
    #[track_caller]
    pub fn hangs_up(self) -> i32 {
        let Self {
            user, mut child, ..
        } = self;
        drop(user);
        let status = child.wait().expect("it has been ours");
        status.code().expect("it ends by itself")
    }

    /// Waits for the end of the program; returns its exit code, and what it has printed meanwhile.
    ///
    /// # Panics
    ///
    /// The program does not end by itself.
    #[track_caller]
    pub fn ends(mut self) -> (i32, String) {
        while self.reads() {}
        let status = self.child.wait().expect("it has been ours");
        (status.code().expect("it ends by itself"), self.seen)
    }

    /// Sends the program a signal, unless it has ended.
    ///
    /// # Panics
    ///
    /// There is no program `kill`.
    pub fn signals(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &*pid]).output();
        sent.expect("there is a program `kill`");
    }

    /// Reads what there is; false at the end.
    #[track_caller]
    fn reads(&mut self) -> bool {
        let mut fds = [PollFd::new(&self.user, PollFlags::IN)];
        // A signal to another test interrupts the wait.
        let ready = retry_on_intr(|| poll(&mut fds, Some(&LIMIT))).expect("it can be waited for");
        assert_ne!(ready, 0, "silent after {:?}", self.seen);
        let mut bytes = [0; 4096];
        match retry_on_intr(|| read(&self.user, &mut bytes)) {
            // No program has the other side open.
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.seen += &String::from_utf8_lossy(&bytes[..count]);
                true
            }
        }
    }
}
