//! Figures of the structure of otp-core: names used twice, upward paths, files of a call, and items without examples.
//!
//! The figures are counted in the source text, so they can also be counted for earlier commits.

use std::collections::{BTreeMap, BTreeSet};

use crate::documented::{self, Documented, Kind};
use crate::layers::{self, sources};
use crate::public_api;
use crate::rustdoc;
use crate::source::{Source, find};
use crate::words;
use crate::workspace::{chapters, read};

/// A figure: a count of cases, with their list.
#[derive(Debug)]
pub struct Figure {
    /// The kind of case.
    pub title: &'static str,
    /// The number of cases.
    pub count: usize,
    /// The number of items that were examined, if it is known.
    pub of: Option<usize>,
    /// The cases.
    pub which: Vec<String>,
}

/// The items that a call of a server uses, from `server.call(..)` to the answer, without errors and waits. Each item is given by its
/// declaration, so that it is found in any file.
const ONE_CALL: &[&str] = &[
    // The caller's side.
    "pub struct ServerRef<",
    "Future for CallFuture<",
    "enum Content<",
    // The caller's wait: slot, alarm and limit.
    "struct Current {",
    "struct OtherSlots",
    "struct Slot<",
    "impl Wait {",
    "struct NoTimer",
    "struct Alarm {",
    // The push of the message to the mailbox.
    "fn send_made",
    "struct Block<",
    "struct Queue<",
    "struct Append",
    "struct Lock<",
    // The receive of the message.
    "struct Inbox<",
    "struct Taken(",
    "struct Pace",
    "const EXITING",
    "fn handle_messages<",
    "fn begin_call",
    // The answer.
    "pub trait GenServer",
    "struct Reply<",
    "pub struct ReplyTo<",
];

/// The most files that a call may go through.
const CALL_FILES: usize = 10;

/// Counts all figures.
#[must_use]
pub fn figures() -> Vec<Figure> {
    let sources = shipped();
    let docs = documented::all(&sources);
    vec![
        doubled_names(&sources),
        doors(),
        files_of_a_call(&sources),
        impl_node(&sources),
        unshown_types(&docs),
        unshown_functions(&docs),
        misplaced_otp(&docs),
        without_cancel_safety(&docs),
        unplain(&sources),
    ]
}

/// The sources of otp-core, without tests.
fn shipped() -> Vec<Source> {
    let mut sources = sources("otp-core");
    sources.retain(|source| {
        !source
            .path
            .components()
            .any(|part| part.as_os_str() == "tests")
    });
    for source in &mut sources {
        source.code = source.shipped();
    }
    sources
}

/// The names of types of otp-core that are declared in more than one file.
pub fn ambiguous_types() -> Vec<String> {
    doubled_names(&shipped()).which
}

/// A name that is declared twice in one file is one type, with and without a feature.
fn doubled_names(sources: &[Source]) -> Figure {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        let mut seen = BTreeSet::new();
        for (number, line) in source.code.lines().enumerate() {
            if let Some(name) = declared_type(line)
                && seen.insert(name.clone())
            {
                places.entry(name).or_default().push(source.at(number + 1));
            }
        }
    }
    let of = Some(places.len());
    places.retain(|_, places| places.len() > 1);
    let which: Vec<String> = places
        .iter()
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    Figure {
        title: "type names used twice or more",
        count: which.len(),
        of,
        which,
    }
}

/// The names of the types of otp-core that are not in the public interface.
#[must_use]
pub fn private_types() -> BTreeSet<String> {
    let record = read(public_api::RECORD);
    let public: BTreeSet<&str> = record
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    let sources = shipped();
    let lines = sources.iter().flat_map(|source| source.code.lines());
    lines
        .filter_map(declared_type)
        .filter(|name| !public.contains(name.as_str()))
        .collect()
}

/// The name of the type that a line declares. Associated types are none.
pub(crate) fn declared_type(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().peekable();
    words.next_if(|word| word.starts_with("pub"));
    let kind = words.next()?;
    let name = words.next()?;
    let is_type = ["struct", "enum", "trait", "union"].contains(&kind)
        || (kind == "type" && !line.starts_with(' '));
    let name: String = name
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (is_type && !name.is_empty()).then_some(name)
}

/// The upward paths that the check on layers allows.
fn doors() -> Figure {
    let tidy = Source::new("tests/tests/tidy.rs", read("tests/tests/tidy.rs"));
    let list = tidy.text.split("const OTP_DOORS").nth(1);
    let list = list.and_then(|rest| rest.split("];").next());
    let lines = list.unwrap_or_default().lines().map(str::trim);
    let which: Vec<String> = lines
        .filter(|line| line.starts_with("(\""))
        .map(|line| line.trim_end_matches(',').to_owned())
        .collect();
    Figure {
        title: "doors: upward paths",
        count: which.len(),
        of: None,
        which,
    }
}

fn files_of_a_call(sources: &[Source]) -> Figure {
    let which: BTreeSet<String> = ONE_CALL
        .iter()
        .map(|declaration| {
            let file = sources
                .iter()
                .find(|source| source.code.contains(declaration));
            file.map_or_else(
                || format!("no file has `{declaration}`"),
                |source| source.path.display().to_string(),
            )
        })
        .collect();
    Figure {
        title: "files that one call goes through",
        count: which.len(),
        of: None,
        which: which.into_iter().collect(),
    }
}

/// The files that a call goes through, if there are too many, and the items that were not found.
pub fn scattered_call() -> Vec<String> {
    let mut which = files_of_a_call(&shipped()).which;
    if which.len() <= CALL_FILES {
        which.retain(|file| file.starts_with("no file"));
    }
    which
}

fn impl_node(sources: &[Source]) -> Figure {
    let has = |source: &&Source| !find(&source.code, "impl Node {").is_empty();
    let files = sources.iter().filter(has);
    let which: Vec<String> = files
        .map(|source| source.path.display().to_string())
        .collect();
    Figure {
        title: "files with an `impl Node`",
        count: which.len(),
        of: None,
        which,
    }
}

/// The recorded number of public functions of otp-core without an example. Lower it when functions get examples.
const UNSHOWN_FUNCTIONS: usize = 488;

/// The public types and callbacks of otp-core without an example, and the functions without one if there are more than recorded.
pub fn unshown() -> Vec<String> {
    let docs = documented::all(&shipped());
    let functions = unshown_functions(&docs);
    let mut unshown = unshown_types(&docs).which;
    if functions.count > UNSHOWN_FUNCTIONS {
        unshown.push(format!(
            "{} functions have no example, {UNSHOWN_FUNCTIONS} are recorded: give the new ones examples",
            functions.count
        ));
        unshown.extend(functions.which);
    }
    unshown
}

/// The packages whose comments are checked, beside otp-core and the programs of the course.
const PLAIN: [&str; 4] = ["exercises", "otp-etf", "otp-macros", "otp-text"];

/// The lines of comments in them with a word that has a plainer one.
pub fn unplain_comments() -> Vec<String> {
    let mut sources = shipped();
    let packages = PLAIN.map(str::to_owned).into_iter().chain(chapters());
    sources.extend(packages.flat_map(|package| layers::sources(&package)));
    unplain(&sources).which
}

fn unplain(sources: &[Source]) -> Figure {
    let which: Vec<String> = sources.iter().flat_map(words::unplain).collect();
    Figure {
        title: "lines of comments with words that have plainer ones",
        count: which.len(),
        of: None,
        which,
    }
}

fn unshown_types(docs: &[Documented]) -> Figure {
    let is_one = |item: &Documented| matches!(item.kind, Kind::Type | Kind::Callback);
    let title = "public types and callbacks without an example";
    let of = docs.iter().filter(|item| is_one(item)).count();
    figure(title, docs, of, |item| is_one(item) && !item.has_example())
}

fn unshown_functions(docs: &[Documented]) -> Figure {
    let is_one = |item: &Documented| item.kind == Kind::Function;
    let title = "public functions without an example";
    let of = docs.iter().filter(|item| is_one(item)).count();
    figure(title, docs, of, |item| is_one(item) && !item.has_example())
}

/// Headings out of order, and `OTP:` in place of a heading.
fn misplaced_otp(docs: &[Documented]) -> Figure {
    let names_otp = |line: &String| line.starts_with("OTP:") || line == "# OTP";
    let named = docs.iter().filter(|item| item.docs.iter().any(names_otp));
    let of = named.count();
    figure(
        "items on OTP whose headings are out of order",
        docs,
        of,
        |item| {
            let docs: Vec<&str> = item.docs.iter().map(String::as_str).collect();
            item.docs.iter().any(names_otp) && rustdoc::fault(&docs).is_some()
        },
    )
}

/// The public functions of otp-core that return a future, and whose documentation does not describe the effect of dropping it.
/// A trait may describe it for all of its callbacks.
pub fn without_cancel_safety_section() -> Vec<String> {
    without_cancel_safety(&documented::all(&shipped())).which
}

fn without_cancel_safety(docs: &[Documented]) -> Figure {
    let heading = "# Cancel safety";
    let is_one = |item: &Documented| item.returns_a_future();
    let title = "functions of futures without a section on cancel safety";
    let of = docs.iter().filter(|item| is_one(item)).count();
    figure(title, docs, of, |item| {
        let of_trait = item.of_trait.iter().any(|line| line == heading);
        is_one(item) && !item.has_heading(heading) && !of_trait
    })
}

fn figure(
    title: &'static str,
    docs: &[Documented],
    of: usize,
    counts: impl Fn(&Documented) -> bool,
) -> Figure {
    let which = docs.iter().filter(|item| counts(item));
    let which: Vec<String> = which
        .map(|item| format!("{} {}", item.at, item.code))
        .collect();
    Figure {
        title,
        count: which.len(),
        of: Some(of),
        which,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documented::documented;

    fn source(path: &str, text: &str) -> Source {
        Source::new(path, text.to_owned())
    }

    #[test]
    fn a_name_that_two_files_declare_is_a_case() {
        let one = source(
            "a.rs",
            "pub(crate) struct Inner<T>(T);\nimpl X {\n    type Inner = u8;\n}\n",
        );
        let two = source(
            "b.rs",
            "enum Inner {}\nmod with {\n    struct Other;\n}\nmod without {\n    struct Other(u8);\n}\n",
        );
        let figure = doubled_names(&[one, two]);
        assert_eq!((figure.count, figure.of), (1, Some(2)));
        assert_eq!(figure.which, ["Inner: a.rs:1, b.rs:1"]);
    }

    #[test]
    fn the_section_on_otp_comes_before_other_headings() {
        let text = "/// Ends it.\n///\n/// # Errors\n///\n/// None.\n///\n/// OTP: `stop/1`.\n#[must_use]\npub async fn stop() {}\n\n/// # OTP\n///\n/// # Errors\npub fn start() {}\n";
        let docs = documented(&source("a.rs", text), |_| true);
        let figure = misplaced_otp(&docs);
        assert_eq!((figure.count, figure.of), (1, Some(2)));
        assert!(figure.which[0].starts_with("a.rs:9 pub async fn stop"));
        assert_eq!(without_cancel_safety(&docs).count, 1);
    }

    #[test]
    fn callbacks_of_public_traits_are_items_and_private_functions_are_not() {
        let text = "mod sealed {\n    pub trait Sealed {}\n}\npub trait T {\n    /// # Examples\n    ///\n    /// ```\n    /// ```\n    fn shown();\n    /// ```\n    /// ```\n    fn bare();\n    #[doc(hidden)]\n    fn hidden();\n}\ntrait Hidden {\n    fn bare();\n}\npub(crate) fn inside() {}\n";
        let docs = documented(&source("a.rs", text), |_| true);
        assert_eq!(docs.len(), 3, "the trait and its two callbacks");
        let unshown = unshown_types(&docs);
        assert_eq!((unshown.count, unshown.of), (2, Some(3)));
    }

    #[test]
    fn a_function_that_returns_a_future_has_a_section_on_cancel_safety() {
        let text = "/// # Cancel safety\npub trait T {\n    fn f(\n        &self,\n    ) -> impl Future<Output = ()>;\n}\npub fn g(f: fn() -> u8) -> a::Limited<()> {}\npub fn h() -> u8 {}\n";
        let figure = without_cancel_safety(&documented(&source("a.rs", text), |_| true));
        assert_eq!((figure.count, figure.of), (1, Some(2)));
    }

    #[test]
    fn every_item_of_a_call_is_found() {
        let sources = shipped();
        for declaration in ONE_CALL {
            let found = sources
                .iter()
                .any(|source| source.code.contains(declaration));
            assert!(found, "no file declares `{declaration}`");
        }
    }
}
