//! A fresh process of this program, which measures its own memory.

use std::io;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::cli::Side;
use crate::workload::Past;

/// The name of the subcommand that the child is started with.
const SUBCOMMAND: &str = "idle-child";

/// What an idle server occupies, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Idle {
    /// As the operating system counts it: pages that are resident.
    pub resident: f64,
    /// As it was asked of the allocator.
    pub requested: f64,
}

/// Starts a child, which starts `count` servers and reports what one of them occupies.
///
/// # Errors
///
/// Fails when the child cannot be started, fails itself, or reports no figures.
pub(crate) fn measure(side: Side, past: Past, count: u64) -> io::Result<Idle> {
    let side = side
        .to_possible_value()
        .expect("no side is hidden from the command line");
    let output = Command::new(std::env::current_exe()?)
        .args([SUBCOMMAND, side.get_name()])
        .args([past.to_string(), count.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "the child that measures memory failed: {}",
            output.status
        )));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    parse(&text).ok_or_else(|| {
        io::Error::other(format!(
            "the child that measures memory reported {text:?}: expected two numbers"
        ))
    })
}

impl Idle {
    /// The line that the child writes and its parent reads.
    pub(crate) fn line(self) -> String {
        format!("{} {}", self.resident, self.requested)
    }
}

fn parse(text: &str) -> Option<Idle> {
    let mut words = text.split_whitespace().map(str::parse);
    let idle = Idle {
        resident: words.next()?.ok()?,
        requested: words.next()?.ok()?,
    };
    words.next().is_none().then_some(idle)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Idle, SUBCOMMAND, parse};
    use crate::cli::{Cli, Command, Side};
    use crate::workload::Past;

    #[test]
    fn the_parent_reads_what_the_child_writes() {
        let idle = Idle {
            resident: 792.5,
            requested: 640.0,
        };
        assert_eq!(parse(&idle.line()), Some(idle));
        assert_eq!(parse("792"), None);
        assert_eq!(parse("792 640 1"), None);
    }

    #[test]
    fn the_child_understands_its_command_line() {
        let line = ["otp-bench", SUBCOMMAND, "ours", "used", "10"];
        let cli = Cli::try_parse_from(line).unwrap();
        assert!(matches!(
            cli.command,
            Command::IdleChild {
                side: Side::Ours,
                past: Past::Used,
                count: 10
            }
        ));
    }
}
