//! Every operation that takes a value of the user's, with values that misbehave: in each of their implementations they
//! call back into the runtime, on their thread or on another one for which they wait, or panic. They are as large as values
//! may be.
//!
//! A case runs once for each of these ways, in a runtime on a thread of its own. It must come to its end, however many of
//! its processes panic; nothing of a value may run under a lock of the runtime; and afterwards the node must still work.

#![allow(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = "the values are as large as they may be"
)]

mod events;
mod hostile;
mod limits;
mod machines;
mod play;
mod processes;
mod registries;
mod servers;
mod sys;
mod tables;
mod tasks;
mod trees;
mod work;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::hostile::{Case, Deed, Part};
use self::play::{Ending, play};

fn all_cases() -> Vec<Case> {
    [
        processes::cases(),
        limits::cases(),
        servers::cases(),
        machines::cases(),
        sys::cases(),
        registries::cases(),
        tables::cases(),
        tasks::cases(),
        trees::cases(),
        events::cases(),
        work::cases(),
    ]
    .concat()
}

fn check(part: Part) {
    check_all(part, &[Ending::Done]);
}

fn check_all(part: Part, endings: &[Ending]) {
    let mut faults = Vec::new();
    for case in all_cases() {
        for deed in [Deed::Calls, Deed::CallsElsewhere, Deed::Panics] {
            // A function that changes an object has it to itself, and may not wait for another thread that wants it, too.
            if deed == Deed::CallsElsewhere && case.name.starts_with("an update in") {
                continue;
            }
            for ending in endings {
                if let Err(fault) = play(&case, part, deed, *ending) {
                    faults.push(format!(
                        "{}: {part:?} {deed:?} {ending:?}: {fault}",
                        case.name
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn destructors_may_call_back_and_panic() {
    check(Part::Drop);
}

#[test]
fn all_may_be_killed_in_the_middle() {
    check_all(Part::Drop, &[2, 5, 12, 30, 80].map(Ending::Killed));
}

#[test]
fn a_runtime_may_end_in_the_middle() {
    check_all(Part::Drop, &[2, 5, 12, 30, 80].map(Ending::RuntimeEnds));
}

#[test]
fn clones_may_call_back_and_panic() {
    check(Part::Clone);
}

#[test]
fn formatting_may_call_back_and_panic() {
    check(Part::Debug);
}

#[test]
fn comparing_may_call_back_and_panic() {
    check(Part::Eq);
}

#[test]
fn hashing_may_call_back_and_panic() {
    check(Part::Hash);
}

/// What a function takes that is in no case.
const NAMES: &str =
    "texts, names and pids: what a name has of the user's is in the cases of names and registries";
const LIMITS: &str = "a limit or a switch, made of the caller's argument before anything else";
const CALLBACKS: &str = "the runtime calls it, and the cases' servers have one";
const ATTRIBUTES: &str = "what the attributes write: it takes what a callback of a case returns";
const WIRE: &str =
    "it runs its function at once, under no lock; otp-dist tests what becomes of the answer";
const TESTS: &str = "for tests";
const CARRIERS: &str = "what a distribution tells of other nodes";

/// Public functions that take something generic, and are in no case, with the reason.
const NOT_IN_A_CASE: &[(&str, &str)] = &[
    ("test/stub.rs::stub", TESTS),
    ("sys/tracer.rs::add", NAMES),
    ("sys/tracer.rs::remove", NAMES),
    ("gen_server/answering.rs::answering", WIRE),
    ("gen_server/answering.rs::call", WIRE),
    ("gen_server/answering.rs::unanswered", WIRE),
    ("task_supervisor.rs::find", NAMES),
    ("registry.rs::find", NAMES),
    ("table/owner.rs::hand_over", NAMES),
    ("pg.rs::find", NAMES),
    ("remote/crossing.rs::crossing", WIRE),
    ("registry.rs::new", NAMES),
    ("process.rs::monitor", NAMES),
    ("gen_server/limited.rs::new", LIMITS),
    ("gen_server/limited.rs::timeout", LIMITS),
    ("gen_server/context.rs::trap_exit", LIMITS),
    ("gen_server/context.rs::demonitor_flush", NAMES),
    ("gen_server/call.rs::timeout", LIMITS),
    ("child_spec.rs::significant", LIMITS),
    ("agent.rs::named", NAMES),
    ("event_manager/manager.rs::named", NAMES),
    ("event_manager/id.rs::named", NAMES),
    ("event_manager/options.rs::mailbox_limit", LIMITS),
    ("event_manager/options.rs::name", NAMES),
    ("event_manager/server.rs::handler", NAMES),
    ("event_manager/server.rs::handler_mut", NAMES),
    ("agent/options.rs::name", NAMES),
    ("agent/options.rs::timeout", LIMITS),
    ("application/spec.rs::depends_on", NAMES),
    ("application/spec.rs::description", NAMES),
    ("application/spec.rs::library", NAMES),
    ("application/spec.rs::optionally_depends_on", NAMES),
    ("application/spec.rs::version", NAMES),
    ("child_spec/child.rs::new", NAMES),
    ("dynamic_supervisor/builder.rs::name", NAMES),
    ("dynamic_supervisor/dynamic_supervisor_ref.rs::find", NAMES),
    (
        "dynamic_supervisor/dynamic_supervisor_ref.rs::terminate_child",
        NAMES,
    ),
    ("explore.rs::explore", TESTS),
    ("explore.rs::replay", TESTS),
    ("gen_server.rs::format_message", CALLBACKS),
    ("gen_server.rs::handle_call", CALLBACKS),
    ("gen_server.rs::handle_cast", CALLBACKS),
    ("gen_server.rs::handle_continue", CALLBACKS),
    ("gen_server/attribute.rs::body", ATTRIBUTES),
    ("gen_server/attribute.rs::init", ATTRIBUTES),
    ("gen_server/attribute.rs::now", ATTRIBUTES),
    ("gen_server/attribute.rs::reply", ATTRIBUTES),
    ("gen_server/attribute.rs::value", ATTRIBUTES),
    ("state_machine/attribute.rs::init", ATTRIBUTES),
    ("gen_server/context.rs::demonitor", NAMES),
    ("gen_server/context.rs::link", NAMES),
    ("gen_server/context.rs::monitor", NAMES),
    ("gen_server/context.rs::unlink", NAMES),
    ("gen_server/server_name.rs::new", NAMES),
    ("gen_server/start.rs::mailbox_limit", LIMITS),
    ("gen_server/start.rs::name", NAMES),
    ("gen_server/start.rs::timeout", LIMITS),
    ("address/name.rs::global", NAMES),
    ("address/name.rs::local", NAMES),
    (
        "partition_supervisor/partition_supervisor_ref.rs::find",
        NAMES,
    ),
    ("partition_supervisor/partitions.rs::route", NAMES),
    ("schedule.rs::missed_ticks", LIMITS),
    ("worker_pool/options.rs::name", NAMES),
    ("worker_pool/pool.rs::find", NAMES),
    ("guard/ready.rs::ready", NAMES),
    ("guard/ready.rs::guard_info", NAMES),
    ("pub_sub/topics.rs::new", NAMES),
    ("pub_sub/topics.rs::find", NAMES),
    ("pub_sub/topics.rs::options", NAMES),
    ("pg.rs::new", NAMES),
    ("pg/monitor.rs::demonitor", NAMES),
    ("proc_lib.rs::mailbox_limit", LIMITS),
    ("proc_lib.rs::name", NAMES),
    ("proc_lib.rs::timeout", LIMITS),
    ("process.rs::demonitor", NAMES),
    ("process.rs::link", NAMES),
    ("node.rs::process_ref", NAMES),
    ("process.rs::set_label", NAMES),
    ("process.rs::unlink", NAMES),
    ("process/mailbox/receive.rs::timeout", LIMITS),
    ("process/relations/remote.rs::demonitor", CARRIERS),
    ("process/relations/remote.rs::down", CARRIERS),
    ("process/relations/remote.rs::monitor", CARRIERS),
    ("process/relations/remote.rs::name", NAMES),
    ("process/mailbox.rs::demonitor", NAMES),
    ("process/mailbox.rs::demonitor_flush", NAMES),
    ("process/mailbox.rs::link", NAMES),
    ("process/mailbox.rs::unlink", NAMES),
    ("registry.rs::duplicate", NAMES),
    ("registry.rs::options", NAMES),
    ("registry.rs::unique", NAMES),
    ("supervisor/builder.rs::name", NAMES),
    ("supervisor/supervisor_ref.rs::find", NAMES),
    ("sys.rs::get_status", NAMES),
    ("sys.rs::resume", NAMES),
    ("sys.rs::suspend", NAMES),
    ("sys/debug.rs::get_log", NAMES),
    ("sys/debug.rs::get_statistics", NAMES),
    ("sys/debug.rs::log", LIMITS),
    ("sys/debug.rs::no_debug", NAMES),
    ("sys/debug.rs::remove", NAMES),
    ("sys/debug.rs::statistics", LIMITS),
    ("sys/debug.rs::trace", LIMITS),
    ("task/many.rs::new", LIMITS),
    ("task/stream.rs::timeout", LIMITS),
    ("task_supervisor.rs::name", NAMES),
    ("task_supervisor.rs::terminate_child", NAMES),
    ("test.rs::report", TESTS),
    ("test.rs::run", TESTS),
    ("timer.rs::kill_after", NAMES),
];

/// The public functions of a file of `src`, also those that a trait provides, that take something generic, or a reason:
/// as `file.rs::name`.
fn operations(file: &Path, root: &Path, found: &mut BTreeSet<String>) {
    let text = fs::read_to_string(file).expect("the file can be read");
    let code: String = text
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    let path = file
        .strip_prefix(root)
        .expect("it is below")
        .display()
        .to_string();
    let starts = ["pub fn ", "pub const fn ", "pub async fn "];
    let public = starts.iter().flat_map(|start| after(&code, start));
    let traits = after(&code, "pub trait ").map(block);
    let provided = traits
        .flat_map(|of_trait| after(of_trait, "fn "))
        .filter(|it| {
            let end = it.find(['{', ';']);
            end.is_some_and(|at| it[at..].starts_with('{'))
        });
    for signature in public.chain(provided) {
        let signature = &signature[..signature.find(['{', ';']).unwrap_or(signature.len())];
        let name: String = signature
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let arguments = signature[name.len()..]
            .split("->")
            .next()
            .unwrap_or_default();
        let takes_values = arguments.starts_with('<')
            || arguments.contains("impl ")
            || [
                ": K", ": V", ": T", ": M", ": &K", ": S::", ": S,", ": Self::",
            ]
            .iter()
            .any(|kind| arguments.contains(kind));
        if takes_values {
            found.insert(format!("{}::{name}", path.replace('\\', "/")));
        }
    }
}

/// What stands after each of these in the code.
fn after<'a>(code: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    let found = code.match_indices(start);
    found.map(move |(at, _)| &code[at + start.len()..])
}

/// The first block in braces.
fn block(code: &str) -> &str {
    let mut depth = 0;
    let end = code.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == '}' && depth == 0
    });
    &code[..end.unwrap_or(code.len())]
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_operation_that_takes_a_value_is_in_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut found) = (Vec::new(), BTreeSet::new());
    rust_files(&root, &mut files);
    for file in &files {
        operations(file, &root, &mut found);
    }
    let cases = all_cases();
    let covered: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| case.operations)
        .copied()
        .chain(NOT_IN_A_CASE.iter().map(|(operation, _)| *operation))
        .collect();
    let missing: Vec<_> = found
        .iter()
        .filter(|it| !covered.contains(&***it))
        .collect();
    assert!(missing.is_empty(), "in no case: {missing:#?}");
    let gone: Vec<_> = covered
        .iter()
        .filter(|it| !found.contains(&***it))
        .collect();
    assert!(gone.is_empty(), "there is no such operation: {gone:#?}");
}
