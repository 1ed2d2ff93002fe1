//! The architecture invariants of ARCHITECTURE.md, one test each.
//!
//! A check looks for names in the sources, without comments and string literals. It finds mistakes and not every way around the
//! invariant. Its message has the place and the reason.

use std::path::PathBuf;

use otp_tests::layers::{CHAPTER_LAYERS, Door, Layers, sources, top_module, upward_mentions, uses};
use otp_tests::lines::too_long;
use otp_tests::paths::mentions;
use otp_tests::source::{Source, find};
use otp_tests::workspace::{self, chapters, examples, files, read};
use otp_tests::{house, invariants, manifests, public_api, rustdoc};

/// The layers of otp-core, the lowest first. Modules of one layer may use each other.
const OTP_LAYERS: &Layers = &[
    &["pid", "exit", "stop", "address", "name", "large"],
    // The panic hook leaves a panic to its report, and a report runs the user's code.
    &["util", "time", "report", "never", "numbered"],
    // A control block has its node, and a node's table has its control blocks.
    &["node", "process", "scope", "time_limit"],
    &["tower"],
    &["timer", "remote"],
    // A server answers the requests of `sys`, in its types.
    &["gen_server", "state_machine", "sys"],
    &["recipient", "blocking", "overload"],
    &[
        "child_spec",
        "proc_lib",
        "registry",
        "pg",
        "table",
        "task",
        "agent",
        "event_manager",
        "pub_sub",
    ],
    &["supervisor", "dynamic_supervisor", "guard", "drain"],
    &["schedule"],
    &["partition_supervisor", "task_supervisor", "worker_pool"],
    &["application"],
];

/// The upward paths of otp-core that are allowed.
const OTP_DOORS: &[Door] = &[
    // The value in a reason and the registry of a name are the user's. `Contained` reports a panic of their destructors.
    ("exit", "util::panic::Contained"),
    ("address", "util::panic::Contained"),
];

/// Files of otp-core with a lock of their own, and the reasons.
const LOCKS: &[(&str, &str)] = &[
    ("util/lock.rs", "all other files take locks with it"),
    ("util/sync.rs", "it names the types that loom replaces"),
    (
        "util/map.rs",
        "its shards; what leaves the map leaves the critical section",
    ),
    (
        "process/relations/remote.rs",
        "shards of maps of proxies, marked as critical sections",
    ),
    (
        "registry/lock.rs",
        "an async lock that users wait for; it is held only while their function runs",
    ),
    (
        "partition_supervisor/partitions.rs",
        "an async lock: callers that change the number of partitions take turns",
    ),
    (
        "application/life.rs",
        "an async lock: the callbacks of one application run one at a time",
    ),
    ("application/master.rs", "it takes that lock"),
    ("test.rs", "an async lock of a probe that tests share"),
];

/// The names of lock types, and of the ways to take a lock.
const LOCKING: &str = "Mutex RwLock DashMap parking_lot .lock() .try_lock() .read() .write()";

/// The names of the ways to print.
const PRINTING: &str = "print! println! eprint! eprintln! dbg! stdout stderr";

/// The names of the ways to start a process and to make a channel, and of server traits.
const MACHINERY: &str = "process::spawn .spawn( spawn_link spawn_monitor spawn_blocking thread::spawn mpsc oneshot \
                         watch::channel broadcast GenServer";

/// The names that a pure core does not use: of waits, clocks, the system and the runtime.
const OUTSIDE: &str = "async await tokio otp_core otp_shell Instant::now SystemTime::now Local::now Utc::now \
                       std::env std::fs std::io std::thread";

/// The most lines that a file should have.
const LONGEST: usize = 650;

/// Tests that need real time, and the reasons.
const REAL_SLEEPS: &[(&str, &str)] = &[];

#[track_caller]
fn none(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Uses of `patterns` in the layers of the chapters that `of` selects.
fn chapters_use(of: impl Fn(&str) -> bool, patterns: &str) -> Vec<String> {
    chapters()
        .iter()
        .flat_map(|chapter| sources(chapter))
        .filter(|source| of(&top_module(source)))
        .flat_map(|source| uses(&source, patterns))
        .collect()
}

/// Uses of `patterns` in the files of otp-core that `of` selects.
fn otp_core_uses(of: impl Fn(&Source) -> bool, patterns: &str) -> Vec<String> {
    sources("otp-core")
        .into_iter()
        .filter(of)
        .flat_map(|source| uses(&source, patterns))
        .collect()
}

#[test]
fn chapters_point_down_from_main_to_core() {
    let chapters = chapters();
    none(
        chapters
            .iter()
            .flat_map(|chapter| upward_mentions(chapter, CHAPTER_LAYERS, &["lib"], &[])),
    );
}

#[test]
fn main_only_hands_over_to_cli() {
    let mut faults = Vec::new();
    for chapter in chapters() {
        let main = Source::read(format!("crates/{chapter}/src/main.rs"));
        for mention in mentions(&main.code, &chapter.replace('-', "_")) {
            if mention.module() != "cli" {
                faults.push(format!("{}: {}", main.at(mention.line), mention.path));
            }
        }
    }
    none(faults);
}

#[test]
fn a_chapters_core_is_pure() {
    none(chapters_use(|module| module == "core", OUTSIDE));
    none(chapters_use(|module| module == "core", PRINTING));
}

#[test]
fn only_api_calls_and_casts() {
    none(chapters_use(
        |module| module != "api",
        ".call( .cast( .stop_with(",
    ));
}

#[test]
fn a_chapter_uses_another_one_by_its_api() {
    none(otp_tests::layers::bypassed_apis());
}

#[test]
fn a_chapters_processes_are_in_its_boundary() {
    none(chapters_use(|module| module != "boundary", MACHINERY));
}

#[test]
fn a_chapter_is_read_in_an_evening() {
    none(too_long());
}

#[test]
fn only_cli_prints() {
    none(chapters_use(
        |module| !["cli", "main"].contains(&module),
        PRINTING,
    ));
    // `main` passes the writers as arguments and writes nothing to them.
    let macros = "print! println! eprint! eprintln! write! writeln! dbg!";
    none(chapters_use(|module| module == "main", macros));
}

#[test]
fn examples_have_the_layers_of_chapters() {
    let mut faults = Vec::new();
    for example in examples() {
        faults.extend(upward_mentions(&example, CHAPTER_LAYERS, &["lib"], &[]));
        for source in sources(&example) {
            match top_module(&source).as_str() {
                "main" => {}
                "core" => faults.extend(uses(&source, &format!("{OUTSIDE} {PRINTING}"))),
                _ => faults.extend(uses(&source, PRINTING)),
            }
        }
    }
    none(faults);
}

#[test]
fn otp_core_leaves_the_program_to_its_owner() {
    none(otp_core_uses(|_| true, PRINTING));
    none(otp_core_uses(
        |_| true,
        "std::env env::var std::process std::fs std::net",
    ));
}

#[test]
fn only_run_rs_and_own_thread_rs_spawn() {
    let spawning = "tokio::spawn task::spawn spawn_local spawn_blocking JoinSet thread::spawn";
    none(otp_core_uses(
        |source| {
            let may = ["process/life/run.rs", "process/life/own_thread.rs"];
            !may.iter().any(|file| source.path.ends_with(file))
        },
        spawning,
    ));
}

#[test]
fn otp_core_points_down_from_application_to_pid() {
    none(upward_mentions(
        "otp-core",
        OTP_LAYERS,
        &["lib", "prelude", "guide", "test", "explore"],
        OTP_DOORS,
    ));
}

#[test]
fn identities_know_no_runtime() {
    let identity = |source: &Source| OTP_LAYERS[0].contains(&top_module(source).as_str());
    none(otp_core_uses(
        identity,
        "tokio tracing dashmap parking_lot async await",
    ));
}

#[test]
fn supervisors_decide_without_a_process() {
    let decides = |source: &Source| {
        let path = source.path.to_string_lossy().replace('\\', "/");
        ["core", "plan", "intensity", "children", "event", "ticket"]
            .iter()
            .any(|part| {
                ["supervisor", "state_machine", "application"]
                    .iter()
                    .any(|of| {
                        path.contains(&format!("{of}/{part}.rs"))
                            || path.contains(&format!("{of}/{part}/"))
                    })
            })
    };
    assert!(rust_files().iter().any(decides), "they are where they were");
    none(otp_core_uses(decides, "tokio tracing Instant async await"));
}

#[test]
fn terms_know_no_runtime() {
    let sources = sources("otp-etf");
    none(sources.iter().flat_map(|source| uses(source, OUTSIDE)));
}

#[test]
fn locks_are_taken_in_one_place() {
    let allowed = |source: &Source| {
        let path = source.path.to_string_lossy().replace('\\', "/");
        LOCKS
            .iter()
            .any(|(file, _)| path.ends_with(&format!("otp-core/src/{file}")))
    };
    none(otp_core_uses(|source| !allowed(source), LOCKING));
    let used = sources("otp-core");
    let used = used.iter().filter(|source| allowed(source));
    let needed = used.filter(|source| !uses(source, LOCKING).is_empty());
    assert_eq!(
        needed.count(),
        LOCKS.len(),
        "a file in LOCKS takes no lock any more: remove it from the list"
    );
}

#[test]
fn the_wire_protocol_knows_no_runtime() {
    let mut sources = sources("otp-dist");
    sources.retain(|source| {
        let path = source.path.to_string_lossy();
        path.ends_with("src/wire.rs") || path.contains("src/wire/")
    });
    assert!(sources.len() > 10, "it is where it was");
    none(sources.iter().flat_map(|source| uses(source, OUTSIDE)));
}

#[test]
fn otp_core_says_why_it_cannot_fail() {
    none(otp_core_uses(|_| true, ".unwrap()"));
}

#[test]
fn folders_are_introduced_by_a_file_of_their_name() {
    let mut files = rust_files();
    files.retain(|source| source.path.ends_with("mod.rs"));
    none(files.iter().map(|source| source.path.display().to_string()));
}

#[test]
fn no_work_is_left_as_a_note() {
    // Each note is in two parts, so that the check does not find this file.
    let notes = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
    ];
    let mut faults = Vec::new();
    let mut texts = files("", &["rs", "md", "toml", "yml"]);
    texts.extend(["justfile", ".ci/run", ".github/workflows/ci.yml"].map(PathBuf::from));
    for path in texts {
        let text = read(&path);
        for note in notes {
            let lines = find(&text, note);
            faults.extend(
                lines
                    .iter()
                    .map(|line| format!("{}:{line}: {note}", path.display())),
            );
        }
    }
    none(faults);
}

#[test]
fn every_test_and_every_example_runs() {
    let mut faults = Vec::new();
    for source in rust_files() {
        let lines = find(&source.code, "#[ignore");
        faults.extend(
            lines
                .iter()
                .map(|line| format!("{}: an ignored test", source.at(*line))),
        );
        for (number, line) in source.text.lines().enumerate() {
            let fence = line.trim_start().trim_start_matches(['/', '!', ' ']);
            if fence.starts_with("```") && fence.contains("ignore") {
                faults.push(format!(
                    "{}: an example that is not run",
                    source.at(number + 1)
                ));
            }
        }
    }
    none(faults);
}

#[test]
fn tests_do_not_sleep_in_real_time() {
    let mut faults = Vec::new();
    for source in rust_files() {
        let path = source.path.to_string_lossy().into_owned();
        let allowed = REAL_SLEEPS.iter().any(|(file, _)| *file == path);
        let mut found = Vec::new();
        if path.contains("/tests/") {
            found.extend(find(&source.code, "thread::sleep"));
        }
        for test in source
            .functions()
            .iter()
            .filter(|function| function.is_test())
        {
            if !test.has_paused_clock() && !find(&test.code, "sleep").is_empty() {
                found.push(test.line);
            }
        }
        match (allowed, found.is_empty()) {
            (false, false) => faults.extend(
                found
                    .iter()
                    .map(|line| format!("{}: a real sleep", source.at(*line))),
            ),
            (true, true) => faults.push(format!("{path}: has no sleep: correct REAL_SLEEPS")),
            _ => {}
        }
    }
    none(faults);
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for source in rust_files() {
        let length = source
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count();
        if length > LONGEST {
            let path = source.path.display();
            faults.push(format!(
                "{path}: {length} lines of code, {LONGEST} at most: split it by ideas"
            ));
        }
    }
    none(faults);
}

#[test]
fn documentation_has_one_form() {
    let libraries = workspace::libraries();
    let sources = libraries.iter().flat_map(|library| sources(library));
    none(sources.flat_map(|source| rustdoc::disorder(&source)));
    none(house::without_cancel_safety_section());
    none(house::unshown());
    none(house::unplain_comments());
}

#[test]
fn a_call_goes_through_ten_files_at_most() {
    none(house::scattered_call());
}

#[test]
fn a_type_name_of_otp_core_means_one_type() {
    none(house::ambiguous_types());
}

#[test]
fn the_public_interface_is_recorded() {
    none(public_api::differences());
}

#[test]
fn libraries_are_ready_to_be_published() {
    none(manifests::unready_libraries());
    none(manifests::too_new_dependencies());
}

#[test]
fn a_program_is_built_without_a_web_server() {
    none(manifests::programs_with_a_web_server());
}

#[test]
fn manifests_inherit_from_the_workspace() {
    none(manifests::own_choices());
    none(manifests::unfaithful_copies());
    none(manifests::stale_locks());
}

#[test]
fn a_name_of_a_server_does_what_a_reference_does() {
    none(public_api::methods_without_a_name());
}

#[test]
fn every_invariant_is_checked_and_every_check_is_an_invariant() {
    none(invariants::unmatched());
}

/// All Rust files of the project.
fn rust_files() -> Vec<Source> {
    let mut sources = Source::all("crates");
    sources.extend(Source::all("examples"));
    sources.extend(Source::all("tests"));
    sources.extend(Source::all("fuzz"));
    assert!(
        sources.len() > 10,
        "the walk from {} found no sources",
        workspace::root().display()
    );
    sources
}
