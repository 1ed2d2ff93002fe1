//! The public interface of the libraries, with a line for each declaration, as `tests/public-api.txt` records it.
//!
//! It is read from the sources. The lint `unreachable_pub` ensures that each `pub` is reachable from outside. The record has items,
//! variants, fields, members of traits and derived traits. It has no implementations of traits and no output of macros.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::layers::sources;
use crate::source::Source;
use crate::workspace::{libraries, read};

/// The file with the record.
pub(crate) const RECORD: &str = "tests/public-api.txt";

/// Methods of a `ServerRef` that a `ServerName` does not have, because they are about one process.
const OF_ONE_PROCESS: [&str; 3] = ["message_queue_len", "reserve", "wait"];

/// Methods of a reference to a server that its name does not have.
///
/// # Panics
///
/// The record has no references to servers.
pub fn methods_without_a_name() -> Vec<String> {
    let record = read(RECORD);
    let methods = |handle: &str| -> BTreeSet<&str> {
        let start = format!("impl<S: GenServer> {handle}<S> :: pub ");
        let lines = record.lines().filter_map(|line| line.strip_prefix(&start));
        let names = lines.filter_map(|line| line.split_once("fn ")?.1.split(['(', '<']).next());
        names.collect()
    };
    let (reference, name) = (methods("ServerRef"), methods("ServerName"));
    assert!(reference.len() > 10, "{RECORD} has them: {reference:?}");
    let lacking = reference
        .difference(&name)
        .filter(|method| !OF_ONE_PROCESS.contains(method));
    lacking
        .map(|method| format!("a `ServerName` has no `{method}`"))
        .collect()
}

/// The interface in the sources.
pub fn current() -> String {
    let mut text = String::new();
    for library in libraries() {
        let sources = sources(&library);
        let lines: BTreeSet<String> = sources.iter().flat_map(declarations).collect();
        writeln!(text, "# {library}").expect("a write to a string cannot fail");
        for line in lines {
            writeln!(text, "{line}").expect("a write to a string cannot fail");
        }
    }
    text
}

/// The differences between the record and the interface.
pub fn differences() -> Vec<String> {
    let (current, recorded) = (current(), read(RECORD));
    let lines = |text: &'_ str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (current, recorded) = (lines(&current), lines(&recorded));
    let new = current.difference(&recorded);
    let new = new.map(|line| format!("{RECORD} lacks: {line}"));
    let gone = recorded.difference(&current);
    let gone = gone.map(|line| format!("the sources lack: {line}"));
    let mut differences: Vec<String> = new.chain(gone).collect();
    if !differences.is_empty() {
        differences.push("if that is meant: `just api`, and a line in CHANGELOG.md".to_owned());
    }
    differences
}

/// The public declarations of a file in the layout of rustfmt: items begin at the margin, members after four spaces.
fn declarations(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let code = source.shipped();
    let mut lines = code.lines().peekable();
    // The owner of the members, and whether all of them are public.
    let (mut owner, mut all_public) = (String::new(), false);
    let mut attributes = String::new();
    while let Some(line) = lines.next() {
        let item = line.trim();
        if item.starts_with("#[derive") || item.starts_with("#[non_exhaustive") {
            attributes.push(' ');
            attributes.push_str(item);
        }
        if item.is_empty() || item.starts_with('#') {
            continue;
        }
        let at_margin = !line.starts_with(' ');
        let is_member = line.starts_with("    ") && !line.starts_with("     ");
        let is_public = item.starts_with("pub ");
        let opens = at_margin && (is_public || item.starts_with("impl"));
        if at_margin {
            owner.clear();
            all_public = false;
        }
        if opens || is_member && !owner.is_empty() && (is_public || all_public) && item != "}" {
            let mut declaration = item.to_owned();
            while !is_over(&declaration) {
                let Some(more) = lines.next() else { break };
                declaration.push(' ');
                declaration.push_str(more.trim());
            }
            let declaration = head(&declaration);
            if at_margin {
                owner.clone_from(&declaration);
                all_public = ["pub trait ", "pub enum "]
                    .iter()
                    .any(|kind| declaration.starts_with(kind));
            }
            if is_public && at_margin {
                found.push(format!("{declaration}{attributes}"));
            } else if is_member {
                found.push(format!("{owner} :: {declaration}{attributes}"));
            }
        }
        attributes.clear();
    }
    found
}

/// Whether a declaration has reached its body or its end.
fn is_over(declaration: &str) -> bool {
    let open = |opening, closing| {
        declaration.matches(opening).count() > declaration.matches(closing).count()
    };
    match declaration.starts_with("pub use ") {
        true => declaration.ends_with(';'),
        false if open('(', ')') || open('[', ']') => false,
        false if declaration.ends_with(',') => !declaration.contains(" where "),
        false => declaration.ends_with(['{', ';', '}']),
    }
}

/// A declaration without its body and its private parts, in a normal form.
fn head(declaration: &str) -> String {
    let is_use = declaration.starts_with("pub use ");
    let head = match declaration.split_once(" {") {
        Some((head, _)) if !is_use => head,
        _ => declaration,
    };
    // The record has the exported name and not its origin.
    let shown = head.rsplit_once("::").filter(|_| is_use);
    let head = shown.map_or(head.to_owned(), |(_, shown)| format!("pub use {shown}"));
    let head = match head.split_once('(') {
        Some((name, fields)) if head.starts_with("pub struct ") && !fields.starts_with("pub ") => {
            name
        }
        _ => &head,
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    let head = words.join(" ");
    let head = [
        ("( ", "("),
        (", )", ")"),
        (",)", ")"),
        ("{ ", "{"),
        (", }", "}"),
    ]
    .iter()
    .fold(head, |head, (wide, narrow)| head.replace(wide, narrow));
    head.trim_end_matches([';', ',', '{']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_public_declaration_is_one_line() {
        let text = "#[derive(Debug)]\npub struct S<T> {\n    pub a: u8,\n    b: u8,\n}\n\nimpl<T> S<T> {\n    /// Doc.\n    pub fn f(\n        &self,\n        n: u8,\n    ) -> u8 {\n        let pub_ = n;\n        pub_\n    }\n    fn hidden() {}\n    pub(crate) fn inside() {}\n}\n\n#[non_exhaustive]\npub enum E {\n    A,\n    B(u8),\n}\n\npub trait T: Sized {\n    type X;\n    fn must(&self) -> u8;\n    fn may() {\n        let a = 1;\n    }\n}\n\nfn private() {\n    let x = 1;\n}\n\npub use a::{\n    B, C,\n};\npub struct P(u8);\n";
        let found = declarations(&Source::new("a.rs", text.to_owned()));
        assert_eq!(
            found,
            [
                "pub struct S<T> #[derive(Debug)]",
                "pub struct S<T> :: pub a: u8",
                "impl<T> S<T> :: pub fn f(&self, n: u8) -> u8",
                "pub enum E #[non_exhaustive]",
                "pub enum E :: A",
                "pub enum E :: B(u8)",
                "pub trait T: Sized",
                "pub trait T: Sized :: type X",
                "pub trait T: Sized :: fn must(&self) -> u8",
                "pub trait T: Sized :: fn may()",
                "pub use {B, C}",
                "pub struct P",
            ]
        );
    }
}
