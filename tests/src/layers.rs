//! The modules of files, and the check that modules use only lower layers.

use std::ffi::OsStr;
use std::path::Path;

use crate::paths::mentions;
use crate::source::{Source, find};
use crate::workspace::{chapters, folder_of};

/// Layers of modules, the lowest first. Modules of one layer may use each other.
pub type Layers = [&'static [&'static str]];

/// The layers of a chapter, the lowest first. `lib.rs` only declares modules. An example service has the same layers, and may have
/// pages (`web`).
pub const CHAPTER_LAYERS: &Layers = &[
    &["core"],
    &["boundary"],
    &["supervision"],
    &["api"],
    &["cli", "web"],
    &["main"],
];

/// The sources of a crate, without its tests.
pub fn sources(krate: &str) -> Vec<Source> {
    Source::all(&format!("{}/src", folder_of(krate)))
}

/// The module of a file: `boundary` for `crates/ch1-calculator/src/boundary/handmade.rs`.
pub fn top_module(source: &Source) -> String {
    let inside = source.path.iter().nth(3).unwrap_or_default();
    let stem = Path::new(inside).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The uses of `patterns` (separated by spaces) in the code of a file, without its tests.
pub fn uses(source: &Source, patterns: &str) -> Vec<String> {
    let code = source.shipped();
    patterns
        .split_whitespace()
        .flat_map(|pattern| {
            find(&code, pattern)
                .into_iter()
                .map(move |line| format!("{}: {pattern}", source.at(line)))
        })
        .collect()
}

/// An allowed upward use: the module, and the path that it may name.
pub type Door = (&'static str, &'static str);

/// Modules of a crate that name a module of a higher layer, or that belong to no layer.
///
/// Files of the modules in `declaring` (`lib`) are not checked, because they only declare the others. An unused door is a fault, too.
pub fn upward_mentions(
    krate: &str,
    layers: &Layers,
    declaring: &[&str],
    doors: &[Door],
) -> Vec<String> {
    let roots = ["crate".to_owned(), krate.replace('-', "_")];
    let mut faults = Vec::new();
    let mut unused: Vec<&Door> = doors.iter().collect();
    for source in &sources(krate) {
        let module = top_module(source);
        if declaring.contains(&module.as_str()) {
            continue;
        }
        let Some(own) = layer_of(layers, &module) else {
            faults.push(format!(
                "{}: `{module}` belongs to no layer",
                source.path.display()
            ));
            continue;
        };
        let code = source.shipped();
        for mention in roots.iter().flat_map(|root| mentions(&code, root)) {
            let (at, path) = (source.at(mention.line), &mention.path);
            let door = |(from, to): &Door| *from == module && path.starts_with(to);
            match layer_of_path(layers, path) {
                Some(other) if other <= own => {}
                Some(_) if doors.iter().any(door) => unused.retain(|it| !door(it)),
                Some(_) => faults.push(format!(
                    "{at}: `{module}` uses `{path}`, which is in a higher layer"
                )),
                None => faults.push(format!("{at}: `{path}`: write the path with its module")),
            }
        }
    }
    faults.extend(
        unused
            .iter()
            .map(|(from, to)| format!("{from} does not use {to} any more")),
    );
    faults
}

/// Uses of a chapter without its API, in all chapters. The API and the commands of a chapter may use the API and the core of another
/// chapter. Only boundaries and supervision trees may use its messages and processes.
pub fn bypassed_apis() -> Vec<String> {
    let chapters = chapters();
    let sources = chapters.iter().flat_map(|chapter| sources(chapter));
    let uses = sources.flat_map(|source| bypassed(&source, &chapters));
    uses.collect()
}

fn bypassed(source: &Source, chapters: &[String]) -> Vec<String> {
    if !["api", "cli", "main"].contains(&top_module(source).as_str()) {
        return Vec::new();
    }
    let code = source.shipped();
    let others = chapters.iter().filter(|chapter| {
        // `upward_mentions` checks the chapter's own name.
        !source.path.iter().any(|part| part == OsStr::new(chapter))
    });
    let uses = others.flat_map(|other| {
        let root = other.replace('-', "_");
        let uses = mentions(&code, &root);
        let uses = uses
            .into_iter()
            .filter(|mention| !["api", "core"].contains(&mention.module()));
        uses.map(move |mention| format!("{}: {root}::{}", source.at(mention.line), mention.path))
    });
    uses.collect()
}

/// The layer of the first module in a path.
fn layer_of_path(layers: &Layers, path: &str) -> Option<usize> {
    layer_of(layers, path.split("::").next()?)
}

fn layer_of(layers: &Layers, module: &str) -> Option<usize> {
    layers.iter().position(|layer| layer.contains(&module))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: &Layers = &[&["core"], &["boundary"]];

    #[test]
    fn a_file_belongs_to_the_module_at_the_top() {
        for (path, module) in [
            ("core.rs", "core"),
            ("core/number/parse.rs", "core"),
            ("boundary/core.rs", "boundary"),
        ] {
            let source = Source::new(format!("crates/ch9-x/src/{path}"), String::new());
            assert_eq!(top_module(&source), module);
        }
    }

    #[test]
    fn an_api_that_sends_the_messages_of_another_chapter_is_found() {
        let chapters = ["ch8-x", "ch9-y"].map(str::to_owned);
        let found = |path: &str, code: &str| {
            let source = Source::new(format!("crates/ch9-y/src/{path}"), code.to_owned());
            bypassed(&source, &chapters)
        };
        let calls =
            "use ch8_x::boundary::{Call, Server};\nfn f(s: &Server) { s.call(Call::Say); }\n";
        assert_eq!(
            found("api.rs", calls),
            ["crates/ch9-y/src/api.rs:1: ch8_x::boundary::"]
        );
        assert_eq!(
            found("cli/say.rs", "fn f() { ch8_x::supervision::tree() }\n").len(),
            1
        );
        assert_eq!(found("boundary.rs", calls), [""; 0]);
        assert_eq!(
            found("api.rs", "use ch8_x::api::Hero;\nuse ch8_x::core::Lines;\n"),
            [""; 0]
        );
        assert_eq!(found("api.rs", "use ch9_y::boundary::Call;\n"), [""; 0]);
    }

    #[test]
    fn the_first_module_of_a_path_names_the_layer() {
        assert_eq!(layer_of_path(LAYERS, "core::add"), Some(0));
        assert_eq!(layer_of_path(LAYERS, "boundary::core::Server"), Some(1));
        assert_eq!(layer_of_path(LAYERS, "stack::core"), None);
    }
}
