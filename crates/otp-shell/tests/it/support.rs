//! Running the demo program.

use assert_cmd::Command;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

/// More than any of it takes, on however slow a machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The demo program. Cargo builds examples before it runs a package's tests.
pub(crate) fn program() -> PathBuf {
    #[cfg(unix)]
    otp_tests::signals::stop_programs();
    let test = env::current_exe().expect("a running test has a path");
    let deps = test.parent().expect("it is in a folder");
    let folder = deps.parent().expect("which is in another one");
    let program = folder
        .join("examples")
        .join(format!("demo{}", env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} has not been built: run `cargo test -p otp-shell`, which builds it",
        program.display()
    );
    program
}

pub(crate) fn demo(args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(args)
        .timeout(LIMIT)
        .env_remove("RUST_BACKTRACE");
    command
}

/// What has become of a run.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a script on standard input.
pub(crate) fn script(args: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    ran(demo(args).write_stdin(input))
}

/// Runs the program with nothing on standard input.
pub(crate) fn run(args: &[&str]) -> Ran {
    ran(&mut demo(args))
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("the output is text");
    Ran {
        code: output.status.code().expect("it ends by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Ran {
    /// Checks that all went well, and nothing was said about it; returns what was printed.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!((self.code, &*self.err), (0, ""), "{}", self.out);
        self.out
    }

    /// Checks the exit code and the whole of standard error.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, err: &str) -> String {
        assert_eq!((self.code, &*self.err), (code, err), "{}", self.out);
        self.out
    }
}
