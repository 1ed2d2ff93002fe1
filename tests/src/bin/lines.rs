//! Prints the lines of code of each chapter's program and of each example: `cargo run -p otp-tests --bin lines`. With
//! `… --bin lines -- COMMIT` it also prints those of an earlier commit. With `… -- servers COMMIT` it prints the lines of each GenServer
//! that exists in that commit and now: `docs/servers.md` has the table for the commit before `#[gen_server]`.

use std::io::{self, Write};
use std::process::Command;

use otp_tests::layers::sources;
use otp_tests::lines::{COUNTED, Lines, servers};
use otp_tests::source::Source;
use otp_tests::workspace::{chapters, examples, folder_of, root};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let out = &mut io::stdout().lock();
    if let [kind, commit] = &arguments[..]
        && kind == "servers"
    {
        return compare_servers(out, commit);
    }
    let commit = arguments.first();
    write!(out, "{:<24} {:>7}", "", "server")?;
    for layer in COUNTED.iter().chain(&["all"]) {
        write!(out, " {layer:>12}")?;
    }
    writeln!(out)?;
    for program in chapters().into_iter().chain(examples()) {
        if let Some(commit) = commit {
            let before = at(commit, &format!("{}/src", folder_of(&program)))?;
            row(out, &format!("{program}, before"), &Lines::of(&before))?;
        }
        row(out, &program, &Lines::of(&sources(&program)))?;
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

/// A table in Markdown.
fn compare_servers(out: &mut impl Write, commit: &str) -> io::Result<()> {
    let now = servers(&Source::all(""));
    let mut rows = Vec::new();
    for (key, before) in servers(&at(commit, ".")?) {
        rows.extend(now.get(&key).map(|after| (key, before, *after)));
    }
    writeln!(out, "| Server | Before | After |\n|---|---:|---:|")?;
    for ((path, name), before, after) in &rows {
        writeln!(out, "| `{name}`, {path} | {before} | {after} |")?;
    }
    let before: usize = rows.iter().map(|row| row.1).sum();
    let after: usize = rows.iter().map(|row| row.2).sum();
    writeln!(out, "| all {} | {before} | {after} |", rows.len())
}

/// The sources of a folder in a commit.
fn at(commit: &str, folder: &str) -> io::Result<Vec<Source>> {
    let paths = git(&["ls-tree", "-r", "--name-only", commit, folder])?;
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
