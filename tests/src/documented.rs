//! The public items of a library, with their documentation.

use crate::house::declared_type;
use crate::source::{Source, find};

/// A public item, or a callback of a public trait, with its documentation.
pub(crate) struct Documented {
    pub(crate) at: String,
    pub(crate) kind: Kind,
    /// The declaration, on one line.
    pub(crate) code: String,
    pub(crate) docs: Vec<String>,
    /// The documentation of the trait, if it is a callback.
    pub(crate) of_trait: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Type,
    Callback,
    Function,
    Other,
}

impl Documented {
    pub(crate) fn has_heading(&self, heading: &str) -> bool {
        self.docs.iter().any(|line| line == heading)
    }

    /// Whether code follows the heading. A link to another item is not enough.
    pub(crate) fn has_example(&self) -> bool {
        let docs = self.docs.iter().skip_while(|line| *line != "# Examples");
        docs.into_iter().any(|line| line.starts_with("```"))
    }

    pub(crate) fn returns_a_future(&self) -> bool {
        let returned = self.code.rsplit_once(") -> ").map_or("", |(_, it)| it);
        let returned = returned.split('<').next().unwrap_or_default();
        let name = returned.rsplit("::").next().unwrap_or_default();
        self.code.contains("async fn ") || FUTURES.contains(&name)
    }
}

/// The types of the futures that functions return.
const FUTURES: &[&str] = &[
    "impl Future",
    "CallFuture",
    "Limited",
    "NodeScope",
    "Receive",
    "ReceiveMatch",
    "Request",
];

/// The public items that the sources declare and a user can name.
pub(crate) fn all(sources: &[Source]) -> Vec<Documented> {
    let exports = Exports::of(sources);
    let documented = |source| documented(source, |name| exports.has(source, name));
    sources.iter().flat_map(documented).collect()
}

pub(crate) fn documented(source: &Source, is_exported: impl Fn(&str) -> bool) -> Vec<Documented> {
    let code: Vec<&str> = source.code.lines().collect();
    let text: Vec<&str> = source.text.lines().collect();
    let mut items = Vec::new();
    // The documentation of the trait that contains the lines.
    let mut in_trait: Option<Vec<String>> = None;
    let mut in_private_module = false;
    for (number, line) in code.iter().enumerate() {
        if !line.starts_with([' ', '}', ')']) && !line.is_empty() {
            in_trait = None;
            in_private_module = line.starts_with("mod ");
        }
        let item = line.trim_start();
        let callback = line.starts_with("    ") && item.starts_with(['f', 'a']);
        let (kind, of_trait) = match (item.strip_prefix("pub "), &in_trait) {
            (Some(item), _) => (public_kind(item), Vec::new()),
            (None, Some(docs)) if callback && names_function(item) => {
                (Some(Kind::Callback), docs.clone())
            }
            _ => (None, Vec::new()),
        };
        let head: Vec<&str> = head_above(&text, number).collect();
        let Some(kind) = kind.filter(|_| !head.contains(&"#[doc(hidden)]")) else {
            continue;
        };
        let name = declared_type(line).filter(|_| kind == Kind::Type);
        if in_private_module || name.is_some_and(|name| !is_exported(&name)) {
            continue;
        }
        let docs = docs_in(&head);
        if item.starts_with("pub trait ") {
            in_trait = Some(docs.clone());
        }
        items.push(Documented {
            at: source.at(number + 1),
            kind,
            code: declaration(&code[number..]),
            docs,
            of_trait,
        });
    }
    items
}

/// The kind of item that a line declares after its `pub`.
fn public_kind(item: &str) -> Option<Kind> {
    let first = item.split(' ').next()?;
    match first {
        "struct" | "enum" | "trait" | "type" => Some(Kind::Type),
        "fn" | "async" => Some(Kind::Function),
        "const" if item.starts_with("const fn ") => Some(Kind::Function),
        "const" | "static" => Some(Kind::Other),
        _ => None,
    }
}

fn names_function(item: &str) -> bool {
    item.starts_with("fn ") || item.starts_with("async fn ")
}

/// A declaration without its body, on one line.
fn declaration(lines: &[&str]) -> String {
    let end = lines
        .iter()
        .position(|line| line.trim_end().ends_with(['{', ';', '}']));
    let lines = &lines[..=end.unwrap_or_default()];
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let declaration = lines.join(" ");
    let declaration = declaration.split(" where ").next().unwrap_or_default();
    declaration.trim_end_matches([' ', '{', ';']).to_owned()
}

/// The modules and names that the crate exports.
struct Exports<'a> {
    sources: &'a [Source],
    /// The `pub use` statements, each on one line.
    uses: Vec<String>,
}

impl<'a> Exports<'a> {
    fn of(sources: &'a [Source]) -> Self {
        let mut uses = Vec::new();
        for source in sources {
            let lines: Vec<&str> = source.code.lines().collect();
            for (number, line) in lines.iter().enumerate() {
                let hidden = number > 0 && lines[number - 1] == "#[doc(hidden)]";
                if line.starts_with("pub use ") && !hidden {
                    let rest = lines[number..].join(" ");
                    uses.push(rest.split(';').next().unwrap_or_default().to_owned());
                }
            }
        }
        Self { sources, uses }
    }

    /// Whether a type of this file is exported: its modules are public, or a `pub use` names it.
    fn has(&self, source: &Source, name: &str) -> bool {
        let path = source.path.with_extension("");
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        let modules = parts.split(|part| *part == "src").next_back();
        let modules = modules.filter(|it| *it != ["lib"]).unwrap_or_default();
        let is_public = |depth: usize| {
            let parent = match depth {
                0 => "src/lib.rs".to_owned(),
                _ => format!("src/{}.rs", modules[..depth].join("/")),
            };
            let parent = self.sources.iter().find(|it| it.path.ends_with(&parent));
            let declares = format!("pub mod {};", modules[depth]);
            parent.is_some_and(|parent| {
                let mut before = "";
                parent.code.lines().any(|line| {
                    let found = line == declares && before != "#[doc(hidden)]";
                    before = line;
                    found
                })
            })
        };
        (0..modules.len()).all(is_public)
            || self.uses.iter().any(|it| {
                let module = format!("{}::", modules[modules.len() - 1]);
                !find(it, &module).is_empty() && !find(it, name).is_empty()
            })
    }
}

/// The lines of documentation and attributes above a line, the last one first.
fn head_above<'a>(text: &'a [&'a str], number: usize) -> impl Iterator<Item = &'a str> {
    let above = text[..number].iter().rev().map(|line| line.trim());
    above.take_while(|line| {
        !line.is_empty() && !line.ends_with(['{', '}', ';']) || line.starts_with("//")
    })
}

/// The documentation among these lines, the first line first and without its slashes.
fn docs_in(head: &[&str]) -> Vec<String> {
    let docs = head.iter().filter_map(|line| line.strip_prefix("///"));
    let mut docs: Vec<String> = docs.map(|line| line.trim().to_owned()).collect();
    docs.reverse();
    docs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::new(path, text.to_owned())
    }

    #[test]
    fn a_type_is_exported_by_its_modules_or_by_a_use() {
        let sources = [
            source(
                "c/src/lib.rs",
                "pub mod a;\nmod b;\npub use b::{\n    Shown,\n};\n#[doc(hidden)]\npub use b::Veiled;\n",
            ),
            source("c/src/a.rs", ""),
            source("c/src/b.rs", ""),
        ];
        let exports = Exports::of(&sources);
        let has = |at: usize, name| exports.has(&sources[at], name);
        assert!(has(0, "Any") && has(1, "Any") && has(2, "Shown"));
        assert!(!has(2, "Other") && !has(2, "Veiled"));
    }
}
