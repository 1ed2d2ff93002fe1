//! Counts the lines of code of the chapters' programs, by layer.

use crate::layers::{sources, top_module};
use crate::source::{Source, find};
use std::collections::BTreeMap;

/// The layers that are counted, and `other` for the files that declare and start them.
pub const COUNTED: [&str; 6] = ["core", "boundary", "api", "supervision", "cli", "other"];

/// The programs of the course.
const PROGRAMS: [&str; 5] = [
    "ch1-calculator",
    "ch2-egg-timer",
    "ch3-super-duper",
    "ch4-dynamic",
    "ch4-nodes",
];

/// The limit for core, boundary, API and supervision of a program together. A program must have fewer lines of code.
const SERVER: usize = 300;

/// The limit for the commands of a program.
const CLI: usize = 250;

/// The limit for the programs of the four chapters together.
const COURSE: usize = 3000;

/// The lines of code of a program by layer, without blank lines, comments and tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<&'static str, usize>);

impl Lines {
    /// Counts the lines of these sources.
    pub fn of(sources: &[Source]) -> Self {
        let mut lines = Self::default();
        for source in sources {
            let module = top_module(source);
            let layer = COUNTED.iter().find(|layer| **layer == module);
            *lines
                .0
                .entry(layer.copied().unwrap_or("other"))
                .or_default() += code_lines(source);
        }
        lines
    }

    /// The lines of a layer.
    pub fn of_layer(&self, layer: &str) -> usize {
        self.0.get(layer).copied().unwrap_or_default()
    }

    /// The lines of core, boundary, API and supervision.
    pub fn server(&self) -> usize {
        let layers = ["core", "boundary", "api", "supervision"];
        layers.iter().map(|layer| self.of_layer(layer)).sum()
    }

    /// All lines.
    pub fn all(&self) -> usize {
        self.0.values().sum()
    }
}

/// The programs that exceed their limits.
pub fn too_long() -> Vec<String> {
    let programs = PROGRAMS.map(|program| (program, Lines::of(&sources(program))));
    faults(&programs)
}

fn faults(programs: &[(&str, Lines)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut course = 0;
    for (program, lines) in programs {
        let (server, cli) = (lines.server(), lines.of_layer("cli"));
        if server >= SERVER || cli >= CLI {
            faults.push(format!(
                "{program}: {server} lines of core, boundary, api and supervision, fewer than {SERVER} wanted, and {cli} of cli, fewer than {CLI} wanted"
            ));
        }
        if *program != "ch4-nodes" {
            course += lines.all();
        }
    }
    if course >= COURSE {
        faults.push(format!(
            "the four chapters: {course} lines, fewer than {COURSE} wanted"
        ));
    }
    faults
}

/// The lines of each `impl GenServer` in these sources, with its attributes and without comments, by file and type.
pub fn servers(sources: &[Source]) -> BTreeMap<(String, String), usize> {
    let mut servers = BTreeMap::new();
    for source in sources {
        let text: Vec<&str> = source.text.lines().collect();
        for line in find(&source.code, "GenServer for") {
            let declaration = text[line - 1].trim_start();
            if !declaration.starts_with("impl") {
                continue;
            }
            let name = declaration.split("GenServer for ").nth(1);
            let name = name.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            let attributes = text[..line - 1].iter().rev();
            let attributes = attributes.take_while(|line| line.trim().starts_with("#["));
            let indent = text[line - 1].len() - declaration.len();
            let is_end = |line: &&str| line.trim_end().len() == indent + 1 && line.ends_with('}');
            let body = text[line - 1..].iter().position(is_end).unwrap_or(0);
            let body = &text[line - 1..=line - 1 + body];
            let code = body.iter().map(|line| line.trim());
            let code = code.filter(|line| !line.is_empty() && !line.starts_with("//"));
            let key = (
                source.path.display().to_string(),
                name.unwrap_or_default().to_owned(),
            );
            servers.insert(key, attributes.count() + code.count());
        }
    }
    servers
}

/// The lines of code before the tests. Tests are at the end of a file, or in a `tests.rs`.
fn code_lines(source: &Source) -> usize {
    if source.path.ends_with("tests.rs") {
        return 0;
    }
    let lines = source.text.lines().map(str::trim);
    let shipped = lines.take_while(|line| *line != "#[cfg(test)]");
    shipped
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_counted_by_layer_without_comments_and_tests() {
        let source = |path: &str, text: &str| {
            Source::new(format!("crates/ch9-x/src/{path}"), text.to_owned())
        };
        let lines = Lines::of(&[
            source(
                "core.rs",
                "//! Core.\n\nfn a() {}\n\n#[cfg(test)]\nmod tests;\n",
            ),
            source("core/tests.rs", "fn b() {}\n"),
            source(
                "boundary/otp.rs",
                "/// A text.\nconst C: &str = \"a\n\nb\";\n",
            ),
            source("cli.rs", "fn d() {} // d\n"),
            source("lib.rs", "mod core;\n"),
        ]);
        let counts = COUNTED.map(|layer| lines.of_layer(layer));
        assert_eq!(counts, [1, 2, 0, 0, 1, 1]);
        assert_eq!((lines.server(), lines.all()), (3, 5));
    }

    #[test]
    fn a_program_of_exactly_the_limit_is_too_long() {
        let lines = |layer, count| Lines(BTreeMap::from([(layer, count)]));
        assert_eq!(
            faults(&[
                ("a", lines("core", SERVER - 1)),
                ("b", lines("cli", CLI - 1))
            ]),
            [""; 0]
        );
        assert_eq!(faults(&[("a", lines("api", SERVER))]).len(), 1);
        assert_eq!(faults(&[("a", lines("cli", CLI))]).len(), 1);
        assert_eq!(faults(&[("a", lines("other", COURSE - 1))]), [""; 0]);
        assert_eq!(faults(&[("a", lines("other", COURSE))]).len(), 1);
    }

    #[test]
    fn a_server_is_counted_with_its_attributes_and_without_comments() {
        let text = "#[gen_server]\nimpl GenServer for Tally {\n    // A comment.\n    type Args = u64;\n\n    async fn init() {\n    }\n}\nfn a() {}\n";
        let counted = servers(&[Source::new("a.rs", text.to_owned())]);
        let key = ("a.rs".to_owned(), "Tally".to_owned());
        assert_eq!(counted, BTreeMap::from([(key, 6)]));
    }
}
