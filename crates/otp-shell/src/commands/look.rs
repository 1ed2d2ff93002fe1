//! Looking at processes.

use super::Who;
use crate::failure::Failure;
use crate::program::Program;
use crate::shell::Shell;
use otp_core::process::ProcessStatus;
use otp_core::{Node, Pid, ProcessInfo};
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

pub(super) async fn info<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
) -> Result<(), Failure> {
    let pid = shell.find(program, &who.target).await?;
    let told = match shell.home(pid) {
        Some(node) => node.process_info(pid).map(|info| describe(&node, &info)),
        None => program.info(pid, shell).await?,
    };
    let told = told.ok_or_else(|| Failure::new(format_args!("process {pid} is dead")))?;
    shell.print_lines(told)
}

pub(super) async fn alive<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    who: &Who,
) -> Result<(), Failure> {
    let lives = match shell.find(program, &who.target).await {
        Ok(pid) => match shell.home(pid) {
            Some(node) => node.is_alive(pid),
            None => program.info(pid, shell).await?.is_some(),
        },
        // No process has the name, so none lives by it.
        Err(_) => false,
    };
    shell.print(lives)
}

/// Prints the result of OTP's function: the absence of a process is no error.
pub(super) async fn whereis<P: Program>(
    program: &mut P,
    shell: &mut Shell,
    name: &str,
) -> Result<(), Failure> {
    let pid = match shell.node.whereis(name.to_owned()) {
        Some(pid) => Some(pid),
        None => match program.find(name, shell).await {
            Some(Ok(pid)) => Some(pid),
            _ => None,
        },
    };
    shell.print_pid(pid)
}

/// The title of a process in lists: its name, its label, or else its type.
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

/// A type without the compiler's suffix for a closure.
fn plain(initial_call: &str) -> String {
    initial_call.replace("::{{closure}}", "")
}

fn infos(node: &Node) -> Vec<ProcessInfo> {
    let pids = node.processes();
    pids.into_iter()
        .filter_map(|pid| node.process_info(pid))
        .collect()
}

fn describe(node: &Node, info: &ProcessInfo) -> String {
    let label = visible::line(info.label.as_deref().unwrap_or("none"));
    let switch = if info.trap_exit { "on" } else { "off" };
    let monitors: Vec<&dyn Display> = info
        .monitors
        .iter()
        .map(|pid| pid as &dyn Display)
        .chain(info.monitored_names.iter().map(|name| name as &dyn Display))
        .collect();
    let lines: [(&str, &dyn Display); 11] = [
        ("pid", &info.pid),
        ("name", &list(&info.names)),
        ("label", &label),
        ("initial call", &plain(info.initial_call)),
        ("status", &status(info.status)),
        ("queue", &info.message_queue_len),
        ("trap_exit", &switch),
        ("links", &list(&info.links)),
        ("monitors", &list(&monitors)),
        ("monitored by", &list(&info.monitored_by)),
        ("ancestors", &list(&info.ancestors)),
    ];
    let lines = lines.map(|(what, value)| format!("{what:<14}{value}"));
    let all = info.links.iter().chain(&info.monitors);
    let mut far: Vec<Pid> = all.chain(&info.monitored_by).copied().collect();
    far.sort_unstable();
    far.dedup_by_key(|pid| pid.node());
    let nodes = far.iter().filter_map(|pid| {
        let name = far_node(node, *pid)?;
        Some(format!(
            "\n{:<14}{name}",
            format_args!("node {}", pid.node()).to_string()
        ))
    });
    lines.join("\n") + &nodes.collect::<String>()
}

/// The name of the node of a process, if that is another node.
pub(crate) fn far_node(node: &Node, pid: Pid) -> Option<String> {
    if pid.node() == node.id() {
        return None;
    }
    let name = node.remote_node(pid.node())?.node_name()?;
    Some(visible::line(&name).into_owned())
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

fn status(status: ProcessStatus) -> &'static str {
    match status {
        ProcessStatus::Waiting => "waiting",
        ProcessStatus::Running => "running",
        ProcessStatus::Exiting => "exiting",
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
