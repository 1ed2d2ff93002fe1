//! Prints how many lines of code each chapter's program has: `cargo run -p otp-tests --bin lines`, or, with those of an earlier
//! commit before them, `… --bin lines -- COMMIT`.

use std::io::{self, Write};
use std::process::Command;

use otp_tests::layers::sources;
use otp_tests::lines::{COUNTED, Lines};
use otp_tests::source::Source;
use otp_tests::workspace::{chapters, root};

fn main() -> io::Result<()> {
    let commit = std::env::args().nth(1);
    let out = &mut io::stdout().lock();
    write!(out, "{:<24} {:>7}", "", "server")?;
    for layer in COUNTED.iter().chain(&["all"]) {
        write!(out, " {layer:>12}")?;
    }
    writeln!(out)?;
    for chapter in chapters() {
        if let Some(commit) = &commit {
            row(
                out,
                &format!("{chapter}, before"),
                &Lines::of(&at(commit, &chapter)?),
            )?;
        }
        row(out, &chapter, &Lines::of(&sources(&chapter)))?;
    }
    Ok(())
}

fn row(out: &mut impl Write, title: &str, lines: &Lines) -> io::Result<()> {
    write!(out, "{title:<24} {:>7}", lines.server())?;
    for layer in COUNTED {
        write!(out, " {:>12}", lines.of_layer(layer))?;
    }
    writeln!(out, " {:>12}", lines.all())
}

/// The sources of a chapter as they were in a commit.
fn at(commit: &str, chapter: &str) -> io::Result<Vec<Source>> {
    let folder = format!("crates/{chapter}/src");
    let paths = git(&["ls-tree", "-r", "--name-only", commit, &folder])?;
    let rust = paths.lines().filter(|path| path.ends_with(".rs"));
    rust.map(|path| {
        Ok(Source::new(
            path,
            git(&["show", &format!("{commit}:{path}")])?,
        ))
    })
    .collect()
}

fn git(arguments: &[&str]) -> io::Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root())
        .output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )),
    }
}
