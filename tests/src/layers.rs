//! Which module a file belongs to, and whether modules only point down.

use std::path::Path;

use crate::paths::mentions;
use crate::source::{Source, find};
use crate::workspace::folder_of;

/// Layers of modules, lowest first; modules of one layer may use each other.
pub type Layers = [&'static [&'static str]];

/// The layers of a chapter, lowest first. A module may use what stands before it, `lib.rs` only declares. A small program of
/// its own within a chapter has the same layers in a folder of its own. So has an example, which may have pages (`web`).
pub const CHAPTER_LAYERS: &Layers = &[
    &["core"],
    &["boundary"],
    &["supervision"],
    &["api"],
    &["cli", "web"],
    &["main"],
];

/// The sources of one crate, without its tests.
pub fn sources(krate: &str) -> Vec<Source> {
    Source::all(&format!("{}/src", folder_of(krate)))
}

/// `boundary` for `crates/ch1-calculator/src/boundary/handmade.rs`.
pub fn top_module(source: &Source) -> String {
    modules(source).swap_remove(0)
}

/// The module that says which layer a file belongs to: `core` for `src/core/number.rs` and for `src/stack/core.rs`.
///
/// A program may consist of several small ones, each with the same layers in a folder of its own. The file that introduces
/// such a folder, `src/stack.rs`, belongs to no layer.
pub fn layer_module(layers: &Layers, source: &Source) -> String {
    let mut modules = modules(source);
    let says = modules
        .iter()
        .take(2)
        .position(|module| layers.iter().any(|layer| layer.contains(&module.as_str())));
    modules.swap_remove(says.unwrap_or(0))
}

/// The modules that lead to a file: `boundary`, `handmade` for `crates/ch1-calculator/src/boundary/handmade.rs`.
fn modules(source: &Source) -> Vec<String> {
    let inside = source.path.iter().skip(3);
    inside
        .map(|name| {
            let stem = Path::new(name).file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        })
        .collect()
}

/// Every use of one of `patterns` (separated by spaces) in the shipped code of a file.
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

/// A use that points up and is meant to: the module that uses, and the one path that it may name.
pub type Door = (&'static str, &'static str);

/// Modules of a crate that name a module of a layer above their own, or that belong to no layer.
///
/// Files of the modules in `declaring` (`lib`) are not looked at, nor those that introduce a folder with layers of its own:
/// they only put the others together. A door that nobody goes through is a fault too.
pub fn upward_mentions(
    krate: &str,
    layers: &Layers,
    declaring: &[&str],
    doors: &[Door],
) -> Vec<String> {
    let roots = ["crate".to_owned(), krate.replace('-', "_")];
    let mut faults = Vec::new();
    let mut unused: Vec<&Door> = doors.iter().collect();
    let sources = sources(krate);
    for source in &sources {
        let module = layer_module(layers, source);
        if declaring.contains(&module.as_str()) {
            continue;
        }
        let Some(own) = layer_of(layers, &module) else {
            if introduces(source, &sources) {
                continue;
            }
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
                    "{at}: `{module}` uses `{path}`, which stands above it"
                )),
                None => faults.push(format!("{at}: `{path}`: say which module it comes from")),
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

/// Whether a file at the top only introduces a folder whose files say their layers themselves.
fn introduces(source: &Source, all: &[Source]) -> bool {
    let module = top_module(source);
    let is_inside = |other: &Source| modules(other).len() > 1 && top_module(other) == module;
    modules(source).len() == 1 && all.iter().any(is_inside)
}

/// The layer of `stack::core::push` is that of `core`, as that of `core::push` is.
fn layer_of_path(layers: &Layers, path: &str) -> Option<usize> {
    path.split("::")
        .take(2)
        .find_map(|module| layer_of(layers, module))
}

fn layer_of(layers: &Layers, module: &str) -> Option<usize> {
    layers.iter().position(|layer| layer.contains(&module))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: &Layers = &[&["core"], &["boundary"]];

    #[track_caller]
    fn check(path: &str, module: &str) {
        let source = Source::new(format!("crates/ch9-x/src/{path}"), String::new());
        assert_eq!(layer_module(LAYERS, &source), module);
    }

    #[test]
    fn a_file_belongs_to_the_layer_at_the_top_or_to_that_of_a_small_program() {
        check("core.rs", "core");
        check("core/number/parse.rs", "core");
        check("boundary/core.rs", "boundary");
        check("stack/core.rs", "core");
        check("stack/core/item.rs", "core");
        check("stack/deep/core.rs", "stack");
        check("stack.rs", "stack");
    }

    #[test]
    fn a_path_names_the_layer_in_its_first_two_modules() {
        assert_eq!(layer_of_path(LAYERS, "core::add"), Some(0));
        assert_eq!(layer_of_path(LAYERS, "stack::boundary::Server"), Some(1));
        assert_eq!(layer_of_path(LAYERS, "stack::Server::core"), None);
    }
}
