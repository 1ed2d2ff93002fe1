//! Looking at processes.

use super::Who;
use crate::failure::Failure;
use crate::shell::Shell;
use otp_core::process::Status;
use otp_core::{Node, ProcessInfo};
use otp_text::visible;
use std::fmt::Display;

pub(super) fn processes(shell: &Shell) -> Result<(), Failure> {
    let rows: Vec<[String; 4]> = infos(&shell.node)
        .iter()
        .map(|info| {
            [
                info.pid.to_string(),
                title(info),
                status(info.status).to_owned(),
                format!("queue {}", info.message_queue_len),
            ]
        })
        .collect();
    shell.print_table(&rows, "no processes")
}

pub(super) fn info(shell: &Shell, who: &Who) -> Result<(), Failure> {
    let pid = shell.target(&who.target)?;
    let info = shell.node.process_info(pid);
    let info = info.ok_or_else(|| Failure::new(format_args!("process {pid} is dead")))?;
    shell.print_lines(describe(&info))
}

pub(super) fn alive(shell: &Shell, who: &Who) -> Result<(), Failure> {
    // Nobody has the name: so nobody lives by it.
    let pid = shell.target(&who.target);
    shell.print(pid.is_ok_and(|pid| shell.node.is_alive(pid)))
}

/// Prints what OTP returns: the absence of a process is no error, but what was asked for.
pub(super) fn whereis(shell: &Shell, name: String) -> Result<(), Failure> {
    shell.print_pid(shell.node.whereis(name))
}

/// What a process is called in lists: its name, its label, or else what it runs.
pub(crate) fn title(info: &ProcessInfo) -> String {
    if let Some(name) = info.names.first() {
        return visible::line(&name.to_string()).into_owned();
    }
    match &info.label {
        Some(label) => visible::line(label).into_owned(),
        None => short(info.initial_call),
    }
}

/// A type as people name it: without the paths.
pub(crate) fn short(initial_call: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in plain(initial_call).chars() {
        match c {
            ':' if short.ends_with('>') => short.push_str("::"),
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                short.push_str(&word);
                word.clear();
                short.push(c);
            }
        }
    }
    short + &word
}

/// A type without what the compiler adds to a closure.
fn plain(initial_call: &str) -> String {
    initial_call.replace("::{{closure}}", "")
}

fn infos(node: &Node) -> Vec<ProcessInfo> {
    let pids = node.processes();
    pids.into_iter()
        .filter_map(|pid| node.process_info(pid))
        .collect()
}

fn describe(info: &ProcessInfo) -> String {
    let label = visible::line(info.label.as_deref().unwrap_or("none"));
    let switch = if info.trap_exit { "on" } else { "off" };
    let lines: [(&str, &dyn Display); 11] = [
        ("pid", &info.pid),
        ("name", &list(&info.names)),
        ("label", &label),
        ("initial call", &plain(info.initial_call)),
        ("status", &status(info.status)),
        ("queue", &info.message_queue_len),
        ("trap_exit", &switch),
        ("links", &list(&info.links)),
        ("monitors", &list(&info.monitors)),
        ("monitored by", &list(&info.monitored_by)),
        ("ancestors", &list(&info.ancestors)),
    ];
    let lines = lines.map(|(what, value)| format!("{what:<14}{value}"));
    lines.join("\n")
}

fn list(items: &[impl ToString]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    let items: Vec<_> = items
        .iter()
        .map(|item| visible::line(&item.to_string()).into_owned())
        .collect();
    items.join(" ")
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting => "waiting",
        Status::Running => "running",
        Status::Exiting => "exiting",
        // One that a later otp-core knows.
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_type_is_named_without_its_paths() {
        fn check(initial_call: &str, expected: &str) {
            assert_eq!(short(initial_call), expected);
        }

        check("ch2::boundary::EggTimer", "EggTimer");
        check("ch1::boundary::handmade::start::{{closure}}", "start");
        check(
            "a::Cache<b::Key, alloc::vec::Vec<u8>>",
            "Cache<Key, Vec<u8>>",
        );
        check(
            "<a::Demo as b::Program>::run::{{closure}}",
            "<Demo as Program>::run",
        );
        check("plain", "plain");
        check("", "");
    }
}
