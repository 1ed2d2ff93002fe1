//! Reads and checks the index of OTP rules, `conformance.toml`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::source::{Function, Source};
use crate::workspace;

/// A group of rules that the project delivers.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The letters before the number, such as `LNK`.
    pub id: &'static str,
    /// The topic of its rules.
    pub title: &'static str,
    /// The number of delivered rules: `LNK-001` to this number.
    pub rules: usize,
}

/// The delivered groups, in reading order.
///
/// The numbers are here and not in the file, so that the check finds a row that is missing in the file.
pub const DELIVERED: &[Group] = &[
    group("PRC", "processes and spawn", 11),
    group("SIG", "signals and their order", 10),
    group("EXR", "exit reasons", 6),
    group("LNK", "links", 9),
    group("MON", "monitors", 11),
    group("TRP", "trapping exits", 5),
    group("KIL", "kill", 4),
    group("NAM", "registered names, process groups", 8),
    group("GST", "GenServer: start", 13),
    group("CAL", "GenServer: call", 16),
    group("CST", "GenServer: cast", 3),
    group("INF", "GenServer: info", 3),
    group("CNT", "GenServer: continue", 4),
    group("TMO", "GenServer: timeouts", 4),
    group("TRM", "GenServer: stop, terminate", 12),
    group("ERP", "error reports", 10),
    group("MUL", "multi_call", 1),
    group("TIM", "timers", 9),
    group("SUP", "supervisors", 48),
    group("DSU", "DynamicSupervisor", 11),
    group("PSU", "PartitionSupervisor", 3),
    group("SYS", "system requests", 10),
    group("REG", "Registry", 13),
    group("TSK", "tasks", 14),
    group("AGT", "agents", 3),
    group("APP", "applications", 9),
    group("ETS", "tables", 9),
    group("DST", "signals between nodes", 36),
    group("THR", "threats between nodes", 7),
    group("STM", "state machines", 68),
    group("GEV", "event managers", 25),
    group("PBS", "PubSub", 11),
    group("PRI", "messages with priority", 11),
];

const fn group(id: &'static str, title: &'static str, rules: usize) -> Group {
    Group { id, title, rules }
}

/// One row of the index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `LNK-001`.
    pub id: String,
    /// The rule in short.
    pub name: String,
    /// The tests of the rule.
    #[serde(default)]
    pub tests: Vec<String>,
    /// The kind of reason why the rule needs no test.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The argument for `kind`.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The kinds of reasons why a rule needs no test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The compiler enforces the rule.
    Type,
    /// The rule has no meaning in this project.
    NotApplicable,
}

/// The state of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// At least one test has the rule's id.
    Proven,
    /// The compiler enforces the rule.
    ByType,
    /// The rule has no meaning in this project.
    NotApplicable,
    /// The rule has neither a test nor a reason.
    Missing,
}

impl Rule {
    /// The state of the rule.
    pub fn standing(&self) -> Standing {
        match self.kind {
            Some(Kind::Type) => Standing::ByType,
            Some(Kind::NotApplicable) => Standing::NotApplicable,
            None if self.tests.is_empty() => Standing::Missing,
            None => Standing::Proven,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    rule: Vec<Rule>,
}

/// Reads an index.
///
/// # Errors
///
/// The text is not TOML, or has another form. The message names the line.
pub fn parse(text: &str) -> Result<Vec<Rule>, toml::de::Error> {
    toml::from_str(text).map(|index: Index| index.rule)
}

/// The project's own index.
///
/// # Panics
///
/// The file cannot be read or is malformed.
pub fn index() -> Vec<Rule> {
    parse(&workspace::read("tests/conformance.toml"))
        .unwrap_or_else(|error| panic!("tests/conformance.toml: {error}"))
}

/// The faults of the rows: missing, unknown and repeated ids, and a `kind` without a `reason` or the reverse.
pub fn row_faults(rules: &[Rule]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for rule in rules {
        *seen.entry(&rule.id).or_default() += 1;
        if rule.kind.is_some() != rule.reason.is_some() {
            faults.push(format!("{}: `kind` and `reason` belong together", rule.id));
        }
        if rule.name.trim().is_empty() {
            faults.push(format!("{}: no name", rule.id));
        }
    }
    for id in delivered() {
        match seen.remove(id.as_str()) {
            None => faults.push(format!("{id}: no row")),
            Some(1) => {}
            Some(rows) => faults.push(format!("{id}: {rows} rows")),
        }
    }
    let mut unknown: Vec<_> = seen.into_keys().collect();
    unknown.sort_unstable();
    faults.extend(
        unknown
            .into_iter()
            .map(|id| format!("{id}: not the id of a delivered rule")),
    );
    faults
}

/// Every id of the delivered groups, in order.
pub fn delivered() -> impl Iterator<Item = String> {
    DELIVERED
        .iter()
        .flat_map(|group| (1..=group.rules).map(|number| format!("{}-{number:03}", group.id)))
}

/// The rules that have neither a test nor a reason.
pub fn unproven(rules: &[Rule]) -> Vec<String> {
    rules
        .iter()
        .filter(|rule| rule.standing() == Standing::Missing)
        .map(|rule| format!("{}: neither a test nor a reason ({})", rule.id, rule.name))
        .collect()
}

/// The tests that rules name and that do not exist, or that do not have the rule's id in a comment.
pub fn test_faults(rules: &[Rule]) -> Vec<String> {
    let mut library = Library::default();
    let mut faults = Vec::new();
    for rule in rules {
        for test in &rule.tests {
            if let Err(why) = library.check(test, &rule.id) {
                faults.push(format!("{}: {test}: {why}", rule.id));
            }
        }
    }
    faults
}

/// A cache of the test files.
#[derive(Default)]
struct Library {
    read: HashMap<PathBuf, (Source, Vec<Function>)>,
}

impl Library {
    fn check(&mut self, test: &str, id: &str) -> Result<(), String> {
        let parts: Vec<&str> = test.split("::").collect();
        let [package, target, path @ .., name] = parts.as_slice() else {
            return Err("expected package::target::module::function".to_owned());
        };
        let package = match *package {
            "otp-explore-tests" => PathBuf::from("tests/explore"),
            package => PathBuf::from("crates").join(package),
        };
        match *target {
            "explore" => self.function(&package.join("tests"), &["explore"], name, id),
            "src" => self.function(&package.join("src"), path, name, id),
            "ui" if path.is_empty() => compile_failure(&package.join("tests/ui"), name, id),
            other => {
                let tests = package.join("tests");
                let exists = |path: PathBuf| workspace::root().join(path).exists();
                if exists(tests.join(other)) {
                    let path = if path.is_empty() { &["main"] } else { path };
                    self.function(&tests.join(other), path, name, id)
                } else if exists(tests.join(other).with_extension("rs")) {
                    self.function(&tests, &[other], name, id)
                } else {
                    Err(format!(
                        "unknown target `{other}`: expected src, ui, explore, or a file or folder of tests, such as it"
                    ))
                }
            }
        }
    }

    fn function(
        &mut self,
        folder: &Path,
        path: &[&str],
        name: &str,
        id: &str,
    ) -> Result<(), String> {
        // The last modules of the path may be inside of the file (`mod tests`), so this is the longest path that is a file.
        let file = (1..=path.len())
            .rev()
            .map(|length| folder.join(path[..length].join("/")).with_extension("rs"))
            .find(|file| workspace::root().join(file).is_file())
            .ok_or_else(|| format!("no such file below {}", folder.display()))?;
        let (_, functions) = self.read.entry(file.clone()).or_insert_with(|| {
            let source = Source::read(&file);
            let functions = source.functions();
            (source, functions)
        });
        let Some(function) = functions.iter().find(|function| function.name == name) else {
            return Err(format!("no such function in {}", file.display()));
        };
        if !function.is_test() {
            return Err("it is not a test".to_owned());
        }
        if !has_id(&function.head, id) && !has_id(&function.body, id) {
            return Err("it has no comment with the id".to_owned());
        }
        Ok(())
    }
}

/// Checks a test for a compile error: its file, and the file with the message.
fn compile_failure(folder: &Path, name: &str, id: &str) -> Result<(), String> {
    let file = folder.join(name).with_extension("rs");
    let root = workspace::root();
    if !root.join(&file).is_file() || !root.join(file.with_extension("stderr")).is_file() {
        return Err(format!("no such file in {}", folder.display()));
    }
    if has_id(&workspace::read(&file), id) {
        Ok(())
    } else {
        Err("it has no comment with the id".to_owned())
    }
}

/// Whether a comment of this text names the rule.
fn has_id(text: &str, id: &str) -> bool {
    text.lines().any(|line| {
        line.split_once("//")
            .is_some_and(|(_, comment)| comment.contains(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Vec<Rule> {
        delivered()
            .map(|id| Rule {
                id,
                name: "a rule".to_owned(),
                tests: vec!["otp-core::it::links::x".to_owned()],
                kind: None,
                reason: None,
            })
            .collect()
    }

    #[test]
    fn a_complete_index_has_no_faults() {
        assert_eq!(row_faults(&complete()), Vec::<String>::new());
        assert_eq!(unproven(&complete()), Vec::<String>::new());
    }

    #[test]
    fn a_lost_row_an_unknown_id_and_a_double_one_are_faults() {
        let mut rules = complete();
        rules.remove(0);
        rules[0].id = "NAM-009".to_owned();
        rules[1].id = "EXR-001".to_owned();
        let faults = row_faults(&rules);
        assert!(faults.contains(&"PRC-001: no row".to_owned()), "{faults:?}");
        assert!(faults.contains(&"EXR-001: 2 rows".to_owned()), "{faults:?}");
        assert!(
            faults.contains(&"NAM-009: not the id of a delivered rule".to_owned()),
            "{faults:?}"
        );
    }

    #[test]
    fn a_rule_needs_a_test_or_a_reason_with_its_kind() {
        let mut rules = complete();
        rules[0].tests.clear();
        rules[1].reason = Some("because".to_owned());
        assert_eq!(unproven(&rules).len(), 1);
        assert_eq!(row_faults(&rules).len(), 1);
    }

    #[test]
    fn a_test_that_does_not_exist_is_a_fault() {
        let mut rules = complete();
        rules.truncate(1);
        for test in [
            "nothing",
            "otp-core::it::no_such_module::x",
            "otp-core::elsewhere::x",
            "otp-core::ui::no_such_case",
        ] {
            rules[0].tests = vec![test.to_owned()];
            assert_eq!(test_faults(&rules).len(), 1, "{test}");
        }
    }

    #[test]
    fn an_id_counts_only_in_a_comment() {
        assert!(has_id("// PRC-001, PRC-002", "PRC-002"));
        assert!(!has_id("let x = \"PRC-002\";", "PRC-002"));
    }
}
