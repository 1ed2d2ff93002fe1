//! Finds the modules that a file names, for the checks on layers.

use crate::source::find;

/// A path that begins at the root of a crate, such as `crate::boundary::Server`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The line, from 1.
    pub line: usize,
    /// The path after the root: `boundary::Server`.
    pub path: String,
}

impl Mention {
    /// The first name of the path.
    pub fn module(&self) -> &str {
        self.path.split("::").next().unwrap_or_default()
    }
}

/// Every path that begins with `root` (such as `crate`), plain or in a `use root::{a, b::c}` group.
pub fn mentions(code: &str, root: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let lines: Vec<&str> = code.lines().collect();
    let pattern = format!("{root}::");
    for line in find(code, &pattern) {
        // A group may have several lines, so this reads from here to its end.
        let rest = lines[line - 1..].join("\n");
        let mut from = 0;
        let this_line = lines[line - 1].len();
        while let Some(at) = rest[from..this_line.max(from)].find(&pattern) {
            let after = &rest[from + at + pattern.len()..];
            found.extend(paths(after).into_iter().map(|path| Mention { line, path }));
            from += at + pattern.len();
        }
    }
    found
}

fn paths(after: &str) -> Vec<String> {
    let Some(group) = after.strip_prefix('{') else {
        return vec![path(after)];
    };
    let mut paths = Vec::new();
    let mut depth = 0usize;
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => paths.push(path(&std::mem::take(&mut item))),
            _ => {}
        }
        if c != ',' || depth > 0 {
            item.push(c);
        }
    }
    paths.push(path(&item));
    paths.retain(|name| !name.is_empty());
    paths
}

fn path(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, expected: &[&str]) {
        let paths: Vec<String> = mentions(code, "crate")
            .into_iter()
            .map(|mention| mention.path)
            .collect();
        assert_eq!(paths, expected);
    }

    #[test]
    fn paths_are_found_plain_and_in_groups() {
        check("use crate::pid::Pid;", &["pid::Pid"]);
        check("use crate::{pid::{Pid, A}, exit};", &["pid::", "exit"]);
        check(
            "use crate::{\n    pid::Pid,\n    node::Node,\n};",
            &["pid::Pid", "node::Node"],
        );
        check("f(crate::a::x, crate::b::y)", &["a::x", "b::y"]);
        check("use std::a; my_crate::b()", &[]);
    }
}
